import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_FILES, MAX_PATH_DEPTH } from '../../shared/limits.ts';
import { asChoice, moved, openAtFirst, shownRows, toggled, wantedFiles, withOpen } from './file-tree.ts';
import type { Wanted } from './file-tree.ts';
import { fileTree } from '../../shared/words/file-tree.ts';
import type { FileTree } from '../../shared/words/file-tree.ts';

const file = (path: string, size = 1) => ({ path: path.split('/'), size });
const names = (tree: FileTree): string[] => tree.map(({ level, name }) => `${'  '.repeat(level - 1)}${name}`);
const all = (tree: FileTree): Set<number> => new Set(tree.keys());
const at = (tree: FileTree, label: string): number => tree.findIndex((node) => node.label === label);

describe('the tree of a share', () => {
  test('[UI14] has folders first, then names in natural order, and the empty folders', () => {
    const tree = fileTree(
      [file('P/10.jpg', 3), file('P/2.jpg', 4), file('P/b/x', 5), file('P/A/y', 6), file('P/a.txt')],
      [['P', 'none']],
    );
    expect(names(tree)).toEqual([
      'P',
      '  A',
      '    y',
      '  b',
      '    x',
      '  none',
      '  2.jpg',
      '  10.jpg',
      '  a.txt',
    ]);
    expect(tree[0]).toMatchObject({ size: 19, files: 5, end: 9, parent: -1, position: 1, siblings: 1 });
    expect(tree[at(tree, 'none')]).toMatchObject({
      kind: 'folder',
      size: 0,
      files: 0,
      position: 3,
      siblings: 6,
    });
    expect(tree[at(tree, '10.jpg')]).toMatchObject({ file: 0, parent: 0, level: 2, position: 5 });
  });

  test('[UI14] calls each by its name, by its path where several have that, and never two alike', () => {
    const tree = fileTree(
      [file('a/x.txt'), file('b/x.txt'), file('b/y'), file('b/zero\u200b'), file('b/zero')],
      [],
    );
    expect(tree.map(({ label }) => label)).toEqual([
      'a',
      'a/x.txt',
      'b',
      'b/x.txt',
      'b/y'.slice(2),
      'b/zero',
      'b/zero (2)',
    ]);
  });

  test('[UI14] [MF6] shows what would turn a name around, and markup as what it is', () => {
    const tree = fileTree([file('gpj.\u202eexe'), file('<img onerror>')], []);
    expect(names(tree)).toEqual(['<img onerror>', 'gpj.\ufffdexe']);
  });

  test('[UI14] of as many files as there may be, as deep as they may lie, is there at once', () => {
    const above = Array.from({ length: MAX_PATH_DEPTH - 2 }, (_, depth) => `folder ${depth}`);
    const files = Array.from({ length: MAX_FILES }, (_, nth) => ({
      path: [...above, `f${nth % 100}`, `${nth}.jpg`],
      size: 1,
    }));
    const tree = fileTree(files, []);
    expect(tree).toHaveLength(MAX_FILES + 100 + above.length);
    expect(shownRows(tree, openAtFirst(tree))).toHaveLength(2);
    expect(wantedFiles(tree, new Uint8Array(MAX_FILES).fill(1))[0]).toBe(MAX_FILES);
  });
});

describe('what is open', () => {
  test('[UI14] all of a few, of many what all of it lies in', () => {
    const few = fileTree([file('P/a/x'), file('P/b/y')], []);
    expect(shownRows(few, openAtFirst(few))).toHaveLength(5);
    const many = Array.from({ length: 300 }, (_, nth) => file(`P/${nth % 3}/${nth}`));
    const inOne = fileTree(many, []);
    expect(shownRows(inOne, openAtFirst(inOne)).map((row) => inOne[row]?.name)).toEqual(['P', '0', '1', '2']);
    const loose = fileTree(
      many.map(({ path, size }) => ({ path: path.slice(1), size })),
      [],
    );
    expect(shownRows(loose, openAtFirst(loose))).toHaveLength(3);
  });
});

describe('keys', () => {
  const tree = fileTree([file('P/a/x'), file('P/b'), file('q')], []);
  const [p, a, x, b, q] = tree.keys();
  const leads = (from: number | undefined, keys: string[], open = all(tree)) =>
    keys.reduce((place, key) => moved(tree, place, key) ?? place, {
      at: from ?? -1,
      open: open as ReadonlySet<number>,
    });

  test.each([
    ['down', p, ['ArrowDown', 'ArrowDown', 'ArrowDown'], b],
    ['down at the end', q, ['ArrowDown'], q],
    ['up', b, ['ArrowUp'], x],
    ['up at the beginning', p, ['ArrowUp'], p],
    ['the first', q, ['Home'], p],
    ['the last', p, ['End'], q],
    ['in', p, ['ArrowRight', 'ArrowRight'], x],
    ['no further than a file', b, ['ArrowRight'], b],
    ['out', x, ['ArrowLeft'], a],
    ['not out of everything', q, ['ArrowLeft'], q],
    ['over what is closed', p, ['ArrowLeft', 'ArrowDown'], q],
    ['by a letter', p, ['Q'], q],
    ['by a letter, round', q, ['b'], b],
    ['by a letter that none has', x, ['z'], x],
  ])('[UI14] %s', (_, from, keys, to) => {
    expect(leads(from, keys).at).toBe(to);
  });

  test('[UI14] left closes a folder, right opens it, and both stay there', () => {
    const closed = leads(a, ['ArrowLeft']);
    expect([closed.at, closed.open.has(a!)]).toEqual([a, false]);
    const opened = leads(a, ['ArrowLeft', 'ArrowRight']);
    expect([opened.at, opened.open.has(a!)]).toEqual([a, true]);
  });

  test('[UI14] others are not the tree’s', () => {
    for (const key of ['Tab', 'Escape', ' ', 'Shift', 'F5'])
      expect(moved(tree, { at: 0, open: all(tree) }, key)).toBeNull();
  });
});

describe('against a naive model', () => {
  const segment = fc.constantFrom('a', 'b', 'B', 'c 10', 'c 9');
  /** Files end in `.`: none is a folder as well. */
  const shares = fc
    .uniqueArray(fc.array(segment, { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 30,
      selector: (path) => path.join('/'),
    })
    .map((paths) =>
      paths.map((path, nth) => ({ path: [...path.slice(0, -1), `${path.at(-1)}.`], size: nth * 7 })),
    );
  const isIn = (path: readonly string[], folder: string): boolean =>
    `${path.join('/')}/`.startsWith(`${folder}/`);
  const pathsOf = (tree: FileTree): string[] => {
    const paths: string[] = [];
    for (const { parent, name } of tree) paths.push(parent < 0 ? name : `${paths[parent]}/${name}`);
    return paths;
  };

  test('[UI14] every file and folder is there once, with what lies in it', () => {
    fc.assert(
      fc.property(shares, (files) => {
        const tree = fileTree(files, []);
        const folders = files.flatMap(({ path }) =>
          path.slice(0, -1).map((_, depth) => path.slice(0, depth + 1).join('/')),
        );
        const expected = [...new Set([...folders, ...files.map(({ path }) => path.join('/'))])].sort();
        const paths = pathsOf(tree);
        expect([...paths].sort()).toEqual(expected);
        for (const [place, node] of tree.entries()) {
          const within = files.filter(({ path }) => isIn(path, paths[place] ?? ''));
          expect([node.files, node.size]).toEqual([
            within.length,
            within.reduce((sum, { size }) => sum + size, 0),
          ]);
          expect(
            paths.slice(place, node.end).every((path) => isIn(path.split('/'), paths[place] ?? '')),
          ).toBe(true);
        }
        expect(new Set(tree.map(({ label }) => label)).size).toBe(tree.length);
      }),
    );
  });

  test('[UI14] what is shown is what lies in open folders alone', () => {
    fc.assert(
      fc.property(shares, fc.infiniteStream(fc.boolean()), (files, coins) => {
        const tree = fileTree(files, []);
        const open = new Set([...tree.keys()].filter(() => coins.next().value));
        const isShown = (place: number): boolean => {
          const parent = tree[place]?.parent ?? -1;
          return parent < 0 || (open.has(parent) && isShown(parent));
        };
        expect(shownRows(tree, open)).toEqual([...tree.keys()].filter(isShown));
      }),
    );
  });

  test('[UI25] toggling wants all that lies in a folder, or none of it, and nothing else', () => {
    fc.assert(
      fc.property(shares, fc.array(fc.nat(), { maxLength: 8 }), (files, presses) => {
        const tree = fileTree(files, []);
        const paths = pathsOf(tree);
        let wanted: Wanted = new Uint8Array(files.length).fill(1);
        let model = new Set(files.keys());
        for (const press of presses) {
          const place = press % tree.length;
          const within = [...files.keys()].filter((nth) => isIn(files[nth]!.path, paths[place]!));
          const isAll = within.every((nth) => model.has(nth));
          model = new Set([...model].filter((nth) => !within.includes(nth)));
          if (!isAll) for (const nth of within) model.add(nth);
          wanted = toggled(tree, place, wanted);
          const counts = wantedFiles(tree, wanted);
          for (const [node, path] of paths.entries())
            expect(counts[node]).toBe([...model].filter((nth) => isIn(files[nth]!.path, path)).length);
        }
        expect(asChoice(wanted)).toEqual(
          model.size === files.length ? null : [...model].sort((a, b) => a - b),
        );
      }),
    );
  });

  test('[UI14] every key leads to a row that is shown', () => {
    const keys = fc.constantFrom(
      'ArrowDown',
      'ArrowUp',
      'ArrowLeft',
      'ArrowRight',
      'Home',
      'End',
      'a',
      'b',
      'c',
    );
    fc.assert(
      fc.property(shares, fc.array(keys, { maxLength: 30 }), (files, pressed) => {
        const tree = fileTree(files, []);
        let place = { at: 0, open: openAtFirst(tree) };
        for (const key of pressed) {
          place = moved(tree, place, key) ?? place;
          expect(shownRows(tree, place.open)).toContain(place.at);
        }
      }),
    );
  });

  test('[UI14] withOpen leaves the set that it is given alone', () => {
    const open = new Set([1]);
    expect([...withOpen(open, 2, true)]).toEqual([1, 2]);
    expect([...withOpen(open, 1, false)]).toEqual([]);
    expect([...open]).toEqual([1]);
  });
});
