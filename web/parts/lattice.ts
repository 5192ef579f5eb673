/**
 * The geometry of the piece map: a net of diamonds that always covers the whole picture, ordered from left to
 * right as the file is from its beginning to its end ([UI8]). Few pieces take many cells each, many pieces
 * share one. Knows no canvas and no colour.
 */

/** The middle of a cell, in the unit of the picture's width and height. */
export interface Cell {
  readonly x: number;
  readonly y: number;
}

/** What a cell shows: the part of its pieces that is stored, 0–1, and whether one of them is under way. */
export interface CellTone {
  readonly stored: number;
  readonly underWay: boolean;
  /** How many people have the rarest of its pieces that are missing here; left out: nothing is missing, or nobody asks. */
  readonly copies?: number;
}

const UNDER_WAY = 1;
const STORED = 2;

/** Cells with `reach` from their middle to each corner, also those cut by the edges. */
export function latticeOf(width: number, height: number, reach: number): Cell[] {
  const cells: Cell[] = [];
  if (width <= 0 || height <= 0 || reach <= 0) return cells;
  for (let column = 0; (column - 1) * reach < width; column++) {
    for (let y = column % 2 === 0 ? 0 : reach; y - reach < height; y += 2 * reach) {
      cells.push({ x: column * reach, y });
    }
  }
  return cells;
}

/** `pieces` as in a snapshot: 0 absent, 1 under way, 2 stored. Empty: every cell is absent. */
export function tonesOf(pieces: Uint8Array, cells: number): CellTone[] {
  return cellsOf(pieces, cells).map(toneOf);
}

/** As `tonesOf`, with how many people have what is missing; `copies` of each piece, empty where that is not known. */
export function availabilityTonesOf(pieces: Uint8Array, copies: Uint8Array, cells: number): CellTone[] {
  if (copies.length !== pieces.length) return tonesOf(pieces, cells);
  const rarest = cellsOf(copies, cells);
  return cellsOf(pieces, cells).map((part, cell) => {
    let fewest = Infinity;
    part.forEach((piece, at) => {
      if (piece !== STORED) fewest = Math.min(fewest, rarest[cell]?.[at] ?? 0);
    });
    return fewest === Infinity ? toneOf(part) : { ...toneOf(part), copies: fewest };
  });
}

/** `copies` of each piece among so many people: a cell is whole where all of them have all of it. */
export function copiesTonesOf(copies: Uint8Array, people: number, cells: number): CellTone[] {
  return cellsOf(copies, cells).map((part) => {
    const had = part.reduce((sum, count) => sum + Math.min(1, count / Math.max(1, people)), 0);
    return { stored: part.length === 0 ? 0 : had / part.length, underWay: false };
  });
}

/** The pieces of each cell; of very few pieces several cells have the same. */
function cellsOf(pieces: Uint8Array, cells: number): Uint8Array[] {
  return Array.from({ length: cells }, (_, cell) => {
    const start = Math.floor((cell * pieces.length) / cells);
    const end = Math.max(start + 1, Math.floor(((cell + 1) * pieces.length) / cells));
    return pieces.subarray(start, end);
  });
}

function toneOf(pieces: Uint8Array): CellTone {
  let stored = 0;
  let underWay = false;
  for (const piece of pieces) {
    if (piece === STORED) stored++;
    else if (piece === UNDER_WAY) underWay = true;
  }
  return { stored: pieces.length === 0 ? 0 : stored / pieces.length, underWay };
}

/** A number in [0, 1) that belongs to a cell and never changes: neighbours differ, nothing flickers. */
export function grainOf(cell: number): number {
  let mixed = Math.imul(cell + 1, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 0x1_0000_0000;
}
