/**
 * Owns which block is asked of whom, and which are here ([RQ1]–[RQ7]): each cell of a piece under way is here, or asked
 * for, or free; it is asked of one source at a time, except in the end game. Keeps each source's pipeline filled,
 * cancels what is late, and writes what comes into its piece, which is the only copy. Which piece is next is
 * piece-choice.ts's, how much a pipeline holds pipeline.ts's. Decides nothing about who may be asked at all.
 */
import { assert } from '../../assert.ts';
import type { Bitfield } from '../../bitfield.ts';
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_OUTSTANDING_REQUESTS, SMALL_BLOCKS_BELOW } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Frame, Violation } from '../../protocol/frames.ts';
import type { Output, PieceOrder } from '../io.ts';
import type { TokenBucket } from '../meters/token-bucket.ts';
import type { Assembly, PieceLedger } from '../pieces/ledger.ts';
import { CELLS_PER_BLOCK, cellKey, groupOf, isFree, isHere, keyOf, unask } from './cells.ts';
import type { Cells } from './cells.ts';
import { firstOfLate, lastOfSlowest } from './end-game.ts';
import type { PiecePicker } from './picker.ts';
import { PieceChoice } from './piece-choice.ts';
import { PieceSequence } from './piece-order.ts';
import type { Asked } from './pipeline.ts';
import type { Source } from './source.ts';

/** Requests wait until there is room for so large a part of a pipeline, or for so many bytes. */
const ASKED_PART = 8;
const MOST_ASKED_TOGETHER = 4 * BLOCK_BYTES;

export interface RequestBookOptions {
  readonly ledger: PieceLedger;
  readonly picker: PiecePicker;
  /** Everybody who can be asked. */
  readonly sources: ReadonlySet<Source>;
  /** Of what comes from all of them together. */
  readonly limit: TokenBucket;
  /** [RQ7] Nobody is asked while so many bytes of whole pieces wait to be stored; two pieces may always wait. */
  readonly mostUnstoredBytes: number;
  /** [PK8] */
  readonly isOnlyReceiver: () => boolean;
}

export class RequestBook {
  readonly #ledger: PieceLedger;
  readonly #picker: PiecePicker;
  readonly #sources: ReadonlySet<Source>;
  readonly #choice: PieceChoice;
  readonly #limit: TokenBucket;
  readonly #mostUnstoredBytes: number;
  #opensAt = Infinity;
  #blockAt = 0;
  #receivedBytes = 0;

  constructor(options: RequestBookOptions) {
    const { ledger, picker, sources, limit, mostUnstoredBytes, isOnlyReceiver } = options;
    this.#limit = limit;
    this.#mostUnstoredBytes = Math.max(mostUnstoredBytes, 2 * ledger.pieceBytes);
    this.#ledger = ledger;
    this.#picker = picker;
    this.#sources = sources;
    const abandon = (assembly: Assembly, out: Output[]): void => this.abandon(assembly, out);
    this.#choice = new PieceChoice({ ledger, picker, sources, isOnlyReceiver, abandon });
  }

  /** When a rate limit lets somebody be asked again; Infinity: none is in the way. */
  get opensAt(): number {
    return this.#opensAt;
  }

  /** When the last block came, in ms. */
  get blockAt(): number {
    return this.#blockAt;
  }

  /** Payload that came, whoever sent it. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Nobody is asked for anything any more, or everybody is about to be asked: no limit is waited for. */
  forgetLimit(): void {
    this.#opensAt = Infinity;
  }

  /** [PK2] Holds from the next block on: what is asked for stays asked for. */
  reorder(order: PieceOrder, out: Output[]): void {
    this.#choice.reorder(new PieceSequence(order, this.#ledger.pieceCount), out);
  }

  /** Asks the source for as many blocks as its pipeline has room for. */
  fill(source: Source, now: number, out: Output[]): void {
    // Most of a large swarm lets us ask nothing: this comes first.
    if (source.choked || this.#ledger.unstoredBytes >= this.#mostUnstoredBytes) return;
    const { has, pipeline } = source;
    if (has === null || pipeline.isWaitedFor(source.cancels, now)) return;
    const room = pipeline.room(this.#ledger.pieceBytes);
    if (room - pipeline.bytes < leastToAsk(room)) return;
    while (pipeline.bytes < room && pipeline.size < MAX_OUTSTANDING_REQUESTS) {
      if (!this.#mayAsk(source, now)) return;
      const late = this.#late(source, has, now);
      const assembly = late === null ? this.#choice.next(source, has, now, out) : null;
      const block = assembly === null ? (late ?? this.#last(source, has)) : this.#nextBlock(source, assembly);
      if (block === null) return;
      this.#ask(source, block, now, out);
    }
  }

  /**
   * [RQ3] [RQ4] A block came: asked for, or cancelled and sent all the same, or never asked for, which is a
   * violation. What is missing of it is written; a piece that is whole goes to be hashed.
   */
  blockCame(source: Source, frame: Frame & { kind: 'piece' }, now: number, out: Output[]): Violation | null {
    const { piece, offset, data } = frame;
    const { pipeline } = source;
    this.#blockAt = now;
    const key = keyOf({ piece, offset, length: data.length });
    const asked = key === null ? undefined : pipeline.get(key);
    const inTime = asked !== undefined && asked.length === data.length;
    if (key === null || (!inTime && !this.#settleLate(source, key, frame)))
      return this.#unasked(source, frame);
    this.#receivedBytes += data.length;
    pipeline.blockCame(data.length, inTime ? key : null, now);
    if (inTime) this.#forget(source, key, asked);
    const assembly = inTime ? asked.assembly : this.#ledger.assembly(piece);
    if (assembly === undefined || (!inTime && assembly.onParole)) return null;
    this.#write(source, assembly, offset, data, out);
    return null;
  }

  /** The source will not send it. `expected`: we had cancelled it; `unasked`: it was never asked. */
  rejected(source: Source, range: BlockRange, out: Output[]): 'freed' | 'expected' | 'unasked' {
    const key = keyOf(range);
    const asked = key === null ? undefined : source.pipeline.get(key);
    // Of who chokes us the one that is asked for is freed first: what was cancelled before may have been lost ([PN14]).
    const isLateFirst = asked === undefined || !source.choked;
    if (key !== null && isLateFirst && source.pipeline.settleLate(key)) return 'expected';
    if (key === null || asked === undefined) return 'unasked';
    this.#wontCome(source, key, asked, out);
    this.#dropEmpty(asked.assembly, out);
    return 'freed';
  }

  /** [RQ5] Takes everything back from a source that is silent too long. False: it is not. */
  expire(source: Source, now: number, out: Output[]): boolean {
    const { pipeline } = source;
    if (now < pipeline.deadline(false)) return false;
    if (now < pipeline.deadline(true) && !this.#hasStandIn(source, now)) return false;
    pipeline.timedOut(now);
    this.cancelAll(source, out);
    return true;
  }

  /** The peer choked us: each request it has is answered by a block or a reject; others may help meanwhile. */
  choked(source: Source, out: Output[]): void {
    this.#choice.leave(source, out);
  }

  /** Cancels all that is asked of a source: it is silent, or the download was paused. */
  cancelAll(source: Source, out: Output[]): void {
    for (const [key, asked] of [...source.pipeline.entries()]) this.#cancel(source, key, asked, out);
    this.#choice.leave(source, out);
  }

  /** The connection is gone: what it was asked for is free again. */
  gone(source: Source): void {
    const out: Output[] = [];
    for (const [key, asked] of [...source.pipeline.entries()]) {
      this.#wontCome(source, key, asked, out);
      this.#dropEmpty(asked.assembly, out);
    }
    this.#choice.forget(source, out);
    assert(out.length === 0, 'a piece that comes from one source alone was asked of nobody else');
  }

  /** Is there anybody else to ask for what this source is silent about? */
  #hasStandIn({ pipeline }: Source, now: number): boolean {
    const piece = pipeline.oldestPiece;
    const silentMs = now - pipeline.silentSince;
    for (const other of this.#sources) {
      if (other.pipeline === pipeline || other.choked || !other.pipeline.mayStandIn(silentMs)) continue;
      if (piece !== null && other.has?.has(piece) === true) return true;
    }
    return false;
  }

  /** Does a rate limit let this source be asked now? If not, `opensAt` says when to come again. */
  #mayAsk(source: Source, now: number): boolean {
    if (this.#limit.isOpen(now) && source.limit.isOpen(now)) return true;
    this.#opensAt = Math.min(this.#opensAt, Math.max(this.#limit.claim(now), source.limit.claim(now)));
    return false;
  }

  /** The first free block of a piece that has one, as large as suits the source. */
  #nextBlock(source: Source, assembly: Assembly): Cells {
    const most = this.#blockBytes(source) / BLOCK_GRID_BYTES;
    const cell = firstFree(assembly, source);
    // Inside one usual block, so that whoever asks for the same cells asks at one of few places.
    const end = Math.min(cell + most, groupOf(cell) + CELLS_PER_BLOCK, assembly.cells);
    let cells = 1;
    while (cell + cells < end && isFree(assembly, cell + cells)) cells++;
    return { assembly, cell, cells };
  }

  /** [RQ1] A usual block would be a burst of a quarter of a second and more where a limit is low. */
  #blockBytes(source: Source): number {
    const rate = Math.min(this.#limit.rate ?? Infinity, source.limit.rate ?? Infinity);
    return rate < SMALL_BLOCKS_BELOW ? BLOCK_GRID_BYTES : source.pipeline.blockBytes;
  }

  #ask(source: Source, { assembly, cell, cells }: Cells, now: number, out: Output[]): void {
    const offset = cell * BLOCK_GRID_BYTES;
    const length = Math.min(cells * BLOCK_GRID_BYTES, assembly.size - offset);
    source.pipeline.add(cellKey(assembly.piece, cell, cells), { assembly, cell, cells, length, at: now });
    this.#limit.take(length, now);
    source.limit.take(length, now);
    for (let at = cell; at < cell + cells; at++) {
      if (isFree(assembly, at)) assembly.free--;
      assembly.askers[at] = (assembly.askers[at] ?? 0) + 1;
    }
    if (cell === assembly.firstFree) assembly.firstFree = cell + cells;
    source.request({ piece: assembly.piece, offset, length }, out);
  }

  /** [PK3] Before a source begins another piece: a block that a slower one is late with, for somebody who plays. */
  #late(source: Source, has: Bitfield, now: number): Cells | null {
    if (this.#choice.sequence.isEmpty || this.#choice.filled(source, has) !== null) return null;
    return firstOfLate(this.#sources, this.#choice, source, has, now);
  }

  /**
   * [RQ6] End game: nothing is left to begin, so this source races the slowest one for its last block. What only peers
   * have that choke us is left, too: racing while we wait for them wastes an uplink's time that the swarm needs.
   */
  #last(source: Source, has: Bitfield): Cells | null {
    if (this.#choice.memoryFull || this.#picker.obtainableCount > 0) return null;
    return lastOfSlowest(this.#sources, source, has);
  }

  #write(source: Source, assembly: Assembly, offset: number, data: Uint8Array, out: Output[]): void {
    const first = offset / BLOCK_GRID_BYTES;
    const end = first + Math.ceil(data.length / BLOCK_GRID_BYTES);
    let here = 0;
    let asked = false;
    for (let cell = first; cell < end; cell++) {
      if (assembly.senders[cell] !== null) here++;
      asked ||= (assembly.askers[cell] ?? 0) > 0;
    }
    if (here === end - first) return;
    // A cell that is here is never overwritten: it may be another sender's.
    if (here === 0) assembly.bytes.set(data, offset);
    let bytes = 0;
    for (let cell = first; cell < end; cell++) {
      if (assembly.senders[cell] !== null) continue;
      const from = (cell - first) * BLOCK_GRID_BYTES;
      const to = Math.min(from + BLOCK_GRID_BYTES, data.length);
      if (here > 0) assembly.bytes.set(data.subarray(from, to), offset + from);
      if (isFree(assembly, cell)) assembly.free--;
      assembly.senders[cell] = source.peer;
      assembly.missing--;
      bytes += to - from;
    }
    this.#ledger.received(assembly, bytes);
    if (asked) this.#cancelElsewhere(assembly, first, end, out);
    if (assembly.missing === 0)
      out.push({ kind: 'hash-piece', piece: assembly.piece, bytes: assembly.bytes });
  }

  /** Tells the other sources that were asked for these cells, and for nothing else that is missing ([RQ6]). */
  #cancelElsewhere(assembly: Assembly, first: number, end: number, out: Output[]): void {
    const from = groupOf(first);
    const to = Math.min(assembly.cells, groupOf(end - 1) + CELLS_PER_BLOCK);
    for (const source of this.#sources) {
      if (source.pipeline.size === 0) continue;
      for (let cell = from; cell < to; cell++) {
        for (let cells = 1; cells <= Math.min(CELLS_PER_BLOCK, to - cell); cells++) {
          const key = cellKey(assembly.piece, cell, cells);
          const asked = source.pipeline.get(key);
          if (asked?.assembly === assembly && isHere(asked)) this.#cancel(source, key, asked, out);
        }
      }
    }
  }

  /** What was cancelled may come as it was asked for, and not otherwise. */
  #settleLate(
    { pipeline }: Source,
    key: number,
    { piece, offset, data }: Frame & { kind: 'piece' },
  ): boolean {
    if (!pipeline.isLate(key)) return false;
    const whole = data.length % BLOCK_GRID_BYTES === 0 || offset + data.length === this.#ledger.size(piece);
    return whole && pipeline.settleLate(key);
  }

  #unasked(source: Source, { piece, offset, data }: Frame & { kind: 'piece' }): Violation {
    for (let cells = 1; offset % BLOCK_GRID_BYTES === 0 && cells <= CELLS_PER_BLOCK; cells++) {
      const asked = source.pipeline.get(cellKey(piece, offset / BLOCK_GRID_BYTES, cells));
      if (asked !== undefined)
        return violation('block-length', `${data.length} bytes where ${asked.length} were asked for`);
    }
    return violation('unasked-block', `a block of piece ${piece} at ${offset} that was never asked for`);
  }

  #cancel(source: Source, key: number, asked: Asked, out: Output[]): void {
    // Cancelled already: abandoning a piece cancels all its blocks.
    if (!source.pipeline.has(key)) return;
    this.#cancelAlone(source, key, asked, out);
    this.#freed(asked, out);
  }

  #wontCome(source: Source, key: number, asked: Asked, out: Output[]): void {
    if (!source.pipeline.has(key)) return;
    // It will not come, so it counts in no limit: otherwise who rejects everything would use up all of it.
    this.#limit.refund(asked.length);
    source.limit.refund(asked.length);
    this.#forget(source, key, asked);
    this.#freed(asked, out);
  }

  /** Not asked of one source any more; a piece that comes from one alone begins anew with another. */
  #freed({ assembly }: Asked, out: Output[]): void {
    if (assembly.onParole && this.#ledger.isUnderWay(assembly)) this.abandon(assembly, out);
  }

  /** A piece of which nothing is here, asked for or may still come takes no memory: it waits for somebody else. */
  #dropEmpty(assembly: Assembly, out: Output[]): void {
    if (assembly.free < assembly.cells || !this.#ledger.isUnderWay(assembly)) return;
    for (let cell = 0; cell < assembly.cells; cell++) {
      for (const source of this.#sources) if (mayStillCome(source, assembly.piece, cell)) return;
    }
    this.abandon(assembly, out);
  }

  /** The piece begins anew some time: what was asked for of it is not wanted any more. */
  abandon(assembly: Assembly, out: Output[]): void {
    this.#ledger.abandon(assembly);
    this.#picker.want(assembly.piece);
    for (const source of this.#sources) {
      this.#choice.abandoned(source, assembly);
      for (const [key, asked] of [...source.pipeline.entries()]) {
        if (asked.assembly === assembly) this.#cancelAlone(source, key, asked, out);
      }
    }
  }

  /** What still comes of it is late, and no violation ([RQ4]). */
  #cancelAlone(source: Source, key: number, asked: Asked, out: Output[]): void {
    source.pipeline.cancelled(key);
    unask(asked);
    const { assembly, cell, length } = asked;
    source.cancel({ piece: assembly.piece, offset: cell * BLOCK_GRID_BYTES, length }, out);
  }

  #forget(source: Source, key: number, asked: Asked): void {
    source.pipeline.remove(key);
    unask(asked);
  }
}

/** The first free cell of a piece that has one; rather one that the source does not owe us already. */
function firstFree(assembly: Assembly, source: Source): number {
  let first = assembly.firstFree;
  while (!isFree(assembly, first)) first++;
  assembly.firstFree = first;
  if (!source.pipeline.snubbed) return first;
  for (let cell = first; cell < assembly.cells; cell++) {
    if (isFree(assembly, cell) && !mayStillCome(source, assembly.piece, cell)) return cell;
  }
  return first;
}

/** Was the source asked for the cell before, so that it may still send it? */
function mayStillCome({ pipeline }: Source, piece: number, cell: number): boolean {
  const first = groupOf(cell);
  for (let start = first; start <= cell; start++) {
    for (let cells = cell - start + 1; cells <= first + CELLS_PER_BLOCK - start; cells++) {
      if (pipeline.isLate(cellKey(piece, start, cells))) return true;
    }
  }
  return false;
}

/** [RQ2] Several blocks of a fast source are asked for in one message, not each when there is room for it. */
function leastToAsk(room: number): number {
  return Math.min(room / ASKED_PART, MOST_ASKED_TOGETHER);
}
