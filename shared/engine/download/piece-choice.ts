/**
 * Chooses the piece of which a peer is asked the next block ([PK1] [PK2] [RQ1]): the one it is filling, one that
 * nobody fills any more, a new one, or one that it can help another peer with; in the order that somebody plays, or by
 * rarity. Keeps the memory of pieces under way within its limit. Knows no requests.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { LinkId } from '../../ids.ts';
import { BLOCK_BYTES, BLOCK_GRID_BYTES, MAX_HELD_BYTES, SMALL_BLOCKS_BELOW } from '../../limits.ts';
import { isMuchSlower, waitFor } from './pace.ts';
import type { Output } from '../io.ts';
import type { PeerSession } from '../connection/connection.ts';
import type { PiecePicker } from './picker.ts';
import type { Assembly, PieceLedger } from '../pieces/ledger.ts';
import { PieceSequence } from './piece-order.ts';
import type { TokenBucket } from '../meters/token-bucket.ts';

/** So many of the first pieces under way are looked at for one that needs help, before a later one is begun. */
const HEAD_PIECES = 16;

export interface PieceChoiceOptions {
  readonly ledger: PieceLedger;
  readonly picker: PiecePicker;
  readonly sessions: ReadonlyMap<LinkId, PeerSession>;
  /** The limit of what comes from all peers together. */
  readonly limit: TokenBucket;
  readonly giveUp: (assembly: Assembly, out: Output[]) => void;
}

export class PieceChoice {
  readonly #ledger: PieceLedger;
  readonly #picker: PiecePicker;
  readonly #options: PieceChoiceOptions;
  /** What is begun in the order of the content, before anything else. */
  sequence: PieceSequence;
  /** Memory for pieces under way is used up: what is left to begin waits, and is no reason for an end game. */
  memoryFull = false;

  constructor(options: PieceChoiceOptions) {
    this.#ledger = options.ledger;
    this.#picker = options.picker;
    this.#options = options;
    this.sequence = new PieceSequence({ kind: 'rarest' }, options.ledger.pieceCount);
  }

  next(session: PeerSession, has: Bitfield, now: number, out: Output[]): Assembly | null {
    const filled = this.filled(session, has);
    if (filled !== null) return filled;
    this.leave(session, out);
    const next =
      this.#inSequence(session, has, now, out) ??
      this.#orphan(has) ??
      this.#fresh(session, has, out) ??
      this.#ofSilent(session, has, out);
    if (next === null) return this.#shared(has);
    next.lead = session.link;
    session.current = next;
    return next;
  }

  /** The peer goes on with its piece no more; others may, but not where all of it has to come from one ([PL5]). */
  leave(session: PeerSession, out: Output[]): void {
    const { current } = session;
    session.current = null;
    if (current?.lead !== session.link) return;
    current.lead = null;
    const halfAsked = current.unasked.length > 0 && this.#ledger.isUnderWay(current);
    if (current.fromOnePeer && halfAsked) this.#options.giveUp(current, out);
  }

  /** The piece that the peer is filling and that still has something to ask for. */
  filled({ current }: PeerSession, has: Bitfield): Assembly | null {
    return current !== null && current.unasked.length > 0 && has.has(current.piece) ? current : null;
  }

  /** The piece of the sequence that would be begun next with this peer; null: none. */
  nextOfSequence(session: PeerSession, has: Bitfield): number | null {
    return session.interesting === 0 ? null : this.#picker.first(this.sequence, has);
  }

  /** [PK2] [PK3] The first of the sequence: a new piece, or before that one that waits for its turn or for a slow peer. */
  #inSequence(session: PeerSession, has: Bitfield, now: number, out: Output[]): Assembly | null {
    if (this.sequence.isEmpty) return null;
    const fresh = this.nextOfSequence(session, has);
    const { assembling } = this.#ledger;
    const end = fresh === null ? Infinity : this.sequence.rank(fresh);
    let piece = this.sequence.first(assembling, has);
    for (let looked = 0; piece !== null && looked < HEAD_PIECES; looked++) {
      if (this.sequence.rank(piece) > end) break;
      const assembly = this.#ledger.assembly(piece);
      if (assembly !== undefined && this.#needsHelp(assembly, session, now)) return assembly;
      piece = this.sequence.next(assembling, has, piece);
    }
    return fresh === null ? null : this.#begin(session, fresh, out);
  }

  /** Nobody fills it, or somebody who takes much longer than this peer would. */
  #needsHelp(assembly: Assembly, helper: PeerSession, now: number): boolean {
    if (assembly.unasked.length === 0) return false;
    if (assembly.lead === null) return true;
    const lead = this.#options.sessions.get(assembly.lead);
    if (lead === undefined || lead === helper || assembly.fromOnePeer) return false;
    return isMuchSlower(waitFor(lead, assembly.unasked.length * assembly.blockBytes, now), helper);
  }

  /** A piece under way that nobody fills any more. */
  #orphan(has: Bitfield): Assembly | null {
    for (const assembly of this.#ledger.assemblies()) {
      if (assembly.lead === null && assembly.unasked.length > 0 && has.has(assembly.piece)) return assembly;
    }
    return null;
  }

  /** [PL5] Nobody can help with a piece that comes from one peer alone: where that one is silent, it begins anew here. */
  #ofSilent(session: PeerSession, has: Bitfield, out: Output[]): Assembly | null {
    if (session.snubbed) return null;
    for (const other of this.#options.sessions.values()) {
      if (!other.snubbed) continue;
      for (const { assembly } of other.outstanding.values()) {
        if (!assembly.fromOnePeer || !has.has(assembly.piece)) continue;
        this.#options.giveUp(assembly, out);
        return this.#begin(session, assembly.piece, out);
      }
    }
    return null;
  }

  /** A piece under way that another peer fills, and this one helps. */
  #shared(has: Bitfield): Assembly | null {
    for (const assembly of this.#ledger.assemblies()) {
      if (!assembly.fromOnePeer && assembly.unasked.length > 0 && has.has(assembly.piece)) return assembly;
    }
    return null;
  }

  #fresh(session: PeerSession, has: Bitfield, out: Output[]): Assembly | null {
    this.memoryFull = false;
    if (session.interesting === 0) return null;
    const piece = this.#newPiece(session, has);
    return piece === null ? null : this.#begin(session, piece, out);
  }

  #begin(session: PeerSession, piece: number, out: Output[]): Assembly | null {
    const size = this.#ledger.size(piece);
    this.memoryFull = this.#ledger.heldBytes + size > Math.max(MAX_HELD_BYTES, 2 * size);
    if (this.memoryFull) {
      this.#dropOrphan(out);
      return null;
    }
    session.lastBegun = piece;
    this.#picker.unwant(piece);
    return this.#ledger.begin(piece, this.#blockBytes(session));
  }

  /** [RQ1] A block of the usual size is a burst of a quarter of a second and more where a limit is low. */
  #blockBytes(session: PeerSession): number {
    const rate = Math.min(this.#options.limit.rate ?? Infinity, session.downLimit.rate ?? Infinity);
    return rate < SMALL_BLOCKS_BELOW ? BLOCK_GRID_BYTES : BLOCK_BYTES;
  }

  /**
   * [PK1] A new piece: any for the first one, so that a newcomer soon has something of its own; then the rarest. Of
   * equally rare ones the one behind the last begun with this peer: both ends read and write their disks in order.
   */
  #newPiece(session: PeerSession, has: Bitfield): number | null {
    if (this.#ledger.owned.count === 0) return this.#picker.any(has);
    const chosen = this.#picker.rarest(has);
    if (chosen === null || session.lastBegun < 0) return chosen;
    const beside = session.lastBegun + 1;
    const asGood = this.#picker.isWanted(beside) && has.has(beside) && this.#picker.isAsRare(beside, chosen);
    return asGood ? beside : chosen;
  }

  /** Memory is full of pieces: one that nobody can complete now makes way, the one with least. */
  #dropOrphan(out: Output[]): void {
    let least: Assembly | null = null;
    for (const assembly of this.#ledger.assemblies()) {
      if (this.#picker.availability(assembly.piece) > 0 || assembly.askers.some((askers) => askers > 0))
        continue;
      if (least === null || assembly.missing > least.missing) least = assembly;
    }
    if (least !== null) this.#options.giveUp(least, out);
  }
}
