/**
 * Where the bytes of a share's pieces lie in its files ([GM1]), and what they have to be. Made from a manifest and
 * without it afterwards: a few bytes a piece and a name a file are all that stays in memory ([HL35]). Pure.
 */
import { assert } from '../../shared/assert.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import { parseManifest } from '../../shared/manifest/resource.ts';
import { savedNames } from './file-names.ts';
import type { SavedNames } from './file-names.ts';
import type { Below } from './target-folder.ts';

/** Some bytes of a piece that lie in one file. */
export interface Segment {
  readonly file: number;
  /** The first of them, counted from the file's. */
  readonly at: number;
  /** The first of them, counted from the piece's. */
  readonly from: number;
  readonly length: number;
}

/** Pieces from `from` on, `to` not among them. */
interface Pieces {
  readonly from: number;
  readonly to: number;
}

export class Layout {
  readonly name: string;
  readonly names: SavedNames;
  readonly totalBytes: number;
  /** As the manifest has them, for telling which names are others. */
  readonly paths: readonly Below[];
  readonly emptyFolders: readonly Below[];
  /** One more than there are: the last entry is the total. */
  readonly #pieceStarts: Float64Array;
  readonly #fileStarts: Float64Array;
  /** ms since 1970; NaN where it is not told. */
  readonly #modified: Float64Array;
  readonly #digests: Buffer;

  constructor(manifest: Manifest) {
    const { name, files, folders, pieces, totalBytes } = manifest;
    this.name = name;
    this.names = savedNames(manifest);
    this.totalBytes = totalBytes;
    this.paths = files.map(({ path }) => path);
    this.emptyFolders = folders;
    this.#pieceStarts = starts(pieces);
    this.#fileStarts = starts(files);
    this.#modified = Float64Array.from(files, ({ modified }) => modified ?? NaN);
    this.#digests = Buffer.from(pieces.map(({ sha256 }) => sha256).join(''), 'hex');
  }

  /** Null: it is no manifest. */
  static parse(manifest: Uint8Array): Layout | null {
    const parsed = parseManifest(manifest);
    return parsed.kind === 'parsed' ? new Layout(parsed.manifest) : null;
  }

  get pieceCount(): number {
    return this.#pieceStarts.length - 1;
  }

  get fileCount(): number {
    return this.#fileStarts.length - 1;
  }

  pieceSize(piece: number): number {
    return (this.#pieceStarts[piece + 1] ?? 0) - (this.#pieceStarts[piece] ?? 0);
  }

  fileSize(file: number): number {
    return (this.#fileStarts[file + 1] ?? 0) - (this.#fileStarts[file] ?? 0);
  }

  /** When the sender changed it last, in ms since 1970; null: that is not told. */
  modified(file: number): number | null {
    const ms = this.#modified[file] ?? NaN;
    return Number.isNaN(ms) ? null : ms;
  }

  /** In lowercase hex. */
  sha256(piece: number): string {
    return this.#digests.toString('hex', piece * 32, piece * 32 + 32);
  }

  /** The first 48 bits of it: enough to look it up by. */
  shortDigest(piece: number): number {
    return this.#digests.readUIntBE(piece * 32, 6);
  }

  /** Whether a piece of that index has this content. */
  isPiece(piece: number, sha256: string, bytes: number): boolean {
    return piece < this.pieceCount && this.pieceSize(piece) === bytes && this.sha256(piece) === sha256;
  }

  /** In their order; files without bytes are in none. */
  segmentsOf(piece: number): Segment[] {
    assert(piece >= 0 && piece < this.pieceCount, 'a piece of this share');
    const [start, end] = [this.#pieceStarts[piece] ?? 0, this.#pieceStarts[piece + 1] ?? 0];
    const segments: Segment[] = [];
    for (let file = lastAtMost(this.#fileStarts, start); file < this.fileCount; file++) {
      const [fileStart, fileEnd] = [this.#fileStarts[file] ?? 0, this.#fileStarts[file + 1] ?? 0];
      if (fileStart >= end) break;
      const [from, to] = [Math.max(start, fileStart), Math.min(end, fileEnd)];
      if (from < to) segments.push({ file, at: from - fileStart, from: from - start, length: to - from });
    }
    return segments;
  }

  /** Those in which a byte of the file lies: none of a file without bytes. */
  piecesOf(file: number): Pieces {
    const [start, end] = [this.#fileStarts[file] ?? 0, this.#fileStarts[file + 1] ?? 0];
    if (start === end) return { from: 0, to: 0 };
    return { from: lastAtMost(this.#pieceStarts, start), to: lastAtMost(this.#pieceStarts, end - 1) + 1 };
  }
}

function starts(parts: readonly { readonly size: number }[]): Float64Array {
  const sums = new Float64Array(parts.length + 1);
  let sum = 0;
  parts.forEach(({ size }, at) => {
    sum += size;
    sums[at + 1] = sum;
  });
  return sums;
}

/** The last part that begins at or before this byte, of those that have bytes. */
function lastAtMost(sums: Float64Array, byte: number): number {
  let [low, high] = [0, sums.length - 2];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sums[middle] ?? 0) <= byte) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}
