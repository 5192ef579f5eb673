/**
 * [LB16] Everything that is kept goes in one transaction, but for the mark that a session runs ([LB8]): it still does. Then
 * the files, which nothing leads to any more.
 */
import type { ForgetOutcome } from '../../../shared/peer/verbs.ts';
import type { Connection } from './connection.ts';
import type { FiledSegments } from './filed-segments.ts';
import { RUNNING } from './indexeddb-marks.ts';
import { beginErasing } from './schema.ts';
import { inOne, settled } from './settled.ts';

export async function eraseAll(connection: Connection, files: FiledSegments): Promise<ForgetOutcome> {
  const outcome = await connection.writing(async (database) => {
    const transaction = beginErasing(database);
    const settings = transaction.objectStore('settings');
    const running = await settings.get(RUNNING);
    const gone = inOne([
      ...[...transaction.objectStoreNames].map((name) => () => transaction.objectStore(name).clear()),
      ...(running === undefined ? [] : [() => settings.put(running, RUNNING)]),
    ]);
    await settled([gone, transaction.done]);
  });
  if (outcome.kind === 'stored') await files.erase();
  return outcome.kind === 'stored' ? 'forgotten' : 'not-forgotten';
}
