/**
 * Owns who may ask of us ([CH1]–[CH6]). Peers are let in one after the other, each for a turn long enough for a whole
 * piece, so that what we send soon becomes something the receiver can pass on; the next is let in as soon as what is
 * asked of us does not keep our uplink busy for the time until somebody who is let in has asked. While downloading
 * the turn goes to who gave us most for what it got (tit for tat), every fourth to who waits longest (the optimistic
 * one); while seeding to who waits longest and to who drains fastest. Where nobody waits nobody is choked. A peer
 * that knows no choke takes its turns like the others, only that what it asked for waits between them. Knows no bytes
 * of pieces and sends nothing but choke, unchoke and the rejects of what it takes back.
 */
import { BLOCK_BYTES } from '../../limits.ts';
import type { Random } from '../../random.ts';
import type { Output } from '../io.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import type { UploadQueues } from './queues.ts';
import type { UploadSlot } from './slot.ts';

/** A turn takes at least so many bytes. */
const LEAST_TURN_BYTES = 4 * BLOCK_BYTES;
/** What is asked of us keeps the uplink busy so many ms longer than letting somebody in takes, and at least so many bytes. */
const SPARE_MS = 200;
const LEAST_BACKLOG_BYTES = 6 * BLOCK_BYTES;
/** ms from letting a peer in to its first request, before we know. */
const FIRST_ANSWER_MS = 200;
const LEAST_PATIENCE_MS = 200;
/** How fast the measures of answers follow: a share of each new one. */
const FOLLOW = 1 / 8;
/** The least part of those that are let in of which we expect that they ask. */
const LEAST_ASKING = 0.25;
/** While downloading every so manieth turn is the optimistic one; while seeding one goes to the fastest. */
const OPTIMISTIC_EVERY = 4;
const FASTEST_EVERY = 3;
/** Who drains so large a part of the fastest one's rate is as fast: measures of equals differ. */
const FAST_PART = 1 / 3;
/** A peer's credit counts from so many turns' bytes on, and weighs its waiting at most so many times. */
const ALLOWANCE_TURNS = 4;
const MOST_WEIGHT = 4;
const NEED_POWER = 2;
const MOST_NEED = 4;
/** How the waiting of a peer counts that kept back what we gave it: behind everybody's who waits as well. */
const KEPT_BACK_WEIGHT = 1e-3;
/** Peers let in that have not asked yet, while our uplink has nothing to do: those that ask are slow. */
const IDLE_INVITATIONS = 4;

/** Who wants to know of turns. */
export interface TurnListener {
  began(slot: UploadSlot, now: number, out: Output[]): void;
  /** `rejected`: pieces that it had asked for and has to ask for again. */
  ended(slot: UploadSlot, rejected: Iterable<number>): void;
}

export class Choker {
  readonly #ledger: PieceLedger;
  readonly #queues: UploadQueues;
  readonly #random: Random;
  readonly #turnBytes: number;
  readonly #listener: TurnListener;
  /** Everybody who may ask now, and everybody who may not. */
  readonly #served = new Set<UploadSlot>();
  readonly #choked = new Set<UploadSlot>();
  /** Those of the latter who still wait for what they asked for before. */
  readonly #draining = new Set<UploadSlot>();
  #turns = 0;
  /** ms from an unchoke to the first request that answers it, and the part of the unchokes that are answered. */
  #answerMs = FIRST_ANSWER_MS;
  #asking = 1;
  #dueAt = Infinity;

  constructor(ledger: PieceLedger, queues: UploadQueues, random: Random, listener: TurnListener) {
    this.#listener = listener;
    this.#ledger = ledger;
    this.#queues = queues;
    this.#random = random;
    this.#turnBytes = Math.max(LEAST_TURN_BYTES, ledger.pieceBytes);
  }

  /** When somebody who was let in and does not ask is to make way; Infinity: nobody has to. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /** An open connection: what the peer asks counts from now on. */
  met(slot: UploadSlot): void {
    slot.meet(this.#turnBytes);
    this.#served.add(slot);
  }

  left(slot: UploadSlot): void {
    this.#served.delete(slot);
    this.#choked.delete(slot);
    this.#draining.delete(slot);
  }

  /** [CH2] A newcomer may ask at once where there is room: otherwise it hears so before it can. */
  introduced(slot: UploadSlot, now: number, out: Output[]): void {
    slot.setInterested(this.#isInterested(slot));
    this.#forgetDrained();
    let backlog = this.#drainingBacklog(now);
    for (const other of this.#served) if (other !== slot) backlog += this.#backlogOf(other, now);
    if (slot.wire.extended && (!slot.interested || backlog >= this.#target(now)))
      return this.#choke(slot, now, out);
    // It may have been kept waiting until it said that it knows choke.
    this.#begin(slot, now);
  }

  /** A request came that will be served. */
  asked(slot: UploadSlot, bytes: number, now: number): void {
    const answerMs = slot.asked(bytes, now);
    if (answerMs === null) return;
    this.#answerMs += (answerMs - this.#answerMs) * FOLLOW;
    this.#asking += (1 - this.#asking) * FOLLOW;
  }

  /** It has asked for as much as a turn is; who knows no choke has been sent as much. */
  isOver(slot: UploadSlot): boolean {
    return slot.hasHad(this.#turnBytes);
  }

  /** Looks at everybody anew: who is still interested. */
  survey(slots: Iterable<UploadSlot>): void {
    for (const slot of slots) slot.setInterested(this.#isInterested(slot));
  }

  /** [CH3]–[CH6] Ends turns that are over and lets others in. */
  balance(seeding: boolean, now: number, out: Output[]): void {
    this.#forgetDrained();
    let dueAt = Infinity;
    const ending: UploadSlot[] = [];
    let backlog = this.#drainingBacklog(now);
    let invited = 0;
    for (const slot of this.#served) {
      backlog += this.#backlogOf(slot, now);
      const endsAt = this.#endsAt(slot);
      if (endsAt > now) dueAt = Math.min(dueAt, endsAt);
      else this.#turnIsUp(slot, ending);
      if (slot.turn.kind === 'invited') invited++;
    }
    this.#dueAt = dueAt;
    // An idle uplink although there are requests: their receivers are slow, so some more may come.
    const spare = this.#queues.isIdle(now) ? IDLE_INVITATIONS - invited : 0;
    if (ending.length === 0 && spare <= 0 && backlog >= this.#target(now)) return;
    const waiting: UploadSlot[] = [];
    for (const slot of this.#choked) if (isWaiting(slot)) waiting.push(slot);
    this.#letIn(waiting, backlog, spare, seeding, now, out);
    for (const slot of ending) {
      // It may stay while it is the only one that wants something.
      if (waiting.length > 0) this.#choke(slot, now, out);
      else if (this.isOver(slot)) this.#goOn(slot, now, out);
    }
  }

  #letIn(
    waiting: UploadSlot[],
    backlog: number,
    most: number,
    seeding: boolean,
    now: number,
    out: Output[],
  ): void {
    const target = this.#target(now);
    let spare = most;
    let expected = backlog;
    while (waiting.length > 0 && (expected < target || spare > 0)) {
      this.#unchoke(this.#takeNext(waiting, seeding, now), now, out);
      expected += this.#expectedOfInvited();
      spare--;
    }
  }

  /**
   * When its turn is over, or it has shown that it does not use it; Infinity: while something is asked for or on its
   * way that cannot be said.
   */
  #endsAt(slot: UploadSlot): number {
    if (this.isOver(slot)) return -Infinity;
    const { turn, backlog } = slot;
    if (backlog.length > 0 || backlog.unsent > 0 || turn.kind === 'choked') return Infinity;
    const patience = Math.max(LEAST_PATIENCE_MS, 2 * this.#answerMs);
    return (turn.kind === 'invited' ? slot.since : Math.max(slot.since, turn.askedAt)) + patience;
  }

  #turnIsUp(slot: UploadSlot, ending: UploadSlot[]): void {
    ending.push(slot);
    if (slot.turn.kind !== 'invited') return;
    slot.stayedSilent();
    this.#asking -= this.#asking * FOLLOW;
  }

  #forgetDrained(): void {
    for (const slot of this.#draining) {
      if (slot.backlog.bytes + slot.backlog.unsent === 0) this.#draining.delete(slot);
    }
  }

  #drainingBacklog(now: number): number {
    let backlog = 0;
    for (const slot of this.#draining) backlog += this.#backlogOf(slot, now);
    return backlog;
  }

  /** Bytes that the peer asks of us, or will soon. */
  #backlogOf(slot: UploadSlot, now: number): number {
    if (slot.turn.kind === 'invited') return this.#expectedOfInvited();
    const bytes = this.#queues.backlogOf(slot, now);
    if (slot.wire.extended) return bytes;
    return Math.min(bytes, slot.choked ? slot.backlog.unsent : this.#turnBytes);
  }

  #expectedOfInvited(): number {
    return LEAST_TURN_BYTES * Math.max(this.#asking, LEAST_ASKING);
  }

  #target(now: number): number {
    return Math.max(LEAST_BACKLOG_BYTES, (this.#queues.capacity(now) * (this.#answerMs + SPARE_MS)) / 1000);
  }

  #takeNext(waiting: UploadSlot[], seeding: boolean, now: number): UploadSlot {
    this.#turns++;
    const every = seeding ? FASTEST_EVERY : OPTIMISTIC_EVERY;
    const special = this.#turns % every === 0;
    const patience = (one: UploadSlot): number => (now - one.since) * (one.keepsBack ? KEPT_BACK_WEIGHT : 1);
    let score = patience;
    if (seeding && special) {
      // Nobody can take more than we can send.
      const capacity = this.#queues.capacity(now);
      const fastest = Math.max(...waiting.map(({ backlog }) => backlog.drainRate));
      const enough = Math.min(capacity, fastest) * FAST_PART;
      score = (one) => (one.backlog.drainRate >= enough ? patience(one) : -1);
    }
    if (!seeding && !special) {
      const need = this.#needOf(waiting);
      score = (one) => patience(one) * this.#weight(one) * need(one);
    }
    const chosen = best(waiting, score, this.#random);
    waiting.splice(waiting.indexOf(chosen), 1);
    return chosen;
  }

  /** Who lacks more than the others waits less, so that nobody is left behind for having fewer links. */
  #needOf(waiting: readonly UploadSlot[]): (slot: UploadSlot) => number {
    const pieces = this.#ledger.pieceCount;
    const missing = (slot: UploadSlot): number => pieces - (slot.has?.count ?? 0);
    const mean = waiting.reduce((sum, slot) => sum + missing(slot), 0) / waiting.length;
    return (slot) => Math.min(Math.max((missing(slot) / mean) ** NEED_POWER, 1 / MOST_NEED), MOST_NEED);
  }

  /** Tit for tat: who gave us twice what it took waits half as long. Bounded, so that a newcomer is nobody's beggar. */
  #weight(slot: UploadSlot): number {
    const allowance = ALLOWANCE_TURNS * this.#turnBytes;
    const weight = (slot.receivedBytes + allowance) / (slot.backlog.leftBytes + allowance);
    return Math.min(Math.max(weight, 1 / MOST_WEIGHT), MOST_WEIGHT);
  }

  #choke(slot: UploadSlot, now: number, out: Output[]): void {
    const over = slot.askedInTurn - this.#turnBytes;
    slot.choke(now);
    this.#served.delete(slot);
    this.#choked.add(slot);
    this.#draining.add(slot);
    if (!slot.wire.extended) return;
    slot.wire.send({ kind: 'choke' }, out);
    this.#listener.ended(slot, this.#queues.rejectBeyond(slot, over, out));
  }

  #unchoke(slot: UploadSlot, now: number, out: Output[]): void {
    this.#begin(slot, now);
    if (!slot.wire.extended) {
      // Its requests are here: they are served with the next look.
      this.#dueAt = now;
      return;
    }
    // First what it may ask for, then that it may: its first choice is made on the unchoke.
    this.#listener.began(slot, now, out);
    slot.wire.send({ kind: 'unchoke' }, out);
  }

  #begin(slot: UploadSlot, now: number): void {
    this.#choked.delete(slot);
    this.#draining.delete(slot);
    this.#served.add(slot);
    slot.begin(now, this.#turnBytes, slot.wire.extended && slot.interested);
  }

  #goOn(slot: UploadSlot, now: number, out: Output[]): void {
    slot.begin(now, this.#turnBytes, false);
    // Its requests are here: they are served with the next look.
    if (!slot.wire.extended) this.#dueAt = now;
    this.#listener.began(slot, now, out);
  }

  #isInterested({ wire, has }: UploadSlot): boolean {
    const { owned } = this.#ledger;
    if (!wire.open || owned.count === 0) return false;
    return has === null || owned.hasMoreThan(has);
  }
}

/** Would a turn be used? Who knows no choke has asked before its turn. */
function isWaiting(slot: UploadSlot): boolean {
  return slot.wire.extended ? slot.interested : slot.backlog.length > 0;
}

function best(slots: readonly UploadSlot[], score: (slot: UploadSlot) => number, random: Random): UploadSlot {
  let ties: UploadSlot[] = [];
  let highest = -Infinity;
  for (const slot of slots) {
    const own = score(slot);
    if (own < highest) continue;
    if (own > highest) ties = [];
    highest = own;
    ties.push(slot);
  }
  return ties[random.below(ties.length)] as UploadSlot;
}
