/** The ledger's books, and who is to blame for a wrong piece. Random operations are in request-book.test.ts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { PieceLedger } from './ledger.ts';
import type { Assembly } from './ledger.ts';
import type { PeerId } from '../../ids.ts';
import { testPeer } from '../testing/lab.ts';
import { makeShare, sha256 } from '../testing/share.ts';

const SHARE = makeShare({ pieces: [250, 100, 1] });
const CELL = 100;
const [ANN, BEN, CAT] = [testPeer(1), testPeer(2), testPeer(3)];

function ledger(owned: readonly number[] = []): PieceLedger {
  return new PieceLedger(
    SHARE.manifest.pieces,
    Bitfield.of(3, owned),
    (bytes) => new Uint8Array(bytes),
    CELL,
  );
}

/** As request-book.ts does it: a cell comes. */
function write(books: PieceLedger, assembly: Assembly, cell: number, data: Uint8Array, sender: PeerId): void {
  assembly.bytes.set(data, cell * CELL);
  assembly.senders[cell] = sender;
  assembly.missing--;
  books.received(assembly, data.length);
}

function goodCell(assembly: Assembly, cell: number): Uint8Array {
  return SHARE.pieces[assembly.piece]!.slice(cell * CELL, (cell + 1) * CELL);
}

/** Fills a piece, cell by cell, from these senders; `bad` cells are wrong. */
function fill(
  books: PieceLedger,
  piece: number,
  senders: (typeof ANN)[],
  bad: readonly number[] = [],
): Assembly {
  const assembly = books.begin(piece);
  senders.forEach((sender, cell) => {
    const data = goodCell(assembly, cell);
    if (bad.includes(cell)) data[0] = data[0]! ^ 1;
    expect(books.isUnderWay(assembly)).toBe(true);
    write(books, assembly, cell, data, sender);
  });
  expect(books.isUnderWay(assembly)).toBe(false);
  return assembly;
}

describe('[PL1] absent, assembling, verifying, storing, owned', () => {
  test('[PL1] a piece goes all the way, and its bytes are counted on the way', () => {
    const books = ledger();
    expect(books.isAbsent(0)).toBe(true);
    const assembly = fill(books, 0, [ANN, BEN, ANN]);
    expect(books.isAbsent(0)).toBe(false);
    expect(books.assembly(0)).toBeUndefined();
    expect([books.heldBytes, books.underwayBytes, books.ownedBytes]).toEqual([250, 250, 0]);
    expect(books.states()).toEqual(Uint8Array.of(1, 0, 0));
    expect(books.hashed(0, sha256(assembly.bytes))).toMatchObject({ kind: 'verified', corruptSenders: [] });
    expect(books.owned.has(0)).toBe(false);
    books.stored(0);
    expect(books.owned.has(0)).toBe(true);
    expect([books.heldBytes, books.underwayBytes, books.ownedBytes]).toEqual([0, 0, 250]);
    expect(books.states()).toEqual(Uint8Array.of(2, 0, 0));
    expect(books.complete).toBe(false);
  });

  test('[PL1] what is not absent is not begun, and what is not complete is not hashed', () => {
    const books = ledger([1]);
    books.begin(0);
    expect(() => books.begin(0)).toThrow('only an absent piece');
    expect(() => books.begin(1)).toThrow('only an absent piece');
    expect(() => books.hashed(0, '')).toThrow('only a complete piece');
    expect(() => books.stored(2)).toThrow('only a verified piece');
    expect(() => books.size(3)).toThrow('a piece of this share');
  });

  test('[PL4] what could not be stored, or was given up, or is lost, is absent again', () => {
    const books = ledger([2]);
    const assembly = fill(books, 0, [ANN, ANN, ANN]);
    books.hashed(0, sha256(assembly.bytes));
    books.notStored(0);
    const again = books.begin(0);
    write(books, again, 2, goodCell(again, 2), ANN);
    expect([books.heldBytes, books.underwayBytes]).toEqual([250, 50]);
    books.abandon(again);
    expect([books.heldBytes, books.underwayBytes]).toEqual([0, 0]);
    expect(books.ownedBytes).toBe(1);
    books.lost(2);
    books.lost(2);
    expect(books.ownedBytes).toBe(0);
    expect([0, 1, 2].map((piece) => books.isAbsent(piece))).toEqual([true, true, true]);
  });

  test('[PL1] a piece begins with everything missing and free, on a grid of any cells', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.nat()), (cellBytes, chance) => {
        const pieces = SHARE.manifest.pieces;
        const books = new PieceLedger(pieces, Bitfield.empty(3), (bytes) => new Uint8Array(bytes), cellBytes);
        const assembly = books.begin(0);
        const cells = Math.ceil(250 / cellBytes);
        expect(assembly).toMatchObject({ cells, missing: cells, free: cells, firstFree: 0, lead: null });
        const waiting = Array.from({ length: cells }, (_, cell) => cell);
        let received = 0;
        while (waiting.length > 0) {
          const [cell] = waiting.splice(chance.next().value % waiting.length, 1) as [number];
          const data = SHARE.pieces[0]!.slice(cell * cellBytes, (cell + 1) * cellBytes);
          assembly.bytes.set(data, cell * cellBytes);
          assembly.senders[cell] = ANN;
          assembly.missing--;
          books.received(assembly, data.length);
          expect(books.underwayBytes).toBe((received += data.length));
        }
        expect(received).toBe(250);
        expect(books.hashed(0, sha256(assembly.bytes))).toMatchObject({ kind: 'verified' });
      }),
    );
  });

  test('[EN6] the states of any number of pieces are one byte each, however many are owned or under way', () => {
    fc.assert(
      fc.property(fc.nat({ max: 70 }), fc.infiniteStream(fc.nat({ max: 2 })), (count, states) => {
        const wanted = Array.from({ length: count }, () => states.next().value);
        const pieces = wanted.map(() => ({ sha256: '0'.repeat(64), size: 10 }));
        const owned = wanted.flatMap((state, piece) => (state === 2 ? [piece] : []));
        const books = new PieceLedger(pieces, Bitfield.of(count, owned), (bytes) => new Uint8Array(bytes));
        wanted.forEach((state, piece) => state === 1 && books.begin(piece));
        expect([...books.states()]).toEqual(wanted);
      }),
    );
  });
});

describe('[PL5] who sent wrong bytes', () => {
  test('[PL2] [PL5] one sender is named at once, and the piece may come from anybody', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, ANN, ANN], [2]);
    expect(books.hashed(0, sha256(assembly.bytes))).toEqual({ kind: 'corrupt', senders: [ANN] });
    expect([books.heldBytes, books.underwayBytes]).toEqual([0, 0]);
    expect(books.begin(0).onParole).toBe(false);
  });

  test('[PL5] of several senders the next copy is to come from one, and shows who sent what was wrong', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, BEN, CAT], [1]);
    expect(books.hashed(0, sha256(assembly.bytes))).toEqual({ kind: 'corrupt', senders: [ANN, BEN, CAT] });
    const copy = books.begin(0);
    expect(copy.onParole).toBe(true);
    books.abandon(copy);
    const good = fill(books, 0, [CAT, CAT, CAT]);
    expect(books.hashed(0, sha256(good.bytes))).toMatchObject({ kind: 'verified', corruptSenders: [BEN] });
    books.notStored(0);
    expect(books.begin(0).onParole).toBe(false);
  });

  test('[PL5] a second wrong copy from one peer names that one, and the first copy is still compared', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, BEN, ANN], [0, 2]);
    books.hashed(0, sha256(assembly.bytes));
    const second = fill(books, 0, [CAT, CAT, CAT], [1]);
    expect(books.hashed(0, sha256(second.bytes))).toEqual({ kind: 'corrupt', senders: [CAT] });
    const good = fill(books, 0, [BEN, BEN, BEN]);
    expect(books.hashed(0, sha256(good.bytes))).toMatchObject({ kind: 'verified', corruptSenders: [ANN] });
  });

  test('[PL5] several corrupt senders are all named, once each', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, BEN, ANN], [0, 1, 2]);
    books.hashed(0, sha256(assembly.bytes));
    const good = fill(books, 0, [CAT, CAT, CAT]);
    expect(books.hashed(0, sha256(good.bytes))).toMatchObject({
      kind: 'verified',
      corruptSenders: [ANN, BEN],
    });
  });
});
