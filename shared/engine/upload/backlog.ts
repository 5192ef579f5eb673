/**
 * What one peer has asked of us and has not been sent ([UP1] [UP4]): requests that wait, in the order of its asking,
 * and blocks that were ordered sent and have not left. Measures what leaves for it. An unmodified peer asks again for
 * what it waited a minute for: of it each request stands here once, and none that is on its way ([UP6]). Knows no
 * pieces of ours and no other peer.
 */
import type { BlockRange } from '../../protocol/frames.ts';
import { PIECE_HEADER_BYTES } from '../../limits.ts';
import { DrainMeter } from '../meters/drain-meter.ts';
import { RateMeter } from '../meters/rate-meter.ts';

interface Request {
  readonly range: BlockRange;
  /** When it was asked for last, in ms. */
  at: number;
}

interface Flying {
  readonly range: BlockRange;
  /** It has left when so many bytes in all have. */
  readonly until: number;
}

/** TorrentInno's client gives a request up after so many ms, and asks anew; less what a block takes to get there. */
const PATIENCE_MS = 60_000;
const ON_THE_WAY_MS = 2_000;

export class Backlog {
  #requests: Request[] = [];
  #bytes = 0;
  /** Its place in the line of those who are served, and whether it has it again when it asks again. */
  #place = 0;
  #keepsPlace = false;
  #flying: Flying[] = [];
  #orderedBytes = 0;
  /** Bytes of blocks ordered sent that have not left yet. */
  #unsent = 0;
  /** When something last left, or was last ordered with nothing on the way; and the same of blocks alone. */
  #lastSentAt = 0;
  #drainedTo = 0;
  /** The piece of the last block sent: -1 before the first. */
  #servedPiece = -1;
  readonly #up = new RateMeter();
  /** How fast it takes blocks that are on the way to it. */
  readonly #drain = new DrainMeter();

  get length(): number {
    return this.#requests.length;
  }

  /** Of what waits. */
  get bytes(): number {
    return this.#bytes;
  }

  get unsent(): number {
    return this.#unsent;
  }

  get lastSentAt(): number {
    return this.#lastSentAt;
  }

  get servedPiece(): number {
    return this.#servedPiece;
  }

  get place(): number {
    return this.#place;
  }

  /** Who was kept waiting for so long that it took everything back and asks anew does not wait from the beginning. */
  get keepsPlace(): boolean {
    return this.#keepsPlace;
  }

  get first(): BlockRange | undefined {
    return this.#requests[0]?.range;
  }

  /** All that waits, in the order of its asking. */
  get ranges(): readonly BlockRange[] {
    return this.#requests.map(({ range }) => range);
  }

  /** Pieces of which something waits or was sent last. */
  get pieces(): Set<number> {
    const pieces = new Set(this.#requests.map(({ range }) => range.piece));
    if (this.#servedPiece >= 0) pieces.add(this.#servedPiece);
    return pieces;
  }

  /** Something of the piece was the last that was asked for, or that was sent with nothing asked for since. */
  touches(piece: number): boolean {
    return (this.#requests.at(-1)?.range.piece ?? this.#servedPiece) === piece;
  }

  /** Bytes of blocks, with their headers, that have left for it; and those with what was ordered to. */
  get leftBytes(): number {
    return this.#up.total;
  }

  get givenBytes(): number {
    return this.#up.total + this.#unsent;
  }

  /** Bytes a second that leave for it, over some seconds; and while something is on the way to it (0: not known). */
  rate(now: number): number {
    return this.#up.perSecond(now);
  }

  get drainRate(): number {
    return this.#drain.perSecond;
  }

  putAt(place: number): void {
    this.#place = place;
  }

  push({ piece, offset, length }: BlockRange, now: number): void {
    this.#requests.push({ range: { piece, offset, length }, at: now });
    this.#bytes += length;
  }

  /** [UP6] Does the range stand here, or is it on its way? One that waits is as if it had just been asked for. */
  repeats(range: BlockRange, now: number): boolean {
    const waiting = this.#requests.find((request) => sameRange(request.range, range));
    if (waiting !== undefined) waiting.at = now;
    return waiting !== undefined || this.#flying.some((one) => sameRange(one.range, range));
  }

  /**
   * [UP6] Drops what is next and would come when the peer has given it up. The last one is only dropped for its age:
   * how long it takes is a guess.
   */
  dropStale(now: number): void {
    for (let next = this.#requests[0]; next !== undefined; next = this.#requests[0]) {
      const takes = this.#requests.length === 1 ? 0 : this.#msUntilThere(next.range);
      if (now - next.at + takes <= PATIENCE_MS - ON_THE_WAY_MS) return;
      this.#requests.shift();
      this.#bytes -= next.range.length;
    }
  }

  /** 0 where nothing as large has left before. */
  #msUntilThere({ length }: BlockRange): number {
    const rate = this.#drain.perSecond;
    return rate === 0 || this.#up.total < length ? 0 : ((this.#unsent + length) * 1000) / rate;
  }

  /** Takes out the ranges that the question is true of. */
  takeOut(goes: (range: BlockRange) => boolean): BlockRange[] {
    const gone: BlockRange[] = [];
    const staying: Request[] = [];
    for (const request of this.#requests) {
      if (goes(request.range)) gone.push(request.range);
      else staying.push(request);
    }
    if (gone.length > 0) this.#requests = staying;
    for (const { length } of gone) this.#bytes -= length;
    return gone;
  }

  /** False: it does not wait. */
  cancel(range: BlockRange): boolean {
    const nth = this.#requests.findIndex((request) => sameRange(request.range, range));
    if (nth < 0) return false;
    this.#requests.splice(nth, 1);
    this.#bytes -= range.length;
    if (this.#requests.length === 0) this.#keepsPlace = true;
    return true;
  }

  /** The first request is ordered sent: its range, and the bytes of its frame. `mayRepeat`: it may be asked for again. */
  order(now: number, mayRepeat: boolean): { range: BlockRange; frameBytes: number } | null {
    const request = this.#requests.shift();
    if (request === undefined) return null;
    const { range } = request;
    const frameBytes = PIECE_HEADER_BYTES + range.length;
    this.#bytes -= range.length;
    this.#servedPiece = range.piece;
    this.#keepsPlace = false;
    if (this.#unsent === 0) {
      this.#lastSentAt = now;
      this.#drainedTo = now;
      this.#up.resume(now);
    }
    this.#unsent += frameBytes;
    this.#orderedBytes += frameBytes;
    if (mayRepeat) this.#flying.push({ range, until: this.#orderedBytes });
    return { range, frameBytes };
  }

  /** Something left; `unsent` bytes of all kinds have not. */
  left(unsent: number, now: number): void {
    const before = this.#unsent;
    // Frames leave in the order of their sending: of what is left the blocks are at most everything.
    this.#unsent = Math.min(before, unsent);
    this.#lastSentAt = now;
    const blocks = before - this.#unsent;
    if (blocks === 0) return;
    this.#drain.add(blocks, now - this.#drainedTo);
    this.#drainedTo = now;
    this.#up.add(blocks, now);
    this.#forgetLeft();
  }

  /** That block will not be sent after all. Answers the bytes of its frame. */
  unreadable(range: BlockRange): number {
    const frameBytes = PIECE_HEADER_BYTES + range.length;
    this.#unsent = Math.max(0, this.#unsent - frameBytes);
    this.#flying = this.#flying.filter((one) => !sameRange(one.range, range));
    this.#forgetLeft();
    return frameBytes;
  }

  #forgetLeft(): void {
    const left = this.#orderedBytes - this.#unsent;
    let gone = 0;
    while (gone < this.#flying.length && (this.#flying[gone]?.until ?? 0) <= left) gone++;
    if (gone > 0) this.#flying.splice(0, gone);
  }
}

function sameRange(a: BlockRange, b: BlockRange): boolean {
  return a.piece === b.piece && a.offset === b.offset && a.length === b.length;
}
