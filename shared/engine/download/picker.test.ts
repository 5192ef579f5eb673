/** The picker against a slow and obvious model: availability counted by peers, wanted pieces in a set. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { seededRandom } from '../../random.ts';
import { PiecePicker } from './picker.ts';
import { PieceSequence } from './piece-order.ts';

class NaivePicker {
  readonly availability: number[];
  readonly wanted = new Set<number>();

  constructor(pieces: number) {
    this.availability = new Array<number>(pieces).fill(0);
  }

  /** All pieces that `rarest` may answer. */
  rarest(has: Bitfield): Set<number> {
    const candidates = [...this.wanted].filter((piece) => has.has(piece));
    const least = Math.min(...candidates.map((piece) => this.availability[piece]!));
    return new Set(candidates.filter((piece) => this.availability[piece] === least));
  }
}

const operation = fc.record({
  kind: fc.constantFrom('want', 'unwant', 'has', 'lost', 'has', 'ask'),
  piece: fc.nat(),
  bits: fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }),
});

function expectMember(answer: number | null, allowed: ReadonlySet<number>): void {
  if (answer === null) expect(allowed.size).toBe(0);
  else expect([...allowed]).toContain(answer);
}

describe('PiecePicker', () => {
  test('[PK1] answers what the model allows after any operations', () => {
    const count = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        count,
        fc.integer(),
        fc.array(operation, { maxLength: 300 }),
        (pieces, seed, operations) => {
          const picker = new PiecePicker(pieces, seededRandom(seed));
          const model = new NaivePicker(pieces);
          for (const { kind, piece: drawn, bits } of operations) {
            const piece = drawn % pieces;
            if (kind === 'want') {
              picker.want(piece);
              model.wanted.add(piece);
            } else if (kind === 'unwant') {
              picker.unwant(piece);
              model.wanted.delete(piece);
            } else if (kind === 'has') {
              picker.peerHas(piece);
              model.availability[piece]!++;
            } else if (kind === 'lost') {
              if (model.availability[piece] === 0) continue;
              picker.peerLost(piece);
              model.availability[piece]!--;
            }
            const has = Bitfield.of(
              pieces,
              bits.flatMap((bit, at) => (bit && at < pieces ? [at] : [])),
            );
            const candidates = new Set([...model.wanted].filter((one) => has.has(one)));
            expectMember(picker.rarest(has), model.rarest(has));
            expectMember(picker.any(has), candidates);
            const sequential = new PieceSequence({ kind: 'sequential' }, pieces);
            expect(picker.first(sequential, has)).toBe(
              candidates.size === 0 ? null : Math.min(...candidates),
            );
            expect(picker.wantsAnyOf(has)).toBe(candidates.size > 0);
            const all = Array.from({ length: pieces }, (_, at) => at);
            expect(all.filter((at) => picker.isWanted(at))).toHaveLength(model.wanted.size);
            expect(picker.isWanted(piece)).toBe(model.wanted.has(piece));
            expect(picker.availability(piece)).toBe(model.availability[piece]);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('[PK1] chooses among equally rare pieces by chance, each of them', () => {
    const picker = new PiecePicker(20, seededRandom(3));
    for (let piece = 0; piece < 20; piece++) {
      picker.want(piece);
      picker.peerHas(piece);
    }
    for (let piece = 10; piece < 20; piece++) picker.peerHas(piece);
    const seen = new Set<number>();
    for (let draw = 0; draw < 400; draw++) seen.add(picker.rarest(Bitfield.full(20))!);
    expect([...seen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('[PK1] takes what the peer has, however rare the rest is', () => {
    const picker = new PiecePicker(3, seededRandom(1));
    for (const piece of [0, 1, 2]) picker.want(piece);
    for (let peer = 0; peer < 9; peer++) picker.peerHas(2);
    expect(picker.rarest(Bitfield.of(3, [2]))).toBe(2);
    expect(picker.rarest(Bitfield.empty(3))).toBeNull();
  });

  test('[PK2] finds the first wanted piece of a range', () => {
    const picker = new PiecePicker(10, seededRandom(1));
    for (const piece of [2, 5, 8]) picker.want(piece);
    const range = (from: number, to: number) =>
      new PieceSequence({ kind: 'rarest', first: [{ from, to }] }, 10);
    expect(picker.first(range(3, 10), Bitfield.full(10))).toBe(5);
    expect(picker.first(range(6, 8), Bitfield.full(10))).toBeNull();
    expect(picker.first(range(0, 10), Bitfield.of(10, [8]))).toBe(8);
  });
});
