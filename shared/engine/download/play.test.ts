/** Pieces in the order that somebody plays: sequential, this range first, and rarest first again ([PK2] [PK3]). */
import { describe, expect, test } from 'vitest';
import type { PieceOrder } from '../io.ts';
import { Lab, testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { ScriptedPeer, seedScript } from '../testing/scripted-peer.ts';
import type { SeedScript } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare } from '../testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(40, 150_000) });
const ALL = SHARE.pieces.map((_, piece) => piece);

function playing(lab: Lab, order: PieceOrder, as: 'knows' | 'newcomer' = 'knows'): LabMachine {
  const leecher = lab.machine({ id: testPeer(5), share: SHARE, as });
  leecher.tell({ kind: 'order-changed', order });
  leecher.tell({ kind: 'download-requested' });
  return leecher;
}

function honest(nth: number, special: Partial<SeedScript> = {}): ScriptedPeer {
  return new ScriptedPeer(testPeer(nth), SHARE.infoHash, seedScript({ share: SHARE, ...special }));
}

/** The pieces that a peer was asked for, in the order of the first request for each. */
function begun(peer: ScriptedPeer): number[] {
  return [...new Set(peer.requests.map(({ piece }) => piece))];
}

function complete(lab: Lab, leecher: LabMachine): void {
  lab.until('it completes', () => leecher.snapshot.phase === 'complete');
  expect(Buffer.compare(leecher.content ?? new Uint8Array(1), SHARE.bytes)).toBe(0);
}

const SEQUENTIAL: PieceOrder = { kind: 'sequential' };

describe('[PK2] one seed', () => {
  test('[PK2] sequential: each piece after the one before it', () => {
    const lab = new Lab(1);
    const [leecher, seed] = [playing(lab, SEQUENTIAL), honest(9)];
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual(ALL);
  });

  test('[PK2] an order that was given before the manifest was known holds', () => {
    const lab = new Lab(1);
    const [leecher, seed] = [playing(lab, SEQUENTIAL, 'newcomer'), honest(9)];
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual(ALL);
  });

  test('[PK2] the ranges come first, each ascending, in the order given; then the rest', () => {
    const lab = new Lab(1);
    const first = [
      { from: 30, to: 34 },
      { from: 8, to: 8 },
      { from: 38, to: 99 },
      { from: 32, to: 36 },
      { from: -5, to: 2 },
    ];
    const [leecher, seed] = [playing(lab, { kind: 'rarest', first }), honest(9)];
    lab.join(leecher, seed);
    complete(lab, leecher);
    const ranges = [30, 31, 32, 33, 38, 39, 34, 35, 0, 1];
    expect(begun(seed).slice(0, 10)).toEqual(ranges);
    expect(begun(seed)).toHaveLength(40);
  });

  test('[PK2] a seek while it runs: the new place is next, with what lies behind it', () => {
    const lab = new Lab(1);
    const [leecher, seed] = [playing(lab, SEQUENTIAL), honest(9)];
    lab.join(leecher, seed);
    lab.stopWhen('it plays', () => leecher.store.size === 5);
    const before = begun(seed);
    leecher.tell({ kind: 'order-changed', order: { kind: 'sequential', first: [{ from: 20, to: 40 }] } });
    const asked = seed.requests.length;
    complete(lab, leecher);
    // What was on its way to the seed when the person sought is asked for already.
    const after = seed.requests.slice(asked).map(({ piece }) => piece);
    const at = after.indexOf(20);
    expect(at).toBeLessThanOrEqual(12);
    expect(after.slice(0, at).every((piece) => piece <= Math.max(...before) + 3)).toBe(true);
    const rest = [...new Set(after.slice(at))];
    const sought = rest.filter((piece) => piece >= 20);
    expect(sought).toEqual(ALL.slice(20));
    // What was begun before the seek is ended, but nothing else comes before the end of the range.
    expect(rest.slice(0, 20)).toEqual(sought);
  });

  test('[PK1] [PK2] rarest first comes back', () => {
    const lab = new Lab(1);
    const [leecher, seed] = [playing(lab, SEQUENTIAL), honest(9)];
    lab.join(leecher, seed);
    // A second peer has all but the last ten: those are the rarest.
    lab.join(leecher, honest(8, { has: ALL.slice(0, 30), answer: () => null }));
    lab.stopWhen('it plays', () => leecher.store.size === 5);
    leecher.tell({ kind: 'order-changed', order: { kind: 'rarest' } });
    lab.stopWhen('the rarest are here', () => ALL.slice(30).every((piece) => leecher.store.has(piece)));
    expect(ALL.slice(15, 30).filter((piece) => leecher.store.has(piece))).toEqual([]);
  });
});

describe('[PK2] pieces of many blocks', () => {
  const share = makeShare({ pieces: evenPieces(6, 1_000_000) });
  const patient = (nth: number, has: readonly number[], answers: number): ScriptedPeer => {
    let left = answers;
    const answer: SeedScript['answer'] = ({ piece, offset }, data) =>
      left-- > 0 ? { kind: 'piece', piece, offset, data } : null;
    return new ScriptedPeer(testPeer(nth), share.infoHash, seedScript({ share, has, answer }));
  };
  const leecherOf = (lab: Lab): LabMachine => {
    const leecher = lab.machine({ id: testPeer(5), share, as: 'knows' });
    leecher.tell({ kind: 'order-changed', order: SEQUENTIAL });
    leecher.tell({ kind: 'download-requested' });
    return leecher;
  };

  test('[PK2] a seek does not wait for the end of the piece that a peer is filling', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const seed = patient(9, [0, 1, 2, 3, 4, 5], 0);
    lab.join(leecher, seed);
    lab.settle();
    const waiting = seed.requests;
    expect(waiting.map(({ piece }) => piece)).toEqual([0, 0, 0, 0]);
    leecher.tell({ kind: 'order-changed', order: { kind: 'sequential', first: [{ from: 3, to: 4 }] } });
    for (const { piece, offset, length } of waiting) {
      seed.say({ kind: 'piece', piece, offset, data: share.pieces[piece]!.slice(offset, offset + length) });
    }
    lab.settle();
    expect(new Set(seed.requests.slice(4).map(({ piece }) => piece))).toEqual(new Set([3]));
  });

  test('[PK2] a later piece that somebody left half done waits until it is next', () => {
    const lab = new Lab(1);
    const leecher = leecherOf(lab);
    const leaving = patient(8, [3], 5);
    lab.join(leecher, leaving);
    lab.settle();
    leaving.close();
    lab.settle();
    const seed = patient(9, [0, 1, 2, 3, 4, 5], Infinity);
    lab.join(leecher, seed);
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expect(begun(seed)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seed.requests.filter(({ piece }) => piece === 3)).toHaveLength(11);
  });
});

describe('[PK2] the order survives', () => {
  test('[PK2] a peer that leaves: what it was asked for comes first', () => {
    const lab = new Lab(1);
    const leecher = playing(lab, SEQUENTIAL);
    const silent = honest(8, { answer: () => null });
    lab.join(leecher, silent);
    lab.settle();
    expect(begun(silent)[0]).toBe(0);
    silent.close();
    lab.settle();
    const seed = honest(9);
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual(ALL);
  });

  test('[PK2] a peer that lacks the first pieces', () => {
    const lab = new Lab(1);
    const leecher = playing(lab, SEQUENTIAL);
    const half = honest(8, { has: ALL.slice(20) });
    lab.join(leecher, half);
    lab.advance(5_000);
    expect(begun(half)).toEqual(ALL.slice(20));
    const seed = honest(9);
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual(ALL.slice(0, 20));
  });

  test('[PK2] a piece that came wrong is next, before all later ones', () => {
    const lab = new Lab(1);
    const leecher = playing(lab, SEQUENTIAL);
    let wrong = true;
    const answer: SeedScript['answer'] = ({ piece, offset }, data) => {
      if (piece === 3 && wrong) data[0] = (data[0] ?? 0) ^ 1;
      return { kind: 'piece', piece, offset, data };
    };
    // Held: the wrong piece is known to be wrong only when it went, and so did its sender.
    const liar = honest(8, { answer, has: [0, 1, 2, 3] });
    lab.join(leecher, liar);
    lab.settle();
    wrong = false;
    expect(leecher.store.has(3)).toBe(false);
    const seed = honest(9);
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual(ALL.slice(3));
  });

  test('[PK2] a stored piece that is lost', () => {
    const lab = new Lab(1);
    const leecher = playing(lab, SEQUENTIAL);
    const reader = new ScriptedPeer(testPeer(3), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
    });
    lab.join(leecher, reader);
    const first = honest(8, { has: ALL.slice(0, 10) });
    lab.join(leecher, first);
    lab.settle();
    expect(leecher.store.size).toBe(10);
    first.close();
    leecher.store.delete(2);
    reader.say({ kind: 'request', piece: 2, offset: 0, length: 10 });
    lab.settle();
    const seed = honest(9);
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual([2, ...ALL.slice(10)]);
  });

  test('[PK2] a pause, and a stop', () => {
    const lab = new Lab(1);
    const leecher = playing(lab, SEQUENTIAL);
    lab.join(leecher, honest(9));
    lab.stopWhen('it plays', () => leecher.store.size === 5);
    leecher.tell({ kind: 'download-paused' });
    lab.advance(10_000);
    const stored = leecher.store.size;
    expect(stored).toBeLessThan(20);
    leecher.tell({ kind: 'sharing-stopped' });
    lab.settle();
    leecher.tell({ kind: 'download-requested' });
    const seed = honest(7);
    lab.join(leecher, seed);
    complete(lab, leecher);
    expect(begun(seed)).toEqual([...begun(seed)].sort((a, b) => a - b));
    expect(begun(seed)[0]).toBeLessThanOrEqual(stored);
  });
});

/** How far the furthest piece that is here was ahead of the first that was not, at worst, in pieces. */
function worstLead(stored: readonly number[]): number {
  const here = new Set<number>();
  let [first, furthest, worst] = [0, -1, 0];
  for (const piece of stored) {
    here.add(piece);
    while (here.has(first)) first++;
    furthest = Math.max(furthest, piece);
    worst = Math.max(worst, furthest - first);
  }
  return worst;
}

const RATES = [1_000_000, 500_000, 60_000, 10_000];

/** Seeds from 1 MB/s to 10 kB/s; answers the order in which pieces were whole. */
function fromSeedsOfAllSpeeds(lab: Lab, order: PieceOrder): number[] {
  const leecher = playing(lab, order);
  RATES.forEach((up, nth) => {
    const seed = lab.machine({ id: testPeer(10 + nth), share: SHARE, as: 'seed' });
    seed.tell({ kind: 'limits-changed', up, down: null, peerUp: null, peerDown: null });
    lab.join(leecher, seed);
  });
  complete(lab, leecher);
  return leecher.orders.filter((one) => one.kind === 'store-piece').map(({ piece }) => piece);
}

describe('[PK3] seeds of all speeds', () => {
  const seeds = [1, 2, 3, 4, 5];

  test.each(seeds)('[PK3] pieces become whole nearly in order, seed %i', (seed) => {
    // 3 MB, which the fast ones bring in two seconds; the slowest takes a quarter of a minute for a piece.
    expect(worstLead(fromSeedsOfAllSpeeds(new Lab(seed), SEQUENTIAL))).toBeLessThanOrEqual(20);
  });

  test.each(seeds)(
    '[PK3] a range is whole soon, although the slow ones have a part in it, seed %i',
    (seed) => {
      const first = [{ from: 22, to: 30 }];
      const stored = fromSeedsOfAllSpeeds(new Lab(seed), { kind: 'rarest', first });
      const places = ALL.slice(22, 30).map((piece) => stored.indexOf(piece));
      expect(Math.max(...places)).toBeLessThanOrEqual(20);
    },
  );

  test('[PK3] what a slow peer has begun and not asked for is asked of a fast one', () => {
    const lab = new Lab(1);
    const big = makeShare({ pieces: evenPieces(6, 1_000_000) });
    const leecher = lab.machine({ id: testPeer(5), share: big, as: 'knows' });
    leecher.tell({ kind: 'order-changed', order: SEQUENTIAL });
    leecher.tell({ kind: 'download-requested' });
    const slow = new ScriptedPeer(testPeer(8), big.infoHash, seedScript({ share: big, answer: () => null }));
    lab.join(leecher, slow);
    lab.settle();
    expect(slow.requests.map(({ piece }) => piece)).toEqual([0, 0, 0, 0]);
    const fast = new ScriptedPeer(testPeer(9), big.infoHash, seedScript({ share: big }));
    lab.join(leecher, fast);
    lab.stopWhen('the fast one has begun three pieces', () => begun(fast).length === 3);
    expect(begun(fast)).toEqual([0, 1, 2]);
    const taken = slow.requests.map(({ offset }) => offset);
    const helped = fast.requests.filter(({ piece }) => piece === 0).map(({ offset }) => offset);
    expect(helped).toHaveLength(12);
    expect(helped.filter((offset) => taken.includes(offset))).toEqual([]);
  });
});
