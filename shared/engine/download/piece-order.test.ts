/** The sequence of a playing order against a slow and obvious model: a list of piece numbers. */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { MAX_PIECES } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import type { PieceOrder } from '../io.ts';
import { PiecePicker } from './picker.ts';
import { PieceSequence } from './piece-order.ts';

function listOf({ kind, first = [] }: PieceOrder, pieces: number): number[] {
  const list = new Set<number>();
  for (const { from, to } of first)
    for (let piece = Math.max(0, from); piece < Math.min(to, pieces); piece++) list.add(piece);
  if (kind === 'sequential') for (let piece = 0; piece < pieces; piece++) list.add(piece);
  return [...list];
}

const bound = fc.integer({ min: -5, max: 110 });
const anyOrder = fc.record({
  kind: fc.constantFrom('rarest' as const, 'sequential' as const),
  first: fc.array(fc.record({ from: bound, to: bound }), { maxLength: 5 }),
});

describe('PieceSequence', () => {
  test('[PK2] is the list of its ranges, whatever overlaps, is empty or lies outside', () => {
    const bits = fc.array(fc.boolean(), { minLength: 100, maxLength: 100 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), anyOrder, bits, bits, (pieces, order, ones, others) => {
        const sequence = new PieceSequence(order, pieces);
        const list = listOf(order, pieces);
        const setOf = (all: boolean[]) =>
          Bitfield.of(
            pieces,
            all.slice(0, pieces).flatMap((bit, at) => (bit ? [at] : [])),
          );
        const [one, other] = [setOf(ones), setOf(others)];
        const both = list.filter((piece) => one.has(piece) && other.has(piece));
        expect(sequence.isEmpty).toBe(list.length === 0);
        for (let piece = 0; piece < pieces; piece++) {
          const at = list.indexOf(piece);
          expect(sequence.rank(piece)).toBe(at < 0 ? Infinity : at);
        }
        const walked: number[] = [];
        let piece = sequence.first(one, other);
        while (piece !== null) {
          walked.push(piece);
          piece = sequence.next(one, other, piece);
        }
        expect(walked).toEqual(both);
      }),
      { numRuns: 500 },
    );
  });

  test('[PK2] ranges that are no numbers of pieces name nothing', () => {
    const first = [
      { from: NaN, to: 5 },
      { from: 0, to: NaN },
      { from: 5, to: -Infinity },
    ];
    expect(new PieceSequence({ kind: 'rarest', first }, 10).isEmpty).toBe(true);
    const rest = new PieceSequence({ kind: 'rarest', first: [{ from: 7.5, to: Infinity }] }, 10);
    expect([6, 7, 8, 9].map((piece) => rest.rank(piece))).toEqual([Infinity, 0, 1, 2]);
  });
});

describe('[PK2] the largest share', () => {
  /** How many pieces are looked at one by one. */
  function looks(
    wanted: readonly number[],
    has: Bitfield,
    order: PieceOrder,
    expected: number | null,
  ): number {
    const picker = new PiecePicker(MAX_PIECES, seededRandom(1));
    for (const piece of wanted) picker.want(piece);
    const sequence = new PieceSequence(order, MAX_PIECES);
    const has_ = vi.spyOn(Bitfield.prototype, 'has');
    const isWanted = vi.spyOn(picker, 'isWanted');
    try {
      expect(picker.first(sequence, has)).toBe(expected);
      return has_.mock.calls.length + isWanted.mock.calls.length;
    } finally {
      vi.restoreAllMocks();
    }
  }
  const all = Array.from({ length: MAX_PIECES }, (_, piece) => piece);
  const last = MAX_PIECES - 1;
  const full = Bitfield.full(MAX_PIECES);

  test.each([
    ['all but the last is owned', [last], full, last],
    ['the peer has the last alone', all, Bitfield.of(MAX_PIECES, [last]), last],
    ['the peer has nothing that is wanted', all.slice(1), Bitfield.of(MAX_PIECES, [0]), null],
    [
      'every other piece is wanted, and the peer has the others',
      all.filter((one) => one % 2 === 0),
      Bitfield.of(
        MAX_PIECES,
        all.filter((one) => one % 2 === 1),
      ),
      null,
    ],
  ] as const)('[PK2] no scan of pieces where %s', (_, wanted, has, expected) => {
    const first = [
      { from: 5_000, to: 9_000 },
      { from: 100, to: 6_000 },
    ];
    expect(looks(wanted, has, { kind: 'sequential' }, expected)).toBeLessThan(100);
    expect(looks(wanted, has, { kind: 'sequential', first }, expected)).toBeLessThan(300);
  });
});
