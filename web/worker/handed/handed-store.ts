/**
 * What other apps hand over ([AP3]), from the moment in which the service worker gets it until a page takes it. In a
 * database of its own, because the service worker may be stopped in between, and because no older page may stand in the
 * way. Knows neither forms nor pages.
 */

/** Not a File: not every browser keeps one as such. */
export interface HandedFile {
  readonly name: string;
  readonly type: string;
  readonly lastModified: number;
  readonly content: Blob;
}

/** What came at one time. */
export type Handed =
  | { kind: 'files'; files: readonly HandedFile[] }
  | { kind: 'too-many-files' }
  | { kind: 'text'; title: string; text: string; url: string }
  /** It came, and could not be kept: the disk is full. */
  | { kind: 'no-room' };

interface Row {
  readonly at: number;
  readonly handed: Handed;
}

/** A page that was led here takes it within seconds; what is older was forgotten. */
const LIFE_MS = 60 * 60_000;
/** That wait at once; the oldest make way. */
const MOST_WAITING = 8;
const ROWS = 'handed';

/** What the database is called, behind the name of the place ([ST8]). */
export const HANDED_DATABASE = '-handed';

export type Kept = 'kept' | 'not-kept';

/** `now`: milliseconds since 1970. Never rejects. */
export function keepHanded(database: string, handed: Handed, now: number): Promise<Kept> {
  const put = (rows: IDBObjectStore): void => {
    removeOld(rows, now);
    const waiting = rows.getAllKeys();
    waiting.onsuccess = () => {
      for (const key of waiting.result.slice(0, -(MOST_WAITING - 1))) rows.delete(key);
      rows.add({ at: now, handed } satisfies Row);
    };
  };
  return within(database, put).then(
    () => 'kept',
    () => 'not-kept',
  );
}

/** All that waits, in the order in which it came; it is gone from here afterwards. */
export async function takeHanded(database: string, now: number): Promise<readonly Handed[]> {
  let rows: readonly Row[] = [];
  const take = (store: IDBObjectStore): void => {
    const all = store.getAll() as IDBRequest<Row[]>;
    all.onsuccess = () => (rows = all.result);
    store.clear();
  };
  await within(database, take).catch(() => undefined); // it does not open: nothing can have been kept
  return rows.filter(({ at }) => isFresh(at, now)).map(({ handed }) => handed);
}

/** What no page came for. Makes no database where there is none. */
export async function forgetOldHanded(database: string, now: number): Promise<void> {
  const known = await indexedDB.databases?.().catch(() => []);
  if (known?.some(({ name }) => name === database) !== true) return;
  await within(database, (rows) => removeOld(rows, now)).catch(() => undefined); // next time
}

function removeOld(rows: IDBObjectStore, now: number): void {
  const walk = rows.openCursor();
  walk.onsuccess = () => {
    const { result: cursor } = walk;
    if (cursor === null) return;
    if (!isFresh((cursor.value as Row).at, now)) cursor.delete();
    cursor.continue();
  };
}

/** A clock that was set back makes the newest look as if they were yet to come. */
function isFresh(at: number, now: number): boolean {
  return Math.abs(now - at) < LIFE_MS;
}

/** Settles when what `act` asks for is stored. */
async function within(database: string, act: (rows: IDBObjectStore) => void): Promise<void> {
  const opened = await open(database);
  try {
    await new Promise<void>((resolve, reject) => {
      const transaction = opened.transaction(ROWS, 'readwrite');
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new Error('it was given up'));
      act(transaction.objectStore(ROWS));
    });
  } finally {
    opened.close();
  }
}

function open(database: string): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(database, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(ROWS, { autoIncrement: true });
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error ?? new Error('it does not open'));
  });
}
