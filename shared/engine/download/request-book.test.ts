/**
 * The books of requests under random operations: after each one the same block stands in one place only, every sum is
 * what it sums up, and nothing that a peer says about what it was not asked for is taken.
 */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { linkId } from '../../ids.ts';
import type { InfoHash, LinkId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import type { Random } from '../../random.ts';
import { StreamDecoder } from '../../protocol/stream-decoder.ts';
import type { BlockRange, Frame } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import { PeerSession } from '../connection/connection.ts';
import { blockLength, PieceLedger } from '../pieces/ledger.ts';
import { PiecePicker } from './picker.ts';
import { RequestBook } from './request-book.ts';
import { testPeer } from '../testing/lab.ts';
import { goodBlock } from '../testing/scripted-peer.ts';
import { makeShare, sha256 } from '../testing/share.ts';
import type { TestShare } from '../testing/share.ts';
import { TokenBucket } from '../meters/token-bucket.ts';

class Books {
  readonly sessions = new Map<LinkId, PeerSession>();
  readonly ledger: PieceLedger;
  readonly picker: PiecePicker;
  readonly book: RequestBook;
  readonly share: TestShare;
  readonly random: Random;
  now = 1_000;
  #links = 0;

  readonly limit = new TokenBucket();

  constructor(share: TestShare, random: Random) {
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
    this.book = new RequestBook(this.ledger, this.picker, this.sessions, this.limit);
  }

  connect(has: Bitfield, extended = true): PeerSession {
    const link = linkId(++this.#links);
    const infoHash = 'f'.repeat(64) as InfoHash;
    const session = new PeerSession(link, 'acceptor', null, { own: testPeer(1), infoHash }, this.now);
    // Who counts what is interesting is the content, which is not here: everything may be.
    session.interesting = Infinity;
    session.id = testPeer(1 + this.#links);
    session.phase = extended ? 'extended' : 'base';
    session.has = has;
    for (let piece = 0; piece < has.pieces; piece++) if (has.has(piece)) this.picker.peerHas(piece);
    this.sessions.set(link, session);
    return session;
  }

  disconnect(session: PeerSession): void {
    this.sessions.delete(session.link);
    this.book.release(session);
    for (let piece = 0; piece < session.has!.pieces; piece++) {
      if (session.has!.has(piece)) this.picker.peerLost(piece);
    }
  }

  /** As content.ts does it. */
  block(session: PeerSession, piece: number, offset: number, data: Uint8Array): string {
    const arrival = this.book.arrived(session, piece, offset, data, this.now);
    if (arrival.kind !== 'written') return arrival.kind === 'violation' ? arrival.what : arrival.kind;
    this.book.cancelElsewhere(arrival.assembly, offset / arrival.assembly.blockBytes, []);
    if (arrival.result === 'complete') this.#settle(piece, arrival.assembly.bytes);
    return arrival.result;
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
    for (const session of this.sessions.values()) this.#checkSession(session);
    for (const assembly of this.ledger.assemblies()) {
      const askers = new Uint8Array(assembly.blocks);
      const givers = new Set<unknown>(assembly.senders.filter((sender) => sender !== null));
      for (const session of this.sessions.values()) {
        for (const asked of session.outstanding.values()) {
          if (asked.assembly !== assembly) continue;
          askers[asked.block] = askers[asked.block]! + 1;
          givers.add(session.peer);
        }
      }
      if (assembly.fromOnePeer) expect(givers.size).toBeLessThanOrEqual(1);
      if (Buffer.compare(assembly.askers, askers) !== 0) throw new Error(`askers of piece ${assembly.piece}`);
      const free = new Set(assembly.unasked);
      expect(free.size).toBe(assembly.unasked.length);
      let missing = 0;
      for (let block = 0; block < assembly.blocks; block++) {
        const here = assembly.senders[block] !== null;
        if (!here) missing++;
        const places = Number(here) + Number(askers[block]! > 0) + Number(free.has(block));
        if (places !== 1) throw new Error(`block ${block} of piece ${assembly.piece} is in ${places} places`);
      }
      expect(assembly.missing).toBe(missing);
      expect(this.picker.isWanted(assembly.piece)).toBe(false);
    }
    this.#checkLedger();
  }

  #checkSession(session: PeerSession): void {
    let bytes = 0;
    for (const asked of session.outstanding.values()) {
      bytes += asked.length;
      if (asked.length !== blockLength(asked.assembly, asked.block)) throw new Error('a length');
      if (this.ledger.assembly(asked.assembly.piece) !== asked.assembly) throw new Error('a dead assembly');
    }
    expect(session.outstandingBytes).toBe(bytes);
  }

  #checkLedger(): void {
    let held = 0;
    let underway = 0;
    for (const assembly of this.ledger.assemblies()) {
      held += assembly.size;
      assembly.senders.forEach((sender, block) => {
        if (sender !== null) underway += blockLength(assembly, block);
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

function runAtRandom(seed: number): void {
  const random = seededRandom(seed);
  const books = new Books(SHARE, random);
  /** What each peer will still answer: all it was asked and has not heard a cancel of, or had on the way. */
  const owed = new Map<PeerSession, { piece: number; offset: number; length: number }[]>();
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
    const session = any([...books.sessions.values()]);
    const out: Output[] = [];
    const what = random.below(20);
    if (session === undefined || (what === 0 && books.sessions.size < 6)) join();
    else if (what === 1) {
      books.disconnect(session);
      owed.delete(session);
    } else if (what === 2) {
      session.choked = true;
      books.book.choked(session, out);
    } else if (what === 3) session.choked = false;
    else if (what === 4) books.book.takeBackAll(session, out);
    else if (what === 5) {
      books.now += 31_000;
      for (const each of books.sessions.values()) books.book.expire(each, books.now, out);
    } else if (what < 11) books.book.fill(session, books.now, out);
    else {
      const debts = owed.get(session)!;
      const range = any(debts);
      if (range === undefined) continue;
      debts.splice(debts.indexOf(range), 1);
      if (what < 13) books.book.rejected(session, range, []);
      else {
        const data = goodBlock(SHARE, range);
        if (what === 13) data[0] = data[0]! ^ 1;
        const result = books.block(session, range.piece, range.offset, data);
        expect(['more', 'complete', 'ignored'], `step ${step}`).toContain(result);
      }
    }
    for (const frame of said(out)) {
      if (frame.kind === 'request' && session !== undefined) {
        expect(session.has!.has(frame.piece)).toBe(true);
        owed.get(session)?.push({ piece: frame.piece, offset: frame.offset, length: frame.length });
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
      expect(peer.outstanding.size, `round ${round}`).toBe(1);
      books.book.takeBackAll(peer, []);
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
      const asked = peer.outstanding.size;
      const out: Output[] = [];
      books.book.takeBackAll(peer, out);
      expect(said(out).map((frame) => frame.kind)).toEqual(cancels ? new Array(asked).fill('cancel') : []);
    }
  });

  test('[RQ5] a silent peer loses all it was asked to another, which gets it', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [silent, other] = [books.connect(Bitfield.of(7, [0])), books.connect(Bitfield.of(7, [0]))];
    books.book.fill(silent, books.now, []);
    const asked = [...silent.outstanding.keys()];
    expect(books.book.expire(silent, books.now + 1_000, [])).toBe(false);
    books.now += 60_000;
    expect(books.book.expire(silent, books.now, [])).toBe(true);
    expect(silent.outstanding.size).toBe(0);
    books.book.fill(other, books.now, []);
    expect([...other.outstanding.keys()].sort()).toEqual(asked.sort());
  });

  test('[RQ5] a peer that was silent is trusted with less until it sends again', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(FULL());
    books.book.fill(peer, books.now, []);
    const before = peer.outstanding.size;
    books.now += 60_000;
    books.book.expire(peer, books.now, []);
    books.book.fill(peer, books.now, []);
    expect(peer.outstanding.size).toBeLessThan(before);
    expect(peer.outstanding.size).toBeGreaterThan(0);
  });

  test('[RQ6] in the end game a faster peer races a slow one, and the slower hears a cancel', () => {
    const books = new Books(SHARE, seededRandom(1));
    const [slow, fast] = [books.connect(Bitfield.of(7, [4])), books.connect(Bitfield.of(7, [1, 4]))];
    const first: Output[] = [];
    books.book.fill(slow, books.now, first);
    const slowAsked = new Set(said(first).map((frame) => (frame.kind === 'request' ? frame.offset : -1)));
    // The fast one shows its rate with piece 1, the slow one says nothing.
    fast.has!.remove(4);
    books.book.fill(fast, books.now, []);
    books.now += 50;
    expect(books.block(fast, 1, 0, SHARE.pieces[1]!)).toBe('complete');
    // Nothing else is left to begin: nobody who is connected has the pieces that are wanted.
    expect(books.picker.wantedCount).toBe(5);
    expect(books.picker.obtainableCount).toBe(0);
    fast.has!.add(4);
    const out: Output[] = [];
    books.book.fill(fast, books.now, out);
    const raced = said(out).filter((frame) => frame.kind === 'request' && slowAsked.has(frame.offset));
    expect(raced.length).toBeGreaterThan(0);
    const { offset, length } = raced[0] as Frame & { kind: 'request' };
    const arrival = books.book.arrived(
      fast,
      4,
      offset,
      goodBlock(SHARE, { piece: 4, offset, length }),
      books.now,
    );
    if (arrival.kind !== 'written') throw new Error('the raced block is written');
    const cancels: Output[] = [];
    books.book.cancelElsewhere(arrival.assembly, offset / 65_536, cancels);
    expect(said(cancels)).toEqual([{ kind: 'cancel', piece: 4, offset, length }]);
    expect(books.block(slow, 4, offset, goodBlock(SHARE, { piece: 4, offset, length }))).toBe('ignored');
  });

  test('[RQ2] a pipeline is bounded, however fast the peer', () => {
    const share = makeShare({ pieces: [60_000_000] });
    const books = new Books(share, seededRandom(1));
    const peer = books.connect(Bitfield.full(1));
    books.book.fill(peer, books.now, []);
    for (let block = 0; block < 300; block++) {
      const asked = peer.outstanding.values().next().value;
      if (asked === undefined) throw new Error('the pipeline ran dry');
      const offset = asked.block * asked.assembly.blockBytes;
      books.block(peer, 0, offset, goodBlock(share, { piece: 0, offset, length: asked.length }));
      books.book.fill(peer, books.now, []);
      expect(peer.outstandingBytes).toBeLessThanOrEqual(8_388_608 + 65_536);
      expect(peer.outstanding.size).toBeLessThanOrEqual(500);
    }
  });

  test.each([
    [2, 3.5, 4.5],
    [400, 1, 2],
  ])('[RQ2] of a peer that takes %i ms for a block, %f to %f are asked for at a time', (ms, least, most) => {
    const share = makeShare({ pieces: [60_000_000] });
    const books = new Books(share, seededRandom(1));
    const peer = books.connect(Bitfield.full(1));
    books.book.fill(peer, books.now, []);
    const asks: number[] = [];
    for (let step = 0; step < 400; step++) {
      const asked = peer.outstanding.values().next().value;
      if (asked === undefined) throw new Error('the pipeline ran dry');
      const offset = asked.block * asked.assembly.blockBytes;
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
    expect(books.book.rejected(one, { piece: 2, offset: 0, length: 1 }, [])).toBe('taken back');
    books.book.fill(other, books.now, []);
    expect(other.outstanding.size).toBe(1);
  });

  test.each(['rejects it', 'goes'])('[RL1] is not counted as if it had come, when the peer %s', (how) => {
    const books = new Books(SHARE, seededRandom(1));
    const [one, other] = [books.connect(FULL()), books.connect(FULL())];
    books.limit.setRate(100_000, books.now);
    one.downLimit.setRate(100_000, books.now);
    const out: Output[] = [];
    books.book.fill(one, books.now, out);
    const asked = said(out).filter((frame) => frame.kind === 'request');
    expect(asked.length).toBeGreaterThan(0);
    books.book.fill(other, books.now, []);
    expect(other.outstanding.size).toBe(0);
    if (how === 'goes') books.disconnect(one);
    else for (const range of asked) books.book.rejected(one, range, []);
    expect(one.downLimit.isOpen(books.now)).toBe(true);
    books.book.fill(other, books.now, []);
    expect(other.outstanding.size).toBe(asked.length);
  });

  test('[RQ4] a reject of what was never asked for says nothing', () => {
    const books = new Books(SHARE, seededRandom(1));
    const peer = books.connect(FULL());
    for (const offset of [0, 1, 0xffff_0000]) {
      expect(books.book.rejected(peer, { piece: 2, offset, length: 1 }, [])).toBe('expected');
    }
  });
});

/** A piece that two peers sent and that was wrong: it comes anew from one of them alone, and that one was asked. */
function suspectPiece(books: Books): { one: PeerSession; other: PeerSession; asked: BlockRange[] } {
  const [one, other] = [books.connect(Bitfield.of(7, [0])), books.connect(Bitfield.of(7, [0]))];
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
  expect(books.ledger.assembly(0)?.fromOnePeer).toBe(true);
  return { one, other, asked };
}

describe('[RQ4] a piece that is given up', () => {
  test.each([true, false])('[RQ4] [PL5] is cancelled with who was asked for it, extended %j', (extended) => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, asked } = suspectPiece(books);
    one.phase = extended ? 'extended' : 'base';
    const out: Output[] = [];
    expect(books.book.rejected(one, asked[0]!, out)).toBe('taken back');
    const others = asked.slice(1).map((range) => ({ kind: 'cancel', ...range }));
    expect(said(out)).toEqual(extended ? others : []);
    expect(one.outstanding.size).toBe(0);
    expect(books.ledger.assembly(0)).toBeUndefined();
    books.checkEverything();
    // Asked again it is asked once for each block, and what was on the way is used or ignored, never held against it.
    books.book.fill(one, books.now, []);
    const standing = one.outstanding.size;
    for (const range of asked.slice(1)) {
      expect(['more', 'complete']).toContain(books.block(one, 0, range.offset, goodBlock(SHARE, range)));
    }
    expect(one.outstanding.size).toBe(standing - asked.length + 1);
    books.checkEverything();
  });

  test('[RQ4] rejects of what was cancelled with it say nothing of what is asked again', () => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, asked } = suspectPiece(books);
    books.book.rejected(one, asked[0]!, []);
    books.book.fill(one, books.now, []);
    const standing = [...one.outstanding.keys()];
    for (const range of asked.slice(1)) expect(books.book.rejected(one, range, [])).toBe('expected');
    expect([...one.outstanding.keys()]).toEqual(standing);
    expect(books.book.rejected(one, asked[1]!, [])).toBe('taken back');
    books.checkEverything();
  });

  test('[PL5] who chokes us before it was asked for all of such a piece is not asked for the rest: another is, for all', () => {
    const books = new Books(SHARE, seededRandom(1));
    const { one, other, asked } = suspectPiece(books);
    expect(asked.length).toBeLessThan(4);
    one.choked = true;
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
