/**
 * Where the bytes of a share are ([GM1]): offsets and sizes of pieces and files. Every piece has a size of
 * its own, so offsets are running sums. Totals reach 2^53, hence doubles and no bit operations. Knows no state: which piece
 * is here is not its business.
 */
import { assert } from './assert.ts';
import {
  MAX_PIECE_BYTES,
  MIN_AUTOMATIC_PIECE_BYTES,
  TARGET_MAX_PIECES,
  TORRENTINNO_MAX_PIECE_BYTES,
} from './limits.ts';

interface Sized {
  readonly size: number;
}

export class Geometry {
  readonly pieceCount: number;
  readonly totalBytes: number;
  /** One more than there are pieces: the last entry is the total. */
  readonly #pieceStarts: Float64Array;
  readonly #fileStarts: Float64Array;

  /** `files` may be left out where nobody asks for them. */
  constructor(pieces: readonly Sized[], files: readonly Sized[] = []) {
    this.#pieceStarts = runningSum(pieces);
    this.#fileStarts = runningSum(files);
    this.pieceCount = pieces.length;
    this.totalBytes = this.#pieceStarts[pieces.length] ?? 0;
  }

  /** The piece's first byte, counted from the share's. */
  pieceOffset(piece: number): number {
    return this.#pieceStarts[this.#checked(piece)] ?? 0;
  }

  pieceSize(piece: number): number {
    return (this.#pieceStarts[this.#checked(piece) + 1] ?? 0) - (this.#pieceStarts[piece] ?? 0);
  }

  /** The piece that holds this byte of the share. */
  pieceAt(byte: number): number {
    assert(byte >= 0 && byte < this.totalBytes, 'a byte of this share');
    return lastStartAtMost(this.#pieceStarts, byte);
  }

  /** The file's first byte, counted from the share's. */
  fileOffset(file: number): number {
    assert(Number.isInteger(file) && file >= 0 && file < this.#fileStarts.length - 1, 'a file of this share');
    return this.#fileStarts[file] ?? 0;
  }

  #checked(piece: number): number {
    assert(Number.isInteger(piece) && piece >= 0 && piece < this.pieceCount, 'a piece of this share');
    return piece;
  }
}

function runningSum(parts: readonly Sized[]): Float64Array {
  const starts = new Float64Array(parts.length + 1);
  let sum = 0;
  parts.forEach((part, at) => {
    sum += part.size;
    starts[at + 1] = sum;
  });
  return starts;
}

/** Binary search: the last index whose start is not beyond `byte`; of parts without bytes the one after them. */
function lastStartAtMost(starts: Float64Array, byte: number): number {
  let low = 0;
  let high = starts.length - 2;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= byte) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Up to here the automatic piece size follows a thousandth of the share, within its bounds. */
const LARGE_SHARE_BYTES = 10_000_000_000;
const AUTOMATIC_PIECES = 1_000;

/**
 * [MF7] Bytes of each piece but the last. `chosen` null: clamp(ceil(total / 1,000), 262,144, 1,000,000) up to
 * 10 GB and ceil(total / 10,000) beyond. A chosen size is raised until the share has at most 10,000 pieces and is
 * never more than a piece may have. Null: the share is too large for any size.
 */
export function pieceSizeFor(totalBytes: number, chosen: number | null): number | null {
  assert(Number.isSafeInteger(totalBytes) && totalBytes >= 0, 'a share has a whole number of bytes');
  assert(
    chosen === null || (Number.isSafeInteger(chosen) && chosen >= 1),
    'a piece has a whole number of bytes',
  );
  const least = Math.ceil(totalBytes / TARGET_MAX_PIECES);
  if (least > MAX_PIECE_BYTES) return null;
  if (chosen !== null) return Math.min(MAX_PIECE_BYTES, Math.max(chosen, least));
  if (totalBytes > LARGE_SHARE_BYTES) return least;
  const wished = Math.ceil(totalBytes / AUTOMATIC_PIECES);
  return Math.min(TORRENTINNO_MAX_PIECE_BYTES, Math.max(MIN_AUTOMATIC_PIECE_BYTES, wished));
}

/** A share whose files all have pieces of their own may have so many more than one whose files lie behind one another. */
const MOST_OWN_PIECES = 1_000;

/**
 * [GM2] The size of each piece of a share of files of these sizes. Every file has pieces of its own where that makes at
 * most a thousand more; else every file that is at least as large as a piece, where that makes at most 10,000; else
 * pieces run over all files.
 */
export function pieceSizesOf(files: readonly number[], pieceBytes: number): number[] {
  const joined = pieceSizes(sumOf(files), pieceBytes);
  const each = ownPieces(files, pieceBytes, 1);
  if (each.length <= Math.min(joined.length + MOST_OWN_PIECES, TARGET_MAX_PIECES)) return each;
  const large = ownPieces(files, pieceBytes, pieceBytes);
  return large.length <= TARGET_MAX_PIECES ? large : joined;
}

/** Files from so many bytes on have pieces of their own; those between two of them share theirs. */
function ownPieces(files: readonly number[], pieceBytes: number, fromBytes: number): number[] {
  const sizes: number[] = [];
  let joined = 0;
  const cut = (bytes: number): void => {
    for (const size of pieceSizes(bytes, pieceBytes)) sizes.push(size);
  };
  for (const bytes of files) {
    if (bytes < fromBytes) {
      joined += bytes;
      continue;
    }
    cut(joined);
    cut(bytes);
    joined = 0;
  }
  cut(joined);
  return sizes;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

/** The size of each piece of a share cut at `pieceBytes`: all alike but the last. */
export function pieceSizes(totalBytes: number, pieceBytes: number): number[] {
  const sizes: number[] = [];
  for (let left = totalBytes; left > 0; left -= pieceBytes) sizes.push(Math.min(pieceBytes, left));
  return sizes;
}
