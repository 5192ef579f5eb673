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
import type { PeerSession } from '../connection/connection.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import type { Uploads } from './queues.ts';

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
  began(session: PeerSession, now: number, out: Output[]): void;
  /** `rejected`: pieces that it had asked for and has to ask for again. */
  ended(session: PeerSession, rejected: Iterable<number>): void;
}

export class Choker {
  readonly #ledger: PieceLedger;
  readonly #uploads: Uploads;
  readonly #random: Random;
  readonly #turnBytes: number;
  readonly #turnListener: TurnListener;
  /** Everybody who may ask now, and everybody who may not. */
  readonly #served = new Set<PeerSession>();
  readonly #choked = new Set<PeerSession>();
  /** Those of the latter who still wait for what they asked for before. */
  readonly #draining = new Set<PeerSession>();
  #turns = 0;
  /** ms from an unchoke to the first request that answers it, and the part of the unchokes that are answered. */
  #answerMs = FIRST_ANSWER_MS;
  #asking = 1;
  /** When somebody who was let in and does not ask is to make way; Infinity: nobody has to. */
  dueAt = Infinity;

  constructor(ledger: PieceLedger, uploads: Uploads, random: Random, turns: TurnListener) {
    this.#turnListener = turns;
    this.#ledger = ledger;
    this.#uploads = uploads;
    this.#random = random;
    const first = ledger.pieceCount > 0 ? ledger.size(0) : 0;
    this.#turnBytes = Math.max(LEAST_TURN_BYTES, first);
  }

  /** An open session: what it asks counts from now on. */
  met(session: PeerSession): void {
    session.turnServedTo = this.#turnBytes;
    this.#served.add(session);
  }

  left(session: PeerSession): void {
    this.#served.delete(session);
    this.#choked.delete(session);
    this.#draining.delete(session);
  }

  /** [CH2] A newcomer may ask at once where there is room: otherwise it hears so before it can. */
  introduced(session: PeerSession, now: number, out: Output[]): void {
    session.waitingSince = now;
    session.wantsUs = this.#wants(session);
    let backlog = this.#drainingBacklog(now);
    for (const other of this.#served) if (other !== session) backlog += this.#backlogOf(other, now);
    if (session.extended && (!session.wantsUs || backlog >= this.#target(now)))
      return this.#choke(session, now, out);
    // It may have been kept waiting until it said that it knows choke.
    this.#begin(session, now);
  }

  /** A request came that will be served. */
  asked(session: PeerSession, bytes: number, now: number): void {
    session.turnAsked += bytes;
    session.askedAt = now;
    if (!session.invited) return;
    session.invited = false;
    this.#answerMs += (now - session.turnAt - this.#answerMs) * FOLLOW;
    this.#asking += (1 - this.#asking) * FOLLOW;
  }

  /** It has asked for as much as a turn is; who knows no choke asks whenever it likes, and has been sent as much. */
  isOver(session: PeerSession): boolean {
    return session.extended ? session.turnAsked >= this.#turnBytes : session.up.total >= session.turnServedTo;
  }

  /** Looks at everybody anew: who still wants something of us. */
  survey(sessions: Iterable<PeerSession>): void {
    for (const session of sessions) session.wantsUs = this.#wants(session);
  }

  /** [CH3]–[CH6] Ends turns that are over and lets others in. */
  balance(seeding: boolean, now: number, out: Output[]): void {
    this.dueAt = Infinity;
    const ending: PeerSession[] = [];
    let backlog = this.#drainingBacklog(now);
    let invited = 0;
    for (const session of this.#served) {
      backlog += this.#backlogOf(session, now);
      if (this.#isEnding(session, now)) ending.push(session);
      if (session.invited) invited++;
    }
    // An idle uplink although there are requests: their receivers are slow, so some more may come.
    const spare = this.#uploads.isIdle(now) ? IDLE_INVITATIONS - invited : 0;
    if (ending.length === 0 && spare <= 0 && backlog >= this.#target(now)) return;
    const waiting: PeerSession[] = [];
    for (const session of this.#choked) if (isWaiting(session)) waiting.push(session);
    this.#letIn(waiting, backlog, spare, seeding, now, out);
    for (const session of ending) {
      // It may stay while it is the only one that wants something.
      if (waiting.length > 0) this.#choke(session, now, out);
      else if (this.isOver(session)) this.#goOn(session, now, out);
    }
  }

  #letIn(
    waiting: PeerSession[],
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

  /** Its turn is over, or it does not use it. */
  #isEnding(session: PeerSession, now: number): boolean {
    if (this.isOver(session)) return true;
    const patience = Math.max(LEAST_PATIENCE_MS, 2 * this.#answerMs);
    const silentAt = Math.max(session.turnAt, session.askedAt) + patience;
    if (session.queue.length > 0 || session.blocksUnsent > 0) return false;
    if (now < silentAt) {
      this.dueAt = Math.min(this.dueAt, silentAt);
      return false;
    }
    if (session.invited) {
      session.invited = false;
      this.#asking -= this.#asking * FOLLOW;
    }
    return true;
  }

  #drainingBacklog(now: number): number {
    let backlog = 0;
    for (const session of this.#draining) {
      if (session.queueBytes + session.blocksUnsent === 0) this.#draining.delete(session);
      else backlog += this.#backlogOf(session, now);
    }
    return backlog;
  }

  /** Bytes that the peer asks of us, or will soon. */
  #backlogOf(session: PeerSession, now: number): number {
    if (session.invited) return this.#expectedOfInvited();
    const bytes = this.#uploads.backlogOf(session, now);
    if (session.extended) return bytes;
    return Math.min(bytes, session.choking ? session.blocksUnsent : this.#turnBytes);
  }

  #expectedOfInvited(): number {
    return LEAST_TURN_BYTES * Math.max(this.#asking, LEAST_ASKING);
  }

  #target(now: number): number {
    return Math.max(LEAST_BACKLOG_BYTES, (this.#uploads.capacity(now) * (this.#answerMs + SPARE_MS)) / 1000);
  }

  #takeNext(waiting: PeerSession[], seeding: boolean, now: number): PeerSession {
    this.#turns++;
    const every = seeding ? FASTEST_EVERY : OPTIMISTIC_EVERY;
    const special = this.#turns % every === 0;
    const patience = (one: PeerSession): number =>
      (now - one.waitingSince) * (one.keepsBack ? KEPT_BACK_WEIGHT : 1);
    let score = patience;
    if (seeding && special) {
      // Nobody can take more than we can send.
      const capacity = this.#uploads.capacity(now);
      const enough = Math.min(capacity, Math.max(...waiting.map(({ drain }) => drain.perSecond))) * FAST_PART;
      score = (one) => (one.drain.perSecond >= enough ? patience(one) : -1);
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
  #needOf(waiting: readonly PeerSession[]): (session: PeerSession) => number {
    const pieces = this.#ledger.pieceCount;
    const missing = (session: PeerSession): number => pieces - (session.has?.count ?? 0);
    const mean = waiting.reduce((sum, session) => sum + missing(session), 0) / waiting.length;
    return (session) => Math.min(Math.max((missing(session) / mean) ** NEED_POWER, 1 / MOST_NEED), MOST_NEED);
  }

  /** Tit for tat: who gave us twice what it took waits half as long. Bounded, so that a newcomer is nobody's beggar. */
  #weight(session: PeerSession): number {
    const allowance = ALLOWANCE_TURNS * this.#turnBytes;
    const weight = (session.down.total + allowance) / (session.up.total + allowance);
    return Math.min(Math.max(weight, 1 / MOST_WEIGHT), MOST_WEIGHT);
  }

  #choke(session: PeerSession, now: number, out: Output[]): void {
    session.choking = true;
    this.#served.delete(session);
    this.#choked.add(session);
    this.#draining.add(session);
    session.invited = false;
    session.waitingSince = now;
    if (!session.extended) return;
    session.send({ kind: 'choke' }, out);
    const over = session.turnAsked - this.#turnBytes;
    this.#turnListener.ended(session, this.#uploads.rejectBeyond(session, over, out));
  }

  #unchoke(session: PeerSession, now: number, out: Output[]): void {
    this.#begin(session, now);
    if (!session.extended) {
      // Its requests are here: they are served with the next look.
      this.dueAt = now;
      return;
    }
    // First what it may ask for, then that it may: its first choice is made on the unchoke.
    this.#turnListener.began(session, now, out);
    session.send({ kind: 'unchoke' }, out);
  }

  #begin(session: PeerSession, now: number): void {
    session.choking = false;
    this.#choked.delete(session);
    this.#draining.delete(session);
    this.#served.add(session);
    session.invited = session.extended && session.wantsUs;
    session.turnAt = now;
    session.turnAsked = 0;
    session.turnServedTo = session.givenBytes + this.#turnBytes;
  }

  #goOn(session: PeerSession, now: number, out: Output[]): void {
    session.turnAt = now;
    session.turnAsked = 0;
    session.turnServedTo = session.givenBytes + this.#turnBytes;
    // Its requests are here: they are served with the next look.
    if (!session.extended) this.dueAt = now;
    this.#turnListener.began(session, now, out);
  }

  #wants(session: PeerSession): boolean {
    const { owned } = this.#ledger;
    if (!session.open || owned.count === 0) return false;
    return session.has === null || owned.hasMoreThan(session.has);
  }
}

/** Would a turn be used? Who knows no choke has asked before its turn. */
function isWaiting(session: PeerSession): boolean {
  return session.extended ? session.wantsUs : session.queue.length > 0;
}

function best(
  sessions: readonly PeerSession[],
  score: (session: PeerSession) => number,
  random: Random,
): PeerSession {
  let ties: PeerSession[] = [];
  let highest = -Infinity;
  for (const session of sessions) {
    const own = score(session);
    if (own < highest) continue;
    if (own > highest) ties = [];
    highest = own;
    ties.push(session);
  }
  return ties[random.below(ties.length)] as PeerSession;
}
