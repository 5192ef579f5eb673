/**
 * [LB8] Which pieces of a share were written last: those of the newest segments, whose keys are in the order of their
 * writing (as far as the clock was not set back). (What compaction has just moved counts, too: its bytes are as new.)
 */
import { LATEST_SEGMENTS } from './limits.ts';
import { beginReading } from './schema.ts';
import type { Database } from './schema.ts';

/** What version 1 wrote has a text in its key, and is older than all that has none. */
const NUMBERED = [''];

export async function latestPieces(database: Database, infoHash: string, most: number): Promise<number[]> {
  const latest: number[] = [];
  const directories = beginReading(database).objectStore('directories');
  let cursor = await directories.openCursor(IDBKeyRange.upperBound(NUMBERED), 'prev');
  for (let looked = 0; cursor !== null && looked < LATEST_SEGMENTS && latest.length < most; looked++) {
    const ofShare = cursor.value.pieces.filter(([share]) => share === infoHash);
    latest.push(...ofShare.map(([, piece]) => piece).reverse());
    cursor = await cursor.continue();
  }
  return latest.slice(0, most);
}
