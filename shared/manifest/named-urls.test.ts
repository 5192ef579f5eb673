/** [WS8] Which addresses a person may name for which files. */
import { describe, expect, it } from 'vitest';
import { MAX_URLS } from '../limits.ts';
import { contentUrlOf, namedUrls } from './named-urls.ts';

const read = (text: string) => (URL.canParse(text) ? new URL(text) : null);
const one = [{ path: ['film.mp4'] }];
const folder = [{ path: ['Lofoten', 'day 1', 'a#b?.jpg'] }, { path: ['Lofoten', 'ü.txt'] }];

describe('[WS8] addresses that a person names', () => {
  it('[WS8] the only file lies at the address itself', () => {
    expect(namedUrls(['https://Mirror.example/a b.mp4', 'http://other.example/x?y=1'], one, read)).toEqual({
      kind: 'named',
      urls: [
        { url: 'https://mirror.example/a%20b.mp4', file: 0 },
        { url: 'http://other.example/x?y=1', file: 0 },
      ],
    });
  });

  it('[WS8] below one with / at its end each file lies by its path', () => {
    expect(namedUrls(['https://mirror.example/pub/'], folder, read)).toEqual({
      kind: 'named',
      urls: [
        { url: 'https://mirror.example/pub/Lofoten/day%201/a%23b%3F.jpg', file: 0 },
        { url: 'https://mirror.example/pub/Lofoten/%C3%BC.txt', file: 1 },
      ],
    });
    expect(namedUrls(['https://mirror.example'], one, read)).toMatchObject({
      urls: [{ url: 'https://mirror.example/film.mp4', file: 0 }],
    });
  });

  it('[WS8] that of one file is refused where there are several', () => {
    expect(namedUrls(['https://mirror.example/film.mp4'], folder, read)).toEqual({
      ...{ kind: 'refused', why: { kind: 'one-file', text: 'https://mirror.example/film.mp4', files: 2 } },
    });
  });

  it.each([
    'mirror.example/film.mp4',
    'ftp://mirror.example/film.mp4',
    'javascript:alert(1)',
    'file:///etc/passwd',
    'https://me:secret@mirror.example/film.mp4',
    'https://mirror.example/film.mp4#part',
    `https://mirror.example/${'x'.repeat(10_000)}`,
    '',
  ])('[WS8] [MF2] %.60s is refused', (text) => {
    expect(contentUrlOf(text, read)).toBeNull();
    expect(namedUrls([text], one, read)).toEqual({ kind: 'refused', why: { kind: 'no-address', text } });
  });

  it('[WS8] [MF2] so is one that becomes too long with a file’s path, and more than a share may name', () => {
    const long = [{ path: ['ü'.repeat(400)] }];
    expect(namedUrls(['https://mirror.example/'], long, read)).toMatchObject({ why: { kind: 'too-long' } });
    const many = Array.from({ length: MAX_URLS / 2 + 1 }, (_, nth) => ({ path: [`${nth}`] }));
    const both = ['https://mirror.example/', 'https://other.example/'];
    expect(namedUrls(both, many, read)).toEqual({ kind: 'refused', why: { kind: 'too-many' } });
  });

  it('[WS8] half a character in a name breaks nothing', () => {
    expect(namedUrls(['https://mirror.example/'], [{ path: ['\ud800'] }], read)).toMatchObject({
      urls: [{ url: 'https://mirror.example/%EF%BF%BD' }],
    });
  });
});
