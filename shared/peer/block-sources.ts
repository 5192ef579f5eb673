/**
 * [SO1] Where the blocks that we serve come from: pieces received and kept in the store, or the person's own
 * files, of which nothing is copied. Both read whole pieces through a `PieceCache` and serve blocks from memory.
 *
 * [SO3] Whatever is read is hashed before a byte of it is served: platforms differ in whether they notice that a file
 * changed, a disk may give back what was never written to it, and a peer that sends changed bytes is banned as a corrupt
 * sender. Knows nothing of peers or frames.
 */
import type { ReadTrouble } from '../engine/io.ts';
import { Geometry } from '../geometry.ts';
import type { InfoHash } from '../ids.ts';
import { filesOf } from '../manifest/file-pieces.ts';
import type { ManifestPiece } from '../manifest/manifest.ts';
import { sha256Hex } from './digests.ts';
import { FILE_WINDOW_BYTES } from './limits.ts';
import { PieceCache } from './piece-cache.ts';
import type { PieceStore } from './piece-store.ts';
import type { Digest, FileBytes, FileContent } from './ports.ts';

export type BlockRead =
  /** Shared with other readers: to be copied, not to be written to or transferred. */
  { kind: 'block'; bytes: Uint8Array<ArrayBuffer> } | Unreadable;

export interface Unreadable {
  readonly kind: 'unreadable';
  readonly why: ReadTrouble;
  /** The index of the shared file that it is, where that is known. */
  readonly file?: number;
}

export interface BlockSource {
  /** Its pieces are the store's: what is gone there is gone. */
  readonly isStored: boolean;
  /** `offset` and `length` in bytes within the piece, which has this hash. Never rejects because of the world. */
  read(piece: number, offset: number, length: number, sha256: string): Promise<BlockRead>;
  /** [UP8] Makes a piece ready to be read. Left out: nothing is read before it is asked for. Never rejects because of the world. */
  readAhead?(piece: number, sha256: string): Promise<unknown>;
}

type PieceRead = { kind: 'piece'; bytes: Uint8Array<ArrayBuffer> } | Unreadable;

interface StorePorts {
  readonly store: PieceStore;
  readonly digest: Digest;
}

/** Pieces of one share out of the store. The cache may be shared by all shares. */
export class StoreSource implements BlockSource {
  readonly isStored = true;
  readonly #infoHash: InfoHash;
  readonly #ports: StorePorts;
  readonly #cache: PieceCache;

  constructor(infoHash: InfoHash, ports: StorePorts, cache: PieceCache = new PieceCache()) {
    this.#infoHash = infoHash;
    this.#ports = ports;
    this.#cache = cache;
  }

  async read(piece: number, offset: number, length: number, sha256: string): Promise<BlockRead> {
    const key = `${this.#infoHash}/${piece}`;
    const cached = this.#cache.get(key);
    if (cached !== undefined) return blockOf(cached, offset, length);
    const read = await this.#cache.sharing(key, () => this.#load(key, piece, sha256));
    return read.kind === 'piece' ? blockOf(read.bytes, offset, length) : read;
  }

  readAhead(piece: number, sha256: string): Promise<BlockRead> {
    return this.read(piece, 0, 0, sha256);
  }

  async #load(key: string, piece: number, sha256: string): Promise<PieceRead> {
    const { store, digest } = this.#ports;
    const bytes = await store.piece(this.#infoHash, piece);
    if (bytes === null) return { kind: 'unreadable', why: 'missing' };
    if ((await sha256Hex(digest, bytes)) !== sha256) {
      // Else the right bytes, when they come, would be taken for stored already.
      await store.dropContent([sha256]);
      return { kind: 'unreadable', why: 'missing' };
    }
    this.#cache.add(key, bytes);
    return { kind: 'piece', bytes };
  }
}

/** Pieces of one share out of the files it was made of, in the manifest's order. `files`: each of them by itself, to tell which is gone. */
export class FileSource implements BlockSource {
  readonly isStored = false;
  readonly #everything: FileContent;
  readonly #files: readonly FileContent[];
  readonly #digest: Digest;
  readonly #pieces: readonly ManifestPiece[];
  readonly #geometry: Geometry;
  /** Pieces that are read together when they are asked for in order. */
  readonly #together: number;
  readonly #prefix: string;
  readonly #cache: PieceCache;
  readonly #loading = new Map<number, Promise<ReadonlyMap<number, PieceRead>>>();

  constructor(
    infoHash: InfoHash,
    pieces: readonly ManifestPiece[],
    everything: FileContent,
    digest: Digest,
    cache: PieceCache = new PieceCache(),
    files: readonly FileContent[] = [],
  ) {
    this.#files = files;
    this.#everything = everything;
    this.#digest = digest;
    this.#pieces = pieces;
    this.#geometry = new Geometry(pieces);
    const largest = pieces.reduce((most, { size }) => Math.max(most, size), 1);
    this.#together = Math.ceil(FILE_WINDOW_BYTES / largest);
    this.#prefix = `${infoHash}/file/`;
    this.#cache = cache;
  }

  async read(piece: number, offset: number, length: number): Promise<BlockRead> {
    const cached = this.#cache.get(this.#prefix + piece);
    if (cached !== undefined) return blockOf(cached, offset, length);
    const loading = this.#loading.get(piece) ?? this.#startLoading(piece);
    const found = (await loading).get(piece) ?? { kind: 'unreadable', why: 'missing' };
    return found.kind === 'piece' ? blockOf(found.bytes, offset, length) : this.#blaming(piece, found);
  }

  readAhead(piece: number): Promise<BlockRead> {
    return this.read(piece, 0, 0);
  }

  /** [UP7] Where several files lie in the piece: the one that gives no bytes by itself. */
  async #blaming(piece: number, found: Unreadable): Promise<Unreadable> {
    if (this.#files.length === 0) return found;
    const suspects = filesOf({ pieces: this.#pieces, files: this.#files }, piece);
    for (const file of suspects.length > 1 ? suspects : []) {
      const content = this.#files[file];
      const probe = await content?.read(content.size - 1, content.size);
      if (probe?.kind === 'unreadable') return { ...probe, file };
    }
    return found;
  }

  /**
   * Pieces that are asked for in order are read several at a time: every read costs the platform some milliseconds,
   * however small. Out of order (rarest first) a piece is read alone, its neighbours would be read for nothing.
   */
  #startLoading(piece: number): Promise<ReadonlyMap<number, PieceRead>> {
    const before = piece - 1;
    const inOrder = this.#loading.has(before) || this.#cache.get(this.#prefix + before) !== undefined;
    const limit = Math.min(piece + (inOrder ? this.#together : 1), this.#pieces.length);
    let end = piece + 1;
    while (end < limit && !this.#loading.has(end)) end += 1;
    const loading = this.#load(piece, end);
    for (let covered = piece; covered < end; covered++) this.#loading.set(covered, loading);
    return loading.finally(() => {
      for (let covered = piece; covered < end; covered++) this.#loading.delete(covered);
    });
  }

  async #load(first: number, end: number): Promise<ReadonlyMap<number, PieceRead>> {
    const window = await this.#read(first, end);
    const from = this.#geometry.pieceOffset(first);
    const reads = new Map<number, PieceRead>();
    const loadOne = async (piece: number): Promise<void> => {
      const start = this.#geometry.pieceOffset(piece) - from;
      const size = this.#geometry.pieceSize(piece);
      // A file that is gone takes only its own pieces with it: the window's others are read one by one.
      const read =
        window.kind === 'read'
          ? await this.#checked(piece, window.bytes.subarray(start, start + size))
          : end - first === 1
            ? window
            : await this.#loadAlone(piece);
      reads.set(piece, read);
      if (read.kind === 'piece') this.#cache.add(this.#prefix + piece, read.bytes);
    };
    await Promise.all(Array.from({ length: end - first }, (_, at) => loadOne(first + at)));
    return reads;
  }

  async #loadAlone(piece: number): Promise<PieceRead> {
    const read = await this.#read(piece, piece + 1);
    return read.kind === 'read' ? this.#checked(piece, read.bytes) : read;
  }

  async #checked(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<PieceRead> {
    if ((await sha256Hex(this.#digest, bytes)) === this.#pieces[piece]?.sha256)
      return { kind: 'piece', bytes };
    return { kind: 'unreadable', why: 'changed' };
  }

  #read(first: number, end: number): Promise<FileBytes> {
    const last = end - 1;
    const stop = this.#geometry.pieceOffset(last) + this.#geometry.pieceSize(last);
    return this.#everything.read(this.#geometry.pieceOffset(first), stop);
  }
}

/** Stored bytes that do not reach as far as the manifest says are no piece. */
function blockOf(piece: Uint8Array<ArrayBuffer>, offset: number, length: number): BlockRead {
  if (offset + length > piece.length) return { kind: 'unreadable', why: 'missing' };
  return { kind: 'block', bytes: piece.subarray(offset, offset + length) };
}
