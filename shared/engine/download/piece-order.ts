/**
 * The pieces that are begun in the order of the content ([PK2] [PK3]): ranges that do not overlap, each ascending.
 * What is in none of them is begun by rarity, which is picker.ts's. Knows no peers and no state of pieces.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { PieceOrder, PieceRange } from '../io.ts';

export class PieceSequence {
  readonly #ranges: readonly PieceRange[];

  constructor(order: PieceOrder, pieceCount: number) {
    const first = order.first ?? [];
    const all = order.kind === 'sequential' ? [...first, { from: 0, to: pieceCount }] : first;
    this.#ranges = disjoint(all, pieceCount);
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** The place of a piece; Infinity: it has none. */
  rank(piece: number): number {
    let before = 0;
    for (const { from, to } of this.#ranges) {
      if (piece >= from && piece < to) return before + piece - from;
      before += to - from;
    }
    return Infinity;
  }

  /** The first piece of the sequence that is in both sets; null: none. At most pieces / 32 steps and two a range. */
  first(one: Bitfield, other: Bitfield): number | null {
    for (const { from, to } of this.#ranges) {
      const piece = one.firstCommon(other, from, to);
      if (piece !== null) return piece;
    }
    return null;
  }

  /** The first piece behind `piece`, which is in the sequence, that is in both sets; null: none. */
  next(one: Bitfield, other: Bitfield, piece: number): number | null {
    let reached = false;
    for (const { from, to } of this.#ranges) {
      const here = piece >= from && piece < to;
      if (!reached && !here) continue;
      reached = true;
      const next = one.firstCommon(other, here ? piece + 1 : from, to);
      if (next !== null) return next;
    }
    return null;
  }
}

/** Each piece of the share that the ranges name stays in the first of them that does. */
function disjoint(ranges: readonly PieceRange[], pieceCount: number): PieceRange[] {
  const taken: PieceRange[] = [];
  for (const { from, to } of ranges) {
    let left = [{ from: Math.max(0, Math.floor(from)), to: Math.min(pieceCount, Math.ceil(to)) }];
    for (const earlier of taken) left = left.flatMap((range) => without(range, earlier));
    taken.push(...left.filter((range) => range.from < range.to));
  }
  return taken;
}

function without(range: PieceRange, taken: PieceRange): PieceRange[] {
  return [
    { from: range.from, to: Math.min(range.to, taken.from) },
    { from: Math.max(range.from, taken.to), to: range.to },
  ].filter(({ from, to }) => from < to);
}
