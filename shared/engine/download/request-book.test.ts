/**
 * The books of requests under random operations: after each one the same block stands in one place only, every sum is
 * what it sums up, and nothing that a peer says about what it was not asked for is taken.
 */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { linkId } from '../../ids.ts';
import type { InfoHash } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { StreamDecoder } from '../../protocol/stream-decoder.ts';
import type { BlockRange, Frame } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import { Connection } from '../connection/connection.ts';
import { PieceLedger } from '../pieces/ledger.ts';
import { PiecePicker } from './picker.ts';
import { RequestBook } from './request-book.ts';
import type { PeerSource } from './source.ts';
import { testPeer } from '../testing/lab.ts';
import { goodBlock } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare, sha256 } from '../testing/share.ts';
import type { TestShare } from '../testing/share.ts';
import { TokenBucket } from '../meters/token-bucket.ts';

const CELL = 16_384;

class Books {
  readonly sources = new Set<PeerSource>();
  readonly ledger: PieceLedger;
  readonly picker: PiecePicker;
  readonly book: RequestBook;
  readonly share: TestShare;
  readonly random: Random;
  now = 1_000;
  #links = 0;

  readonly limit = new TokenBucket();
  isOnlyReceiver = false;

  constructor(share: TestShare, random: Random, mostUnstoredBytes = Infinity) {
    this.share = share;
    this.random = random;
    const count = share.pieces.length;
    this.ledger = new PieceLedger(
      share.manifest.pieces,
      Bitfield.empty(count),
      (size) => new Uint8Array(size),
    );
    this.picker = new PiecePicker(count, random);
    for (let piece = 0; piece < count; piece++) this.picker.want(piece);
    const { ledger, picker, sources, limit } = this;
    const isOnlyReceiver = (): boolean => this.isOnlyReceiver;
    this.book = new RequestBook({ ledger, picker, sources, limit, mostUnstoredBytes, isOnlyReceiver });
  }

  connect(has: Bitfield, extended = true): PeerSource {
    const link = linkId(++this.#links);
    const infoHash = 'f'.repeat(64) as InfoHash;
    const identity = { own: testPeer(1_000), infoHash };
    const options = { link, role: 'acceptor', expected: null, openedAt: this.now } as const;
    const { wire, holdings, source } = new Connection(options, identity);
    wire.shakeHands({ kind: 'handshake', peerId: testPeer(this.#links), infoHash }, []);
    if (extended) wire.extend();
    holdings.saidBitfield(has.toBytes(), has.pieces);
    for (const piece of has.members()) this.picker.peerHas(piece);
    this.sources.add(source);
    return source;
  }

  disconnect(source: PeerSource): void {
    this.sources.delete(source);
    this.book.gone(source);
    for (const piece of source.has!.members()) this.picker.peerLost(piece);
  }

  /** A piece frame comes; what is complete is hashed and stored, as content.ts does it. */
  block(source: PeerSource, piece: number, offset: number, data: Uint8Array, out: Output[] = []): string {
    const before = this.ledger.underwayBytes;
    const bad = this.book.blockCame(source, { kind: 'piece', piece, offset, data }, this.now, out);
    if (bad !== null) return bad.what;
    const complete = out.find((order) => order.kind === 'hash-piece');
    if (complete === undefined) return this.ledger.underwayBytes > before ? 'more' : 'ignored';
    this.#settle(piece, complete.bytes);
    return 'complete';
  }

  #settle(piece: number, bytes: Uint8Array): void {
    const verdict = this.ledger.hashed(piece, sha256(bytes));
    if (verdict.kind === 'corrupt') return this.picker.want(piece);
    // Some pieces cannot be stored: then they are fetched again.
    if (this.random.below(8) > 0) return this.ledger.stored(piece);
    this.ledger.notStored(piece);
    this.picker.want(piece);
  }

  checkEverything(): void {
    for (const source of this.sources) this.#checkPipeline(source);
    for (const assembly of this.ledger.assemblies()) {
      const askers = new Uint8Array(assembly.cells);
      const senders = new Set<unknown>(assembly.senders.filter((sender) => sender !== null));
      for (const source of this.sources) {
        for (const [, asked] of source.pipeline.entries()) {
          if (asked.assembly !== assembly) continue;
          for (let cell = asked.cell; cell < asked.cell + asked.cells; cell++) askers[cell]!++;
          senders.add(source.peer);
        }
      }
      if (assembly.onParole) expect(senders.size).toBeLessThanOrEqual(1);
      if (Buffer.compare(assembly.askers, askers) !== 0) throw new Error(`askers of piece ${assembly.piece}`);
      let [missing, free] = [0, 0];
      for (let cell = 0; cell < assembly.cells; cell++) {
        const here = assembly.senders[cell] !== null;
        if (!here) missing++;
        if (here || askers[cell]! > 0) continue;
        if (free++ === 0) expect(assembly.firstFree).toBeLessThanOrEqual(cell);
      }
      expect(assembly).toMatchObject({ missing, free });
      expect(this.picker.isWanted(assembly.piece)).toBe(false);
    }
    this.#checkLedger();
  }

  #checkPipeline(source: PeerSource): void {
    let bytes = 0;
    for (const [, { assembly, cell, cells, length }] of source.pipeline.entries()) {
      bytes += length;
      if (length !== Math.min(cells * CELL, assembly.size - cell * CELL)) throw new Error('a length');
      if (this.ledger.assembly(assembly.piece) !== assembly) throw new Error('a dead assembly');
    }
    expect(source.pipeline.bytes).toBe(bytes);
  }

  #checkLedger(): void {
    let held = 0;
    let underway = 0;
    for (const assembly of this.ledger.assemblies()) {
      held += assembly.size;
      assembly.senders.forEach((sender, cell) => {
        if (sender !== null) underway += Math.min(CELL, assembly.size - cell * CELL);
      });
    }
    expect(this.ledger.heldBytes).toBe(held);
    expect(this.ledger.underwayBytes).toBe(underway);
    for (let piece = 0; piece < this.ledger.pieceCount; piece++) {
      if (this.ledger.isAbsent(piece) && !this.picker.isWanted(piece))
        throw new Error(`piece ${piece} is lost`);
    }
  }
}

/** The requests and cancels among some orders. */
function said(out: readonly Output[]): Frame[] {
  const frames: Frame[] = [];
  for (const order of out) {
    if (order.kind !== 'send') continue;
    const decoder = StreamDecoder.afterHandshake();
    decoder.push(order.bytes);
    const frame = decoder.next();
    if (frame === null || frame.kind === 'violation' || frame.kind === 'handshake')
      throw new Error('a frame');
    frames.push(frame);
  }
  return frames;
}

const SHARE = makeShare({ pieces: [200_000, 65_536, 1, 150_000, 300_001, 65_537, 131_072] });
const FULL = () => Bitfield.full(SHARE.pieces.length);

function keysOf(source: PeerSource): number[] {
  return [...source.pipeline.entries()].map(([key]) => key);
}

function runAtRandom(seed: number): void {
  const random = seededRandom(seed);
  const books = new Books(SHARE, random);
  /** What each peer will still answer: all it was asked and has not heard a cancel of, or had on the way. */
  const owed = new Map<PeerSource, { piece: number; offset: number; length: number }[]>();
  const any = <T>(list: readonly T[]): T | undefined =>
    list[list.length === 0 ? 0 : random.below(list.length)];
  const join = () => {
    const has = Bitfield.of(
      7,
      [0, 1, 2, 3, 4, 5, 6].filter(() => random.below(4) > 0),
    );
    owed.set(books.connect(has, random.below(4) > 0), []);
  };
  for (let peer = 0; peer < 3; peer++) join();
  for (let step = 0; step < 300; step++) {
    books.now += random.below(400);
    const source = any([...books.sources]);
    const out: Output[] = [];
    const what = random.below(20);
    if (source === undefined || (what === 0 && books.sources.size < 6)) join();
    else if (what === 1) {
      books.disconnect(source);
      owed.delete(source);
    } else if (what === 2) {
      source.choke();
      books.book.choked(source, out);
    } else if (what === 3) source.unchoke();
    else if (what === 4) books.book.cancelAll(source, out);
    else if (what === 5) {
      books.now += 31_000;
      for (const each of books.sources) books.book.expire(each, books.now, out);
    } else if (what < 11) books.book.fill(source, books.now, out);
    else {
      const debts = owed.get(source)!;
      const range = any(debts);
      if (range === undefined) continue;
      debts.splice(debts.indexOf(range), 1);
      if (what < 13) books.book.rejected(source, range, []);
      else {
        const data = goodBlock(SHARE, range);
        if (what === 13) data[0] = data[0]! ^ 1;
        const result = books.block(source, range.piece, range.offset, data);
        expect(['more', 'complete', 'ignored'], `step ${step}`).toContain(result);
      }
    }
    for (const frame of said(out)) {
      if (frame.kind === 'request' && source !== undefined) {
        expect(source.has!.has(frame.piece)).toBe(true);
        owed.get(source)?.push({ piece: frame.piece, offset: frame.offset, length: frame.length });
      }
    }
    books.checkEverything();
  }
}

describe('RequestBook', () => {
  test.each(Array.from({ length: 40 }, (_, seed) => seed))(
    '[RQ1] every block is here, or asked for, or free, after any operations, seed %i',
    (seed) => runAtRandom(seed),
  );

  test('[RQ1] asks in whole blocks inside the piece, one peer at a time', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [one, two] = [books.connect(FULL()), books.connect(FULL())];
    const out: Output[] = [];
    books.book.fill(one, books.now, out);
    books.book.fill(two, books.now, out);
    const requests = said(out).filter((frame) => frame.kind === 'request');
    expect(requests.length).toBeGreaterThan(2);
    const names = requests.map(({ piece, offset }) => `${piece}:${offset}`);
    expect(new Set(names).size).toBe(names.length);
    for (const { piece, offset, length } of requests) {
      expect(offset % 65_536).toBe(0);
      expect(length).toBe(Math.min(65_536, SHARE.pieces[piece]!.length - offset));
    }
  });

  test('[RQ3] a block that was never asked for is a violation, wherever it would be', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(FULL());
    const data = new Uint8Array(65_536);
    for (const [piece, offset] of [
      [0, 0],
      [0, 1],
      [6, 65_536],
      [99, 0],
      [0xffff_ffff, 0],
      [0, 0xffff_0000],
    ]) {
      expect(books.block(peer, piece!, offset!, data)).toBe('unasked-block');
    }
  });

  test('[RQ3] a block of another length than was asked for is a violation', () => {
    for (const change of [-1, 1, -65_535]) {
      const books = new Books(SHARE, seededRandom(1));
      const peer = books.connect(Bitfield.of(7, [0]));
      books.book.fill(peer, books.now, []);
      expect(books.block(peer, 0, 0, new Uint8Array(65_536 + change))).toBe('block-length');
    }
  });

  test('[RQ4] a block answered twice is a violation the second time', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(Bitfield.of(7, [0]));
    books.book.fill(peer, books.now, []);
    const data = goodBlock(SHARE, { piece: 0, offset: 0, length: 65_536 });
    expect(books.block(peer, 0, 0, data)).toBe('more');
    expect(books.block(peer, 0, 0, data)).toBe('unasked-block');
  });

  test('[RQ4] what was cancelled may come once for each time it was asked', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(Bitfield.of(7, [2]));
    for (const round of [1, 2]) {
      books.book.fill(peer, books.now, []);
      expect(peer.pipeline.size, `round ${round}`).toBe(1);
      books.book.cancelAll(peer, []);
    }
    const data = goodBlock(SHARE, { piece: 2, offset: 0, length: 1 });
    expect(books.block(peer, 2, 0, data)).toBe('complete');
    expect(books.block(peer, 2, 0, data)).toBe('ignored');
    expect(books.block(peer, 2, 0, data)).toBe('unasked-block');
  });

  test('[RQ4] an unmodified peer hears of no cancel', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [ours, theirs] = [books.connect(Bitfield.of(7, [0])), books.connect(Bitfield.of(7, [4]), false)];
    for (const [peer, cancels] of [
      [ours, true],
      [theirs, false],
    ] as const) {
      books.book.fill(peer, books.now, []);
      const asked = peer.pipeline.size;
      const out: Output[] = [];
      books.book.cancelAll(peer, out);
      expect(said(out).map((frame) => frame.kind)).toEqual(cancels ? new Array(asked).fill('cancel') : []);
    }
  });

  test('[RQ5] a silent peer loses all it was asked to another, which gets it', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [silent, other] = [books.connect(Bitfield.of(7, [0])), books.connect(Bitfield.of(7, [0]))];
    books.book.fill(silent, books.now, []);
    const asked = keysOf(silent);
    expect(books.book.expire(silent, books.now + 1_000, [])).toBe(false);
    books.now += 60_000;
    expect(books.book.expire(silent, books.now, [])).toBe(true);
    expect(silent.pipeline.size).toBe(0);
    books.book.fill(other, books.now, []);
    expect(keysOf(other).sort()).toEqual(asked.sort());
  });

  test('[RQ5] a peer that was silent is trusted with less until it sends again', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(FULL());
    books.book.fill(peer, books.now, []);
    const before = peer.pipeline.size;
    books.now += 60_000;
    books.book.expire(peer, books.now, []);
    books.book.fill(peer, books.now, []);
    expect(peer.pipeline.size).toBeLessThan(before);
    expect(peer.pipeline.size).toBeGreaterThan(0);
  });

  test('[RQ7] while too much waits to be stored nobody is asked, and then they are again', () => {
    const books = new Books(SHARE, seededRandom(1), 1);
    const peer = books.connect(Bitfield.full(7));
    const arrives = (piece: number): void => {
      books.picker.unwant(piece);
      const assembly = books.ledger.begin(piece);
      assembly.missing = 0;
      books.ledger.received(assembly, assembly.size);
    };
    // Two of the largest size may always wait.
    const asks = (): boolean => {
      const before = peer.pipeline.size;
      books.book.fill(peer, books.now, []);
      return peer.pipeline.size > before;
    };
    const bytes = (): number => books.ledger.unstoredBytes;
    let piece = 0;
    while (bytes() < 2 * books.ledger.pieceBytes) arrives(piece++);
    expect(asks()).toBe(false);
    books.ledger.stored(0);
    expect(bytes()).toBeLessThan(2 * books.ledger.pieceBytes);
    expect(asks()).toBe(true);
  });

  test('[RQ6] in the end game a faster peer races a slow one, and the slower hears a cancel', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [slow, fast] = [books.connect(Bitfield.of(7, [4])), books.connect(Bitfield.of(7, [1, 4]))];
    const first: Output[] = [];
    books.book.fill(slow, books.now, first);
    const slowAsked = new Set(said(first).map((frame) => (frame.kind === 'request' ? frame.offset : -1)));
    // The fast one shows its rate with piece 1, the slow one says nothing.
    const fastHoldings = fast.has!;
    fastHoldings.remove(4);
    books.book.fill(fast, books.now, []);
    books.now += 50;
    expect(books.block(fast, 1, 0, SHARE.pieces[1]!)).toBe('complete');
    // Nothing else is left to begin: nobody who is connected has the pieces that are wanted.
    expect(SHARE.pieces.filter((_, piece) => books.picker.isWanted(piece))).toHaveLength(5);
    expect(books.picker.obtainableCount).toBe(0);
    fastHoldings.add(4);
    const out: Output[] = [];
    books.book.fill(fast, books.now, out);
    const raced = said(out).filter((frame) => frame.kind === 'request' && slowAsked.has(frame.offset));
    expect(raced.length).toBeGreaterThan(0);
    const { offset, length } = raced[0] as Frame & { kind: 'request' };
    const cancels: Output[] = [];
    const good = goodBlock(SHARE, { piece: 4, offset, length });
    expect(books.block(fast, 4, offset, good, cancels)).toBe('more');
    expect(said(cancels)).toEqual([{ kind: 'cancel', piece: 4, offset, length }]);
    expect(books.block(slow, 4, offset, goodBlock(SHARE, { piece: 4, offset, length }))).toBe('ignored');
  });

  test('[RQ2] a pipeline is bounded, however fast the peer', () => {
    const share = makeShare({ pieces: [60_000_000] });
    const books = new Books(share, seededRandom(1));
    const peer = books.connect(Bitfield.full(1));
    books.book.fill(peer, books.now, []);
    for (let block = 0; block < 300; block++) {
      const [asked] = [...peer.pipeline.entries()].map(([, first]) => first);
      if (asked === undefined) throw new Error('the pipeline ran dry');
      const offset = asked.cell * CELL;
      books.block(peer, 0, offset, goodBlock(share, { piece: 0, offset, length: asked.length }));
      books.book.fill(peer, books.now, []);
      expect(peer.pipeline.bytes).toBeLessThanOrEqual(16_777_216 + 65_536);
      expect(peer.pipeline.size).toBeLessThanOrEqual(500);
    }
  });

  test.each([
    [2, 2.5, 3.5],
    [400, 1, 2],
  ])('[RQ2] of a peer that takes %i ms for a block, %f to %f are asked for at a time', (ms, least, most) => {
    const share = makeShare({ pieces: [60_000_000] });
    const books = new Books(share, seededRandom(1));
    const peer = books.connect(Bitfield.full(1));
    books.book.fill(peer, books.now, []);
    const asks: number[] = [];
    for (let step = 0; step < 400; step++) {
      const [asked] = [...peer.pipeline.entries()].map(([, first]) => first);
      if (asked === undefined) throw new Error('the pipeline ran dry');
      const offset = asked.cell * CELL;
      books.now += ms;
      books.block(peer, 0, offset, goodBlock(share, { piece: 0, offset, length: asked.length }));
      const out: Output[] = [];
      books.book.fill(peer, books.now, out);
      if (out.length > 0) asks.push(out.length);
    }
    const known = asks.slice(asks.length / 2);
    const mean = known.reduce((sum, blocks) => sum + blocks, 0) / known.length;
    expect(mean).toBeGreaterThanOrEqual(least);
    expect(mean).toBeLessThanOrEqual(most);
  });
});

describe('[RQ4] what a peer rejects', () => {
  test('[RQ4] is free again for others', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [one, other] = [books.connect(Bitfield.of(7, [2])), books.connect(Bitfield.of(7, [2]))];
    books.book.fill(one, books.now, []);
    expect(books.book.rejected(one, { piece: 2, offset: 0, length: 1 }, [])).toBe('freed');
    books.book.fill(other, books.now, []);
    expect(other.pipeline.size).toBe(1);
  });

  test.each(['rejects it', 'goes'])('[RL1] is not counted as if it had come, when the peer %s', (how) => {
    const books = new Books(SHARE, seededRandom(1));
    const [one, other] = [books.connect(FULL()), books.connect(FULL())];
    books.limit.setRate(100_000, books.now);
    one.limit.setRate(100_000, books.now);
    const out: Output[] = [];
    books.book.fill(one, books.now, out);
    const asked = said(out).filter((frame) => frame.kind === 'request');
    expect(asked.length).toBeGreaterThan(0);
    books.book.fill(other, books.now, []);
    expect(other.pipeline.size).toBe(0);
    if (how === 'goes') books.disconnect(one);
    else for (const range of asked) books.book.rejected(one, range, []);
    expect(one.limit.isOpen(books.now)).toBe(true);
    books.book.fill(other, books.now, []);
    expect(other.pipeline.size).toBe(asked.length);
  });

  test('[RQ4] a reject of what was never asked for says nothing', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(FULL());
    for (const offset of [0, 1, 0xffff_0000]) {
      expect(books.book.rejected(peer, { piece: 2, offset, length: 1 }, [])).toBe('unasked');
    }
  });
});

/** A piece that two peers sent and that was wrong: it comes anew from one of them alone, and that one was asked. */
function suspectPiece(
  books: Books,
  extended = true,
): { one: PeerSource; other: PeerSource; asked: BlockRange[] } {
  const [one, other] = [books.connect(Bitfield.of(7, [0]), extended), books.connect(Bitfield.of(7, [0]))];
  const out: Output[] = [];
  books.book.fill(one, books.now, out);
  const ranges = said(out) as (Frame & { kind: 'request' })[];
  const [first, ...rest] = ranges.map((range) => ({ range, data: goodBlock(SHARE, range) }));
  first!.data[0]! ^= 1;
  for (const { range, data } of [first!, ...rest.slice(1)]) books.block(one, 0, range.offset, data);
  books.book.rejected(one, rest[0]!.range, []);
  books.book.fill(other, books.now, []);
  expect(books.block(other, 0, rest[0]!.range.offset, rest[0]!.data)).toBe('complete');
  const again: Output[] = [];
  books.book.fill(one, books.now, again);
  const asked = (said(again) as (Frame & { kind: 'request' })[]).map(({ piece, offset, length }) => ({
    ...{ piece, offset, length },
  }));
  expect(asked.length).toBeGreaterThan(2);
  expect(books.ledger.assembly(0)?.onParole).toBe(true);
  return { one, other, asked };
}

describe('[RQ4] a piece that is abandoned', () => {
  test.each([true, false])('[RQ4] [PL5] is cancelled with who was asked for it, extended %j', (extended) => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, asked } = suspectPiece(books, extended);
    const out: Output[] = [];
    expect(books.book.rejected(one, asked[0]!, out)).toBe('freed');
    const others = asked.slice(1).map((range) => ({ kind: 'cancel', ...range }));
    expect(said(out)).toEqual(extended ? others : []);
    expect(one.pipeline.size).toBe(0);
    expect(books.ledger.assembly(0)).toBeUndefined();
    books.checkEverything();
    // Asked again it is asked once for each block, and what was on the way is used or ignored, never held against it.
    books.book.fill(one, books.now, []);
    const standing = one.pipeline.size;
    for (const range of asked.slice(1)) {
      expect(['more', 'complete']).toContain(books.block(one, 0, range.offset, goodBlock(SHARE, range)));
    }
    expect(one.pipeline.size).toBe(standing - asked.length + 1);
    books.checkEverything();
  });

  test('[RQ4] rejects of what was cancelled with it say nothing of what is asked again', () => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, asked } = suspectPiece(books);
    books.book.rejected(one, asked[0]!, []);
    books.book.fill(one, books.now, []);
    const standing = keysOf(one);
    for (const range of asked.slice(1)) expect(books.book.rejected(one, range, [])).toBe('expected');
    expect(keysOf(one)).toEqual(standing);
    expect(books.book.rejected(one, asked[1]!, [])).toBe('freed');
    books.checkEverything();
  });

  test('[PL5] who chokes us before it was asked for all of such a piece is not asked for the rest: another is, for all', () => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, other, asked } = suspectPiece(books);
    expect(asked.length).toBeLessThan(4);
    one.choke();
    const out: Output[] = [];
    books.book.choked(one, out);
    expect(said(out).map(({ kind }) => kind)).toEqual(asked.map(() => 'cancel'));
    const again: Output[] = [];
    books.book.fill(other, books.now, again);
    expect(said(again)[0]).toMatchObject({ kind: 'request', piece: 0, offset: 0 });
    for (const range of asked) {
      expect(books.block(one, 0, range.offset, goodBlock(SHARE, range))).toBe('ignored');
    }
    books.checkEverything();
  });

  test('[RQ4] a late block of the usual size is no violation where a smaller one was asked for since', () => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, asked } = suspectPiece(books);
    books.book.rejected(one, asked[1]!, []);
    books.limit.setRate(100_000, books.now);
    books.now += 10_000;
    const out: Output[] = [];
    books.book.fill(one, books.now, out);
    expect(said(out)).toContainEqual({ kind: 'request', piece: 0, offset: 0, length: 16_384 });
    const late = goodBlock(SHARE, asked[0]!);
    expect(books.block(one, 0, 0, late)).toBe('ignored');
    expect(books.block(one, 0, 0, late)).toBe('block-length');
    expect(books.block(one, 0, 0, late.slice(0, 16_384))).toBe('more');
    books.checkEverything();
  });
});

describe('[PK8] who alone lacks anything', () => {
  const share = makeShare({ pieces: evenPieces(12, 65_536) });

  /** The pieces that a source of everything is asked for, one after another. */
  function asked(books: Books, ...sources: PeerSource[]): number[] {
    const order: number[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const source = sources[turn % sources.length]!;
      const out: Output[] = [];
      books.book.fill(source, books.now, out);
      for (const [, { assembly }] of source.pipeline.entries())
        if (!order.includes(assembly.piece)) order.push(assembly.piece);
      const oldest = [...source.pipeline.entries()][0]?.[1];
      if (oldest === undefined) continue;
      books.now += 10;
      const { piece } = oldest.assembly;
      const range = { piece, offset: oldest.cell * CELL, length: oldest.length };
      books.block(source, piece, range.offset, goodBlock(share, range));
    }
    return order;
  }

  test.each([1, 2, 3])('[PK8] fetches in the order of the content, seed %i', (seed) => {
    const books = new Books(share, seededRandom(seed));
    books.isOnlyReceiver = true;
    const [one, other] = [books.connect(Bitfield.full(12)), books.connect(Bitfield.full(12))];
    const order = asked(books, one, other);
    expect(order.length).toBeGreaterThan(8);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  test('[PK8] begins anywhere where others lack something, too', () => {
    const firsts = [1, 2, 3, 4, 5].map((seed) => {
      const books = new Books(share, seededRandom(seed));
      return asked(books, books.connect(Bitfield.full(12)))[0];
    });
    expect(new Set(firsts).size).toBeGreaterThan(1);
  });
});
