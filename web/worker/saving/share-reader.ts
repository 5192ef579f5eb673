/**
 * [SA3] The bytes of one file of a stored share, piece by piece in order: what saving reads, in the worker and in
 * the service worker. A piece that is missing or of a wrong size is said, never passed over. Pieces were verified
 * before they were stored.
 */
import { Geometry } from '../../../shared/geometry.ts';
import type { InfoHash } from '../../../shared/ids.ts';
import type { Manifest } from '../../../shared/manifest/resource.ts';
import { READ_AHEAD_BYTES, READ_AHEAD_PIECES } from '../../../shared/peer/limits.ts';
import type { PieceStore } from '../../../shared/peer/piece-store.ts';

/** The part of a piece that belongs to a file: bytes `from` up to `to` of it. */
export interface Stretch {
  readonly piece: number;
  readonly from: number;
  readonly to: number;
}

/** [SA16] Which pieces are stored, of a file that still comes. */
export interface PiecesComing {
  has(piece: number): boolean;
  /** Rejects where nobody tells of it any more. */
  reaches(piece: number): Promise<void>;
  /** Resolves where nobody tells any more and not all of it is stored. */
  readonly breaksOff: Promise<void>;
}

const ALL_HERE: PiecesComing = {
  has: () => true,
  reaches: async () => undefined,
  breaksOff: new Promise(() => undefined),
};

/** A piece that should be in the store cannot be read from it. */
export class MissingPiece extends Error {
  override name = 'MissingPiece';
}

export class ShareReader {
  readonly manifest: Manifest;
  readonly #infoHash: InfoHash;
  readonly #geometry: Geometry;
  readonly #store: PieceStore;
  /** The last piece of which a part was read: small files lie in the same one. */
  #last: { piece: number; bytes: Uint8Array<ArrayBuffer> } | null = null;

  constructor(store: PieceStore, infoHash: InfoHash, manifest: Manifest) {
    this.manifest = manifest;
    this.#infoHash = infoHash;
    this.#store = store;
    this.#geometry = new Geometry(manifest.pieces, manifest.files);
  }

  /** From an offset in the file on; none for a file without bytes. */
  *stretches(file: number, from = 0): Generator<Stretch> {
    const start = this.#geometry.fileOffset(file);
    const end = start + (this.manifest.files[file]?.size ?? 0);
    for (let at = start + from; at < end;) {
      const piece = this.#geometry.pieceAt(at);
      const pieceStart = this.#geometry.pieceOffset(piece);
      const next = Math.min(end, pieceStart + this.#geometry.pieceSize(piece));
      yield { piece, from: at - pieceStart, to: next - pieceStart };
      at = next;
    }
  }

  /**
   * The file's bytes in chunks of at most a piece, read some pieces ahead, each when it has come. Throws `MissingPiece`, and
   * what `pieces` throws.
   */
  async *chunks(file: number, pieces = ALL_HERE): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    const stretches = this.stretches(file);
    let next = stretches.next();
    const coming: { stretch: Stretch; bytes: Promise<Uint8Array<ArrayBuffer>> }[] = [];
    let comingBytes = 0;
    for (;;) {
      while (comingBytes < READ_AHEAD_BYTES && coming.length < READ_AHEAD_PIECES) {
        if (next.done === true || !pieces.has(next.value.piece)) break;
        coming.push({ stretch: next.value, bytes: this.#begin(next.value.piece) });
        comingBytes += this.#geometry.pieceSize(next.value.piece);
        next = stretches.next();
      }
      const first = coming.shift();
      if (first === undefined) {
        if (next.done === true) return;
        await pieces.reaches(next.value.piece);
        continue;
      }
      const { piece, from, to } = first.stretch;
      const bytes = await first.bytes;
      comingBytes -= this.#geometry.pieceSize(piece);
      if (from === 0 && to === bytes.length) {
        yield bytes; // the receiver's from here on, nobody else needs this piece
      } else {
        this.#last = { piece, bytes };
        yield bytes.slice(from, to);
      }
    }
  }

  /** About as much of the file as is read ahead, from an offset on. Throws `MissingPiece`. */
  async part(file: number, offset: number): Promise<Uint8Array<ArrayBuffer>> {
    const stretches: Stretch[] = [];
    let length = 0;
    for (const stretch of this.stretches(file, offset)) {
      stretches.push(stretch);
      length += stretch.to - stretch.from;
      if (length >= READ_AHEAD_BYTES || stretches.length >= READ_AHEAD_PIECES) break;
    }
    const pieces = await Promise.all(stretches.map(({ piece }) => this.#begin(piece)));
    const part = new Uint8Array(length);
    let at = 0;
    for (const [nth, { piece, from, to }] of stretches.entries()) {
      const bytes = pieces[nth] ?? new Uint8Array();
      part.set(bytes.subarray(from, to), at);
      at += to - from;
      this.#last = { piece, bytes };
    }
    return part;
  }

  /** Its failure is told when its turn comes, if it comes. */
  #begin(piece: number): Promise<Uint8Array<ArrayBuffer>> {
    const reading = this.#read(piece);
    reading.catch(() => undefined);
    return reading;
  }

  async #read(piece: number): Promise<Uint8Array<ArrayBuffer>> {
    if (this.#last?.piece === piece) return this.#last.bytes;
    const bytes = await this.#store.piece(this.#infoHash, piece);
    if (bytes === null || bytes.length !== this.#geometry.pieceSize(piece)) {
      throw new MissingPiece(`piece ${piece} is no longer in this browser’s storage`);
    }
    return bytes;
  }
}
