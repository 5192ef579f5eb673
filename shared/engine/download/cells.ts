/**
 * The grid that requests work on ([RQ1]): a piece is cells of 16 KiB, and a request asks for one to four of them in a
 * row, so that fast and slow sources can take turns within a piece. Pure; what is asked of whom is request-book.ts's.
 */
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_PIECE_BYTES } from '../../limits.ts';
import type { BlockRange } from '../../protocol/frames.ts';
import type { Assembly } from '../pieces/ledger.ts';

const CELLS_PER_PIECE = MAX_PIECE_BYTES / BLOCK_GRID_BYTES;
/** The most cells that one request asks for. */
export const CELLS_PER_BLOCK = BLOCK_BYTES / BLOCK_GRID_BYTES;

/** Cells in a row of a piece under way. */
export interface Cells {
  readonly assembly: Assembly;
  /** The first. */
  readonly cell: number;
  /** How many. */
  readonly cells: number;
}

/** One asker fewer for each cell; where that was the last, and the cell is not here, it is free again. */
export function unask({ assembly, cell, cells }: Cells): void {
  for (let at = cell; at < cell + cells; at++) {
    assembly.askers[at] = (assembly.askers[at] ?? 1) - 1;
    if (!isFree(assembly, at)) continue;
    assembly.free++;
    assembly.firstFree = Math.min(assembly.firstFree, at);
  }
}

/** Neither here nor asked for. */
export function isFree({ senders, askers }: Assembly, cell: number): boolean {
  return senders[cell] === null && askers[cell] === 0;
}

export function isHere({ assembly, cell, cells }: Cells): boolean {
  for (let at = cell; at < cell + cells; at++) if (assembly.senders[at] === null) return false;
  return true;
}

/** The first of these cells in a row that are not here; null: all of them are. */
export function missingOf({ assembly, cell, cells }: Cells): Cells | null {
  const { senders } = assembly;
  const end = cell + cells;
  let first = cell;
  while (first < end && senders[first] !== null) first++;
  if (first === end) return null;
  let behind = first + 1;
  while (behind < end && senders[behind] === null) behind++;
  return { assembly, cell: first, cells: behind - first };
}

/** The first cell of the usual block that a cell lies in. */
export function groupOf(cell: number): number {
  return cell - (cell % CELLS_PER_BLOCK);
}

/** One number for a range that a request of ours can name, but for the length of its last cell; null for any other. */
export function keyOf({ piece, offset, length }: BlockRange): number | null {
  const cells = Math.ceil(length / BLOCK_GRID_BYTES);
  if (offset % BLOCK_GRID_BYTES !== 0 || offset >= MAX_PIECE_BYTES || cells < 1 || cells > CELLS_PER_BLOCK)
    return null;
  return cellKey(piece, offset / BLOCK_GRID_BYTES, cells);
}

export function cellKey(piece: number, cell: number, cells: number): number {
  return (piece * CELLS_PER_PIECE + cell) * CELLS_PER_BLOCK + cells - 1;
}
