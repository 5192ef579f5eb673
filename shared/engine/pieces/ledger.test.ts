/** The ledger's books, and who is to blame for a wrong piece. Random operations are in requests.test.ts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { blockLength, PieceLedger } from './ledger.ts';
import type { Assembly } from './ledger.ts';
import { testPeer } from '../testing/lab.ts';
import { makeShare, sha256 } from '../testing/share.ts';

const SHARE = makeShare({ pieces: [250, 100, 1] });
const BLOCK = 100;
const [ANN, BEN, CAT] = [testPeer(1), testPeer(2), testPeer(3)];

function ledger(owned: readonly number[] = []): PieceLedger {
  return new PieceLedger(SHARE.manifest.pieces, Bitfield.of(3, owned), (bytes) => new Uint8Array(bytes));
}

function goodBlock(assembly: Assembly, block: number): Uint8Array {
  const from = block * assembly.blockBytes;
  return SHARE.pieces[assembly.piece]!.slice(from, from + blockLength(assembly, block));
}

/** Fills a piece, block by block, from these senders; `bad` blocks are wrong. */
function fill(
  books: PieceLedger,
  piece: number,
  senders: (typeof ANN)[],
  bad: readonly number[] = [],
): Assembly {
  const assembly = books.begin(piece, BLOCK);
  senders.forEach((sender, block) => {
    const data = goodBlock(assembly, block);
    if (bad.includes(block)) data[0] = data[0]! ^ 1;
    const last = block === senders.length - 1;
    expect(books.write(assembly, block, data, sender)).toBe(last ? 'complete' : 'more');
  });
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
    expect(books.hashed(0, sha256(assembly.bytes))).toMatchObject({ kind: 'verified', liars: [] });
    expect(books.owned.has(0)).toBe(false);
    books.stored(0);
    expect(books.owned.has(0)).toBe(true);
    expect([books.heldBytes, books.underwayBytes, books.ownedBytes]).toEqual([0, 0, 250]);
    expect(books.states()).toEqual(Uint8Array.of(2, 0, 0));
    expect(books.complete).toBe(false);
  });

  test('[PL1] a block that is here is not written again', () => {
    const books = ledger();
    const assembly = books.begin(0, BLOCK);
    books.write(assembly, 1, new Uint8Array(100).fill(1), ANN);
    expect(books.write(assembly, 1, new Uint8Array(100).fill(2), BEN)).toBe('duplicate');
    expect(assembly.bytes[150]).toBe(1);
    expect(assembly.senders).toEqual([null, ANN, null]);
  });

  test('[PL1] what is not absent is not begun, and what is not complete is not hashed', () => {
    const books = ledger([1]);
    books.begin(0, BLOCK);
    expect(() => books.begin(0, BLOCK)).toThrow('only an absent piece');
    expect(() => books.begin(1, BLOCK)).toThrow('only an absent piece');
    expect(() => books.hashed(0, '')).toThrow('only a complete piece');
    expect(() => books.stored(2)).toThrow('only a verified piece');
    expect(() => books.size(3)).toThrow('a piece of this share');
  });

  test('[PL4] what could not be stored, or was given up, or is lost, is absent again', () => {
    const books = ledger([2]);
    const assembly = fill(books, 0, [ANN, ANN, ANN]);
    books.hashed(0, sha256(assembly.bytes));
    books.notStored(0);
    const again = books.begin(0, BLOCK);
    books.write(again, 2, goodBlock(again, 2), ANN);
    expect([books.heldBytes, books.underwayBytes]).toEqual([250, 50]);
    books.abandon(again);
    expect([books.heldBytes, books.underwayBytes]).toEqual([0, 0]);
    expect(books.ownedBytes).toBe(1);
    books.lost(2);
    books.lost(2);
    expect(books.ownedBytes).toBe(0);
    expect([0, 1, 2].map((piece) => books.isAbsent(piece))).toEqual([true, true, true]);
  });

  test('[PL1] blocks of any size put a piece together in any order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.infiniteStream(fc.nat()), (blockBytes, chance) => {
        const books = ledger();
        const assembly = books.begin(0, blockBytes);
        const waiting = Array.from({ length: assembly.blocks }, (_, block) => block);
        expect([...assembly.unasked].reverse()).toEqual(waiting);
        while (waiting.length > 0) {
          const [block] = waiting.splice(chance.next().value % waiting.length, 1) as [number];
          books.write(assembly, block, goodBlock(assembly, block), ANN);
        }
        expect(assembly.bytes).toEqual(SHARE.pieces[0]!);
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
    expect(books.begin(0, BLOCK).fromOnePeer).toBe(false);
  });

  test('[PL5] of several senders the next copy is to come from one, and shows who lied', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, BEN, CAT], [1]);
    expect(books.hashed(0, sha256(assembly.bytes))).toEqual({ kind: 'corrupt', senders: [ANN, BEN, CAT] });
    const copy = books.begin(0, BLOCK);
    expect(copy.fromOnePeer).toBe(true);
    books.abandon(copy);
    const good = fill(books, 0, [CAT, CAT, CAT]);
    expect(books.hashed(0, sha256(good.bytes))).toMatchObject({ kind: 'verified', liars: [BEN] });
    books.notStored(0);
    expect(books.begin(0, BLOCK).fromOnePeer).toBe(false);
  });

  test('[PL5] a second wrong copy from one peer names that one, and the first copy is still compared', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, BEN, ANN], [0, 2]);
    books.hashed(0, sha256(assembly.bytes));
    const second = fill(books, 0, [CAT, CAT, CAT], [1]);
    expect(books.hashed(0, sha256(second.bytes))).toEqual({ kind: 'corrupt', senders: [CAT] });
    const good = fill(books, 0, [BEN, BEN, BEN]);
    expect(books.hashed(0, sha256(good.bytes))).toMatchObject({ kind: 'verified', liars: [ANN] });
  });

  test('[PL5] several liars are all named, once each', () => {
    const books = ledger();
    const assembly = fill(books, 0, [ANN, BEN, ANN], [0, 1, 2]);
    books.hashed(0, sha256(assembly.bytes));
    const good = fill(books, 0, [CAT, CAT, CAT]);
    expect(books.hashed(0, sha256(good.bytes))).toMatchObject({ kind: 'verified', liars: [ANN, BEN] });
  });
});
