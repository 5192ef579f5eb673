/**
 * In the browser: runs the store's contract over its IndexedDB and its files (loaded as a worker). As the page's script it
 * reads what a worker has stored, without the worker's handles of files, as the service worker does.
 */
import { ONE } from '../../shared/peer/contracts/filled-piece.ts';
import { pieceStoreRules } from '../../shared/peer/contracts/piece-store.ts';
import type { PieceStore } from '../../shared/peer/piece-store.ts';
import { SegmentFiles } from '../../web/worker/store/segment-files.ts';
import { LARGE, openedStore, storedFileRules } from './stored-files.ts';

declare global {
  /** Of what a worker that was told to hold a database has stored there. */
  var isReadable: (database: string) => Promise<boolean>;
}

/** What the rule says when the store breaks it, else null. */
async function checkRule(name: string): Promise<string | null> {
  const opened: PieceStore[] = [];
  const database = `suite/${crypto.randomUUID()}`;
  const rule = pieceStoreRules.find((candidate) => candidate.name === name);
  const ruleOfFiles = storedFileRules.find((candidate) => candidate.name === name);
  try {
    if (rule === undefined && ruleOfFiles === undefined) return 'no such rule';
    await ruleOfFiles?.check(database);
    await rule?.check(async () => {
      const { store } = await openedStore(database);
      opened.push(store);
      return store;
    });
    return null;
  } catch (error) {
    return String(error);
  } finally {
    for (const store of opened) store.close();
    indexedDB.deleteDatabase(database);
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(encodeURIComponent(database), { recursive: true }).catch(() => undefined);
  }
}

/** Has a piece stored and read, and its file open. */
async function hold(database: string): Promise<void> {
  const { store } = await openedStore(database);
  await store.putPieces(ONE, [LARGE]);
  await store.piece(ONE, LARGE.piece);
}

globalThis.isReadable = async (database) => {
  const { store } = await openedStore(database);
  const read = await store.piece(ONE, LARGE.piece);
  store.close();
  return read?.every((byte, at) => byte === LARGE.bytes[at]) ?? false;
};

/** Quota: what becomes of a put with more bytes than there is room. */
async function overfill(database: string): Promise<unknown> {
  const { store } = await openedStore(database);
  await store.putPieces(ONE, [LARGE]);
  const pieces = [20, 21, 22].map((piece) => ({ ...LARGE, piece, sha256: `${piece}`.repeat(32) }));
  const bytes = new Uint8Array(4 * 1_048_576);
  const outcome = await store.putPieces(
    ONE,
    pieces.map((piece) => ({ ...piece, bytes })),
  );
  const still = await store.piece(ONE, LARGE.piece);
  store.close();
  return { outcome, still: still?.length };
}

/**
 * Garbage is collected while files are being opened, by code that the browser has compiled by then (before that it holds
 * whatever was in use): how that many writes end.
 */
async function collect(database: string): Promise<unknown> {
  const { prototype } = FileSystemFileHandle;
  const open = Reflect.get(prototype, 'createSyncAccessHandle') as (options: unknown) => Promise<unknown>;
  const collected = (): void => void globalThis.gc?.({ type: 'major', execution: 'sync' });
  let collects = false;
  Object.defineProperty(prototype, 'createSyncAccessHandle', {
    value(this: FileSystemFileHandle, options: unknown): Promise<unknown> {
      if (collects) {
        queueMicrotask(collected);
        setTimeout(collected);
      }
      return open.call(this, options);
    },
  });
  const [files, bytes] = [new SegmentFiles(database), [LARGE.bytes.subarray(0, 1_000)]];
  const writes: unknown[] = [];
  for (let round = 0; round < 10; round++) {
    collects = false;
    for (let write = 0; write < 200; write++) {
      await files.write('often', bytes);
      await files.remove(['often']);
    }
    collects = true;
    for (let write = 0; write < 3; write++) writes.push(await files.write(`file ${round} ${write}`, bytes));
  }
  const read = await files.read('file 0 0', 0, 2_000);
  files.close();
  return { writes, read: read.length };
}

interface Job {
  readonly kind: 'rule' | 'hold' | 'overfill' | 'collect';
  readonly name: string;
}

function perform({ kind, name }: Job): Promise<unknown> {
  switch (kind) {
    case 'rule':
      return checkRule(name);
    case 'hold':
      return hold(name);
    case 'overfill':
      return overfill(name);
    case 'collect':
      return collect(name);
  }
}

globalThis.addEventListener('message', (event: MessageEvent<Job>) => {
  void perform(event.data).then((found) => globalThis.postMessage(found));
});
