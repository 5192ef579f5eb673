/**
 * Pieces in IndexedDB: one database, `shares` by info-hash, `pieces` by [info-hash, piece] ([ST1]). Piece
 * bytes are stored as ArrayBuffers (Blobs in IndexedDB fail in too many Safari versions), batches in one
 * transaction with relaxed durability ([ST2]). The worker and the service worker open the same database.
 *
 * A connection that the browser ends (site data cleared, storage restarted) or that a newer version of the page
 * asks for ([ST6]) is given up at once; the next verb tries to open again. Knows nothing of manifests or files.
 */
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';
import type { InfoHash } from '../../../shared/ids.ts';
import type {
  PieceStore,
  PutOutcome,
  RemoveOutcome,
  ShareRecord,
  StoredPiece,
} from '../../../shared/peer/piece-store.ts';

const DATABASE_VERSION = 1;

interface Schema extends DBSchema {
  shares: { key: string; value: ShareRecord };
  pieces: { key: [string, number]; value: ArrayBuffer };
}

type Database = IDBPDatabase<Schema>;

/** Null where the browser gives no IndexedDB (some private windows, a disk that cannot be written). */
export async function openIndexedDbStore(name: string): Promise<PieceStore | null> {
  const store = new IndexedDbStore(name);
  return (await store.reachable()) ? store : null;
}

class IndexedDbStore implements PieceStore {
  readonly #name: string;
  #connection: Promise<Database> | null = null;
  #closed = false;

  constructor(name: string) {
    this.#name = name;
  }

  async reachable(): Promise<boolean> {
    return this.#reading(async () => true, false);
  }

  async putShare(record: ShareRecord): Promise<PutOutcome> {
    return this.#writing(async (database) => {
      const transaction = database.transaction('shares', 'readwrite', { durability: 'relaxed' });
      const exact = { ...record, manifest: record.manifest.slice() };
      await allDone([transaction.store.put(exact, record.infoHash), transaction.done]);
    });
  }

  async share(infoHash: InfoHash): Promise<ShareRecord | null> {
    return this.#reading(async (database) => (await database.get('shares', infoHash)) ?? null, null);
  }

  async shares(): Promise<ShareRecord[]> {
    return this.#reading((database) => database.getAll('shares'), []);
  }

  async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    if (pieces.length === 0) return { kind: 'stored' };
    return this.#writing(async (database) => {
      const transaction = database.transaction('pieces', 'readwrite', { durability: 'relaxed' });
      const puts: Promise<unknown>[] = [];
      try {
        for (const { piece, bytes } of pieces) {
          puts.push(transaction.store.put(exactBuffer(bytes), [infoHash, piece]));
        }
      } catch (error) {
        transaction.abort(); // a put that throws at once does not end the transaction by itself
        puts.push(Promise.reject(error));
      }
      await allDone([...puts, transaction.done]);
    });
  }

  /** [ST4] A piece that cannot be read (Chromium keeps large values in files that can vanish) is a missing one. */
  async piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const buffer = await this.#reading((database) => database.get('pieces', [infoHash, piece]), undefined);
    return buffer === undefined ? null : new Uint8Array(buffer);
  }

  async ownedPieces(infoHash: InfoHash): Promise<number[]> {
    const keys = await this.#reading((database) => database.getAllKeys('pieces', allPiecesOf(infoHash)), []);
    return keys.map(([, piece]) => piece);
  }

  async removeShare(infoHash: InfoHash): Promise<RemoveOutcome> {
    const outcome = await this.#writing(async (database) => {
      const transaction = database.transaction(['shares', 'pieces'], 'readwrite');
      const record = transaction.objectStore('shares').delete(infoHash);
      const pieces = transaction.objectStore('pieces').delete(allPiecesOf(infoHash));
      await allDone([record, pieces, transaction.done]);
    });
    return outcome.kind === 'stored' ? { kind: 'removed' } : outcome;
  }

  close(): void {
    this.#closed = true;
    this.#giveUpConnection();
  }

  async #writing(write: (database: Database) => Promise<void>): Promise<PutOutcome> {
    try {
      await this.#withDatabase(write);
      return { kind: 'stored' };
    } catch (error) {
      return { kind: 'failed', why: isCalled(error, 'QuotaExceededError') ? 'quota' : 'unavailable' };
    }
  }

  async #reading<T>(read: (database: Database) => Promise<T>, otherwise: T): Promise<T> {
    try {
      return await this.#withDatabase(read);
    } catch {
      return otherwise; // [ST5] what cannot be read counts as not there
    }
  }

  async #withDatabase<T>(work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.#database();
    try {
      return await work(database);
    } catch (error) {
      // The connection is closing or closed without having said so: not to be used again.
      if (isCalled(error, 'InvalidStateError')) this.#connection = null;
      throw error;
    }
  }

  async #database(): Promise<Database> {
    if (this.#closed) throw new DOMException('the store was closed', 'InvalidStateError');
    this.#connection ??= this.#connect();
    try {
      return await this.#connection;
    } catch (error) {
      this.#connection = null;
      throw error;
    }
  }

  #connect(): Promise<Database> {
    return openDB<Schema>(this.#name, DATABASE_VERSION, {
      upgrade(database) {
        database.createObjectStore('shares');
        database.createObjectStore('pieces');
      },
      blocking: () => this.#giveUpConnection(),
      terminated: () => {
        this.#connection = null;
      },
    });
  }

  #giveUpConnection(): void {
    const connection = this.#connection;
    this.#connection = null;
    void connection?.then(
      (database) => database.close(),
      () => undefined, // it never opened: nothing to close
    );
  }
}

function allPiecesOf(infoHash: InfoHash): IDBKeyRange {
  return IDBKeyRange.bound([infoHash, 0], [infoHash, Number.POSITIVE_INFINITY]);
}

/** The structured clone of a view copies the whole buffer beneath it; so a view of a larger buffer is cut out. */
function exactBuffer(bytes: Uint8Array<ArrayBuffer>): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
}

/**
 * Waits for all, then throws the most telling of what went wrong: when a transaction runs out of room its requests
 * fail with a bare AbortError, and only one of the promises carries the quota.
 */
async function allDone(promises: readonly Promise<unknown>[]): Promise<void> {
  const failures = (await Promise.allSettled(promises)).filter((result) => result.status === 'rejected');
  if (failures.length === 0) return;
  throw (failures.find(({ reason }) => isCalled(reason, 'QuotaExceededError')) ?? failures[0])?.reason;
}

/** Some platforms' DOMException is no Error, so only the name is looked at. */
function isCalled(error: unknown, name: string): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === name;
}
