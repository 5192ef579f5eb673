/**
 * Pieces in memory, for browsers that give no IndexedDB and for tests. Everything is gone with the tab. Keeps the
 * same promises as the IndexedDB store (`contracts/piece-store.ts`); knows no quota, so only `close` makes it fail.
 */
import type { InfoHash } from '../ids.ts';
import type { PieceStore, PutOutcome, RemoveOutcome, ShareRecord, StoredPiece } from './piece-store.ts';

export class MemoryStore implements PieceStore {
  readonly #shares = new Map<InfoHash, ShareRecord>();
  readonly #pieces = new Map<InfoHash, Map<number, Uint8Array<ArrayBuffer>>>();
  #closed = false;

  async putShare(record: ShareRecord): Promise<PutOutcome> {
    if (this.#closed) return { kind: 'failed', why: 'unavailable' };
    this.#shares.set(record.infoHash, copyOf(record));
    return { kind: 'stored' };
  }

  async share(infoHash: InfoHash): Promise<ShareRecord | null> {
    const record = this.#closed ? undefined : this.#shares.get(infoHash);
    return record === undefined ? null : copyOf(record);
  }

  async shares(): Promise<ShareRecord[]> {
    return this.#closed ? [] : [...this.#shares.values()].map(copyOf);
  }

  async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    if (this.#closed) return { kind: 'failed', why: 'unavailable' };
    const stored = this.#pieces.get(infoHash) ?? new Map<number, Uint8Array<ArrayBuffer>>();
    this.#pieces.set(infoHash, stored);
    for (const { piece, bytes } of pieces) stored.set(piece, bytes.slice());
    return { kind: 'stored' };
  }

  async piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#closed) return null;
    return this.#pieces.get(infoHash)?.get(piece)?.slice() ?? null;
  }

  async ownedPieces(infoHash: InfoHash): Promise<number[]> {
    if (this.#closed) return [];
    return [...(this.#pieces.get(infoHash)?.keys() ?? [])].sort((a, b) => a - b);
  }

  async removeShare(infoHash: InfoHash): Promise<RemoveOutcome> {
    if (this.#closed) return { kind: 'failed', why: 'unavailable' };
    this.#shares.delete(infoHash);
    this.#pieces.delete(infoHash);
    return { kind: 'removed' };
  }

  close(): void {
    this.#closed = true;
    this.#shares.clear();
    this.#pieces.clear();
  }
}

function copyOf(record: ShareRecord): ShareRecord {
  return { ...record, manifest: record.manifest.slice() };
}
