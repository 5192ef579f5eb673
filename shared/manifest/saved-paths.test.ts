import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { displayName } from './display.ts';
import { distinctPaths, firstClash } from './path-tree.ts';
import { pathFlaw, segmentFlaw } from './paths.ts';
import { savedName, savedPaths, resourceFileName } from './saved-paths.ts';
import { meeting, name } from './testing/names.ts';

const MARK = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const files = (...paths: (readonly string[])[]) => paths.map((path) => ({ path, size: 0 }));

describe('names that are saved', () => {
  test.each([
    ['photo\u202egpj.exe', 'photogpj.exe'],
    ['\u200e\u200f\u061c', '_'],
    ['CO\u200eN', '_CON'],
    ['n\u2066u\u2069l.txt', '_nul.txt'],
    ['C\u200e:x', 'C_x'],
    ['a.\u200e', 'a'],
    ['a \u202e', 'a'],
    ['.\u200e.', '_'],
    ['report.pdf\u3164\u3164\u3164.exe', 'report.pdf.exe'],
    ['a\u200bb\ufeff', 'ab'],
  ])('[MF9] of %j: %j', (from, to) => {
    expect(savedName(from)).toBe(to);
  });

  test.each([
    'Ünïcode — π 100%.txt',
    'שלום.txt',
    'e\u0301',
    '🏳️‍🌈',
    '👨🏽‍💻',
    'می\u200cخواهم',
    'ශ්\u200dරී',
    ' a  b',
  ])('[MF9] of %j is itself', (own) => {
    expect(savedName(own)).toBe(own);
  });

  test('[MF9] hold nothing that the screen would have to mark', () => {
    fc.assert(
      fc.property(name, (own) => {
        const saved = savedName(own);
        expect(segmentFlaw(saved)).toBeNull();
        expect(displayName(saved).split('\ufffd')).toHaveLength(saved.split('\ufffd').length);
      }),
    );
  });
});

describe('paths that are saved', () => {
  test('[MF9] are those of the manifest, but for names with marks, which give way', () => {
    const manifest = {
      files: files(['f', 'a\u200e'], ['f', 'a'], ['f\u202e', 'b'], ['x\u200e'], ['x\u200f']),
      folders: [['g\u200e'], ['g']],
    };
    expect(savedPaths(manifest)).toEqual({
      files: [['f', 'a (2)'], ['f', 'a'], ['f (2)', 'b'], ['x'], ['x (2)']],
      folders: [['g (2)'], ['g']],
    });
  });

  test('[MF9] are safe and distinct, none is lost, and none is changed without need', () => {
    const paths = fc.oneof(fc.array(fc.array(name, { maxLength: 4 }), { maxLength: 12 }), meeting);
    fc.assert(
      fc.property(paths, paths, (listed, empty) => {
        const held = distinctPaths({ files: listed, folders: empty });
        const saved = savedPaths({ files: files(...held.files), folders: held.folders });
        expect(saved.folders).toHaveLength(held.folders.length);
        const all = [...saved.files, ...saved.folders];
        for (const path of all) expect([pathFlaw(path), MARK.test(path.join(''))]).toEqual([null, false]);
        expect(firstClash(all)).toBeNull();
        const before = [...held.files, ...held.folders];
        all.forEach((path, nth) => {
          if (before[nth]!.every((own) => savedName(own) === own)) expect(path).toEqual(before[nth]);
        });
      }),
      { numRuns: 500 },
    );
  });
});

test.each([
  ['Our film', 'Our film.torrentinno'],
  ['film.mp4', 'film.mp4.torrentinno'],
  ['a\u202eb', 'ab.torrentinno'],
  ['\u200b', '_.torrentinno'],
  ['x'.repeat(255), `${'x'.repeat(243)}.torrentinno`],
])('[MF10] [MF9] the resource file of %j is called %j', (name, file) => {
  expect(resourceFileName(name)).toBe(file);
});
