/**
 * One connection to one peer: its handshake, its phase, what it has, and the byte stream in both directions
 * ([HS1]–[HS5], [PH1]). Turns bytes into frames that are legal now, or into a violation. Owns no piece and
 * decides nothing about requests; their books hang on it because they live and die with the connection.
 */
import { assert } from '../../assert.ts';
import { Bitfield } from '../../bitfield.ts';
import { dials } from '../../ids.ts';
import type { InfoHash, LinkId, PeerId } from '../../ids.ts';
import { MAX_PIECES } from '../../limits.ts';
import { encodeFrame, encodeHandshake } from '../../protocol/codec.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Frame, Handshake, Violation } from '../../protocol/frames.ts';
import { isLegal } from '../../protocol/phases.ts';
import type { Phase } from '../../protocol/phases.ts';
import { StreamDecoder } from '../../protocol/stream-decoder.ts';
import { DrainMeter } from '../meters/drain-meter.ts';
import type { Assembly } from '../pieces/ledger.ts';
import type { LinkRole, Output } from '../io.ts';
import { RateMeter } from '../meters/rate-meter.ts';
import { TokenBucket } from '../meters/token-bucket.ts';

/** A request of ours that the peer has not answered. */
export interface Outstanding {
  readonly assembly: Assembly;
  readonly block: number;
  readonly length: number;
  readonly askedAt: number;
}

/** The peer's stream said something: the session is now open, or a frame came, or the peer broke a rule. */
export type Heard = { kind: 'greeted' } | Frame | Violation;

export interface SessionIdentity {
  readonly own: PeerId;
  readonly infoHash: InfoHash;
}

export class PeerSession {
  readonly link: LinkId;
  readonly role: LinkRole;
  readonly openedAt: number;
  readonly expected: PeerId | null;
  id: PeerId | null = null;
  phase: Phase = 'handshake';
  /** What the peer has; null until it has said so and the manifest is known. */
  has: Bitfield | null = null;

  // What we want of it.
  /** It said choke: it serves us nothing until it says unchoke. Peers start unchoked. */
  choked = false;
  /** It let us in and has not sent a block since. */
  turnBegins = true;
  readonly outstanding = new Map<number, Outstanding>();
  outstandingBytes = 0;
  /** Asked for and since cancelled or timed out, by block: what comes of it is no violation ([RQ4]). */
  readonly late = new Map<number, number>();
  current: Assembly | null = null;
  /** The piece last begun with it; -1: none. */
  lastBegun = -1;
  /** How many of the pieces that nobody was asked for yet it has. */
  interesting = 0;
  lastBlockAt = 0;
  /** Let its requests time out and has sent nothing since: trusted with one block at a time. */
  snubbed = false;
  /** The shortest time from a request to its block, in ms: latency without our own queue. */
  roundTrip = Infinity;
  readonly down = new RateMeter();
  /** What it sends us while it is asked for something, on a clock that stands still while it is not. */
  readonly pace = new RateMeter();
  askedMs = 0;
  askedTo = 0;

  // What it wants of us.
  readonly queue: BlockRange[] = [];
  queueBytes = 0;
  /** Its place in the line of those who are served, and whether it has it again when it asks again. */
  place = 0;
  keepsPlace = false;
  /** Bytes ordered sent that have not left yet, and those of them that are blocks. */
  unsent = 0;
  blocksUnsent = 0;
  /** When something last left, or was last ordered with nothing on the way. */
  lastSentAt = 0;
  /** Stored pieces that it was not told of yet: it could not ask for them now anyway. */
  untold: number[] = [];
  /** We let it ask nothing for now ([CH1]); of who knows no choke: what it asks for waits ([CH6]). */
  choking = false;
  /** It lacks something we own; looked at now and then. */
  wantsUs = true;
  /** What we gave it as a super-seed is not seen elsewhere: others come first. */
  keepsBack = false;
  /** It was told who we are to it: choked or let in ([CH2]). */
  introduced = false;
  /** Since when it waits for a turn, since when it has one, and the bytes it has asked for in it. */
  waitingSince = 0;
  turnAt = -Infinity;
  turnAsked = 0;
  /** Who knows no choke: its turn is over when it has been sent so many bytes in all. */
  turnServedTo = Infinity;
  /** It was let in and has not asked yet. */
  invited = false;
  askedAt = -Infinity;
  /** The piece of the last block sent: -1 before the first. */
  servedPiece = -1;
  /** It was told what we have. */
  toldPieces = false;
  readonly upLimit = new TokenBucket();
  readonly downLimit = new TokenBucket();
  readonly up = new RateMeter();
  /** How fast it takes blocks that are on the way to it. */
  readonly drain = new DrainMeter();
  bitfieldDueAt: number | null = null;
  /** Since when neither of us lacks anything; null: somebody does. */
  pointlessSince: number | null = null;

  readonly #identity: SessionIdentity;
  readonly #decoder = new StreamDecoder();
  /** Said before the manifest was known. */
  #earlyBits: Uint8Array | null = null;
  #earlyHaves: number[] = [];

  constructor(
    link: LinkId,
    role: LinkRole,
    expected: PeerId | null,
    identity: SessionIdentity,
    openedAt: number,
  ) {
    this.link = link;
    this.role = role;
    this.expected = expected;
    this.#identity = identity;
    this.openedAt = openedAt;
    this.lastBlockAt = openedAt;
  }

  get open(): boolean {
    return this.phase !== 'handshake';
  }

  /** Bytes that left for it or were ordered to. */
  get givenBytes(): number {
    return this.up.total + this.blocksUnsent;
  }

  /** It knows no choke, and is given no more in this turn, which is over when all of that has left. */
  get isServedOut(): boolean {
    return !this.extended && this.givenBytes >= this.turnServedTo;
  }

  get extended(): boolean {
    return this.phase === 'extended';
  }

  /** The id of an open session. */
  get peer(): PeerId {
    assert(this.id !== null, 'an open session knows its peer');
    return this.id;
  }

  /** [HS2] The dialler speaks first. */
  greet(out: Output[]): void {
    const { own, infoHash } = this.#identity;
    this.sendBytes(encodeHandshake(own, infoHash), out);
  }

  send(frame: Frame, out: Output[]): void {
    this.sendBytes(encodeFrame(frame), out);
  }

  sendBytes(bytes: Uint8Array<ArrayBuffer>, out: Output[]): void {
    this.unsent += bytes.length;
    out.push({ kind: 'send', link: this.link, bytes });
  }

  /** The peer's next bytes; `next` says what is in them, one by one. */
  received(bytes: Uint8Array): void {
    this.#decoder.push(bytes);
  }

  /** Null: nothing more arrived whole. */
  next(out: Output[]): Heard | null {
    const received = this.#decoder.next();
    if (received === null) return null;
    return received.kind === 'handshake' ? this.#shakeHands(received, out) : this.#judge(received);
  }

  #judge(received: Frame | Violation): Heard {
    if (received.kind === 'violation') return received;
    if (!isLegal(received.kind, this.phase)) {
      return violation('out-of-phase', `a ${received.kind} frame in the ${this.phase} phase`);
    }
    if (received.kind === 'capability') this.phase = 'extended';
    return received;
  }

  /** [HS3] [HS4] Hash, id order and the expected id; then the acceptor replies and both show the capability. */
  #shakeHands(handshake: Handshake, out: Output[]): Heard {
    const { own, infoHash } = this.#identity;
    if (handshake.infoHash !== infoHash)
      return violation('wrong-info-hash', 'the peer speaks of another share');
    const dialler = this.role === 'dialler' ? own : handshake.peerId;
    const dialled = this.role === 'dialler' ? handshake.peerId : own;
    if (!dials(dialler, dialled)) return violation('wrong-id-order', 'the greater id dialled');
    if (this.expected !== null && this.expected !== handshake.peerId) {
      return violation('wrong-peer-id', 'another peer answered than the one that was introduced');
    }
    this.id = handshake.peerId;
    this.phase = 'base';
    if (this.role === 'acceptor') this.greet(out);
    this.send({ kind: 'capability' }, out);
    return { kind: 'greeted' };
  }

  /** [BF2] The peer's whole bitfield: kept until the manifest says how long it has to be. */
  saidBitfield(bits: Uint8Array, pieceCount: number | null): Violation | null {
    if (pieceCount === null) {
      this.#earlyBits = bits.slice();
      this.#earlyHaves = [];
      return null;
    }
    const parsed = Bitfield.parse(bits, pieceCount);
    if (parsed === null) return violation('bitfield', `a bitfield that does not fit ${pieceCount} pieces`);
    this.has = parsed;
    return null;
  }

  /** Have frames before the manifest. */
  saidHaveEarly(pieces: readonly number[]): Violation | null {
    if (this.#earlyHaves.length + pieces.length > MAX_PIECES) {
      return violation('no-such-piece', 'more have frames than a share has pieces');
    }
    this.#earlyHaves.push(...pieces);
    return null;
  }

  /** The manifest became known: what was said early is judged now. */
  learnPieceCount(pieceCount: number): Violation | null {
    const bits = this.#earlyBits;
    const haves = this.#earlyHaves;
    this.#earlyBits = null;
    this.#earlyHaves = [];
    if (bits === null && haves.length === 0) return null;
    const bad = bits === null ? null : this.saidBitfield(bits, pieceCount);
    if (bad !== null) return bad;
    this.has ??= Bitfield.empty(pieceCount);
    for (const piece of haves) {
      if (piece >= pieceCount) return violation('no-such-piece', `a have of piece ${piece} of ${pieceCount}`);
      this.has.add(piece);
    }
    return null;
  }
}
