/** The way from one version of the database to the next ([ST11]): its stores, and what moves into them. */
import { migrateOwned, migratePieces } from './migration.ts';
import { abort } from './schema.ts';
import type { Database, Upgrade } from './schema.ts';

/** All of it or nothing: whatever fails leaves the database as it was. */
export async function upgrade(database: Database, from: number, transaction: Upgrade): Promise<void> {
  transaction.done.catch(() => undefined); // whoever opens the database is told
  try {
    if (from < 1) createFirstStores(database);
    if (from < 2) createSecondStores(database);
    if (from === 1) await migratePieces(transaction);
    if (from === 2) await migrateOwned(transaction);
  } catch {
    abort(transaction);
  }
}

function createFirstStores(database: Database): void {
  database.createObjectStore('shares');
  database.createObjectStore('pieces');
}

function createSecondStores(database: Database): void {
  database.createObjectStore('places').createIndex('sha256', 'sha256');
  database.createObjectStore('directories').createIndex('due', 'due');
  database.createObjectStore('owned');
  database.createObjectStore('library');
  database.createObjectStore('handles');
  database.createObjectStore('history', { autoIncrement: true });
  database.createObjectStore('transfers', { autoIncrement: true });
  database.createObjectStore('settings');
}
