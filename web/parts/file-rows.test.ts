// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { MAX_FILES } from '../../shared/limits.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { render, rowsUnder, screen } from '../testing/shown.ts';
import { shownManifest } from '../worker/shown-manifest.ts';
import FileRows from './FileRows.svelte';

const file = (path: string, size = 1_000) => ({ path: path.split('/'), size });
/** As the page is told of a share with these. */
function show(files: Manifest['files'], folders: Manifest['folders'] = []): void {
  render(FileRows, { ...shownManifest({ files, folders, pieces: [] as Manifest['pieces'] } as Manifest) });
}

const many = <T>(count: number, make: (nth: number) => T): T[] =>
  Array.from({ length: count }, (_, nth) => make(nth));

describe('the files of a share', () => {
  it('[UI14] are listed in their order, each with its folders and its size', () => {
    const files = [file('Photos/Day 1/b.jpg'), file('Photos/a.jpg', 1), file('Photos/none.txt', 0)];
    show(files);
    expect(rowsUnder('3 files')).toEqual([
      'Photos/Day 1/b.jpg 1.00 kB',
      'Photos/a.jpg 1 byte',
      'Photos/none.txt 0 bytes',
    ]);
  });

  it('[UI14] one file is one file', () => {
    show([file('a.txt')]);
    expect(rowsUnder('1 file')).toEqual(['a.txt 1.00 kB']);
  });

  it('[UI14] have its empty folders behind them', () => {
    show([file('Photos/a.jpg')], [['Photos', 'none'], ['Empty']]);
    expect(rowsUnder('1 file')).toEqual([
      'Photos/a.jpg 1.00 kB',
      'Photos/none/ empty folder',
      'Empty/ empty folder',
    ]);
  });

  it('[UI14] [MF6] show what would turn a name around, in folders too, and leave out what cannot be seen', () => {
    const files = [file('a\u202eb/gpj.\u202eexe'), file('zero\u200bwidth.txt')];
    show(files, [['x\u2066y']]);
    expect(rowsUnder('2 files')).toEqual([
      'a\ufffdb/gpj.\ufffdexe 1.00 kB',
      'zerowidth.txt 1.00 kB',
      'x\ufffdy/ empty folder',
    ]);
  });

  it.each([
    ['200 of each', 200, 200, 200, 'and 200 more empty folders'],
    ['one file too many', 201, 0, 200, 'and 1 more file'],
    ['as many files as there may be', MAX_FILES, 0, 200, 'and 9,800 more files'],
    ['files and folders beyond the room', 300, 1, 200, 'and 100 more files and 1 more empty folder'],
    ['folders beyond the room', 150, 90, 200, 'and 40 more empty folders'],
    ['just as many as there is room for', 150, 50, 200, null],
  ])(
    '[UI14] very many are counted, the first are listed, and none vanishes without a word: %s',
    (_, files, folders, rows, rest) => {
      show(
        many(files, (nth) => file(`${nth}`)),
        many(folders, (nth) => [`f${nth}`]),
      );
      expect(screen.getAllByRole('listitem')).toHaveLength(rows);
      expect(screen.queryByText(/more/)?.textContent ?? null).toBe(rest);
    },
  );
});
