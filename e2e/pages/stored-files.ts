/**
 * [ST16] [ST17] What the store promises of its files in a real browser, as rules that run in a worker. Beside its verbs
 * they look at the browser's private file system, and take a file away behind its back.
 */
import { filled, ONE, TWO } from '../../shared/peer/contracts/filled-piece.ts';
import { same } from '../../shared/peer/contracts/rule.ts';
import type { Rule } from '../../shared/peer/contracts/rule.ts';
import { openIndexedDbStore } from '../../web/worker/store/indexeddb-store.ts';
import type { StoreOpening } from '../../web/worker/store/indexeddb-store.ts';

type Opened = StoreOpening & { kind: 'opened' };

export const LARGE = filled(7, 1_500_000);
const SMALL = [filled(1, 1_000), filled(2, 2_000)];

export async function openedStore(database: string): Promise<Opened> {
  const opening = await openIndexedDbStore(database);
  if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
  return opening;
}

async function folder(database: string): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory();
  return root.getDirectoryHandle(encodeURIComponent(database), { create: true });
}

async function sizes(database: string): Promise<number[]> {
  const found: number[] = [];
  for await (const entry of (await folder(database)).values())
    if (entry instanceof FileSystemFileHandle) found.push((await entry.getFile()).size);
  return found.sort((one, other) => one - other);
}

/** Each has a database of its own, which it is given the name of. */
export const storedFileRules: readonly Rule<string>[] = [
  {
    name: '[ST16] segments are files, which are gone with the last piece in them',
    check: async (database) => {
      const { store } = await openedStore(database);
      await store.putPieces(ONE, SMALL);
      await store.putPieces(ONE, [LARGE]);
      same(await sizes(database), [3_000, 1_500_000], 'files');
      await store.adopt(TWO, [LARGE]);
      same(await store.piece(ONE, 7), LARGE.bytes, 'large piece');
      same(await store.piece(ONE, 2), SMALL[1]?.bytes, 'small piece');
      same(await store.removeShare(ONE), { kind: 'removed', freedBytes: 3_000 }, 'removal');
      same(await sizes(database), [1_500_000], 'files of the other share');
      same((await store.removeShare(TWO)).kind, 'removed', 'removal of the other');
      same(await sizes(database), [], 'files in the end');
      store.close();
    },
  },
  {
    name: '[ST4] [ST17] a file that was taken away is a missing piece, which can be written anew',
    check: async (database) => {
      const { store } = await openedStore(database);
      await store.putPieces(ONE, [LARGE]);
      await store.putPieces(ONE, SMALL);
      const files = await folder(database);
      for await (const entry of files.values())
        if (entry instanceof FileSystemFileHandle && (await entry.getFile()).size === LARGE.bytes.length)
          await files.removeEntry(entry.name);
      same(await store.piece(ONE, 7), null, 'piece that is gone');
      same(await store.piece(ONE, 1), SMALL[0]?.bytes, 'piece that is not');
      await store.putPieces(ONE, [LARGE]);
      same(await store.piece(ONE, 7), LARGE.bytes, 'piece that came again');
      store.close();
    },
  },
  {
    name: '[LB16] [ST16] forgetting everything removes the files',
    check: async (database) => {
      const { store, erase } = await openedStore(database);
      await store.putPieces(ONE, SMALL);
      same(await store.piece(ONE, 2), SMALL[1]?.bytes, 'piece');
      same(await erase(), 'forgotten', 'outcome');
      same(await sizes(database), [], 'files');
      same(await store.putPieces(TWO, [LARGE]), { kind: 'stored' }, 'what comes then');
      same(await sizes(database), [1_500_000], 'its file');
      store.close();
    },
  },
];
