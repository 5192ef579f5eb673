import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from './bitfield.ts';
import { bytesToHex } from './hex.ts';
import vectors from './vectors/torrentinno.json';

describe('bitfield', () => {
  test.each(vectors.bitfield)('[BF1] has TorrentInno’s bytes: $name', ({ pieces, set, hex }) => {
    expect(bytesToHex(Bitfield.of(pieces, set).toBytes())).toBe(hex.slice(10));
  });

  test('[BF1] TorrentInno’s own vector: 1100111010 is ce 80', () => {
    expect(bytesToHex(Bitfield.of(10, [0, 1, 4, 5, 6, 8]).toBytes())).toBe('ce80');
  });

  test('[BF1] behaves like a set, with its count, under random operations', () => {
    const operation = fc.record({ verb: fc.constantFrom('add', 'remove'), at: fc.nat() });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 70 }),
        fc.array(operation, { maxLength: 200 }),
        (pieces, operations) => {
          const model = new Set<number>();
          const bitfield = Bitfield.empty(pieces);
          for (const { verb, at } of operations) {
            const piece = at % pieces;
            const isNew = !model.has(piece);
            if (verb === 'add') {
              expect(bitfield.add(piece)).toBe(isNew);
              model.add(piece);
            } else {
              expect(bitfield.remove(piece)).toBe(!isNew);
              model.delete(piece);
            }
            expect(bitfield.count).toBe(model.size);
          }
          for (let piece = 0; piece < pieces; piece++) expect(bitfield.has(piece)).toBe(model.has(piece));
          expect(bitfield.isFull).toBe(model.size === pieces);
          const read = Bitfield.parse(bitfield.toBytes(), pieces);
          expect(read?.toBytes()).toEqual(bitfield.toBytes());
          expect(read?.count).toBe(model.size);
          expect(bitfield.copy()).not.toBe(bitfield);
          expect(bitfield.copy().toBytes()).toEqual(bitfield.toBytes());
          expect(bitfield.copy().count).toBe(model.size);
        },
      ),
    );
  });

  test('[BF1] every wrong length and every spare bit is refused', () => {
    for (let pieces = 0; pieces <= 24; pieces++) {
      const bytes = Bitfield.full(pieces).toBytes();
      expect(Bitfield.parse(bytes, pieces)?.isFull).toBe(true);
      expect(Bitfield.parse(new Uint8Array(bytes.length + 1), pieces)).toBeNull();
      if (bytes.length > 0) expect(Bitfield.parse(bytes.subarray(1), pieces)).toBeNull();
      for (let spare = pieces; spare < bytes.length * 8; spare++) {
        const spoilt = bytes.slice();
        spoilt[spare >> 3]! |= 0x80 >> (spare & 7);
        expect(Bitfield.parse(spoilt, pieces)).toBeNull();
      }
    }
  });

  test('[BF1] what was handed in or out is not the set itself', () => {
    const bytes = Uint8Array.of(0x80);
    const bitfield = Bitfield.parse(bytes, 8)!;
    bytes[0] = 0xff;
    bitfield.toBytes()[0] = 0xff;
    expect(bitfield.count).toBe(1);
    expect(bytesToHex(bitfield.toBytes())).toBe('80');
  });

  test('[BF1] tells whether it has more than another', () => {
    const some = Bitfield.of(20, [3, 17]);
    expect(some.hasMoreThan(Bitfield.of(20, [3, 17, 5]))).toBe(false);
    expect(some.hasMoreThan(Bitfield.of(20, [3]))).toBe(true);
    expect(Bitfield.empty(20).hasMoreThan(Bitfield.empty(20))).toBe(false);
  });

  test.each([-1, 10, 0.5, NaN, Infinity])('a piece %d of ten is a bug of ours', (piece) => {
    const bitfield = Bitfield.empty(10);
    expect(() => bitfield.has(piece)).toThrow('a piece of this share');
    expect(() => bitfield.add(piece)).toThrow('a piece of this share');
  });

  test('[BF1] finds the first piece of a range that is in two sets', () => {
    const bits = fc.array(fc.nat(199), { maxLength: 40 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        bits,
        bits,
        fc.nat(210),
        fc.nat(210),
        (pieces, ...rest) => {
          const [ones, others, from, to] = rest;
          const [one, other] = [ones, others].map((set) => set.filter((piece) => piece < pieces));
          const both = one!.filter((piece) => other!.includes(piece) && piece >= from && piece < to);
          const found = Bitfield.of(pieces, one!).firstCommon(Bitfield.of(pieces, other!), from, to);
          expect(found).toBe(both.length === 0 ? null : Math.min(...both));
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
