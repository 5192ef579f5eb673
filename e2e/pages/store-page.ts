/** In the browser: runs the store's contract over its IndexedDB (loaded as a worker). */
import { openIndexedDbStore } from '../../web/worker/store/indexeddb-store.ts';
import type { PieceStore } from '../../shared/peer/piece-store.ts';
import { pieceStoreRules } from '../../shared/peer/contracts/piece-store.ts';

/** What the rule says when the store breaks it, else null. */
async function checkRule(name: string): Promise<string | null> {
  const rule = pieceStoreRules.find((candidate) => candidate.name === name);
  if (rule === undefined) return 'no such rule';
  const opened: PieceStore[] = [];
  const database = `suite ${crypto.randomUUID()}`;
  try {
    await rule.check(async () => {
      const opening = await openIndexedDbStore(database);
      if (opening.kind !== 'opened') throw new Error(`IndexedDB is ${opening.why}`);
      opened.push(opening.store);
      return opening.store;
    });
    return null;
  } catch (error) {
    return String(error);
  } finally {
    for (const store of opened) store.close();
    indexedDB.deleteDatabase(database);
  }
}

globalThis.addEventListener('message', (event: MessageEvent) => {
  if (typeof event.data === 'string')
    void checkRule(event.data).then((found) => globalThis.postMessage(found));
});
