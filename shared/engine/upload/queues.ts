/**
 * The order in which what peers ask of us is served ([UP1]–[UP6]): piece by piece, one peer's after another's, while
 * little of what was ordered still waits to leave: a piece that is sent in one go can be passed on soonest. Serves only
 * what is owned; what cannot be served is rejected to a peer that knows reject, and left unanswered to an unmodified
 * one, as its own kind does. Who may ask is choker.ts's, what is on its way uplink.ts's.
 */
import {
  BLOCK_BYTES,
  MAX_BLOCK_BYTES,
  MAX_QUEUED_REQUESTS,
  PIECE_HEADER_BYTES,
  SAMPLE_BYTES,
  SEND_WINDOW_BYTES,
} from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Violation } from '../../protocol/frames.ts';
import type { Output } from '../io.ts';
import type { TokenBucket } from '../meters/token-bucket.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import type { UploadSlot } from './slot.ts';
import { ALL_UNSENT_MS, LEAST_ALL_UNSENT_BYTES } from './uplink.ts';
import type { Uplink } from './uplink.ts';

/** One link beside others may hold so many ms of its own rate: a slow receiver does not fill the window of all. */
const LINK_UNSENT_MS = 300;
const LEAST_LINK_UNSENT_BYTES = 2 * BLOCK_BYTES;
/** [UP8] A piece is read while no more than so many bytes stand before it: what is read sooner is read for the cache to drop. */
const READ_AHEAD_BYTES = 2 * 1_048_576;

export class UploadQueues {
  readonly #ledger: PieceLedger;
  readonly #uplink: Uplink;
  readonly #limit: TokenBucket;
  /** Peers for whom something waits; who has the least place is served next. */
  readonly #waiting = new Set<UploadSlot>();
  #places = 0;
  #sentBytes = 0;
  #opensAt = Infinity;

  constructor(ledger: PieceLedger, uplink: Uplink, limit: TokenBucket) {
    this.#ledger = ledger;
    this.#uplink = uplink;
    this.#limit = limit;
  }

  /** Payload of the blocks ordered sent, less those that could not be read. */
  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** When a rate limit lets the next block go; Infinity: no limit is in the way. */
  get opensAt(): number {
    return this.#opensAt;
  }

  /** [UP1] Is it a range of a piece of this share at all? */
  judge({ piece, offset, length }: BlockRange): Violation | null {
    if (piece >= this.#ledger.pieceCount) return violation('no-such-piece', `a request for piece ${piece}`);
    if (length === 0 || length > MAX_BLOCK_BYTES || offset + length > this.#ledger.size(piece)) {
      return violation('bad-range', `a request for ${length} bytes at ${offset} of piece ${piece}`);
    }
    return null;
  }

  /** A request that `judge` finds nothing wrong with. */
  asked(slot: UploadSlot, range: BlockRange, now: number, out: Output[]): Violation | 'queued' | null {
    const { wire, backlog } = slot;
    if ((slot.choked && wire.extended) || !this.#ledger.owned.has(range.piece)) {
      reject(slot, range, out);
      return null;
    }
    if (!wire.extended && (slot.has?.has(range.piece) === true || backlog.repeats(range, now))) return null;
    if (backlog.length >= MAX_QUEUED_REQUESTS) {
      return wire.extended
        ? violation('too-many-requests', `over ${MAX_QUEUED_REQUESTS} requests wait`)
        : null;
    }
    // Whose turn it is not may never get one.
    if (!slot.choked && backlog.bytes <= READ_AHEAD_BYTES && !backlog.touches(range.piece)) {
      out.push({ kind: 'read-ahead', piece: range.piece, sha256: this.#ledger.sha256(range.piece) });
    }
    backlog.push(range, now);
    if (!this.#waiting.has(slot) && !backlog.keepsPlace) backlog.putAt(++this.#places);
    this.#waiting.add(slot);
    return 'queued';
  }

  /**
   * [WS22] Few bytes of what is here, to look at them a second time: served at once, whoever's turn it is, while the peer reads
   * what it is sent. False: it is no such request, or has to wait as any.
   */
  serveLook(slot: UploadSlot, { piece, offset, length }: BlockRange, now: number, out: Output[]): boolean {
    const { wire, limit } = slot;
    const mayGo = wire.extended && length <= SAMPLE_BYTES && this.#ledger.owned.has(piece);
    if (!mayGo || wire.unsent >= SEND_WINDOW_BYTES) return false;
    if (!this.#limit.isOpen(now) || !limit.isOpen(now) || !slot.looks.take(1, now)) return false;
    wire.ordered(PIECE_HEADER_BYTES + length);
    this.#sentBytes += length;
    this.#limit.take(length, now);
    limit.take(length, now);
    out.push({
      kind: 'serve-block',
      link: slot.link,
      piece,
      offset,
      length,
      sha256: this.#ledger.sha256(piece),
    });
    return true;
  }

  /** What is asked for and not ordered yet, about in the order in which it will be: so many bytes of it. */
  upcoming(mostBytes: number): BlockRange[] {
    const inLine = [...this.#waiting].sort((one, other) => one.backlog.place - other.backlog.place);
    const upcoming: BlockRange[] = [];
    let bytes = 0;
    for (const { backlog } of inLine)
      for (const range of backlog.ranges) {
        bytes += range.length;
        if (bytes > mostBytes) return upcoming;
        upcoming.push(range);
      }
    return upcoming;
  }

  /** [UP4] A cancel of something that still waits is answered by a reject; otherwise its block is on the way. */
  cancelled(slot: UploadSlot, range: BlockRange, out: Output[]): void {
    if (slot.backlog.cancel(range)) reject(slot, range, out);
  }

  /** [UP6] What an unmodified peer has by now it needs no more, whatever it asked for. */
  dropOwned(slot: UploadSlot): void {
    if (!slot.wire.extended) slot.backlog.takeOut(({ piece }) => slot.has?.has(piece) === true);
  }

  /** [UP5] Orders blocks read and sent while there is room, one peer's piece after another's. */
  serve(now: number, out: Output[]): void {
    this.#opensAt = Infinity;
    const room = this.#uplink.room(now);
    this.#look(now);
    if (this.#waiting.size === 0) return;
    const inLine = [...this.#waiting].sort((one, other) => one.backlog.place - other.backlog.place);
    const before = this.#sentBytes;
    for (const slot of inLine) this.#servePeer(slot, room, now, out);
    if (this.#sentBytes !== before) this.#look(now);
  }

  /** Counts anew what is on its way: `isIdle` and `backlogOf` go by it. */
  #look(now: number): void {
    this.#uplink.look(this.#waiting, this.#limit.rate ?? Infinity, now);
  }

  /** Is there room to send although somebody asks? Then those who ask are slow. A limit is not idleness. */
  isIdle(now: number): boolean {
    const room = this.#uplink.moving < LEAST_ALL_UNSENT_BYTES / 2;
    return this.#opensAt === Infinity && room && this.#limit.isOpen(now);
  }

  /** That block will not be sent after all. */
  unreadable(slot: UploadSlot, range: BlockRange, out: Output[]): void {
    const frameBytes = slot.backlog.unreadable(range);
    this.#uplink.notSent(slot, frameBytes);
    this.#sentBytes -= range.length;
    this.#limit.refund(range.length);
    reject(slot, range, out);
  }

  /**
   * The peer's turn is over: of the last `over` bytes that it asked for it has to ask again, but not of a piece
   * of which something stays. Answers with the pieces of what was rejected.
   */
  rejectBeyond(slot: UploadSlot, over: number, out: Output[]): ReadonlySet<number> {
    let staying = slot.backlog.bytes - Math.max(0, over);
    let last = slot.backlog.servedPiece;
    const rejected = slot.backlog.takeOut(({ piece, length }) => {
      if (staying > 0) last = piece;
      staying -= length;
      return piece !== last;
    });
    for (const range of rejected) reject(slot, range, out);
    return new Set(rejected.map(({ piece }) => piece));
  }

  /** Bytes of the peer's that wait for our uplink, as far as it is our uplink that they wait for. */
  backlogOf(slot: UploadSlot, now: number): number {
    const bytes = slot.backlog.bytes + slot.backlog.unsent;
    const { rate } = slot.limit;
    if (rate !== null) return Math.min(bytes, (rate * ALL_UNSENT_MS) / 1000);
    return this.#uplink.isStuck(slot, now) ? 0 : bytes;
  }

  /** Bytes a second that our uplink can take, as far as we know. */
  capacity(now: number): number {
    return this.#uplink.capacity(this.#limit.rate ?? Infinity, now);
  }

  /** A piece is not ours any more: whoever waits for it is told. */
  lost(slots: Iterable<UploadSlot>, piece: number, out: Output[]): void {
    for (const slot of slots) {
      for (const range of slot.backlog.takeOut((waits) => waits.piece === piece)) reject(slot, range, out);
    }
  }

  closed(slot: UploadSlot): void {
    this.#waiting.delete(slot);
    this.#uplink.closed(slot);
  }

  #servePeer(slot: UploadSlot, room: number, now: number, out: Output[]): void {
    const { backlog, wire } = slot;
    // Who knows no choke may ask between its turns; what it asks for waits.
    if (slot.choked && !wire.extended) return;
    const window = this.#windowOf(slot, now);
    for (;;) {
      if (!wire.extended) backlog.dropStale(now);
      const next = backlog.first;
      if (next === undefined || slot.isServedOut) break;
      const first = backlog.unsent === 0;
      if (this.#uplink.moving >= room || (!first && wire.unsent >= window)) return;
      if (!this.#mayTake(slot, now)) return;
      // The piece is served; the next one waits for the others' turn.
      if (backlog.servedPiece !== next.piece && this.#waiting.size > 1 && !first) break;
      this.#order(slot, now, out);
    }
    if (backlog.length === 0) this.#waiting.delete(slot);
    else backlog.putAt(++this.#places);
  }

  #order(slot: UploadSlot, now: number, out: Output[]): void {
    const ordered = slot.backlog.order(now, !slot.wire.extended);
    if (ordered === null) return;
    const { frameBytes } = ordered;
    const { piece, offset, length } = ordered.range;
    this.#uplink.ordered(slot, frameBytes, now);
    this.#sentBytes += length;
    this.#limit.take(length, now);
    slot.limit.take(length, now);
    const sha256 = this.#ledger.sha256(piece);
    out.push({ kind: 'serve-block', link: slot.link, piece, offset, length, sha256 });
  }

  #windowOf({ wire, backlog }: UploadSlot, now: number): number {
    const own = (backlog.rate(now) * LINK_UNSENT_MS) / 1000;
    // What lies on the way to an unmodified peer gets old: as much as keeps its link busy is enough ([UP6]).
    if (!wire.extended) return Math.min(SEND_WINDOW_BYTES, own);
    if (this.#waiting.size === 1) return SEND_WINDOW_BYTES;
    return Math.min(SEND_WINDOW_BYTES, Math.max(LEAST_LINK_UNSENT_BYTES, own));
  }

  #mayTake(slot: UploadSlot, now: number): boolean {
    if (this.#limit.isOpen(now) && slot.limit.isOpen(now)) return true;
    this.#opensAt = Math.min(this.#opensAt, Math.max(this.#limit.claim(now), slot.limit.claim(now)));
    return false;
  }
}

/** [UP2] Says so to who understands it. */
export function reject({ wire }: UploadSlot, range: BlockRange, out: Output[]): void {
  if (wire.extended) wire.send({ ...range, kind: 'reject' }, out);
}
