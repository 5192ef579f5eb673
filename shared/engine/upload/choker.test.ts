/**
 * Turns, as the peers of a machine hear of them: on a network where bytes take time, with peers that ask when they are
 * let in. What is fair is measured over a simulated minute.
 */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { BLOCK_BYTES } from '../../limits.ts';
import { encodeFrame } from '../../protocol/codec.ts';
import type { Frame } from '../../protocol/frames.ts';
import { testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import type { Party } from '../testing/pipe.ts';
import { ScriptedPeer } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import type { TestShare } from '../testing/share.ts';
import { TimedLab } from '../testing/timed-lab.ts';
import type { Access } from '../testing/timed-lab.ts';
import { TorrentInnoPeer } from '../testing/torrentinno-peer.ts';

const PIECE_BYTES = 4 * BLOCK_BYTES;
const SHARE = makeShare({ pieces: evenPieces(144, PIECE_BYTES) });
const PIECES = SHARE.pieces.length;
const MINUTE_MS = 60_000;

/** A seed among others: it shows everybody everything. */
function seedOf(lab: TimedLab, access: Access, share: TestShare = SHARE): LabMachine {
  const seed = lab.machine({ id: testPeer(1), share, as: 'seed' }, access);
  seed.tell({ kind: 'tracker-opened' });
  seed.tell({ kind: 'peers-announced', interval: 30, complete: 2, incomplete: 8, peers: [] });
  return seed;
}

interface AskerOptions {
  /** Blocks that it asks for as soon as it may; 0: it never asks. Default: a piece's. */
  readonly blocks?: number;
  readonly extended?: boolean;
  readonly access?: Access;
  readonly share?: TestShare;
  /** A block came. */
  readonly got?: (piece: number) => void;
}

/** A leecher that asks for the next blocks of the share as soon as it may, and again when all of them came. */
class Asker {
  readonly peer: ScriptedPeer;
  /** When it was let in: after it had been choked. */
  readonly turns: number[] = [];
  readonly chokes: number[] = [];
  asked = 0;
  choked = false;
  /** It was let in, and knew of nothing it could ask for. */
  invitedForNothing = 0;
  stopped = false;
  readonly #lab: TimedLab;
  readonly #share: TestShare;
  readonly #blocks: number;
  readonly #got: (piece: number) => void;
  #knows: Bitfield;
  #begun: Bitfield;
  #unanswered = 0;
  /** Blocks of the pieces begun that were not asked for yet. */
  readonly #next: { readonly piece: number; readonly offset: number }[] = [];

  constructor(lab: TimedLab, nth: number, options: AskerOptions = {}) {
    this.#lab = lab;
    this.#share = options.share ?? SHARE;
    this.#blocks = options.blocks ?? 4;
    this.#got = options.got ?? (() => undefined);
    this.#knows = Bitfield.empty(this.#share.pieces.length);
    this.#begun = Bitfield.empty(this.#share.pieces.length);
    this.peer = new ScriptedPeer(testPeer(nth), this.#share.infoHash, (heard, self) => {
      if (heard.kind === 'handshake' && options.extended !== false) self.say({ kind: 'capability' });
      if (heard.kind !== 'handshake' && heard.kind !== 'violation') this.#hear(heard);
    });
    lab.add(this.peer, options.access ?? {});
  }

  get answered(): number {
    return this.peer.frames('piece').length + this.peer.frames('reject').length;
  }

  #hear(heard: Frame): void {
    if (heard.kind === 'bitfield') this.#knows = Bitfield.parse(heard.bits, this.#share.pieces.length)!;
    if (heard.kind === 'have') for (const piece of heard.pieces) this.#knows.add(piece);
    if (heard.kind === 'choke') {
      this.choked = true;
      this.chokes.push(this.#lab.now);
    }
    if (heard.kind === 'unchoke') {
      this.choked = false;
      this.turns.push(this.#lab.now);
      if (!this.#knows.hasMoreThan(this.#begun) && this.#next.length === 0) this.invitedForNothing++;
    }
    if (heard.kind === 'piece' || heard.kind === 'reject') this.#unanswered--;
    if (heard.kind === 'piece') this.#got(heard.piece);
    if (heard.kind === 'reject') this.#next.push(heard);
    if (this.#unanswered === 0 || heard.kind === 'unchoke') this.#ask();
  }

  /** All at once, as requests come through a channel: the machine hears of them together. */
  #ask(): void {
    if (this.choked || this.stopped) return;
    const requests: Uint8Array[] = [];
    while (requests.length < this.#blocks) {
      const block = this.#next.shift() ?? this.#beginPiece();
      if (block === undefined) break;
      const { piece, offset } = block;
      requests.push(encodeFrame({ kind: 'request', piece, offset, length: BLOCK_BYTES }));
    }
    this.#unanswered += requests.length;
    this.asked += requests.length;
    if (requests.length > 0) this.peer.bytes(Buffer.concat(requests));
  }

  #beginPiece(): { piece: number; offset: number } | undefined {
    // Its appetite has no end: who knows of everything begins anew.
    if (this.#begun.isFull) this.#begun = Bitfield.empty(this.#share.pieces.length);
    for (const piece of this.#knows.members()) {
      if (!this.#begun.add(piece)) continue;
      const size = this.#share.pieces[piece]!.length;
      for (let offset = 0; offset < size; offset += BLOCK_BYTES) this.#next.push({ piece, offset });
      return this.#next.shift();
    }
    return undefined;
  }
}

function askers(lab: TimedLab, seed: Party, count: number, options: AskerOptions = {}): Asker[] {
  return Array.from({ length: count }, (_, nth) => {
    const asker = new Asker(lab, nth + 2, options);
    lab.join(seed, asker.peer);
    return asker;
  });
}

/** An unmodified leecher that asks for all that may wait, at once. */
function greedy(lab: TimedLab, seed: Party, nth: number, down: number): void {
  const peer = new ScriptedPeer(testPeer(nth), SHARE.infoHash, (heard, self) => {
    if (heard.kind !== 'handshake') return;
    self.say({ kind: 'bitfield', bits: Bitfield.empty(PIECES).toBytes() });
    for (let block = 0; block < 480; block++) {
      const range = { piece: block >> 2, offset: (block & 3) * BLOCK_BYTES, length: BLOCK_BYTES };
      self.say({ kind: 'request', ...range });
    }
  });
  lab.add(peer, { down });
  lab.join(seed, peer);
}

function spread(amounts: readonly number[]): number {
  return Math.max(...amounts) / Math.min(...amounts);
}

function mean(amounts: readonly number[]): number {
  return amounts.reduce((sum, amount) => sum + amount, 0) / amounts.length;
}

describe('[CH1] choke', () => {
  test('[CH1] every request is answered once, by its block or by a reject, however turns end', () => {
    const lab = new TimedLab(1);
    const seed = seedOf(lab, { up: 600_000 });
    const all = askers(lab, seed, 6, { blocks: 11 });
    lab.advance(20_000);
    for (const asker of all) asker.stopped = true;
    lab.advance(10_000);
    for (const asker of all) {
      expect(asker.asked).toBeGreaterThan(20);
      expect(asker.answered).toBe(asker.asked);
    }
    expect(all.some(({ peer }) => peer.frames('reject').length > 0)).toBe(true);
  });

  test('[CH1] is said after the capability, and never to who has not said that it knows it', () => {
    const lab = new TimedLab(2);
    const seed = seedOf(lab, { up: 600_000 });
    const ours = askers(lab, seed, 5);
    const plain = new Asker(lab, 20, { extended: false, blocks: 8 });
    lab.join(seed, plain.peer);
    plain.peer.say({ kind: 'bitfield', bits: Bitfield.empty(PIECES).toBytes() });
    lab.advance(20_000);
    const kinds = new Set(plain.peer.heard.map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['bitfield', 'capability', 'handshake', 'piece']);
    for (const { peer, chokes } of ours) {
      expect(chokes.length).toBeGreaterThan(0);
      const heard = peer.heard.map(({ kind }) => kind);
      expect(heard.indexOf('capability')).toBeLessThan(heard.indexOf('choke'));
    }
  });

  test('[CH1] what is asked of us after a choke is rejected', () => {
    const lab = new TimedLab(3);
    const seed = seedOf(lab, { up: 300_000 });
    askers(lab, seed, 5);
    lab.advance(3_000);
    const late = new Asker(lab, 20, { blocks: 0 });
    lab.join(seed, late.peer);
    lab.advance(500);
    expect(late.choked).toBe(true);
    late.peer.say({ kind: 'request', piece: 0, offset: 0, length: 1_000 });
    lab.advance(100);
    expect(late.peer.frames('reject')).toEqual([{ kind: 'reject', piece: 0, offset: 0, length: 1_000 }]);
    expect(late.peer.frames('piece')).toEqual([]);
  });

  test('[CH1] what a peer may ask for is said before the unchoke, also by a lone seed', () => {
    const lab = new TimedLab(4);
    const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'seed' }, { up: 1_500_000 });
    const all = askers(lab, seed, 8);
    lab.advance(20_000);
    expect(all.flatMap(({ turns }) => turns).length).toBeGreaterThan(40);
    for (const { invitedForNothing } of all) expect(invitedForNothing).toBe(0);
  });
});

/** One that has not said that it knows choke, and lost its turn to others that asked more, until they stopped. */
function kept(lab: TimedLab, seed: LabMachine): Asker {
  const others = askers(lab, seed, 8);
  const plain = new Asker(lab, 20, { extended: false, blocks: 0 });
  lab.join(seed, plain.peer);
  lab.advance(5_000);
  for (const other of others) other.stopped = true;
  lab.advance(3_100);
  return plain;
}

describe('[CH2] a newcomer', () => {
  test('[CH2] may ask at once while there is room', () => {
    const lab = new TimedLab(1);
    const [one] = askers(lab, seedOf(lab, { up: 600_000 }), 1);
    lab.advance(1_000);
    expect(one!.chokes).toEqual([]);
    expect(one!.peer.frames('piece').length).toBeGreaterThan(0);
  });

  test('[CH2] is choked before it can ask where the uplink is full', () => {
    const lab = new TimedLab(2);
    const seed = seedOf(lab, { up: 300_000 });
    askers(lab, seed, 5);
    lab.advance(3_000);
    const late = new Asker(lab, 20);
    lab.join(seed, late.peer);
    lab.advance(500);
    expect(late.choked).toBe(true);
    const kinds = late.peer.heard.map(({ kind }) => kind);
    expect(kinds.slice(0, kinds.indexOf('choke') + 1)).toEqual([
      'handshake',
      'capability',
      'bitfield',
      'choke',
    ]);
  });

  test('[CH2] that says late that it knows choke may ask like any other, although it was kept waiting', () => {
    const lab = new TimedLab(4);
    const seed = seedOf(lab, { up: 1_000_000 });
    const late = kept(lab, seed);
    late.peer.say({ kind: 'capability' });
    lab.advance(1_000);
    expect(late.choked).toBe(false);
    late.peer.say({ kind: 'request', piece: 0, offset: 0, length: BLOCK_BYTES });
    lab.advance(200);
    expect(late.peer.frames('reject')).toEqual([]);
    expect(late.peer.frames('piece')).toHaveLength(1);
  });

  test('[CH2] that wants nothing is choked although there is room', () => {
    const lab = new TimedLab(3);
    const seed = seedOf(lab, { up: 600_000 });
    const full = new ScriptedPeer(testPeer(2), SHARE.infoHash, (heard, self) => {
      if (heard.kind !== 'handshake') return;
      self.say({ kind: 'bitfield', bits: Bitfield.full(PIECES).toBytes() }, { kind: 'capability' });
    });
    lab.add(full);
    lab.join(seed, full);
    lab.advance(1_000);
    expect(full.frames('choke')).toHaveLength(1);
    expect(full.frames('unchoke')).toEqual([]);
  });
});

describe('[CH3] a turn', () => {
  test('[CH3] is a piece long where others wait: the rest is rejected, and asked for again', () => {
    const lab = new TimedLab(1);
    const seed = seedOf(lab, { up: 1_500_000 });
    const greedy = askers(lab, seed, 8, { blocks: 40 });
    lab.advance(5_000);
    const before = greedy.map(({ peer, turns }) => peer.frames('piece').length - 4 * turns.length);
    lab.advance(25_000);
    greedy.forEach(({ peer, turns }, nth) => {
      expect(turns.length).toBeGreaterThan(10);
      expect(peer.frames('reject').length).toBeGreaterThan(100);
      const beyond = peer.frames('piece').length - 4 * turns.length - before[nth]!;
      expect(Math.abs(beyond) / turns.length).toBeLessThan(1);
    });
  });

  test('[CH3] of large pieces is as long as one of them', () => {
    const share = makeShare({ pieces: evenPieces(12, 16 * BLOCK_BYTES) });
    const lab = new TimedLab(2);
    const seed = seedOf(lab, { up: 1_000_000 }, share);
    const leechers = Array.from({ length: 8 }, (_, nth) => {
      const leecher = lab.machine({ id: testPeer(nth + 2), share, as: 'knows' });
      lab.join(seed, leecher);
      leecher.tell({ kind: 'download-requested' });
      return leecher;
    });
    // Whole pieces come one after another, not eight of them little by little.
    const pending: number[] = [];
    for (let step = 0; step < 60; step++) {
      lab.advance(250);
      const stored = leechers.reduce((sum, { store }) => sum + store.size, 0);
      pending.push(lab.received({ from: seed }) / (16 * BLOCK_BYTES) - stored);
    }
    expect(mean(pending)).toBeLessThan(2);
  });

  test('[CH3] does not end while nobody waits', () => {
    const lab = new TimedLab(3);
    const seed = seedOf(lab, { up: 400_000 });
    const [one] = askers(lab, seed, 1, { blocks: 40 });
    lab.advance(20_000);
    expect(one!.chokes).toEqual([]);
    expect(one!.peer.frames('reject')).toEqual([]);
    expect(lab.received({ from: seed })).toBeGreaterThan(0.9 * 20 * 400_000);
  });
});

describe('[CH4] the next one', () => {
  test.each([20, 120])('[CH4] is let in before the uplink runs dry, %i ms away', (latency) => {
    const lab = new TimedLab(1, latency);
    const seed = seedOf(lab, { up: 800_000 });
    askers(lab, seed, 10);
    lab.advance(5_000);
    const since = lab.now;
    lab.advance(20_000);
    expect(lab.received({ from: seed }, since)).toBeGreaterThan(0.93 * 20 * 800_000);
  });

  test('[CH4] waits while those who are let in keep the uplink busy', () => {
    const lab = new TimedLab(2);
    const seed = seedOf(lab, { up: 800_000 });
    const all = askers(lab, seed, 12);
    lab.advance(5_000);
    let most = 0;
    for (let step = 0; step < 200; step++) {
      lab.advance(100);
      most = Math.max(most, all.filter(({ choked }) => !choked).length);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(5);
  });
});

describe('[CH5] whose turn it is while seeding', () => {
  test('[CH5] of equals who waited longest is next', () => {
    const lab = new TimedLab(1);
    const seed = seedOf(lab, { up: 800_000 });
    const all = askers(lab, seed, 7);
    lab.advance(MINUTE_MS);
    const order = all
      .flatMap(({ turns }, who) => turns.map((at) => ({ at, who })))
      .sort((a, b) => a.at - b.at)
      .map(({ who }) => who)
      .slice(7);
    expect(order.length).toBeGreaterThan(100);
    // Nobody waits while all others have two turns each.
    for (let from = 0; from + 14 <= order.length; from++) {
      expect(new Set(order.slice(from, from + 14)).size).toBe(7);
    }
  });

  test('[CH5] every third turn goes to who drains fastest, and the others get theirs', () => {
    const lab = new TimedLab(2);
    const seed = seedOf(lab, { up: 1_000_000 });
    const slow = askers(lab, seed, 9, { access: { down: 150_000 } });
    const fast = new Asker(lab, 20);
    lab.join(seed, fast.peer);
    lab.advance(5_000);
    const before = [...slow, fast].map(({ turns }) => turns.length);
    lab.advance(MINUTE_MS);
    const turns = [...slow, fast].map((asker, nth) => asker.turns.length - before[nth]!);
    const all = turns.reduce((sum, count) => sum + count, 0);
    const fastest = turns.at(-1)!;
    expect(fastest / all).toBeGreaterThan(0.25);
    expect(fastest / all).toBeLessThan(0.5);
    expect(Math.min(...turns)).toBeGreaterThan((0.5 * (all - fastest)) / slow.length);
  });
});

const HALF = PIECES / 2;
const GIVES = 250_000;

/** One that has half of the share and wants the rest, not faster than `GIVES` of each. */
function downloader(lab: TimedLab): LabMachine {
  const machine = lab.machine(
    { id: testPeer(1), share: SHARE, as: 'knows', owned: range(0, HALF) },
    { up: 2_000_000 },
  );
  machine.tell({ kind: 'download-requested' });
  machine.tell({ kind: 'limits-changed', up: null, down: null, peerUp: null, peerDown: GIVES });
  return machine;
}

/** A leecher that is linked to the downloader alone. They come one after another, into a full uplink. */
function partner(lab: TimedLab, machine: LabMachine, nth: number, owned: readonly number[]): LabMachine {
  const one = lab.machine({ id: testPeer(nth), share: SHARE, as: 'knows', owned });
  one.tell({ kind: 'download-requested' });
  lab.join(machine, one);
  lab.advance(300);
  return one;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, nth) => from + nth);
}

describe('[SS2] who keeps back what a super-seed gave it', () => {
  test.each([1, 2, 3])('[SS2] waits behind all that pass theirs on, seed %i', (rng) => {
    const lab = new TimedLab(rng);
    const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'seed' }, { up: 800_000 });
    seed.tell({ kind: 'tracker-opened' });
    seed.tell({ kind: 'peers-announced', interval: 30, complete: 1, incomplete: 6, peers: [] });
    const blocks = new Map<number, number>();
    const whole = (piece: number): boolean => {
      blocks.set(piece, (blocks.get(piece) ?? 0) + 1);
      return blocks.get(piece) === 4;
    };
    const passOn = (piece: number): void => {
      if (whole(piece)) for (const { peer } of honest) peer.say({ kind: 'have', pieces: [piece] });
    };
    const keep = (piece: number): void => {
      if (whole(piece)) keeper.peer.say({ kind: 'have', pieces: [piece] });
    };
    const honest = Array.from({ length: 5 }, (_, nth) => new Asker(lab, nth + 2, { got: passOn }));
    const keeper = new Asker(lab, 9, { got: keep });
    for (const { peer } of [...honest, keeper]) lab.join(seed, peer);
    lab.advance(12_000);
    const turnsBefore = keeper.turns.length;
    const honestBefore = honest.map(({ turns }) => turns.length);
    lab.advance(20_000);
    expect(turnsBefore).toBeGreaterThan(0);
    for (const [nth, { turns }] of honest.entries())
      expect(turns.length - honestBefore[nth]!).toBeGreaterThan(8);
    expect(keeper.turns.length - turnsBefore).toBeLessThanOrEqual(1);
  });
});

describe('[CH5] whose turn it is while downloading', () => {
  test('[CH5] of equal need who gives gets clearly more, and nobody is starved', () => {
    const lab = new TimedLab(1);
    const machine = downloader(lab);
    // As many pieces each: those of one are of use to the downloader, those of the others it has.
    const [giver, ...takers] = range(2, 9).map((nth) =>
      partner(lab, machine, nth, nth === 2 ? range(HALF, HALF + 24) : range(0, 24)),
    );
    lab.advance(3_000);
    const since = lab.now;
    lab.advance(18_000);
    const given = lab.received({ to: giver! }, since);
    const taken = takers.map((taker) => lab.received({ to: taker }, since));
    expect(lab.received({ from: giver!, to: machine }, since)).toBeGreaterThan(0.9 * 18 * GIVES);
    expect(given).toBeGreaterThan(1.3 * mean(taken));
    expect(Math.min(...taken)).toBeGreaterThan(0.4 * given);
    expect(spread(taken)).toBeLessThan(1.5);
  });

  test('[CH5] a newcomer that gave nothing has its first piece within a few turns', () => {
    const lab = new TimedLab(2);
    const machine = downloader(lab);
    for (const nth of range(2, 8)) partner(lab, machine, nth, range(HALF, HALF + 24));
    lab.advance(8_000);
    const since = lab.now;
    const newcomer = partner(lab, machine, 9, []);
    while (newcomer.store.size === 0 && lab.now - since < MINUTE_MS) lab.advance(50);
    const others = lab.received({ from: machine }, since) - lab.received({ to: newcomer });
    expect(newcomer.store.size).toBeGreaterThan(0);
    // Every fourth turn goes by waiting alone: it is its own at the latest when the six others have had theirs.
    expect(others / PIECE_BYTES).toBeLessThan(14);
  });

  test('[CH5] the optimistic turn reaches also who gives nothing, took much and lacks little', () => {
    const lab = new TimedLab(4);
    const machine = downloader(lab);
    const taker = partner(lab, machine, 2, range(0, 36));
    lab.advance(2_000);
    const givers = range(3, 9).map((nth) => partner(lab, machine, nth, range(HALF, HALF + 24)));
    lab.advance(1_000);
    const since = lab.now;
    lab.advance(8_000);
    const given = givers.map((giver) => lab.received({ to: giver }, since));
    expect(lab.received({ to: taker }, since)).toBeGreaterThan(0.45 * mean(given));
    expect(lab.received({ to: taker }, since)).toBeLessThan(1.1 * mean(given));
  });

  test('[CH5] who lacks more waits less', () => {
    const lab = new TimedLab(3);
    const machine = downloader(lab);
    const needy = partner(lab, machine, 2, []);
    // The others have two thirds of what there is to get.
    const others = range(3, 9).map((nth) => partner(lab, machine, nth, range(0, 48)));
    lab.advance(1_000);
    const since = lab.now;
    lab.advance(10_000);
    const amounts = others.map((other) => lab.received({ to: other }, since));
    expect(lab.received({ to: needy }, since)).toBeGreaterThan(1.2 * mean(amounts));
    expect(Math.min(...amounts)).toBeGreaterThan(0.5 * mean(amounts));
  });
});

describe('[CH6] who does not use its turn', () => {
  test('[CH6] makes way soon for those who wait', () => {
    const lab = new TimedLab(1);
    const seed = seedOf(lab, { up: 600_000 });
    const all = askers(lab, seed, 5);
    const mute = [20, 21, 22].map((nth) => {
      const one = new Asker(lab, nth, { blocks: 0 });
      lab.join(seed, one.peer);
      return one;
    });
    lab.advance(MINUTE_MS);
    for (const { turns, chokes } of mute) {
      expect(turns.length).toBeGreaterThan(3);
      for (const turn of turns.slice(0, -1)) {
        const end = chokes.find((choke) => choke > turn)!;
        expect(end - turn).toBeLessThan(1_000);
      }
    }
    expect(lab.received({ from: seed })).toBeGreaterThan(0.9 * 60 * 600_000);
    expect(spread(all.map(({ peer }) => lab.received({ to: peer })))).toBeLessThan(1.5);
  });

  test('[CH6] stays where nobody waits', () => {
    const lab = new TimedLab(2);
    const mute = askers(lab, seedOf(lab, { up: 600_000 }), 3, { blocks: 0 });
    // The third of them was not let in before it was clear that the others do not ask.
    lab.advance(5_000);
    const before = mute.map(({ chokes }) => chokes.length);
    lab.advance(20_000);
    expect(mute.map(({ chokes }) => chokes.length)).toEqual(before);
    expect(mute.filter(({ choked }) => choked)).toEqual([]);
  });
});

/** One seed, and leechers that know nobody else. */
function isolated(lab: TimedLab, seed: LabMachine, count: number): LabMachine[] {
  return Array.from({ length: count }, (_, nth) => {
    const leecher = lab.machine({ id: testPeer(nth + 2), share: SHARE, as: 'knows' });
    leecher.tell({ kind: 'download-requested' });
    lab.join(seed, leecher);
    return leecher;
  });
}

function unmodified(lab: TimedLab, seed: LabMachine, requestsPerTick: number): TorrentInnoPeer {
  const { random, now } = lab;
  const peer = new TorrentInnoPeer({ id: testPeer(40), share: SHARE, requestsPerTick, random, now });
  lab.add(peer);
  lab.clocked.push(peer);
  lab.join(seed, peer);
  return peer;
}

describe('[CH5] [CH6] fair over a minute', () => {
  test.each([
    [400_000, 1],
    [1_000_000, 2],
  ])('[CH5] eight equal leechers of a seed with %i bytes a second', (up, rng) => {
    const lab = new TimedLab(rng);
    const seed = seedOf(lab, { up });
    const leechers = isolated(lab, seed, 8);
    lab.advance(MINUTE_MS);
    expect(spread(leechers.map((leecher) => lab.received({ to: leecher })))).toBeLessThan(1.5);
    expect(lab.received({ from: seed })).toBeGreaterThan(0.93 * 60 * up);
  });

  test('[CH5] eight equal leechers of a seed that a limit holds back', () => {
    const lab = new TimedLab(4);
    const seed = seedOf(lab, {});
    seed.tell({ kind: 'limits-changed', up: 500_000, down: null, peerUp: null, peerDown: null });
    const leechers = isolated(lab, seed, 8);
    lab.advance(MINUTE_MS);
    expect(spread(leechers.map((leecher) => lab.received({ to: leecher })))).toBeLessThan(1.5);
  });

  test.each([
    [1_000_000, 1],
    [400_000, 300],
  ])(
    '[CH6] an unmodified leecher gets one share of %i bytes a second, asking for %i at a time',
    (up, asks) => {
      const lab = new TimedLab(5);
      const seed = seedOf(lab, { up });
      const leechers = isolated(lab, seed, 7);
      const plain = unmodified(lab, seed, asks);
      lab.advance(MINUTE_MS);
      const amounts = leechers.map((leecher) => lab.received({ to: leecher }));
      const share = lab.received({ to: plain }) / mean(amounts);
      expect(share).toBeGreaterThan(0.5);
      expect(share).toBeLessThan(1.5);
      expect(spread(amounts)).toBeLessThan(1.5);
      expect(lab.received({ from: seed })).toBeGreaterThan(0.93 * 60 * up);
    },
  );

  test('[CH6] an unmodified leecher gets one share also behind a limit', () => {
    const lab = new TimedLab(6);
    const seed = seedOf(lab, {});
    seed.tell({ kind: 'limits-changed', up: 1_000_000, down: null, peerUp: null, peerDown: null });
    const leechers = isolated(lab, seed, 7);
    const plain = unmodified(lab, seed, 1);
    lab.advance(MINUTE_MS);
    const share =
      lab.received({ to: plain }) / mean(leechers.map((leecher) => lab.received({ to: leecher })));
    expect(share).toBeGreaterThan(0.5);
    expect(share).toBeLessThan(1.5);
  });

  test.each([0, 2])(
    '[CH6] an unmodified leecher has what nobody else takes, beside %i that do not ask',
    (mute) => {
      const lab = new TimedLab(7);
      const seed = seedOf(lab, { up: 1_000_000 });
      askers(lab, seed, mute, { blocks: 0 });
      const plain = unmodified(lab, seed, 300);
      lab.advance(15_000);
      expect(lab.received({ to: plain })).toBeGreaterThan(0.93 * 15 * 1_000_000);
    },
  );

  test.each([
    { what: 'that are slow, on a fast uplink', up: 1_250_000, down: 20_000 },
    { what: 'that are fast, on a slow uplink', up: 125_000, down: 1e9 },
  ])('[CH6] [UP5] six unmodified leechers $what, do not starve those of ours', ({ up, down }) => {
    const lab = new TimedLab(3);
    const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'seed' }, { up });
    const ours = [2, 3, 4].map((nth) => lab.machine({ id: testPeer(nth), share: SHARE, as: 'knows' }));
    for (const leecher of ours) {
      leecher.tell({ kind: 'download-requested' });
      lab.join(seed, leecher);
    }
    for (let nth = 0; nth < 6; nth++) greedy(lab, seed, 10 + nth, down);
    lab.advance(20_000);
    const since = lab.now;
    lab.advance(MINUTE_MS);
    for (const leecher of ours) {
      expect(lab.received({ to: leecher }, since) / ((up * MINUTE_MS) / 1000)).toBeGreaterThan(0.02);
    }
  });

  test('[CH6] an unmodified leecher that was silent is answered at once when the others have stopped', () => {
    const lab = new TimedLab(8);
    const seed = seedOf(lab, { up: 1_000_000 });
    const plain = kept(lab, seed);
    plain.peer.say({ kind: 'request', piece: 0, offset: 0, length: BLOCK_BYTES });
    // Two trips, and the block on the uplink.
    lab.advance(2 * 20 + 66 + 10);
    expect(plain.peer.frames('piece')).toHaveLength(1);
  });
});
