/**
 * All that we do for others, in one place: what a newcomer is told of our pieces ([UP1], [SS1]), whose turn it is
 * ([CH1]) and what is sent next ([UP5]). Joins the choker, super-seeding and the queues; decides when each of them
 * looks again. Knows nothing of what we want ourselves.
 */
import type { LinkId } from '../../ids.ts';
import { MAX_HAVE_INDEXES, SEND_WINDOW_BYTES } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Violation } from '../../protocol/frames.ts';
import type { Random } from '../../random.ts';
import { Choker } from './choker.ts';
import type { Output } from '../io.ts';
import type { PeerSession } from '../connection/connection.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import { isSpread, SuperSeeding } from './super-seeding.ts';
import type { TokenBucket } from '../meters/token-bucket.ts';
import { Uploads } from './queues.ts';

/** Unmodified peers learn of new pieces by whole bitfields: not more often than this, in ms. */
const BITFIELD_PAUSE_MS = 500;
/** Who could not ask for a new piece now anyway learns of it with its turn, or after so many ms: fewer, fuller frames. */
const TELL_PAUSE_MS = 500;
/** A super-seed looks so often, in ms, whether the swarm can do without. */
const SUPER_LOOK_MS = 1_000;

export interface UploadSideOptions {
  readonly ledger: PieceLedger;
  readonly sessions: ReadonlyMap<LinkId, PeerSession>;
  readonly random: Random;
  readonly limit: TokenBucket;
  /** How many peers we are linked to have the piece. */
  readonly copies: (piece: number) => number;
  /** Are we the only seed, as far as anybody knows, of more than one leecher? */
  readonly isLoneSeed: () => boolean;
}

export class UploadSide {
  readonly uploads: Uploads;
  readonly #options: UploadSideOptions;
  readonly #choker: Choker;
  #superSeeding: SuperSeeding | null = null;
  #superLookAt = 0;
  #tellAt = 0;
  /** Something changed that may let somebody be served or have a turn. */
  #due = false;

  constructor(options: UploadSideOptions) {
    const { ledger, random, limit } = options;
    this.#options = options;
    this.uploads = new Uploads(ledger, limit);
    this.#choker = new Choker(ledger, this.uploads, random, {
      began: (session, now, out) => {
        this.#superSeeding?.turnBegan(session, now, out);
        tellRest(session, out);
      },
      ended: (session, rejected) => this.#superSeeding?.turnEnded(session, rejected),
    });
  }

  /** The handshake is done. A super-seed waits for the capability, which tells a peer of ours from an unmodified one. */
  greeted(session: PeerSession, now: number, out: Output[]): void {
    this.#choker.met(session);
    if (this.#superSeeds(now, out)) return;
    this.sendBitfield(session, out);
    this.#due = true;
    if (session.extended) this.extended(session, now, out);
  }

  /** The peer speaks our frames: it can be choked, and shown pieces one by one. */
  extended(session: PeerSession, now: number, out: Output[]): void {
    // Saying it again changes nothing.
    if (session.introduced) return;
    // It is shown nothing before it is known whether it has a turn.
    this.#superSeeding?.welcome(session, now, out);
    session.introduced = true;
    session.toldPieces = true;
    this.#choker.introduced(session, now, out);
    if (!session.choking) this.#superSeeding?.turnBegan(session, now, out);
  }

  sendBitfield(session: PeerSession, out: Output[]): void {
    session.send({ kind: 'bitfield', bits: this.#options.ledger.owned.toBytes() }, out);
    session.toldPieces = true;
    session.bitfieldDueAt = null;
  }

  /** What the peer has changed: `fresh` are the pieces it did not have before. */
  saidPieces(session: PeerSession, fresh: Iterable<number>, now: number, out: Output[]): void {
    // It spoke of pieces without a capability: an unmodified peer, which needs the whole bitfield.
    if (!session.extended && !session.toldPieces) this.sendBitfield(session, out);
    this.#superSeeding?.has(session, fresh, now, out);
  }

  asked(session: PeerSession, range: BlockRange, now: number, out: Output[]): Violation | null {
    const bad = this.uploads.judge(range);
    if (bad !== null) return session.extended ? bad : null;
    if (this.#superSeeding?.allows(session, range.piece, now, out) === false) {
      this.uploads.reject(session, range, out);
      return null;
    }
    const answer = this.uploads.asked(session, range, out);
    if (answer !== 'queued') return answer;
    this.#choker.asked(session, range.length, now);
    this.#superSeeding?.asked(session, range.piece, this.#choker.isOver(session), now, out);
    this.#due = true;
    return null;
  }

  cancelled(session: PeerSession, range: BlockRange, out: Output[]): void {
    this.uploads.cancelled(session, range, out);
    this.#due = true;
  }

  sent(session: PeerSession, bytes: number, now: number): void {
    this.uploads.sent(session, bytes, now);
    this.#due = true;
  }

  unreadable(session: PeerSession, range: BlockRange, out: Output[]): void {
    this.uploads.unreadable(session, range, out);
    this.#due = true;
  }

  /** [RL2] What waited for a limit may go on. */
  limitsChanged(): void {
    this.#due = true;
  }

  /** [PL3] A piece was stored: everybody may know. */
  stored(piece: number, now: number, out: Output[]): void {
    for (const session of this.#options.sessions.values()) {
      if (session.extended) this.#tell(session, piece, out);
      else if (session.open) session.bitfieldDueAt ??= now + BITFIELD_PAUSE_MS;
      if (session.has?.has(piece) !== true) session.wantsUs = true;
    }
    this.#due = true;
  }

  /** At once to who may ask for it. */
  #tell(session: PeerSession, piece: number, out: Output[]): void {
    session.untold.push(piece);
    const mayAsk = !session.choking && session.has?.has(piece) !== true;
    if (mayAsk || session.untold.length === MAX_HAVE_INDEXES) tellRest(session, out);
  }

  /** [UP3] A piece is not ours any more: nobody is told of it, and who asked for it hears so. */
  lost(piece: number, now: number, out: Output[]): void {
    for (const session of this.#options.sessions.values()) {
      // Who knows no reject would ask for it again and again.
      if (session.open && !session.extended) session.bitfieldDueAt ??= now + BITFIELD_PAUSE_MS;
      if (session.untold.includes(piece)) session.untold = session.untold.filter((other) => other !== piece);
    }
    this.#superSeeding?.lost(piece);
    // Who lacks a piece is no seed, and has to be told of it like everybody.
    this.#endSuperSeeding(out);
    this.uploads.lost(this.#options.sessions.values(), piece, out);
  }

  closed(session: PeerSession): void {
    this.uploads.closed(session);
    this.#choker.left(session);
    this.#superSeeding?.left(session);
    this.#due = true;
  }

  tick(now: number, out: Output[]): void {
    const { sessions } = this.#options;
    const tells = now >= this.#tellAt;
    if (tells) this.#tellAt = now + TELL_PAUSE_MS;
    for (const session of sessions.values()) {
      if (tells) tellRest(session, out);
      const due = session.bitfieldDueAt !== null && now >= session.bitfieldDueAt;
      // Who does not read what it was sent is not sent more of it.
      if (due && session.unsent < SEND_WINDOW_BYTES) this.sendBitfield(session, out);
    }
    this.#choker.survey(sessions.values());
    if (now >= this.#superLookAt) this.#lookAtSuperSeeding(now, out);
    this.#due = true;
  }

  /** Serves what can be served now, after the turns were given. Cheap where nothing changed. */
  run(now: number, out: Output[]): void {
    const { opensAt } = this.uploads;
    if (!this.#due && (opensAt === null || now < opensAt) && now < this.#choker.dueAt) return;
    this.#due = false;
    this.uploads.serve(now, out);
    this.#choker.balance(this.#options.ledger.complete, now, out);
  }

  /** When `run` has something to do although nothing happened. */
  get opensAt(): number {
    return Math.min(this.uploads.opensAt ?? Infinity, this.#choker.dueAt);
  }

  /** [SS1] Begins with whoever is here: who came first and was told of everything is shown piece by piece, too. */
  #superSeeds(now: number, out: Output[]): boolean {
    const { ledger, random, sessions } = this.#options;
    if (this.#superSeeding !== null) return true;
    if (ledger.pieceCount === 0 || !ledger.complete || !this.#isNeeded()) return false;
    this.#superSeeding = new SuperSeeding(ledger.pieceCount, ledger.size(0), random);
    for (const session of sessions.values()) {
      if (session.introduced) this.#superSeeding.welcome(session, now, out);
      else if (session.toldPieces) this.#superSeeding.has(session, session.has?.members() ?? [], now, out);
    }
    return true;
  }

  #isNeeded(): boolean {
    const { ledger, isLoneSeed, copies } = this.#options;
    return isLoneSeed() && !isSpread(ledger.pieceCount, copies);
  }

  /** [SS3] Over when the swarm holds everything twice, or when there is no swarm to spread pieces in. */
  #lookAtSuperSeeding(now: number, out: Output[]): void {
    this.#superLookAt = now + SUPER_LOOK_MS;
    if (this.#superSeeding === null) return;
    this.#superSeeding.look(this.uploads.capacity(now), now);
    if (!this.#isNeeded()) this.#endSuperSeeding(out);
  }

  #endSuperSeeding(out: Output[]): void {
    if (this.#superSeeding === null) return;
    this.#superSeeding.end(out);
    this.#superSeeding = null;
    for (const session of this.#options.sessions.values()) {
      if (session.open && !session.toldPieces) this.sendBitfield(session, out);
    }
  }
}

function tellRest(session: PeerSession, out: Output[]): void {
  if (session.untold.length === 0) return;
  session.send({ kind: 'have', pieces: session.untold }, out);
  session.untold = [];
}

/** A request before the manifest is known cannot be judged; it is refused as what it is: for nothing we have. */
export function refuseRequest(session: PeerSession, range: BlockRange, out: Output[]): Violation | null {
  const { piece, offset, length } = range;
  if (length === 0) return session.extended ? violation('bad-range', 'a request for no bytes') : null;
  if (session.extended) session.send({ kind: 'reject', piece, offset, length }, out);
  return null;
}
