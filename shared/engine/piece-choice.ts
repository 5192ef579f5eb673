/**
 * Chooses the piece of which a peer is asked the next block ([PK1] [RQ1]): the one it is filling, one that nobody
 * fills any more, a new one, or one that it can help another peer with. Keeps the memory of pieces under way within
 * its limit. Knows no requests and no time.
 */
import type { Bitfield } from '../bitfield.ts';
import { BLOCK_BYTES, MAX_HELD_BYTES } from '../limits.ts';
import type { PeerSession } from './peer-session.ts';
import type { PiecePicker } from './picker.ts';
import type { Assembly, PieceLedger } from './piece-ledger.ts';

export class PieceChoice {
  readonly #ledger: PieceLedger;
  readonly #picker: PiecePicker;
  readonly #giveUp: (assembly: Assembly) => void;
  /** Memory for pieces under way is used up: what is left to begin waits, and is no reason for an end game. */
  memoryFull = false;

  constructor(ledger: PieceLedger, picker: PiecePicker, giveUp: (assembly: Assembly) => void) {
    this.#ledger = ledger;
    this.#picker = picker;
    this.#giveUp = giveUp;
  }

  next(session: PeerSession, has: Bitfield): Assembly | null {
    const { current } = session;
    if (current !== null && current.unasked.length > 0 && has.has(current.piece)) return current;
    if (current !== null && current.lead === session.link) current.lead = null;
    const next = this.#orphan(has) ?? this.#fresh(session, has);
    if (next === null) {
      session.current = null;
      return this.#shared(has);
    }
    next.lead = session.link;
    session.current = next;
    return next;
  }

  /** A piece under way that nobody fills any more. */
  #orphan(has: Bitfield): Assembly | null {
    for (const assembly of this.#ledger.assemblies()) {
      if (assembly.lead === null && assembly.unasked.length > 0 && has.has(assembly.piece)) return assembly;
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

  #fresh(session: PeerSession, has: Bitfield): Assembly | null {
    this.memoryFull = false;
    if (session.interesting === 0) return null;
    const piece = this.#newPiece(session, has);
    if (piece === null) return null;
    const size = this.#ledger.size(piece);
    this.memoryFull = this.#ledger.heldBytes + size > Math.max(MAX_HELD_BYTES, 2 * size);
    if (this.memoryFull) {
      this.#dropOrphan();
      return null;
    }
    session.lastBegun = piece;
    this.#picker.unwant(piece);
    return this.#ledger.begin(piece, BLOCK_BYTES);
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
  #dropOrphan(): void {
    let least: Assembly | null = null;
    for (const assembly of this.#ledger.assemblies()) {
      if (this.#picker.availability(assembly.piece) > 0 || assembly.askers.some((askers) => askers > 0))
        continue;
      if (least === null || assembly.missing > least.missing) least = assembly;
    }
    if (least !== null) this.#giveUp(least);
  }
}
