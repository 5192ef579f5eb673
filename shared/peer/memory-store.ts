/**
 * Pieces in memory, for browsers that give no IndexedDB and for tests. Everything is gone with the tab. Keeps the
 * same promises as the IndexedDB store (`contracts/piece-store.ts`); knows no quota, so only `close` makes it fail.
 * Owns that bytes are here exactly as long as a piece of some share has them as its content.
 */
import type { InfoHash } from '../ids.ts';
import type {
  AdoptOutcome,
  CompactOutcome,
  Failure,
  PieceContent,
  PieceStore,
  PutOutcome,
  RemoveOutcome,
  ShareOverview,
  ShareRecord,
  ShareUsage,
  SizedContent,
  StoreUsage,
  StoredPiece,
} from './piece-store.ts';

const UNAVAILABLE: Failure = { kind: 'failed', why: 'unavailable' };

interface Content {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Pieces that have it. */
  uses: number;
}

export class MemoryStore implements PieceStore {
  readonly #shares = new Map<InfoHash, ShareRecord>();
  /** The SHA-256 of each share's pieces. */
  readonly #pieces = new Map<InfoHash, Map<number, string>>();
  readonly #contents = new Map<string, Content>();
  #closed = false;

  async putShare(record: ShareRecord): Promise<PutOutcome> {
    if (this.#closed) return UNAVAILABLE;
    this.#shares.set(record.infoHash, copyOf(record));
    return { kind: 'stored' };
  }

  async share(infoHash: InfoHash): Promise<ShareRecord | null> {
    const record = this.#shares.get(infoHash);
    return record === undefined ? null : copyOf(record);
  }

  async shares(): Promise<ShareRecord[]> {
    return [...this.#shares.values()].map(copyOf);
  }

  async overview(): Promise<ShareOverview[]> {
    return [...this.#shares.keys()].map((infoHash) => ({
      infoHash,
      ownedPieces: this.#pieces.get(infoHash)?.size ?? 0,
    }));
  }

  async usage(): Promise<StoreUsage> {
    const users = new Map<string, number>();
    const contents = [...this.#pieces].map(
      ([infoHash, pieces]) => [infoHash, new Set(pieces.values())] as const,
    );
    for (const [, shas] of contents)
      for (const sha256 of shas) users.set(sha256, (users.get(sha256) ?? 0) + 1);
    const shares = contents.map(([infoHash, shas]): ShareUsage => {
      const shared = [...shas].filter((sha256) => (users.get(sha256) ?? 0) > 1);
      return { infoHash, bytes: this.#bytesOf(shas), sharedBytes: this.#bytesOf(shared) };
    });
    return { bytes: this.#bytesOf(this.#contents.keys()), shares };
  }

  async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    if (this.#closed) return UNAVAILABLE;
    for (const { piece, sha256, bytes } of pieces) {
      if (!this.#contents.has(sha256)) this.#contents.set(sha256, { bytes: bytes.slice(), uses: 0 });
      this.#use(infoHash, piece, sha256);
    }
    return { kind: 'stored' };
  }

  async piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#copyOf(this.#pieces.get(infoHash)?.get(piece));
  }

  async ownedPieces(infoHash: InfoHash): Promise<number[]> {
    return [...(this.#pieces.get(infoHash)?.keys() ?? [])].sort((a, b) => a - b);
  }

  async latestPieces(infoHash: InfoHash, most: number): Promise<number[]> {
    return [...(this.#pieces.get(infoHash)?.keys() ?? [])].slice(-most);
  }

  async found(sha256s: readonly string[]): Promise<boolean[]> {
    return sha256s.map((sha256) => this.#contents.has(sha256));
  }

  async contents(asked: readonly SizedContent[]): Promise<(Uint8Array<ArrayBuffer> | null)[]> {
    return asked.map(({ sha256, bytes }) => {
      const copy = this.#copyOf(sha256);
      return copy?.length === bytes ? copy : null;
    });
  }

  /** Nobody ends it but its owner. */
  onInterrupted(listener: () => void): void {
    void listener;
  }

  async adopt(infoHash: InfoHash, pieces: readonly PieceContent[]): Promise<AdoptOutcome> {
    if (this.#closed) return UNAVAILABLE;
    const here = pieces.filter(({ sha256 }) => this.#contents.has(sha256));
    for (const { piece, sha256 } of here) this.#use(infoHash, piece, sha256);
    return { kind: 'adopted', adopted: here.map(({ piece }) => piece) };
  }

  async dropContent(sha256s: readonly string[]): Promise<PutOutcome> {
    if (this.#closed) return UNAVAILABLE;
    const gone = new Set(sha256s);
    for (const pieces of this.#pieces.values()) {
      for (const [piece, sha256] of pieces) if (gone.has(sha256)) pieces.delete(piece);
    }
    for (const sha256 of gone) this.#contents.delete(sha256);
    return { kind: 'stored' };
  }

  async removeShare(infoHash: InfoHash): Promise<RemoveOutcome> {
    if (this.#closed) return UNAVAILABLE;
    let freedBytes = 0;
    for (const sha256 of this.#pieces.get(infoHash)?.values() ?? []) freedBytes += this.#release(sha256);
    this.#shares.delete(infoHash);
    this.#pieces.delete(infoHash);
    return { kind: 'removed', freedBytes };
  }

  /** Nothing lies beside anything here: what nobody uses is gone already. */
  async compact(): Promise<CompactOutcome> {
    return this.#closed ? UNAVAILABLE : { kind: 'done' };
  }

  close(): void {
    this.#closed = true;
    this.#shares.clear();
    this.#pieces.clear();
    this.#contents.clear();
  }

  /** The piece has this content from now on, which is here. */
  #use(infoHash: InfoHash, piece: number, sha256: string): void {
    const pieces = this.#pieces.get(infoHash) ?? new Map<number, string>();
    this.#pieces.set(infoHash, pieces);
    const before = pieces.get(piece);
    if (before === sha256) return;
    pieces.delete(piece);
    pieces.set(piece, sha256);
    const content = this.#contents.get(sha256);
    if (content !== undefined) content.uses += 1;
    if (before !== undefined) this.#release(before);
  }

  /** One piece less has this content. Answers the bytes that are free now. */
  #release(sha256: string): number {
    const content = this.#contents.get(sha256);
    if (content === undefined || --content.uses > 0) return 0;
    this.#contents.delete(sha256);
    return content.bytes.length;
  }

  #bytesOf(sha256s: Iterable<string>): number {
    let bytes = 0;
    for (const sha256 of sha256s) bytes += this.#contents.get(sha256)?.bytes.length ?? 0;
    return bytes;
  }

  #copyOf(sha256: string | undefined): Uint8Array<ArrayBuffer> | null {
    return (sha256 === undefined ? undefined : this.#contents.get(sha256)?.bytes)?.slice() ?? null;
  }
}

function copyOf(record: ShareRecord): ShareRecord {
  return { ...record, manifest: record.manifest.slice() };
}
