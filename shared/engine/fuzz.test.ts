/**
 * Peers that say anything at any time, legal or not, to a seed and to a leecher whose limits, orders and wishes change
 * meanwhile. Whatever they say is the peers' wrong, never ours: no machine throws ([EN3]), nothing unverified is
 * stored or announced (the laboratory looks), and when they are gone the leecher gets everything ([EN1]).
 */
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_HAVE_INDEXES } from '../limits.ts';
import type { Frame } from '../protocol/frames.ts';
import type { Random } from '../random.ts';
import type { Input, PieceRange } from './io.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import { whole } from './testing/pipe.ts';
import { bitsOf, goodBlock, ScriptedPeer } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';
import { TokenBucket } from './meters/token-bucket.ts';

const PIECES = 10;
const SHARE = makeShare({ pieces: evenPieces(PIECES, BLOCK_BYTES + 20_000, 12_345) });
const RUNS = 120;
const STEPS = 120;
const STRANGERS = 4;

function oneOf<T>(random: Random, from: readonly T[]): T {
  return from[random.below(from.length)] as T;
}

/** True once in `times`. */
function once(random: Random, times: number): boolean {
  return random.below(times) === 0;
}

function anyPiece(random: Random): number {
  return once(random, 40) ? oneOf(random, [PIECES, 0xffff_ffff, 16_384]) : random.below(PIECES);
}

function anyRange(random: Random): { piece: number; offset: number; length: number } {
  const piece = anyPiece(random);
  const size = SHARE.pieces[piece]?.length ?? BLOCK_BYTES;
  const most = oneOf(random, [BLOCK_BYTES, BLOCK_GRID_BYTES, size]);
  const offset = most * random.below(Math.ceil(size / most));
  if (once(random, 80)) return { piece, offset: random.uint32(), length: oneOf(random, [0, 1, 0xffff_ffff]) };
  return { piece, offset, length: Math.min(most, size - offset) };
}

function somePieces(random: Random): number[] {
  return Array.from({ length: PIECES }, (_, piece) => piece).filter(() => once(random, 2));
}

function anyBits(random: Random): Uint8Array {
  if (once(random, 60)) return new Uint8Array(random.below(5)).fill(0xff);
  return bitsOf(PIECES, once(random, 8) ? [...SHARE.pieces.keys()] : oneOf(random, [[], somePieces(random)]));
}

function anyFrame(random: Random): Frame {
  const kind = oneOf(random, [
    ...(['request', 'request', 'request', 'have', 'have', 'bitfield', 'cancel', 'reject'] as const),
    ...(['choke', 'unchoke', 'unchoke', 'capability', 'metadata-request', 'metadata', 'piece'] as const),
  ]);
  switch (kind) {
    case 'request':
    case 'cancel':
    case 'reject':
      return { kind, ...anyRange(random) };
    case 'have': {
      const many = once(random, 30) ? MAX_HAVE_INDEXES : 1 + random.below(4);
      return { kind, pieces: Array.from({ length: many }, () => anyPiece(random)) };
    }
    case 'bitfield':
      return { kind, bits: anyBits(random) };
    case 'metadata-request':
      return { kind, offset: once(random, 20) ? random.uint32() : 0 };
    case 'metadata':
      return { kind, total: random.below(3) * 100, offset: 0, data: new Uint8Array(random.below(2) * 100) };
    case 'piece': {
      const { piece, offset, length } = anyRange(random);
      return { kind, piece, offset, data: new Uint8Array(Math.min(length, BLOCK_BYTES)) };
    }
    default:
      return { kind };
  }
}

/** What the person, the page and the tracker may say at any time. */
function anyInput(random: Random): Input {
  const rate = (): number | null => oneOf(random, [null, null, 0, 0.5, 20_000, 300_000, 5e6]);
  const place = (): number => oneOf(random, [-1, 0, 3, 7.5, PIECES, Infinity, NaN, random.below(PIECES)]);
  const first: PieceRange[] = Array.from({ length: random.below(4) }, () => ({ from: place(), to: place() }));
  return oneOf<Input>(random, [
    { kind: 'limits-changed', up: rate(), down: rate(), peerUp: rate(), peerDown: rate() },
    { kind: 'limits-changed', up: null, down: null, peerUp: null, peerDown: null },
    { kind: 'order-changed', order: { kind: 'sequential' } },
    { kind: 'order-changed', order: { kind: 'rarest', first } },
    { kind: 'download-requested' },
    { kind: 'download-requested' },
    { kind: 'download-paused' },
    oneOf<Input>(random, [{ kind: 'sharing-stopped' }, { kind: 'sharing-resumed' }]),
    { kind: 'tracker-opened' },
    { kind: 'tracker-lost' },
    {
      kind: 'peers-announced',
      interval: 30,
      complete: random.below(3),
      incomplete: random.below(4),
      peers: [{ id: testPeer(5_000 + random.below(9)), seed: once(random, 2) }],
    },
    { kind: 'dial-failed', peer: testPeer(5_000 + random.below(9)) },
  ]);
}

/** One peer at a time on one place, which it leaves and comes back to, as itself or as another. */
class Stranger {
  readonly #lab: Lab;
  readonly #host: LabMachine;
  #peer: ScriptedPeer;
  #nth: number;
  #answered = 0;

  constructor(lab: Lab, host: LabMachine, nth: number) {
    this.#lab = lab;
    this.#host = host;
    this.#nth = nth;
    this.#peer = this.#come();
  }

  act(): void {
    const { random } = this.#lab;
    if (this.#peer.closed || once(random, 40)) {
      if (once(random, 2)) this.#nth += 2 * STRANGERS;
      // Its other connection may still be there.
      if (once(random, 2)) this.#peer.close();
      this.#peer = this.#come();
    }
    if (once(random, 2)) this.#peer.say(anyFrame(random));
    else this.#answer();
  }

  leave(): void {
    this.#peer.close();
  }

  #come(): ScriptedPeer {
    const { random } = this.#lab;
    const speaks = once(random, 4) ? [] : [{ kind: 'capability' } as const];
    const peer = new ScriptedPeer(testPeer(this.#nth), SHARE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say(...speaks, { kind: 'bitfield', bits: anyBits(random) });
    });
    this.#answered = 0;
    this.#lab.join(this.#host, peer);
    return peer;
  }

  /** What it was asked for, mostly as it should be. */
  #answer(): void {
    const { random } = this.#lab;
    for (const asked of this.#peer.requests.slice(this.#answered)) {
      this.#answered++;
      const { piece, offset, length } = asked;
      const data = goodBlock(SHARE, asked);
      if (once(random, 12)) data.fill(0);
      const how = random.below(10);
      if (how > 2) this.#peer.say({ kind: 'piece', piece, offset, data });
      if (how === 2) this.#peer.say({ kind: 'reject', piece, offset, length });
    }
  }
}

interface Scene {
  readonly lab: Lab;
  readonly seed: LabMachine;
  readonly leecher: LabMachine;
  readonly strangers: readonly Stranger[];
}

function scene(rng: number): Scene {
  const lab = new Lab(rng);
  const { random } = lab;
  if (once(random, 2)) lab.cut = whole;
  const limits = { up: new TokenBucket(), down: new TokenBucket() };
  const shared = once(random, 2) ? { limits } : {};
  const seed = lab.machine({ id: testPeer(2_000), share: SHARE, as: 'seed', ...shared });
  const as = oneOf(random, ['knows', 'newcomer'] as const);
  const leecher = lab.machine({ id: testPeer(1_000), share: SHARE, as, ...shared });
  lab.join(seed, leecher);
  leecher.tell({ kind: 'download-requested' });
  const strangers = Array.from({ length: 2 * STRANGERS }, (_, nth) => {
    // Ids on either side of the hosts': some dial, some are dialled.
    return new Stranger(lab, nth % 2 === 0 ? seed : leecher, oneOf(random, [100, 3_000]) + nth);
  });
  return { lab, seed, leecher, strangers };
}

function step({ lab, seed, leecher, strangers }: Scene): void {
  const { random } = lab;
  const act = random.below(20);
  if (act < 14) return oneOf(random, strangers).act();
  if (act < 16) return lab.advance(oneOf(random, [0, 1, 30, 300, 3_000]));
  if (act === 16) {
    // Two connections that are made at the same time may both be closed, as older than the other.
    lab.settle();
    if (once(random, 4)) lab.join(seed, leecher);
    lab.settle();
    return;
  }
  if (act === 17) {
    const held = leecher.held;
    if (!held.delete('store-piece')) held.add('store-piece');
    leecher.storeTrouble = once(random, 3) ? oneOf(random, ['quota', 'unavailable']) : null;
    for (const machine of [seed, leecher]) machine.readTrouble = once(random, 3) ? 'missing' : null;
    return;
  }
  oneOf(random, [seed, leecher]).tell(anyInput(random));
}

function run(rng: number): void {
  const stage = scene(rng);
  const { lab, seed, leecher, strangers } = stage;
  for (let nth = 0; nth < STEPS; nth++) {
    step(stage);
    if (once(lab.random, 3)) lab.settle();
  }
  for (const stranger of strangers) stranger.leave();
  leecher.held.clear();
  leecher.storeTrouble = null;
  for (const machine of [seed, leecher]) {
    machine.readTrouble = null;
    machine.tell({ kind: 'sharing-resumed' });
    machine.tell({ kind: 'limits-changed', up: null, down: null, peerUp: null, peerDown: null });
  }
  leecher.tell({ kind: 'download-requested' });
  // It may have lost pieces that nobody else had.
  if (seed.snapshot.storedBytes < SHARE.bytes.length)
    lab.join(leecher, lab.machine({ id: testPeer(4_000), share: SHARE, as: 'seed' }));
  seed.tell({ kind: 'peers-announced', interval: 30, complete: 1, incomplete: 1, peers: [] });
  lab.settle();
  lab.join(seed, leecher);
  lab.until('the leecher has everything', () => leecher.snapshot.phase === 'complete');
  expect(Buffer.compare(leecher.content!, SHARE.bytes)).toBe(0);
}

describe('[EN3] whatever peers say', () => {
  test(`[EN1] [EN3] no machine throws, and the leecher gets everything: ${RUNS} runs`, () => {
    for (let rng = 0; rng < RUNS; rng++) {
      try {
        run(rng);
      } catch (error) {
        throw new Error(`run ${rng}`, { cause: error });
      }
    }
  });
});
