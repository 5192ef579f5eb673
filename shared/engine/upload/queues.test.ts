/**
 * The queues of what is asked of us, and the order in which they are served: slots and a clock of the test, without
 * a machine around them. What leaves, leaves when the test says so.
 */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { linkId } from '../../ids.ts';
import { BLOCK_BYTES, MAX_QUEUED_REQUESTS, PIECE_HEADER_BYTES, SEND_WINDOW_BYTES } from '../../limits.ts';
import { parseFrame } from '../../protocol/codec.ts';
import { FRAME_TYPES } from '../../protocol/frames.ts';
import type { BlockRange } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import { Connection } from '../connection/connection.ts';
import { PieceLedger } from '../pieces/ledger.ts';
import { testPeer } from '../testing/lab.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import { TokenBucket } from '../meters/token-bucket.ts';
import { UploadQueues } from './queues.ts';
import type { UploadSlot } from './slot.ts';
import { Uplink } from './uplink.ts';

const BLOCKS = 4;
const FRAME_BYTES = PIECE_HEADER_BYTES + BLOCK_BYTES;
const { manifest, infoHash } = makeShare({ pieces: evenPieces(8, BLOCKS * BLOCK_BYTES) });
const START = 1_000_000;

/** Uploads of one that owns everything but the last piece, and the orders it gave. */
class Bench {
  now = START;
  readonly limit = new TokenBucket();
  readonly uplink = new Uplink();
  readonly queues: UploadQueues;
  readonly out: Output[] = [];
  #links = 0;

  constructor() {
    const owned = Bitfield.of(8, [0, 1, 2, 3, 4, 5, 6]);
    const ledger = new PieceLedger(manifest.pieces, owned, (bytes) => new Uint8Array(bytes));
    this.queues = new UploadQueues(ledger, this.uplink, this.limit);
  }

  slot(phase: 'base' | 'extended' = 'extended'): UploadSlot {
    const nth = ++this.#links;
    const link = linkId(nth);
    const identity = { own: testPeer(100), infoHash };
    const one = new Connection({ link, role: 'acceptor', expected: null, openedAt: START }, identity);
    // What is said in greeting is not looked at here.
    one.wire.shakeHands({ kind: 'handshake', peerId: testPeer(nth), infoHash }, []);
    one.wire.left(one.wire.unsent);
    if (phase === 'extended') one.wire.extend();
    return one.slot;
  }

  ask(slot: UploadSlot, piece: number, blocks = BLOCKS): void {
    for (let block = 0; block < blocks; block++) {
      const range = { piece, offset: block * BLOCK_BYTES, length: BLOCK_BYTES };
      expect(this.queues.asked(slot, range, this.now, this.out)).toBe('queued');
    }
  }

  /** What is ordered sent now, as link and piece of each block. */
  serve(): [link: number, piece: number][] {
    const before = this.out.length;
    this.queues.serve(this.now, this.out);
    return this.out
      .slice(before)
      .flatMap((order) => (order.kind === 'serve-block' ? [[order.link, order.piece]] : []));
  }

  left(slot: UploadSlot, blocks: number): void {
    this.uplink.left(slot, blocks * FRAME_BYTES, this.now);
  }

  /** Serves and lets leave, one block after another, until nothing waits: the order of the blocks. */
  drain(...slots: UploadSlot[]): string {
    const order: string[] = [];
    const flying: number[] = [];
    for (;;) {
      for (const [link, piece] of this.serve()) {
        order.push(`${link}:${piece}`);
        flying.push(link);
      }
      const link = flying.shift();
      if (link === undefined) return order.join(' ');
      this.now += 5;
      this.left(
        slots.find((one) => one.link === linkId(link))!,
        1,
      );
    }
  }

  get rejects(): BlockRange[] {
    const sent = this.out.flatMap((order) => (order.kind === 'send' ? [order.bytes] : []));
    return sent.map((bytes) => {
      expect(bytes[4]).toBe(FRAME_TYPES.reject);
      const { piece, offset, length } = parseFrame('reject', bytes) as BlockRange;
      return { piece, offset, length };
    });
  }
}

describe('[UP5] the order of serving', () => {
  test("[UP5] is one peer's piece after another's, in turn", () => {
    const bench = new Bench();
    const [a, b] = [bench.slot(), bench.slot()];
    // Rates are known: there is room for more than a piece.
    for (let step = 0; step < 24; step++) {
      const one = step % 2 === 0 ? a : b;
      bench.ask(one, step % 7);
      bench.drain(one);
    }
    for (const piece of [0, 1, 2]) {
      bench.ask(a, piece);
      bench.ask(b, piece + 3);
    }
    const served = bench.drain(a, b).split(' ');
    const turns = served.filter((block, nth) => block !== served[nth - 1]);
    expect(served).toHaveLength(24);
    // Each piece is sent in one go, and pieces of both alternate.
    expect(turns).toHaveLength(6);
    expect(turns.map((turn) => turn[0]).join('')).toBe('121212');
  });

  test('[UP5] who was kept waiting, takes back what it asked for and asks anew has its place in line again', () => {
    const bench = new Bench();
    const slots = [1, 2, 3, 4].map(() => bench.slot());
    const [a, b, c, d] = slots as [UploadSlot, UploadSlot, UploadSlot, UploadSlot];
    for (const one of [a, b]) bench.ask(one, 0, 2);
    expect(bench.serve()).toHaveLength(4);
    for (const one of [c, d]) bench.ask(one, 1, 1);
    expect(bench.serve()).toEqual([]);
    bench.queues.cancelled(c, { piece: 1, offset: 0, length: BLOCK_BYTES }, bench.out);
    bench.serve();
    bench.ask(c, 2, 1);
    bench.left(a, 1);
    expect(bench.serve()).toEqual([[c.link, 2]]);
    // Once: what it asks for after that waits behind the others.
    bench.ask(c, 3, 1);
    bench.left(a, 1);
    expect(bench.serve()).toEqual([[d.link, 1]]);
  });

  test('[UP5] of one peer is that of its asking', () => {
    const bench = new Bench();
    const one = bench.slot();
    for (const piece of [5, 2, 6]) bench.ask(one, piece, 1);
    expect(bench.drain(one)).toBe('1:5 1:2 1:6');
  });

  test('[UP5] stops at four blocks that have not left, while no rate is known', () => {
    const bench = new Bench();
    const one = bench.slot();
    bench.ask(one, 0);
    bench.ask(one, 1);
    expect(bench.serve()).toHaveLength(4);
    expect(bench.serve()).toEqual([]);
    bench.left(one, 1);
    expect(bench.serve()).toHaveLength(1);
  });

  test('[UP5] goes on up to 150 ms of the rate that was measured', () => {
    const bench = new Bench();
    const all = Array.from({ length: 6 }, () => bench.slot());
    // 12 blocks each 100 ms.
    const rate = 120 * FRAME_BYTES;
    for (let step = 0; step < 40; step++) {
      for (const one of all) bench.ask(one, step % 6, 2);
      for (let block = 0; block < 4; block++) {
        bench.serve();
        for (const one of all) if (one.backlog.unsent > 0) bench.left(one, one.backlog.unsent / FRAME_BYTES);
      }
      bench.now += 100;
    }
    expect(all.map(({ backlog }) => backlog.length)).toEqual([0, 0, 0, 0, 0, 0]);
    for (const one of all) for (const piece of [0, 1, 2]) bench.ask(one, piece);
    let ordered = 0;
    for (let more = bench.serve().length; more > 0; more = bench.serve().length) ordered += more;
    expect(ordered * FRAME_BYTES).toBeGreaterThan(0.13 * rate);
    expect(ordered * FRAME_BYTES).toBeLessThan(0.17 * rate + FRAME_BYTES);
  });

  test('[UP5] beside others one link holds no more than 300 ms of its own rate, at least two blocks', () => {
    const bench = new Bench();
    const [slow, other] = [bench.slot(), bench.slot()];
    bench.ask(slow, 0);
    bench.ask(other, 1);
    const ordered = bench.serve();
    expect(ordered.filter(([link]) => link === slow.link)).toHaveLength(2);
    expect(ordered.filter(([link]) => link === other.link)).toHaveLength(2);
  });

  test('[UP5] a link from which nothing has left for 300 ms holds back its own peer alone', () => {
    const bench = new Bench();
    const [stuck, other] = [bench.slot(), bench.slot()];
    bench.ask(stuck, 0);
    bench.ask(stuck, 1);
    expect(bench.serve()).toHaveLength(4);
    bench.ask(other, 2);
    bench.now += 299;
    expect(bench.serve()).toEqual([]);
    bench.now += 1;
    const ordered = bench.serve();
    expect(ordered.length).toBeGreaterThan(0);
    expect(ordered.every(([link]) => link === other.link)).toBe(true);
    expect(bench.queues.isIdle(bench.now)).toBe(false);
  });

  test('[UP5] on a slow uplink a link is stuck only after three times what four blocks take', () => {
    const bench = new Bench();
    const [one, other] = [bench.slot(), bench.slot()];
    // A block in 500 ms.
    for (let step = 0; step < 12; step++) {
      bench.ask(one, step % 7, 1);
      bench.serve();
      bench.now += 500;
      bench.left(one, 1);
    }
    bench.ask(one, 0);
    expect(bench.serve()).toHaveLength(4);
    bench.ask(other, 1);
    bench.now += 2_500;
    expect(bench.serve()).toEqual([]);
    expect(bench.queues.backlogOf(one, bench.now)).toBe(one.backlog.unsent);
    bench.now += 3_600;
    expect(bench.serve().length).toBeGreaterThan(0);
    expect(bench.queues.backlogOf(one, bench.now)).toBe(0);
  });

  test('[UP5] however fast, one peer never has more than the send window on the way', () => {
    const bench = new Bench();
    const one = bench.slot();
    for (let step = 0; step < 200; step++) {
      bench.ask(one, step % 7);
      bench.serve();
      bench.left(one, one.backlog.unsent / FRAME_BYTES);
      bench.now += 5;
    }
    for (const piece of [0, 1, 2, 3, 4, 5]) bench.ask(one, piece);
    bench.serve();
    expect(one.wire.unsent).toBeGreaterThan(SEND_WINDOW_BYTES - FRAME_BYTES);
    expect(one.wire.unsent).toBeLessThanOrEqual(SEND_WINDOW_BYTES + FRAME_BYTES);
  });

  test('[UP5] [RL1] waits where a limit says so, and says until when', () => {
    const bench = new Bench();
    const one = bench.slot();
    bench.limit.setRate(BLOCK_BYTES, bench.now);
    bench.ask(one, 0);
    expect(bench.serve()).toHaveLength(1);
    expect(bench.queues.opensAt).toBe(START + 1_000);
    expect(bench.queues.isIdle(bench.now)).toBe(false);
    bench.left(one, 1);
    bench.now = START + 1_000;
    expect(bench.serve()).toHaveLength(1);
    bench.limit.setRate(null, bench.now);
    expect(bench.serve()).toHaveLength(2);
    expect(bench.queues.opensAt).toBe(Infinity);
  });

  test("[RL1] one peer's limit does not hold back the others", () => {
    const bench = new Bench();
    const [limited, free] = [bench.slot(), bench.slot()];
    limited.limit.setRate(1_000, bench.now);
    bench.ask(limited, 0);
    bench.ask(free, 1);
    expect(bench.drain(limited, free)).toBe('1:0 2:1 2:1 2:1 2:1');
  });

  test('[RL1] a block that could not be read was not used of the limit', () => {
    const bench = new Bench();
    const one = bench.slot();
    bench.limit.setRate(BLOCK_BYTES, bench.now);
    bench.ask(one, 0);
    bench.serve();
    bench.queues.unreadable(one, { piece: 0, offset: 0, length: BLOCK_BYTES }, bench.out);
    expect(bench.queues.sentBytes).toBe(0);
    expect(bench.serve()).toHaveLength(1);
  });
});

describe('[UP1] the queue', () => {
  test('[UP1] of a peer holds 512 requests: one more is a violation, or left unanswered', () => {
    const bench = new Bench();
    const range = { piece: 1, offset: 0, length: 1 };
    const [ours, plain] = [bench.slot(), bench.slot('base')];
    for (const one of [ours, plain]) {
      for (let nth = 0; nth < MAX_QUEUED_REQUESTS; nth++) {
        const another = { piece: 0, offset: nth, length: 1 };
        expect(bench.queues.asked(one, another, bench.now, bench.out)).toBe('queued');
      }
    }
    expect(bench.queues.asked(ours, range, bench.now, bench.out)).toMatchObject({
      what: 'too-many-requests',
    });
    expect(bench.queues.asked(plain, range, bench.now, bench.out)).toBeNull();
    expect(plain.backlog).toHaveLength(MAX_QUEUED_REQUESTS);
  });

  test('[CH6] of a peer that knows no choke grows between its turns and is served in the next', () => {
    const bench = new Bench();
    const plain = bench.slot('base');
    plain.choke(bench.now);
    bench.ask(plain, 0);
    expect(bench.serve()).toEqual([]);
    plain.begin(bench.now, Infinity, false);
    expect(bench.drain(plain)).toBe('1:0 1:0 1:0 1:0');
    expect(bench.out.filter(({ kind }) => kind === 'send')).toEqual([]);
  });

  test('[UP2] what is not owned is rejected to a peer of ours, and left unanswered to an unmodified one', () => {
    const bench = new Bench();
    const range = { piece: 7, offset: 0, length: 10 };
    bench.queues.asked(bench.slot(), range, bench.now, bench.out);
    bench.queues.asked(bench.slot('base'), range, bench.now, bench.out);
    expect(bench.rejects).toEqual([range]);
    expect(bench.serve()).toEqual([]);
  });

  test('[UP4] a cancel of what waits is answered by a reject, of what is on the way by its block alone', () => {
    const bench = new Bench();
    const one = bench.slot();
    bench.ask(one, 0);
    bench.ask(one, 1, 1);
    bench.serve();
    const waits = { piece: 1, offset: 0, length: BLOCK_BYTES };
    bench.queues.cancelled(one, waits, bench.out);
    bench.queues.cancelled(one, { piece: 0, offset: 0, length: BLOCK_BYTES }, bench.out);
    bench.queues.cancelled(one, { piece: 3, offset: 0, length: BLOCK_BYTES }, bench.out);
    expect(bench.rejects).toEqual([waits]);
    expect(one.backlog.bytes).toBe(0);
    bench.left(one, 4);
    expect(bench.serve()).toEqual([]);
  });

  test('[UP3] when a piece is gone everybody who waits for it is told, and for nothing else', () => {
    const bench = new Bench();
    const [a, b] = [bench.slot(), bench.slot()];
    bench.ask(a, 0, 1);
    bench.ask(a, 1, 1);
    bench.ask(b, 1, 1);
    bench.queues.lost([a, b], 1, bench.out);
    const gone = { piece: 1, offset: 0, length: BLOCK_BYTES };
    expect(bench.rejects).toEqual([gone, gone]);
    expect(bench.drain(a, b)).toBe('1:0');
  });

  test('[CH3] at the end of a turn what is beyond it is rejected, but not of a piece of which something stays', () => {
    const bench = new Bench();
    const one = bench.slot();
    for (const piece of [0, 1, 2]) bench.ask(one, piece);
    // Six of the twelve blocks are beyond: of piece 1 two would stay, so all of it does.
    const rejected = bench.queues.rejectBeyond(one, 6 * BLOCK_BYTES, bench.out);
    expect([...rejected]).toEqual([2]);
    expect(bench.rejects.map(({ piece, offset }) => [piece, offset / BLOCK_BYTES])).toEqual([
      [2, 0],
      [2, 1],
      [2, 2],
      [2, 3],
    ]);
    expect(one.backlog.bytes).toBe(8 * BLOCK_BYTES);
    expect(bench.drain(one)).toBe(Array.from({ length: 8 }, (_, nth) => `1:${nth < 4 ? 0 : 1}`).join(' '));
  });

  test('[CH3] nothing is rejected of the piece that is being sent', () => {
    const bench = new Bench();
    const one = bench.slot();
    bench.ask(one, 0);
    bench.ask(one, 1);
    bench.serve();
    bench.ask(one, 0, 1);
    expect([...bench.queues.rejectBeyond(one, 1e9, bench.out)]).toEqual([1]);
    expect(one.backlog).toMatchObject({ length: 1, first: { piece: 0 } });
  });

  test('[EN4] of a closed connection is not served, and does not count as on the way', () => {
    const bench = new Bench();
    const [gone, other] = [bench.slot(), bench.slot()];
    bench.ask(gone, 0);
    bench.ask(gone, 1);
    bench.serve();
    bench.queues.closed(gone);
    bench.ask(other, 2);
    expect(bench.serve().map(([link]) => link)).toEqual([2, 2, 2, 2]);
  });
});

describe('[CH4] what keeps the uplink busy', () => {
  test('[CH4] is what waits and what is on the way, but not behind a link that is stuck', () => {
    const bench = new Bench();
    const one = bench.slot();
    bench.ask(one, 0);
    bench.ask(one, 1);
    bench.serve();
    expect(bench.queues.backlogOf(one, bench.now)).toBe(8 * BLOCK_BYTES + 4 * PIECE_HEADER_BYTES);
    expect(bench.queues.backlogOf(one, bench.now + 300)).toBe(0);
  });

  test("[CH4] is of a peer behind its own limit no more than the limit's 150 ms", () => {
    const bench = new Bench();
    const one = bench.slot();
    one.limit.setRate(100_000, bench.now);
    bench.ask(one, 0);
    expect(bench.queues.backlogOf(one, bench.now)).toBe(15_000);
  });

  test('[CH4] the rate that our uplink takes is remembered, half of it after 30 s, and never above the limit', () => {
    const bench = new Bench();
    const one = bench.slot();
    for (let step = 0; step < 40; step++) {
      bench.ask(one, step % 7, 1);
      bench.serve();
      bench.left(one, 1);
      bench.now += 100;
    }
    const rate = bench.queues.capacity(bench.now);
    expect(rate / 655_530).toBeGreaterThan(0.93);
    expect(rate / 655_530).toBeLessThan(1.07);
    bench.now += 30_000;
    expect(bench.queues.capacity(bench.now) / rate).toBeCloseTo(0.5, 2);
    bench.limit.setRate(100_000, bench.now);
    expect(bench.queues.capacity(bench.now)).toBe(100_000);
  });
});

describe('[UP8] reading ahead', () => {
  function ahead({ out }: Bench): number[] {
    return out.flatMap((order) => (order.kind === 'read-ahead' ? [order.piece] : []));
  }

  test('[UP8] a piece may be read as soon as it is asked for, once', () => {
    const bench = new Bench();
    const slot = bench.slot();
    bench.ask(slot, 3);
    bench.ask(slot, 4);
    bench.ask(slot, 5);
    expect(ahead(bench)).toEqual([3, 4, 5]);
    expect(bench.out.find((order) => order.kind === 'read-ahead')).toMatchObject({
      sha256: manifest.pieces[3]!.sha256,
    });
  });

  test('[UP8] not for who is choked, whose turn may never come', () => {
    const bench = new Bench();
    const slot = bench.slot('base');
    slot.choke(bench.now);
    bench.ask(slot, 3);
    expect(ahead(bench)).toEqual([]);
  });

  test('[UP8] not again for the rest of what was served last', () => {
    const bench = new Bench();
    const slot = bench.slot();
    bench.ask(slot, 3, 1);
    bench.serve();
    bench.left(slot, 1);
    bench.ask(slot, 3, 2);
    expect(ahead(bench)).toEqual([3]);
  });

  test('[UP8] not while more than 2 MiB of the same peer stand before it', () => {
    const bench = new Bench();
    const slot = bench.slot();
    for (let times = 0; times < 9; times++) bench.ask(slot, times % 2);
    expect(ahead(bench)).toHaveLength(9);
    bench.ask(slot, 5);
    expect(ahead(bench)).not.toContain(5);
  });
});
