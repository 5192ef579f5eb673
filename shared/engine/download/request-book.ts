/**
 * Owns which block is asked of whom ([RQ1]–[RQ6]): a block is asked of one peer at a time, except in the end game.
 * Fills each peer's pipeline to what pace.ts says, takes back what is late, and knows what may
 * still come of it. Which piece is next is piece-choice.ts's. Decides nothing about who may be asked at all, and keeps no piece's bytes (piece-ledger.ts).
 */
import { assert } from '../../assert.ts';
import type { Bitfield } from '../../bitfield.ts';
import type { LinkId } from '../../ids.ts';
import {
  BLOCK_BYTES,
  BLOCK_GRID_BYTES,
  MAX_LATE_REQUESTS,
  MAX_OUTSTANDING_REQUESTS,
  MAX_PIECE_BYTES,
} from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { BlockRange, Violation } from '../../protocol/frames.ts';
import type { Output, PieceOrder } from '../io.ts';
import type { Outstanding, PeerSession } from '../connection/connection.ts';
import { countAsked, FIRST_PIPELINE_BYTES, oldestAskedAt, patience, pipelineBytes } from './pace.ts';
import type { PiecePicker } from './picker.ts';
import { PieceChoice } from './piece-choice.ts';
import { blockLength } from '../pieces/ledger.ts';
import type { Assembly, PieceLedger, WriteResult } from '../pieces/ledger.ts';
import { PieceSequence } from './piece-order.ts';
import { firstOfLate, lastOfSlowest } from './end-game.ts';
import { TokenBucket } from '../meters/token-bucket.ts';

const GRID_PER_PIECE = MAX_PIECE_BYTES / BLOCK_GRID_BYTES;

/** Requests wait until there is room for so large a part of a pipeline, or for so many bytes. */
const ASKED_PART = 8;
const MOST_ASKED_TOGETHER = 4 * BLOCK_BYTES;

export type Arrival =
  | Violation
  /** Nobody needs it any more. */
  | { kind: 'ignored' }
  | { kind: 'written'; assembly: Assembly; result: WriteResult };

export class RequestBook {
  readonly #ledger: PieceLedger;
  readonly #picker: PiecePicker;
  readonly #sessions: ReadonlyMap<LinkId, PeerSession>;
  readonly #choice: PieceChoice;
  readonly #limit: TokenBucket;
  /** When a rate limit lets somebody be asked again; null: none is in the way. The caller resets it. */
  opensAt: number | null = null;

  constructor(
    ledger: PieceLedger,
    picker: PiecePicker,
    sessions: ReadonlyMap<LinkId, PeerSession>,
    limit: TokenBucket = new TokenBucket(),
  ) {
    this.#limit = limit;
    this.#ledger = ledger;
    this.#picker = picker;
    this.#sessions = sessions;
    const giveUp = (assembly: Assembly, out: Output[]): void => this.#giveUp(assembly, out);
    this.#choice = new PieceChoice({ ledger, picker, sessions, limit, giveUp });
  }

  /** [PK2] Holds from the next block on: what is asked for stays asked for. */
  reorder(order: PieceOrder, out: Output[]): void {
    this.#choice.sequence = new PieceSequence(order, this.#ledger.pieceCount);
    for (const session of this.#sessions.values()) this.#choice.leave(session, out);
  }

  /** Asks the peer for as many blocks as its pipeline has room for. */
  fill(session: PeerSession, now: number, out: Output[]): void {
    const { has } = session;
    if (has === null || session.choked) return;
    const room = this.#roomOf(session);
    if (room - session.outstandingBytes < leastToAsk(room)) return;
    while (session.outstandingBytes < room && session.outstanding.size < MAX_OUTSTANDING_REQUESTS) {
      if (!this.#mayAsk(session, now)) return;
      const late = this.#late(session, has, now);
      const assembly = late === null ? this.#choice.next(session, has, now, out) : null;
      const block = assembly?.unasked.pop();
      if (assembly === null || block === undefined) {
        const raced = late ?? this.#last(session, has);
        if (raced === null) return;
        this.#ask(session, raced.assembly, raced.block, now, out);
      } else {
        this.#ask(session, assembly, block, now, out);
      }
    }
  }

  /** [RQ3] [RQ4] A block came: asked for, late, or never asked for. */
  arrived(session: PeerSession, piece: number, offset: number, data: Uint8Array, now: number): Arrival {
    const key = keyOf(piece, offset);
    let asked = key === null ? undefined : session.outstanding.get(key);
    if (key === null || (asked === undefined && !session.late.has(key))) {
      return violation('unasked-block', `a block of piece ${piece} at ${offset} that was never asked for`);
    }
    if (asked !== undefined && asked.length !== data.length) {
      // A block of another size was asked for there before, and taken back.
      if (session.late.has(key)) asked = undefined;
      else return violation('block-length', `${data.length} bytes where ${asked.length} were asked for`);
    }
    countAsked(session, now);
    session.down.add(data.length, now);
    session.pace.add(data.length, session.askedMs);
    session.lastBlockAt = now;
    session.snubbed = false;
    session.turnBegins = false;
    if (asked === undefined) return this.#arrivedLate(session, key, piece, offset, data);
    session.roundTrip = Math.min(session.roundTrip * 1.01, Math.max(1, now - asked.askedAt));
    this.#forget(session, key, asked);
    return this.#write(session, asked.assembly, asked.block, data);
  }

  /** The peer will not send it. `expected`: we had cancelled it, or never asked. */
  rejected(session: PeerSession, range: BlockRange, out: Output[]): 'taken back' | 'expected' {
    const key = keyOf(range.piece, range.offset);
    if (key === null || settleLate(session, key)) return 'expected';
    const asked = session.outstanding.get(key);
    if (asked === undefined) return 'expected';
    this.#takeBack(session, key, asked, out);
    this.#dropEmpty(asked.assembly, out);
    return 'taken back';
  }

  /** Tells the other peers that were asked for this block that it is here ([RQ6]). */
  cancelElsewhere(assembly: Assembly, block: number, out: Output[]): void {
    if ((assembly.askers[block] ?? 0) === 0) return;
    const key = keyOf(assembly.piece, block * assembly.blockBytes);
    for (const other of this.#sessions.values()) {
      const asked = key === null ? undefined : other.outstanding.get(key);
      if (key !== null && asked !== undefined) this.#cancel(other, key, asked, out);
    }
  }

  /** [RQ5] Takes everything back from a peer that is silent too long. False: it is not. */
  expire(session: PeerSession, now: number, out: Output[]): boolean {
    if (now < this.deadline(session)) return false;
    session.snubbed = true;
    this.takeBackAll(session, out);
    return true;
  }

  /** When `expire` has something to do; Infinity while nothing is asked. */
  deadline(session: PeerSession): number {
    return Math.max(oldestAskedAt(session), session.lastBlockAt) + patience(session);
  }

  /** More late requests than any honest slowness explains. */
  isHopeless(session: PeerSession): boolean {
    return session.late.size > MAX_LATE_REQUESTS;
  }

  /** The peer choked us: each request it has is answered by a block or a reject; others may help meanwhile. */
  choked(session: PeerSession, out: Output[]): void {
    this.#choice.leave(session, out);
  }

  /** Cancels all that is asked of a peer: it is silent, or the download was paused. */
  takeBackAll(session: PeerSession, out: Output[]): void {
    for (const [key, asked] of [...session.outstanding]) this.#cancel(session, key, asked, out);
    this.#choice.leave(session, out);
  }

  /** The connection is gone: what it was asked for is free again. */
  release(session: PeerSession): void {
    const out: Output[] = [];
    for (const [key, asked] of [...session.outstanding]) {
      this.#takeBack(session, key, asked, out);
      this.#dropEmpty(asked.assembly, out);
    }
    this.#choice.leave(session, out);
    assert(out.length === 0, 'a piece that comes from one peer alone was asked of nobody else');
  }

  /** [RQ2] Until the first block of a turn came we do not know how long it is: more than a piece would be rejected. */
  #roomOf(session: PeerSession): number {
    const room = pipelineBytes(session);
    return session.turnBegins ? Math.min(room, Math.max(FIRST_PIPELINE_BYTES, this.#ledger.size(0))) : room;
  }

  /** Does a rate limit let this peer be asked now? If not, `opensAt` says when to come again. */
  #mayAsk(session: PeerSession, now: number): boolean {
    const opensAt = Math.max(this.#limit.opensAt(now), session.downLimit.opensAt(now));
    if (opensAt <= now) return true;
    this.opensAt = Math.min(this.opensAt ?? Infinity, opensAt);
    return false;
  }

  #ask(session: PeerSession, assembly: Assembly, block: number, now: number, out: Output[]): void {
    const offset = block * assembly.blockBytes;
    const length = blockLength(assembly, block);
    const key = keyOf(assembly.piece, offset);
    if (key === null) return;
    countAsked(session, now);
    session.outstanding.set(key, { assembly, block, length, askedAt: now });
    session.outstandingBytes += length;
    this.#limit.take(length, now);
    session.downLimit.take(length, now);
    assembly.askers[block] = (assembly.askers[block] ?? 0) + 1;
    session.send({ kind: 'request', piece: assembly.piece, offset, length }, out);
  }

  /** [PK3] Before a peer begins another piece: a block that a slower one is late with, for somebody who plays. */
  #late(session: PeerSession, has: Bitfield, now: number): Outstanding | null {
    if (this.#choice.sequence.isEmpty || this.#choice.filled(session, has) !== null) return null;
    return firstOfLate(this.#sessions, this.#choice, session, has, now);
  }

  /**
   * [RQ6] End game: nothing is left to begin, so this peer races the slowest one for its last block. What only peers
   * have that choke us is left, too: racing while we wait for them wastes an uplink's time that the swarm needs.
   */
  #last(session: PeerSession, has: Bitfield): Outstanding | null {
    if (this.#choice.memoryFull || this.#picker.obtainableCount > 0) return null;
    return lastOfSlowest(this.#sessions, session, has);
  }

  #arrivedLate(session: PeerSession, key: number, piece: number, offset: number, data: Uint8Array): Arrival {
    settleLate(session, key);
    const assembly = this.#ledger.assembly(piece);
    if (assembly === undefined || assembly.fromOnePeer) return { kind: 'ignored' };
    const block = offset / assembly.blockBytes;
    if (!Number.isInteger(block) || block >= assembly.blocks) return { kind: 'ignored' };
    if (data.length !== blockLength(assembly, block) || assembly.senders[block] !== null)
      return { kind: 'ignored' };
    const waiting = assembly.unasked.indexOf(block);
    if (waiting >= 0) assembly.unasked.splice(waiting, 1);
    return this.#write(session, assembly, block, data);
  }

  #write(session: PeerSession, assembly: Assembly, block: number, data: Uint8Array): Arrival {
    const result = this.#ledger.write(assembly, block, data, session.peer);
    return result === 'duplicate' ? { kind: 'ignored' } : { kind: 'written', assembly, result };
  }

  #cancel(session: PeerSession, key: number, asked: Outstanding, out: Output[]): void {
    // Cancelled already: giving up a piece takes all its blocks with it.
    if (!session.outstanding.has(key)) return;
    this.#retract(session, key, asked, out);
    this.#freed(asked, out);
  }

  #takeBack(session: PeerSession, key: number, asked: Outstanding, out: Output[]): void {
    if (!session.outstanding.has(key)) return;
    // It will not come, so it counts in no limit: otherwise who rejects everything would use up all of it.
    this.#limit.giveBack(asked.length);
    session.downLimit.giveBack(asked.length);
    this.#forget(session, key, asked);
    this.#freed(asked, out);
  }

  /** Not asked of one peer any more; free to be asked again where nobody else is and it is not here. */
  #freed({ assembly, block }: Outstanding, out: Output[]): void {
    if (assembly.senders[block] === null && assembly.askers[block] === 0) assembly.unasked.push(block);
    if (assembly.fromOnePeer && this.#ledger.isUnderWay(assembly)) this.#giveUp(assembly, out);
  }

  /** A piece of which nothing is here, asked for or may still come takes no memory: it waits for somebody else. */
  #dropEmpty(assembly: Assembly, out: Output[]): void {
    if (assembly.unasked.length < assembly.blocks || !this.#ledger.isUnderWay(assembly)) return;
    for (let block = 0; block < assembly.blocks; block++) {
      const key = keyOf(assembly.piece, block * assembly.blockBytes);
      for (const { late } of this.#sessions.values()) if (key !== null && late.has(key)) return;
    }
    this.#giveUp(assembly, out);
  }

  /** The piece begins anew some time: what was asked for of it is not wanted any more. */
  #giveUp(assembly: Assembly, out: Output[]): void {
    this.#ledger.abandon(assembly);
    this.#picker.want(assembly.piece);
    for (const session of this.#sessions.values()) {
      if (session.current === assembly) session.current = null;
      for (const [key, asked] of [...session.outstanding]) {
        if (asked.assembly === assembly) this.#retract(session, key, asked, out);
      }
    }
  }

  /** What still comes of it is late, and no violation ([RQ4]). */
  #retract(session: PeerSession, key: number, asked: Outstanding, out: Output[]): void {
    session.late.set(key, (session.late.get(key) ?? 0) + 1);
    this.#forget(session, key, asked);
    if (!session.extended) return;
    const offset = asked.block * asked.assembly.blockBytes;
    session.send({ kind: 'cancel', piece: asked.assembly.piece, offset, length: asked.length }, out);
  }

  #forget(session: PeerSession, key: number, asked: Outstanding): void {
    session.outstanding.delete(key);
    session.outstandingBytes -= asked.length;
    const { assembly, block } = asked;
    assembly.askers[block] = (assembly.askers[block] ?? 1) - 1;
  }
}

/** [RQ2] Several blocks of a fast peer are asked for in one message, not each when there is room for it. */
function leastToAsk(room: number): number {
  return Math.min(room / ASKED_PART, MOST_ASKED_TOGETHER);
}

/** One number for a block, whatever its length; null where no block of ours can begin. */
function keyOf(piece: number, offset: number): number | null {
  if (offset % BLOCK_GRID_BYTES !== 0 || offset >= MAX_PIECE_BYTES) return null;
  return piece * GRID_PER_PIECE + offset / BLOCK_GRID_BYTES;
}

function settleLate(session: PeerSession, key: number): boolean {
  const times = session.late.get(key);
  if (times === undefined) return false;
  if (times > 1) session.late.set(key, times - 1);
  else session.late.delete(key);
  return true;
}
