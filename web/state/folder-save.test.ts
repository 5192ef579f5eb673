import { describe, expect, test } from 'vitest';
import { FakeFolder } from '../testing/fake-folder.ts';
import type { ZipEntry } from '../worker/contract.ts';
import { FolderSave, layoutOf, newFolder } from './folder-save.ts';
import type { FolderEnd, FolderSource } from './folder-save.ts';

const lastModified = new Date(0);
/** Files by name and size; a folder's name ends in a slash. */
const entriesOf = (...names: readonly (readonly [string, number] | string)[]): ZipEntry[] =>
  names.map((named, file) =>
    typeof named === 'string'
      ? { kind: 'folder', name: named, lastModified }
      : { kind: 'file', file, name: named[0], size: named[1], lastModified },
  );
const contentOf = (file: number, size: number): Uint8Array<ArrayBuffer> =>
  new Uint8Array(size).map((_, at) => (at * 7 + file) & 255);

interface Scene {
  readonly entries: readonly ZipEntry[];
  readonly folder?: FakeFolder;
  readonly read?: FolderSource['read'];
  readonly stop?: AbortController;
}

async function saved({ entries, folder = new FakeFolder(), read, stop = new AbortController() }: Scene) {
  const sizes = new Map(
    entries.flatMap((entry) => (entry.kind === 'file' ? [[entry.file, entry.size]] : [])),
  );
  const source: FolderSource = {
    entries,
    read: read ?? (async (file, from) => contentOf(file, sizes.get(file) ?? 0).slice(from, from + 100)),
  };
  const layout = layoutOf('Ours', entries);
  const root = await newFolder(folder.handle, layout.top);
  const told = { files: 0, bytes: 0 };
  const hear = (files: number, bytes: number): void => {
    told.files += files;
    told.bytes += bytes;
  };
  const end: FolderEnd = await new FolderSave(root, layout, source, hear, stop.signal).run();
  return { folder, end, told };
}

describe('where what is saved lies', () => {
  test('[SA13] in a new folder of the share’s name, unless all lies in one folder, which is the new one then', async () => {
    const loose = await saved({ entries: entriesOf(['a.txt', 250], ['b/c.txt', 0], 'b/none/') });
    expect(loose.end).toEqual({ kind: 'saved', renamed: [] });
    expect(loose.folder.tree).toEqual(['Ours/a.txt 250', 'Ours/b/c.txt 0', 'Ours/b/none/']);
    expect(loose.folder.file('Ours', 'a.txt')).toEqual(contentOf(0, 250));
    expect(loose.told).toEqual({ files: 2, bytes: 250 });
    const inOne = await saved({ entries: entriesOf(['P/a.txt', 1], 'P/none/') });
    expect(inOne.folder.tree).toEqual(['P/a.txt 1', 'P/none/']);
  });

  test('[SA13] a folder of which nothing but its name is known is made', async () => {
    expect((await saved({ entries: entriesOf('P/', ['a', 1]) })).folder.tree).toEqual([
      'Ours/P/',
      'Ours/a 1',
    ]);
  });

  test('[SA13] nothing that is there is touched: NAME (2), whatever has the name', async () => {
    const folder = new FakeFolder();
    await newFolder(folder.handle, 'Ours');
    await folder.getFileHandle('Ours (2)', { create: true });
    await saved({ entries: entriesOf(['a', 1], ['b', 1]), folder });
    expect(folder.tree).toEqual(['Ours (2) 0', 'Ours (3)/a 1', 'Ours (3)/b 1', 'Ours/']);
  });

  test('[SA13] [SA15] a name that the browser refuses gets another that nothing else has, and that is told', async () => {
    const entries = entriesOf(['x.lnk', 1], ['x (2).lnk_', 2], ['x.lnk_', 3], ['d.lnk/e', 4]);
    const { folder, end } = await saved({ entries });
    expect(folder.tree).toEqual([
      'Ours/d.lnk_/e 4',
      'Ours/x (2).lnk_ 2',
      'Ours/x (3).lnk_ 1',
      'Ours/x.lnk_ 3',
    ]);
    expect(end).toEqual({
      kind: 'saved',
      renamed: [
        { from: ['d.lnk'], to: ['d.lnk_'] },
        { from: ['x.lnk'], to: ['x (3).lnk_'] },
      ],
    });
  });
});

describe('what is not whole', () => {
  test('[SA13] a file of which a piece is gone is not left behind, is named, and the others are written', async () => {
    const entries = entriesOf(['a', 300], ['b', 300], ['c', 300]);
    const read: FolderSource['read'] = async (file, from) =>
      file === 1 && from > 0 ? null : contentOf(file, 300).slice(from, from + 200);
    const { folder, end } = await saved({ entries, read });
    expect(folder.tree).toEqual(['Ours/a 300', 'Ours/c 300']);
    expect(end).toEqual({
      kind: 'failed',
      why: 'a part of “b” is no longer in this browser’s storage. Everything else is in the folder “Ours”. Open the link again to fetch what is missing',
    });
  });

  test('[SA13] a file that ends early is never silently short', async () => {
    const read: FolderSource['read'] = async (_, from) => new Uint8Array(from === 0 ? 100 : 0);
    const { folder, end } = await saved({ entries: entriesOf(['a', 300]), read });
    expect([folder.tree, end.kind]).toEqual([['Ours/'], 'failed']);
  });

  test.each([
    ['QuotaExceededError', /“b” could not be written, because there is no more room/],
    ['NotAllowedError', /because this page was not allowed/],
    ['NotFoundError', /because the folder was moved or deleted/],
    ['NoModificationAllowedError', /because another program/],
    ['InvalidStateError', /and the browser said: out of order\. What was written/],
  ])('[SA13] %s ends it, names the file, and what is written stays', async (kind, why) => {
    const folder = new FakeFolder('picked', (bytes) =>
      bytes === 77 ? new DOMException('out of order.', kind) : null,
    );
    const { end } = await saved({ entries: entriesOf(['a', 10], ['b', 77]), folder });
    expect(end).toEqual({ kind: 'failed', why: expect.stringMatching(why) });
    expect(folder.tree).toEqual(['Ours/a 10']);
  });

  test('[SA13] stopped: the file that is being written goes, what is written stays', async () => {
    const stop = new AbortController();
    const read: FolderSource['read'] = async (file, from) => {
      if (file === 1 && from > 0) stop.abort();
      return contentOf(file, 300).slice(from, from + 100);
    };
    const many = Array.from({ length: 20 }, (_, nth) => [`later ${nth}`, 300] as const);
    const { folder, end } = await saved({ entries: entriesOf(['a', 100], ['b', 300], ...many), read, stop });
    expect(end).toEqual({ kind: 'cancelled' });
    expect(folder.tree).toEqual(['Ours/a 100']);
  });
});
