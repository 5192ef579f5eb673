/**
 * Where verified pieces live. Two implementations, one contract suite (`contracts/piece-store.ts`): IndexedDB in the
 * product, memory where a browser gives none (and in tests). Knows shares by info-hash, pieces by index and bytes by
 * their SHA-256 ([ST9]); believes what it is told of it, and knows nothing of peers, frames or files.
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

export interface ShareOverview {
  readonly infoHash: InfoHash;
  /** How many of its pieces are stored. */
  readonly ownedPieces: number;
}

/** [ST12] What a share takes. */
export interface ShareUsage {
  readonly infoHash: InfoHash;
  /** Of its stored pieces. Content that several of them have counts once. */
  readonly bytes: number;
  /** Of these, what other shares have, too: it stays when this share is removed. */
  readonly sharedBytes: number;
}

export interface StoreUsage {
  /** Of all shares; content that several have counts once. */
  readonly bytes: number;
  /** Those that have pieces here, in no order that means anything. */
  readonly shares: readonly ShareUsage[];
}

/** Which piece of a share has which content. */
/** Content alone. */
export interface SizedContent {
  /** In lowercase hex. */
  readonly sha256: string;
  readonly bytes: number;
}

export interface PieceContent {
  readonly piece: number;
  /** Of the verified bytes, in lowercase hex. */
  readonly sha256: string;
}

export interface StoredPiece extends PieceContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface Failure {
  readonly kind: 'failed';
  readonly why: StoreTrouble;
}

export type PutOutcome = { kind: 'stored' } | Failure;
/** `adopted`: the pieces that the share has now, in the order asked for. */
export type AdoptOutcome = { kind: 'adopted'; adopted: number[] } | Failure;
/** `freedBytes` are free at once; what lies among other shares' bytes comes free when it is compacted. */
export type RemoveOutcome = { kind: 'removed'; freedBytes: number } | Failure;
/** `more`: one step was done, and there may be another one to do. */
export type CompactOutcome = { kind: 'done' } | { kind: 'more'; freedBytes: number } | Failure;

/**
 * No verb rejects because of the world ([ST5]): a store that cannot be reached writes `failed` and reads as if it
 * held nothing. What is put is copied, what is read is the reader's own: it may be changed or transferred.
 */
export interface PieceStore {
  /**
   * [RQ7] While so many bytes were put and not answered for, nobody is asked for more: what a process that is killed
   * loses, or what waits in memory for a slow disk, stays bounded. Left out: it gets what comes.
   */
  readonly mostWaitingBytes?: number;
  /** [ST3] So many bytes together are worth a short wait. Left out: nothing is. */
  readonly gatheredBytes?: number;
  /** A share put twice keeps its pieces; the later record holds. */
  putShare(record: ShareRecord): Promise<PutOutcome>;
  share(infoHash: InfoHash): Promise<ShareRecord | null>;
  /** With all their manifests, which may be megabytes each: `overview` is for knowing what is here. */
  shares(): Promise<ShareRecord[]>;
  /** [ST12] Every share that has a record, as quick as if it had no manifest and no pieces. */
  overview(): Promise<ShareOverview[]>;
  /** [ST12] As quick as `overview`. */
  usage(): Promise<StoreUsage>;
  /**
   * All of them or none, in one transaction with relaxed durability. Content that is stored already, of whatever
   * share, is not stored again; unless it was found to be unreadable. A piece with other content than before has the
   * later one.
   */
  putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome>;
  /** Null where the piece is not stored or its bytes can no longer be read. */
  piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** Indexes of the stored pieces, ascending. */
  ownedPieces(infoHash: InfoHash): Promise<number[]>;
  /** The stored pieces that were written last, as far as the store knows; at most so many. */
  latestPieces(infoHash: InfoHash, most: number): Promise<number[]>;
  /** Whether content is stored, whatever share it came with; in the order asked for. */
  found(sha256s: readonly string[]): Promise<boolean[]>;
  /**
   * By their hashes, whatever shares they came with, in the order asked for; to be read and not to be kept: several may
   * share one buffer. Null, and not read, where what is stored has another size.
   */
  contents(asked: readonly SizedContent[]): Promise<(Uint8Array<ArrayBuffer> | null)[]>;
  /** The share gets those pieces whose content is stored already, in one transaction. Nothing is copied. */
  adopt(infoHash: InfoHash, pieces: readonly PieceContent[]): Promise<AdoptOutcome>;
  /** No piece has any of these contents any more, of whatever share: their bytes were found not to be what they were. */
  dropContent(sha256s: readonly string[]): Promise<PutOutcome>;
  /** The share's record and all its pieces, but for content that other shares have, too. */
  removeShare(infoHash: InfoHash): Promise<RemoveOutcome>;
  /** One step of making room and order, for when there is nothing else to do: may take as long as a few reads and a write. */
  compact(): Promise<CompactOutcome>;
  /** The browser has ended the store by itself, and opens it anew when it is used: what it had may be gone ([ST14]). */
  onInterrupted(listener: () => void): void;
  /** Every later verb finds the store unavailable. */
  close(): void;
}
