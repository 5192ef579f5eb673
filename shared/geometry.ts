/**
 * Where the bytes of a share are ([GM1]): offsets and sizes of pieces, blocks and files. Every piece has a size of
 * its own, so offsets are running sums. Totals reach 2^53, hence doubles and no bit operations. Knows no state: which piece
 * is here is not its business.
 */
import { assert } from './assert.ts';
import {
  BLOCK_BYTES,
  MAX_PIECE_BYTES,
  MIN_AUTOMATIC_PIECE_BYTES,
  TARGET_MAX_PIECES,
  TORRENTINNO_MAX_PIECE_BYTES,
} from './limits.ts';

/** A range of bytes inside one file; `file` is its index in the manifest's list. */
export interface FileSpan {
  readonly file: number;
  readonly start: number;
  readonly length: number;
}

/** A range of bytes inside one piece. */
export interface Block {
  readonly offset: number;
  readonly length: number;
}

interface Sized {
  readonly size: number;
}

export class Geometry {
  readonly pieceCount: number;
  readonly totalBytes: number;
  /** One more than there are pieces: the last entry is the total. */
  readonly #pieceStarts: Float64Array;
  readonly #fileStarts: Float64Array;

  /** `files` may be left out where nobody asks for `spans`. */
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

  blockCount(piece: number): number {
    return Math.ceil(this.pieceSize(piece) / BLOCK_BYTES);
  }

  block(piece: number, index: number): Block {
    const offset = index * BLOCK_BYTES;
    const left = this.pieceSize(piece) - offset;
    assert(Number.isInteger(index) && index >= 0 && left > 0, 'a block of this piece');
    return { offset, length: Math.min(BLOCK_BYTES, left) };
  }

  /** The piece that holds this byte of the share. */
  pieceAt(byte: number): number {
    assert(byte >= 0 && byte < this.totalBytes, 'a byte of this share');
    return lastStartAtMost(this.#pieceStarts, byte);
  }

  /** The parts of files that a range of the share's bytes covers, in order. Files of zero bytes are in none. */
  spans(offset: number, length: number): FileSpan[] {
    const files = this.#fileStarts.length - 1;
    assert(
      offset >= 0 && length >= 0 && offset + length <= (this.#fileStarts[files] ?? 0),
      'a range of the files',
    );
    const spans: FileSpan[] = [];
    if (length === 0) return spans;
    const end = offset + length;
    for (let file = lastStartAtMost(this.#fileStarts, offset); file < files; file++) {
      const fileStart = this.#fileStarts[file] ?? 0;
      if (fileStart >= end) break;
      const from = Math.max(offset, fileStart);
      const to = Math.min(end, this.#fileStarts[file + 1] ?? 0);
      if (to > from) spans.push({ file, start: from - fileStart, length: to - from });
    }
    return spans;
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

/** The size of each piece of a share cut at `pieceBytes`: all alike but the last. */
export function pieceSizes(totalBytes: number, pieceBytes: number): number[] {
  const sizes: number[] = [];
  for (let left = totalBytes; left > 0; left -= pieceBytes) sizes.push(Math.min(pieceBytes, left));
  return sizes;
}
