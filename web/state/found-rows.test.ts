import { describe, expect, it } from 'vitest';
import { distinct, foundRows, inPlace } from './found-rows.ts';
import type { SearchResult } from './session.ts';
import { idOf } from './transfer.fixture.ts';

const found = (digit: string, more: Partial<SearchResult> = {}): SearchResult => ({
  ...{ infoHash: idOf(digit), name: `film ${digit}`, size: 2_000_000, files: 1, complete: 1, incomplete: 0 },
  ...more,
});
const ids = (results: readonly SearchResult[]) => results.map(({ infoHash }) => infoHash[0]).join('');

describe('[UI23] rows of public shares', () => {
  it('[UI23] tell size, files, comment, who is there, and how many full copies', () => {
    const results = [
      found('a', { files: 3, comment: 'From\nthe  mountains', complete: 3, incomplete: 12 }),
      found('b'),
      found('c', { complete: 0, incomplete: 2 }),
    ];
    expect(foundRows(results)).toMatchObject([
      {
        ...{ label: 'film a', size: '2.00\u00a0MB', files: '3 files', comment: 'From the mountains' },
        ...{ seeds: '3', leechers: '12', availability: '3 full copies' },
      },
      { files: '', comment: '', availability: '1 full copy' },
      { seeds: '0', availability: 'nobody has all of it' },
    ]);
  });

  it('[UI23] [UI20] two of one name have labels of their own', () => {
    const results = [
      found('a', { name: 'film' }),
      found('b', { name: 'film' }),
      found('c', { name: 'film' }),
    ];
    expect(foundRows(results).map(({ label }) => label)).toEqual(['film', 'film (2)', 'film (3)']);
  });

  it('[UI23] [MF6] hostile names and comments are shown as what they are', () => {
    const [row] = foundRows([
      found('a', { name: 'a\u202egpj.exe\n<img src=x onerror=alert(1)>', comment: `${'x'.repeat(199)}😀` }),
    ]);
    expect(row?.label).toBe('a\ufffdgpj.exe\ufffd<img src=x onerror=alert(1)>');
    expect(row?.comment).toBe(`${'x'.repeat(199)}…`);
  });

  it('[UI23] one share that is listed twice is one row', () => {
    expect(distinct([found('a', { complete: 5 }), found('b'), found('a')])).toMatchObject([
      { complete: 5 },
      { name: 'film b' },
    ]);
  });

  it('[UI23] what is shown keeps its place when it is asked for again', () => {
    const shown = ['a', 'b', 'c'].map((digit) => found(digit));
    const fresh = [found('d'), found('c', { complete: 9 }), found('a')];
    const now = inPlace(shown, fresh);
    expect([ids(now), now[1]?.complete]).toEqual(['acd', 9]);
    expect(ids(inPlace([], fresh))).toBe('dca');
    expect(inPlace(shown, [])).toEqual([]);
  });
});
