import { describe, expect, test } from 'vitest';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { blobPlan } from './blob-of.ts';
import { renamedIn, renamedWhenShared } from './renamed.ts';
import { storedShare } from './stored-share.fixture.ts';
import { StoredFiles } from './stored-files.ts';

const file = (path: string) => ({ path: path.split('/'), size: 1 });

describe('[SA15] names that are changed', () => {
  test('[SA15] none, where none had to be', () => {
    expect(renamedIn({ files: [file('a/b.txt'), file('c')], folders: [['d']] })).toEqual([]);
  });

  test('[SA15] each once, a folder’s with all that lies in it, and an empty one’s', () => {
    const files = [file('a\u200fb/x'), file('a\u200fb/y'), file('a\u200fb/z\u202e.txt'), file('same')];
    expect(renamedIn({ files, folders: [['e\u200e']] })).toEqual([
      { from: ['a\u200fb'], to: ['ab'] },
      { from: ['a\u200fb', 'z\u202e.txt'], to: ['ab', 'z.txt'] },
      { from: ['e\u200e'], to: ['e'] },
    ]);
  });

  test('[SA15] two that would be one without what is left out', () => {
    const files = [file('a'), file('a\u200f')];
    expect(renamedIn({ files, folders: [] })).toEqual([{ from: ['a\u200f'], to: ['a (2)'] }]);
  });

  test('[SA12] [SA15] of what is wanted alone', async () => {
    const files = ['P/x\u200f', 'P/y\u200f', 'P/z'].map((path) => ({ path: path.split('/'), size: 200 }));
    const made = { name: 'P', files, folders: [] };
    const all = await storedShare(made);
    expect((await blobPlan(all, all.infoHash, null))?.renamed).toHaveLength(2);
    const some = await storedShare(made, [1, 2]);
    expect((await blobPlan(some, some.infoHash, null))?.renamed).toEqual([
      { from: ['P', 'y\u200f'], to: ['P', 'y'] },
    ]);
    expect((await blobPlan(some, some.infoHash, 0))?.renamed).toEqual([{ from: ['x\u200f'], to: ['x'] }]);
  });
});

describe('[SA13] bytes of a stored file', () => {
  const files = [30, 0, 950, 20].map((size, nth) => ({ path: ['P', `${nth}`], size }));

  test('[SA13] come part by part, are the file’s, and end with it', async () => {
    const { store, infoHash, content } = await storedShare({ name: 'P', files, folders: [] });
    const stored = new StoredFiles(store);
    expect(await stored.bytes(infoHash, 2, 0)).toEqual(content.slice(30, 980));
    expect(await stored.bytes(infoHash, 2, 333)).toEqual(content.slice(363, 980));
    expect(await stored.bytes(infoHash, 3, 0)).toEqual(content.slice(980));
    expect((await stored.bytes(infoHash, 2, 950))?.length).toBe(0);
    expect((await stored.bytes(infoHash, 1, 0))?.length).toBe(0);
  });

  test('[SA13] at most sixteen pieces at a time', async () => {
    const large = [{ path: ['a'], size: 5_000 }];
    const { store, infoHash, content } = await storedShare({ name: 'b', files: large, folders: [] });
    expect(await new StoredFiles(store).bytes(infoHash, 0, 50)).toEqual(content.slice(50, 1_600));
  });

  test('[SA13] null where a piece, the file or the share is not here', async () => {
    const { store, infoHash } = await storedShare({ name: 'P', files, folders: [] }, [0]);
    const stored = new StoredFiles(store);
    expect((await stored.bytes(infoHash, 0, 0))?.length).toBe(30);
    expect(await stored.bytes(infoHash, 2, 0)).toBeNull();
    expect(await stored.bytes(infoHash, 9, 0)).toBeNull();
    expect(await new StoredFiles(new MemoryStore()).bytes(infoHash, 0, 0)).toBeNull();
  });
});

describe('[UI30] names that a share could not have as they were', () => {
  const changed = (...paths: string[]) =>
    renamedWhenShared({ files: paths.map((path) => path.split('/')), folders: [] }).map(
      ({ from, to }) => `${from.join('/')} > ${to.join('/')}`,
    );

  test.each([
    [['a/b.txt', 'c'], []],
    [
      ['CON', 'notes.', 'tab\there.txt'],
      ['CON > _CON', 'notes. > notes', 'tab\there.txt > tab_here.txt'],
    ],
    [['a.txt', 'A.txt'], ['A.txt > A (2).txt']],
    [['aux/x', 'aux/y'], ['aux > _aux']],
  ])('[MF6] of %j', (paths, told) => {
    expect(changed(...paths)).toEqual(told);
  });

  test('[MF6] a file that lay too deep, by its whole path', () => {
    const path = Array.from({ length: 40 }, (_, depth) => `${depth}`);
    const [only, ...others] = renamedWhenShared({ files: [path], folders: [] });
    expect([only?.from, only?.to.length, only?.to.at(-1), others]).toEqual([path, 32, '39', []]);
  });

  test('[MF6] an empty folder, where each of them is there', () => {
    const folders = [['nul'], ['b']];
    expect(renamedWhenShared({ files: [['a']], folders })).toEqual([{ from: ['nul'], to: ['_nul'] }]);
  });
});
