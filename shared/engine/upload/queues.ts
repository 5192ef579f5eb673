/**
 * What peers ask of us ([UP1]–[UP5]): each peer's queue, bounded, in the order of its asking; and the order in which
 * the queues are served, piece by piece, while little of what was ordered still waits to leave: a piece that is
 * sent in one go can be passed on soonest. Serves only what is owned; what cannot be served is rejected to a peer
 * that knows reject, and left unanswered to an unmodified one, as its own kind does. Who may ask is choker.ts's.
 */
import {
  BLOCK_BYTES,
  MAX_BLOCK_BYTES,
  MAX_QUEUED_REQUESTS,
  PIECE_HEADER_BYTES,
  SEND_WINDOW_BYTES,
} from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { PeerSession } from '../connection/connection.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import { RateMeter } from '../meters/rate-meter.ts';
import { TokenBucket } from '../meters/token-bucket.ts';

/** All links together may hold so many ms of our upload rate that have not left, and so many bytes at the least. */
const ALL_UNSENT_MS = 150;
const LEAST_ALL_UNSENT_BYTES = 4 * BLOCK_BYTES;
/** One link beside others may hold so many ms of its own rate: a slow receiver does not fill the window of all. */
const LINK_UNSENT_MS = 300;
const LEAST_LINK_UNSENT_BYTES = 2 * BLOCK_BYTES;
/**
 * A link from which nothing has left for so many ms, and so many times what our uplink takes for the least that is
 * ordered of all, is stuck: its receiver takes no more for now.
 */
const STUCK_AFTER_MS = 300;
const STUCK_AFTER_TIMES = 3;
const LATEST_STUCK_MS = 6_000;
/** What our uplink was seen to take is half forgotten after so many ms. */
const CAPACITY_HALVES_MS = 30_000;

export class Uploads {
  readonly #ledger: PieceLedger;
  readonly #limit: TokenBucket;
  /** Peers whose queue is not empty; who has the least place is served next. */
  readonly #waiting = new Set<PeerSession>();
  #places = 0;
  readonly #rate = new RateMeter();
  /** Peers with blocks that have not left, and the bytes of those whose links move. */
  readonly #flying = new Set<PeerSession>();
  #moving = 0;
  #capacity = 0;
  #capacityAt = 0;
  #stuckAfter = STUCK_AFTER_MS;
  /** Payload of the blocks ordered sent, less those that could not be read. */
  sentBytes = 0;
  /** When a rate limit lets the next block go; null: no limit is in the way. */
  opensAt: number | null = null;

  constructor(ledger: PieceLedger, limit: TokenBucket = new TokenBucket()) {
    this.#ledger = ledger;
    this.#limit = limit;
  }

  /** A request that `judge` finds nothing wrong with. */
  asked(session: PeerSession, range: BlockRange, out: Output[]): Violation | 'queued' | null {
    if ((session.choking && session.extended) || !this.#ledger.owned.has(range.piece)) {
      this.reject(session, range, out);
      return null;
    }
    if (session.queue.length >= MAX_QUEUED_REQUESTS) {
      return session.extended
        ? violation('too-many-requests', `over ${MAX_QUEUED_REQUESTS} requests wait`)
        : null;
    }
    session.queue.push({ piece: range.piece, offset: range.offset, length: range.length });
    session.queueBytes += range.length;
    if (!this.#waiting.has(session) && !session.keepsPlace) session.place = ++this.#places;
    this.#waiting.add(session);
    return 'queued';
  }

  /** [UP4] A cancel of something that still waits is answered by a reject; otherwise its block is on the way. */
  cancelled(session: PeerSession, range: BlockRange, out: Output[]): void {
    const nth = session.queue.findIndex((queued) => sameRange(queued, range));
    if (nth < 0) return;
    session.queue.splice(nth, 1);
    session.queueBytes -= range.length;
    // Who was kept waiting for so long that it asks anew does not wait from the beginning.
    if (session.queue.length === 0) session.keepsPlace = true;
    this.reject(session, range, out);
  }

  /** [UP5] Orders blocks read and sent while there is room, one peer's piece after another's. */
  serve(now: number, out: Output[]): void {
    this.opensAt = null;
    const room = Math.max(LEAST_ALL_UNSENT_BYTES, (this.#rate.perSecond(now) * ALL_UNSENT_MS) / 1000);
    this.#countMoving(now);
    const inLine = [...this.#waiting].sort((one, other) => one.place - other.place);
    for (const session of inLine) this.#servePeer(session, room, now, out);
  }

  /** Is there room to send although somebody asks? Then those who ask are slow. A limit is not idleness. */
  isIdle(now: number): boolean {
    this.#countMoving(now);
    return this.opensAt === null && this.#moving < LEAST_ALL_UNSENT_BYTES / 2 && this.#limit.isOpen(now);
  }

  /** That many bytes left for the network. */
  sent(session: PeerSession, bytes: number, now: number): void {
    session.unsent -= bytes;
    this.#rate.add(bytes, now);
    const blocks = session.blocksUnsent;
    if (blocks > 0) session.drain.add(bytes, now - session.lastSentAt);
    // Frames leave in the order of their sending: of what is left the blocks are at most everything.
    session.blocksUnsent = Math.min(blocks, session.unsent);
    session.up.add(blocks - session.blocksUnsent, now);
    session.lastSentAt = now;
    if (session.blocksUnsent === 0) this.#flying.delete(session);
  }

  /** That block will not be sent after all. */
  unreadable(session: PeerSession, range: BlockRange, out: Output[]): void {
    const bytes = PIECE_HEADER_BYTES + range.length;
    session.unsent -= bytes;
    session.blocksUnsent = Math.max(0, session.blocksUnsent - bytes);
    if (session.blocksUnsent === 0) this.#flying.delete(session);
    this.sentBytes -= range.length;
    this.#limit.giveBack(range.length);
    this.reject(session, range, out);
  }

  /**
   * The peer's turn is over: of the last `over` bytes that it asked for it has to ask again, but not of a piece
   * of which something stays.
   */
  rejectBeyond(session: PeerSession, over: number, out: Output[]): ReadonlySet<number> {
    let staying = session.queueBytes - Math.max(0, over);
    let last = session.servedPiece;
    return this.#rejectWhere(
      session,
      ({ piece, length }) => {
        if (staying > 0) last = piece;
        staying -= length;
        return piece !== last;
      },
      out,
    );
  }

  /** Bytes of the peer's that wait for our uplink, as far as it is our uplink that they wait for. */
  backlogOf(session: PeerSession, now: number): number {
    const bytes = session.queueBytes + session.blocksUnsent;
    const { rate } = session.upLimit;
    if (rate !== null) return Math.min(bytes, (rate * ALL_UNSENT_MS) / 1000);
    if (session.blocksUnsent > 0 && now - session.lastSentAt >= this.#stuckAfter) return 0;
    return bytes;
  }

  /** Bytes a second that our uplink can take, as far as we know. */
  capacity(now: number): number {
    const rate = this.#rate.perSecond(now);
    this.#capacity = Math.max(rate, this.#capacity * 0.5 ** ((now - this.#capacityAt) / CAPACITY_HALVES_MS));
    this.#capacityAt = now;
    return Math.min(this.#capacity, this.#limit.rate ?? Infinity);
  }

  /** A piece is not ours any more: whoever waits for it is told. */
  lost(sessions: Iterable<PeerSession>, piece: number, out: Output[]): void {
    for (const session of sessions) this.#rejectWhere(session, (queued) => queued.piece === piece, out);
  }

  closed(session: PeerSession): void {
    this.#waiting.delete(session);
    this.#flying.delete(session);
  }

  #servePeer(session: PeerSession, room: number, now: number, out: Output[]): void {
    // Who knows no choke may ask between its turns; what it asks for waits.
    if (session.choking && !session.extended) return;
    const window = this.#windowOf(session, now);
    for (;;) {
      const next = session.queue[0];
      if (next === undefined || session.isServedOut) break;
      const first = session.blocksUnsent === 0;
      if (this.#moving >= room || (!first && session.unsent >= window)) return;
      if (!this.#mayTake(session, now)) return;
      // The piece is served; the next one waits for the others' turn.
      if (session.servedPiece !== next.piece && this.#waiting.size > 1 && !first) break;
      session.queue.shift();
      session.queueBytes -= next.length;
      this.#order(session, next, now, out);
    }
    if (session.queue.length === 0) this.#waiting.delete(session);
    else session.place = ++this.#places;
  }

  #order(session: PeerSession, range: BlockRange, now: number, out: Output[]): void {
    const bytes = PIECE_HEADER_BYTES + range.length;
    session.servedPiece = range.piece;
    session.keepsPlace = false;
    if (session.blocksUnsent === 0) session.lastSentAt = now;
    session.unsent += bytes;
    session.blocksUnsent += bytes;
    this.#flying.add(session);
    this.#moving += bytes;
    this.sentBytes += range.length;
    this.#limit.take(range.length, now);
    session.upLimit.take(range.length, now);
    out.push({ kind: 'serve-block', link: session.link, ...range });
  }

  /** A link that takes nothing for a while holds back its own peer alone, not all the others. */
  #countMoving(now: number): void {
    const capacity = Math.max(this.capacity(now), this.#fastest());
    const ms = capacity === 0 ? 0 : (STUCK_AFTER_TIMES * LEAST_ALL_UNSENT_BYTES * 1000) / capacity;
    this.#stuckAfter = Math.min(Math.max(ms, STUCK_AFTER_MS), LATEST_STUCK_MS);
    this.#moving = 0;
    for (const session of this.#flying) {
      if (now - session.lastSentAt < this.#stuckAfter) this.#moving += session.blocksUnsent;
    }
  }

  /**
   * Bytes a second that one of those who are served was seen to take: our uplink takes as much, also where slow
   * receivers have filled what may be on the way, so that nothing more was seen to leave.
   */
  #fastest(): number {
    let fastest = 0;
    for (const sessions of [this.#flying, this.#waiting]) {
      for (const { drain, up } of sessions) {
        // The first bytes of all only fill a buffer on the way.
        if (up.total < LEAST_ALL_UNSENT_BYTES || !Number.isFinite(drain.perSecond)) continue;
        fastest = Math.max(fastest, drain.perSecond);
      }
    }
    return Math.min(fastest, this.#limit.rate ?? Infinity);
  }

  #windowOf(session: PeerSession, now: number): number {
    if (this.#waiting.size === 1) return SEND_WINDOW_BYTES;
    const own = (session.up.perSecond(now) * LINK_UNSENT_MS) / 1000;
    return Math.min(SEND_WINDOW_BYTES, Math.max(LEAST_LINK_UNSENT_BYTES, own));
  }

  #mayTake(session: PeerSession, now: number): boolean {
    const opensAt = Math.max(this.#limit.opensAt(now), session.upLimit.opensAt(now));
    if (opensAt <= now) return true;
    this.opensAt = Math.min(this.opensAt ?? Infinity, opensAt);
    return false;
  }

  /** [UP1] Is it a range of a piece of this share at all? */
  judge(range: BlockRange): Violation | null {
    const { piece, offset, length } = range;
    if (piece >= this.#ledger.pieceCount) return violation('no-such-piece', `a request for piece ${piece}`);
    if (length === 0 || length > MAX_BLOCK_BYTES || offset + length > this.#ledger.size(piece)) {
      return violation('bad-range', `a request for ${length} bytes at ${offset} of piece ${piece}`);
    }
    return null;
  }

  /** The pieces of what was rejected. */
  #rejectWhere(
    session: PeerSession,
    gone: (range: BlockRange) => boolean,
    out: Output[],
  ): ReadonlySet<number> {
    const rejected: BlockRange[] = [];
    const staying = session.queue.filter((queued) => {
      const goes = gone(queued);
      if (goes) rejected.push(queued);
      return !goes;
    });
    session.queue.splice(0, session.queue.length, ...staying);
    for (const range of rejected) {
      session.queueBytes -= range.length;
      this.reject(session, range, out);
    }
    return new Set(rejected.map(({ piece }) => piece));
  }

  reject(session: PeerSession, range: BlockRange, out: Output[]): void {
    if (!session.extended) return;
    const { piece, offset, length } = range;
    session.send({ kind: 'reject', piece, offset, length }, out);
  }
}

function sameRange(a: BlockRange, b: BlockRange): boolean {
  return a.piece === b.piece && a.offset === b.offset && a.length === b.length;
}
