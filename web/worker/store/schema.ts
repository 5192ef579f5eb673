/**
 * What is in the database ([ST1]), in one sentence:
 * a segment is one value of several pieces' bytes, a place says where a piece lies, a directory says what lies in a
 * segment. Types and transactions; who keeps the stores in agreement is place-book.ts, who makes them is upgrade.ts.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import type { HistoryRow, TransferRow } from '../../../shared/peer/activity-store.ts';
import type { LibraryEntry } from '../../../shared/peer/library-store.ts';
import type { ShareRecord } from '../../../shared/peer/piece-store.ts';
import type { FileHandle } from '../file-handle.ts';
import { isCalled } from './settled.ts';

export const DATABASE_VERSION = 4;

/** Info-hash and index. */
export type PieceKey = [infoHash: string, piece: number];

/** Of an opening of the store, by its time and chance, and counted from there: none is ever used twice. */
export type WrittenKey = [writer: number, count: number];

/** A value that version 1 wrote has the key of its only piece. */
export type SegmentKey = WrittenKey | PieceKey;

/** [ST16] A segment whose bytes are in a file, which is named after the segment's key: how many they are. */
export interface InFile {
  readonly fileBytes: number;
}

/** Where a piece's bytes are: `size` of them from `offset` on. */
export interface Place {
  readonly segment: SegmentKey;
  readonly offset: number;
  readonly size: number;
  /** In lowercase hex. */
  readonly sha256: string;
}

/** A place, as its segment's directory has it. */
export type Listed = readonly [infoHash: string, piece: number, offset: number, size: number];

/** Why a segment should be rewritten: less than half of it is in use, or it is small. */
export type Due = 'sparse' | 'small';

export interface Directory {
  /** The whole segment's. */
  readonly bytes: number;
  /** Every place in it; several may have the same bytes. Never none. */
  readonly pieces: readonly Listed[];
  readonly due?: Due;
}

/** [LB5] `files`: of each the place of its handle among `handles`, and its path as the person's system has it. */
export interface HandleRecord {
  readonly handles: readonly FileHandle[];
  readonly files: readonly (readonly [handle: number, path: readonly string[]])[];
}

/** What a share takes ([ST12]). */
export interface Usage {
  /** Content that several pieces have counts once. */
  readonly bytes: number;
  /** Of these, what other shares have, too. */
  readonly sharedBytes: number;
  /**
   * Its part of all bytes that are here: of what n shares have, each has an nth. (A counter of everything would be
   * written when a share is removed, too, and on a full disk nothing can be written, only deleted.)
   */
  readonly partBytes: number;
}

/** What a share has. Never nothing: it has no record then. */
export interface Owned extends Usage {
  /** The stored pieces as [BF1] has them, as far as the last one. */
  readonly pieces: Uint8Array<ArrayBuffer>;
}

export interface Schema extends DBSchema {
  shares: { key: string; value: ShareRecord };
  /** Segments. The name is version 1's, whose values stay where they are. */
  pieces: { key: SegmentKey; value: Blob | ArrayBuffer | InFile };
  places: { key: PieceKey; value: Place; indexes: { sha256: string } };
  directories: { key: SegmentKey; value: Directory; indexes: { due: Due } };
  /** By info-hash. */
  owned: { key: string; value: Owned };
  library: { key: string; value: LibraryEntry };
  handles: { key: string; value: HandleRecord };
  /** By numbers that grow. */
  history: { key: number; value: HistoryRow };
  transfers: { key: number; value: TransferRow };
  settings: { key: string; value: unknown };
}

export type Database = IDBPDatabase<Schema>;
export type Upgrade = IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>;

/** The stores that have to agree; every transaction about content is over all of them. */
const CONTENT = ['shares', 'pieces', 'places', 'directories', 'owned'] satisfies StoreNames<Schema>[];
export type Writing = IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite'>;

export type Reading = IDBPTransaction<Schema, StoreNames<Schema>[], 'readonly'>;

export function beginReading(database: Database): Reading {
  const transaction = database.transaction<StoreNames<Schema>[], 'readonly'>(CONTENT, 'readonly');
  transaction.done.catch(() => undefined); // its requests say what went wrong
  return transaction;
}

/** [ST2] Pieces can be fetched again: what the system has taken is not waited for until it is on the disk. */
export function beginWriting(database: Database): Writing {
  const transaction = database.transaction<StoreNames<Schema>[], 'readwrite'>(CONTENT, 'readwrite', {
    durability: 'relaxed',
  });
  transaction.done.catch(() => undefined); // waited for when all was asked for
  return transaction;
}

/** About one store that nothing else has to agree with. `strict`: waited for until it is on the disk. */
export function beginAlone<Store extends 'library' | 'handles' | 'settings', Mode extends IDBTransactionMode>(
  database: Database,
  store: Store,
  mode: Mode,
  durability: IDBTransactionDurability = 'default',
): IDBPTransaction<Schema, [Store], Mode> {
  const transaction = database.transaction(store, mode, { durability });
  transaction.done.catch(() => undefined); // whoever asked for something is told
  return transaction;
}

/** About what went on ([ST15]): the history, the transfer log and, among the settings, the totals. */
const NOTED = ['history', 'transfers', 'settings'] satisfies StoreNames<Schema>[];
export type Noting = IDBPTransaction<Schema, typeof NOTED, 'readwrite'>;

export type NotedReading = IDBPTransaction<Schema, typeof NOTED, 'readonly'>;

export function beginNoting<Mode extends 'readonly' | 'readwrite'>(
  database: Database,
  mode: Mode,
): IDBPTransaction<Schema, typeof NOTED, Mode> {
  const transaction = database.transaction(NOTED, mode, { durability: 'relaxed' });
  transaction.done.catch(() => undefined); // whoever asked for something is told
  return transaction;
}

/** Over all there is. */
export function beginErasing(database: Database): IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite'> {
  const transaction = database.transaction([...database.objectStoreNames], 'readwrite');
  transaction.done.catch(() => undefined); // its requests say what went wrong
  return transaction;
}

/** One that a failed request has ended already stays as it is. */
export function abort(transaction: Pick<IDBTransaction, 'abort'>): void {
  try {
    transaction.abort();
  } catch (error) {
    if (!isCalled(error, 'InvalidStateError')) throw error;
  }
}
