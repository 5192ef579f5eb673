/**
 * Where verified pieces live. Two implementations, one contract suite (`contracts/piece-store.ts`): IndexedDB in the
 * product, memory where a browser gives none (and in tests). Knows shares by info-hash and pieces by index;
 * knows nothing of peers, frames or files.
 */
import type { InfoHash } from '../ids.ts';
import type { StoreTrouble } from '../engine/io.ts';

export interface ShareRecord {
  readonly infoHash: InfoHash;
  /** The manifest's JSON text in UTF-8, as `serialiseManifest` writes it. */
  readonly manifest: Uint8Array<ArrayBuffer>;
  /** Milliseconds since 1970. */
  readonly addedAt: number;
}

export interface StoredPiece {
  readonly piece: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type PutOutcome = { kind: 'stored' } | { kind: 'failed'; why: StoreTrouble };
export type RemoveOutcome = { kind: 'removed' } | { kind: 'failed'; why: StoreTrouble };

/**
 * No verb rejects because of the world ([ST5]): a store that cannot be reached writes `failed` and reads as if it
 * held nothing. What is put is copied, what is read is the reader's own: it may be changed or transferred.
 */
export interface PieceStore {
  /** A share put twice keeps its pieces; the later record holds. */
  putShare(record: ShareRecord): Promise<PutOutcome>;
  share(infoHash: InfoHash): Promise<ShareRecord | null>;
  shares(): Promise<ShareRecord[]>;
  /** All of them or none, in one transaction with relaxed durability. A piece put twice is the same piece. */
  putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome>;
  /** Null where the piece is not stored or its bytes can no longer be read. */
  piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Indexes of the stored pieces, ascending. */
  ownedPieces(infoHash: InfoHash): Promise<number[]>;
  /** The share's record and all its pieces. */
  removeShare(infoHash: InfoHash): Promise<RemoveOutcome>;
  /** Every later verb finds the store unavailable. */
  close(): void;
}
