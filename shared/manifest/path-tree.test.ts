import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8Length } from '../utf8.ts';
import { distinctPaths, firstClash, nameKey } from './path-tree.ts';
import type { Path } from './path-tree.ts';
import { pathFlaw } from './paths.ts';
import { meeting, name } from './testing/names.ts';

const paths = fc.oneof(fc.array(fc.array(name, { maxLength: 4 }), { maxLength: 12 }), meeting);
/** Paths that lie around the greatest depth. */
const deep = fc.array(
  fc
    .tuple(fc.integer({ min: 29, max: 33 }), fc.constantFrom('a', 'b', 'A'), fc.constantFrom('a', 'b', 'a.'))
    .map(([depth, inner, last]) => [...Array<string>(depth).fill('d'), inner, last]),
  { maxLength: 10 },
);
const lists = fc.record({ files: fc.oneof(paths, deep), folders: fc.oneof(paths, deep) });

/** One is the other, or a folder above it. */
function meet(one: Path, other: Path): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  return short.every((part, at) => nameKey(part) === nameKey(long[at] ?? ''));
}

const filesOf = (files: readonly Path[]) => distinctPaths({ files, folders: [] }).files;
const foldersOf = (folders: readonly Path[], files: readonly Path[] = []) =>
  distinctPaths({ files, folders }).folders;

describe('paths of one share', () => {
  test.each([
    [[['a'], ['a']], ['a']],
    [[['a'], ['A']], ['A']],
    [[['straße'], ['STRASSE']], ['STRASSE']],
    [[['\u00e9'], ['e\u0301']], ['e\u0301']],
    [
      [['a'], ['a', 'b']],
      ['a', 'b'],
    ],
    [[['a', 'b'], ['A']], ['A']],
    [
      [
        ['a', 'b'],
        ['A', 'c'],
        ['a', 'd'],
      ],
      null,
    ],
    [
      [
        ['a', 'b'],
        ['b', 'a'],
      ],
      null,
    ],
    [[['__proto__'], ['constructor', 'x']], null],
  ])('[MF6] of %j meets: %j', (list, clash) => {
    expect(firstClash(list)).toEqual(clash);
  });

  test('[MF6] agrees with comparing every pair', () => {
    fc.assert(
      fc.property(meeting, (list) => {
        const pairwise = list.some((one, at) => list.slice(at + 1).some((other) => meet(one, other)));
        expect(firstClash(list) !== null).toBe(pairwise);
      }),
      { numRuns: 500 },
    );
  });

  test('[MF6] made safe and distinct, every share is accepted, in order, and stays so', () => {
    fc.assert(
      fc.property(lists, ({ files, folders }) => {
        const distinct = distinctPaths({ files, folders });
        expect(distinct.files).toHaveLength(files.length);
        expect(distinct.folders.length).toBeLessThanOrEqual(folders.length);
        const all = [...distinct.files, ...distinct.folders];
        for (const path of all) expect(pathFlaw(path)).toBeNull();
        expect(firstClash(all)).toBeNull();
        expect(distinctPaths(distinct)).toEqual(distinct);
      }),
      { numRuns: 300 },
    );
  });

  test('[MF6] what needs no change keeps its name, whatever else is there and in whatever order', () => {
    fc.assert(
      fc.property(lists, ({ files, folders }) => {
        const distinct = distinctPaths({ files, folders });
        const all = [...files, ...folders];
        const alone = (path: Path) =>
          pathFlaw(path) === null && all.every((other) => other === path || !meet(path, other));
        files.forEach((path, nth) => {
          if (alone(path)) expect(distinct.files[nth]).toEqual(path);
        });
        for (const path of folders) if (alone(path)) expect(distinct.folders).toContainEqual(path);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[Path[], Path[]]>([
    [
      [['x.'], ['x']],
      [['x (2)'], ['x']],
    ],
    [
      [['x'], ['x.']],
      [['x'], ['x (2)']],
    ],
    [
      [['x.', 'a'], ['x']],
      [['x (2)', 'a'], ['x']],
    ],
    [
      [
        ['x.', 'a'],
        ['x', 'a'],
        ['x.', 'b'],
      ],
      [
        ['x (2)', 'a'],
        ['x', 'a'],
        ['x (2)', 'b'],
      ],
    ],
    [
      [['a'], ['A'], ['A (2)']],
      [['a'], ['A (3)'], ['A (2)']],
    ],
    [
      [
        ['b.', 'x.'],
        ['b.', 'x'],
      ],
      [
        ['b', 'x (2)'],
        ['b', 'x'],
      ],
    ],
    [
      [['con'], ['_con']],
      [['_con (2)'], ['_con']],
    ],
    [
      [[], ['_']],
      [['_ (2)'], ['_']],
    ],
  ])('[MF6] of %j makes %j', (list, distinct) => {
    expect(filesOf(list)).toEqual(distinct);
  });

  test('[MF6] what lay too deep gives way to what always was in its new folder', () => {
    const above = Array<string>(31).fill('d');
    const list = [
      [...above, 'e', 'f', 'a'],
      [...above, 'a'],
      [...above, 'e', 'A'],
    ];
    expect(filesOf(list)).toEqual([
      [...above, 'a (2)'],
      [...above, 'a'],
      [...above, 'A (3)'],
    ]);
  });

  test('[MF6] the first keeps its name, folders keep theirs, the extension stays', () => {
    const list = [
      ['a.txt'],
      ['A.txt'],
      ['a.txt'],
      ['f'],
      ['f', 'x'],
      ['a (2).txt'],
      ['x'.repeat(251) + '.txt'],
      ['X'.repeat(251) + '.txt'],
    ];
    const distinct = filesOf(list);
    expect(distinct.slice(0, 6)).toEqual([
      ['a.txt'],
      ['A (3).txt'],
      ['a (4).txt'],
      ['f (2)'],
      ['f', 'x'],
      ['a (2).txt'],
    ]);
    expect(distinct[7]).toEqual([`${'X'.repeat(247)} (2).txt`]);
    expect(utf8Length(distinct[7]![0]!)).toBe(255);
  });

  test('[MF6] ten thousand files of one name get ten thousand names, soon', () => {
    const distinct = filesOf(Array.from({ length: 10_000 }, () => ['same.bin']));
    expect(new Set(distinct.map((path) => path.join('/'))).size).toBe(10_000);
    expect(distinct.at(-1)).toEqual(['same (10000).bin']);
  });

  test('[MF6] so do names that are alike only once they are cut', () => {
    const pairs = Array.from({ length: 5_000 }, (_, nth) => {
      const end = String.fromCodePoint(0xa1 + (nth % 100), 0xa1 + Math.floor(nth / 100));
      return [[`${'y'.repeat(251)}${end}`], [`${'y'.repeat(251)}${end}`]];
    });
    const distinct = filesOf(pairs.flat());
    expect(new Set(distinct.map((path) => nameKey(path.join('/')))).size).toBe(10_000);
  });
});

describe('empty folders of one share', () => {
  test('[MF6] are kept, beside files and in folders that have something in them', () => {
    const folders = [['f', 'none'], ['g'], ['f', 'x.', 'y']];
    expect(foldersOf(folders, [['f', 'a']])).toEqual([['f', 'none'], ['g'], ['f', 'x', 'y']]);
  });

  test('[MF6] that have something in them are left out, and so is the second of one name', () => {
    expect(foldersOf([['f'], ['g'], ['G'], ['g', 'h']], [['f', 'a']])).toEqual([['g', 'h']]);
    expect(foldersOf([['g'], ['G']])).toEqual([['g']]);
    expect(foldersOf([['F']], [['f', 'a']])).toEqual([]);
  });

  test('[MF6] keep their names, and a file that has the name of one gives way', () => {
    expect(distinctPaths({ files: [['f']], folders: [['F']] })).toEqual({
      files: [['f (2)']],
      folders: [['F']],
    });
    expect(distinctPaths({ files: [['f']], folders: [['f.']] })).toEqual({
      files: [['f']],
      folders: [['f (2)']],
    });
  });
});
