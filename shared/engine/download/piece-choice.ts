/**
 * Chooses the piece of which a source is asked the next block ([PK1] [PK2] [RQ1]): the one it is filling, one that
 * nobody fills any more, a new one, or one that it can help another source with; in the order that somebody plays, or
 * by rarity. Keeps the memory of pieces under way within its limit. Knows no requests.
 */
import type { Bitfield } from '../../bitfield.ts';
import { BLOCK_GRID_BYTES, MAX_HELD_BYTES } from '../../limits.ts';
import type { Output } from '../io.ts';
import type { Assembly, PieceLedger } from '../pieces/ledger.ts';
import type { PiecePicker } from './picker.ts';
import { PieceSequence } from './piece-order.ts';
import type { Source } from './source.ts';

/** So many of the first pieces under way are looked at for one that needs help, before a later one is begun. */
const HEAD_PIECES = 16;

export interface PieceChoiceOptions {
  readonly ledger: PieceLedger;
  readonly picker: PiecePicker;
  readonly sources: ReadonlySet<Source>;
  /** [PK8] Nobody else in the swarm lacks anything. */
  readonly isOnlyReceiver: () => boolean;
  readonly abandon: (assembly: Assembly, out: Output[]) => void;
}

/** What one source is filling. */
interface Filling {
  current: Assembly | null;
  /** The piece last begun with it; -1: none. */
  lastBegun: number;
}

export class PieceChoice {
  readonly #ledger: PieceLedger;
  readonly #picker: PiecePicker;
  readonly #options: PieceChoiceOptions;
  readonly #fillings = new Map<Source, Filling>();
  #sequence: PieceSequence;
  readonly #inOrder: PieceSequence;
  #memoryFull = false;

  constructor(options: PieceChoiceOptions) {
    this.#ledger = options.ledger;
    this.#picker = options.picker;
    this.#options = options;
    this.#sequence = new PieceSequence({ kind: 'rarest' }, options.ledger.pieceCount);
    this.#inOrder = new PieceSequence({ kind: 'sequential' }, options.ledger.pieceCount);
  }

  /** What is begun in the order of the content, before anything else. */
  get sequence(): PieceSequence {
    return this.#sequence;
  }

  /** Memory for pieces under way is used up: what is left to begin waits, and is no reason for an end game. */
  get memoryFull(): boolean {
    return this.#memoryFull;
  }

  reorder(sequence: PieceSequence, out: Output[]): void {
    this.#sequence = sequence;
    for (const source of this.#options.sources) this.leave(source, out);
  }

  /** A piece that the source has and of which something is free; null: none. */
  next(source: Source, has: Bitfield, now: number, out: Output[]): Assembly | null {
    const filled = this.filled(source, has);
    if (filled !== null) return filled;
    this.leave(source, out);
    const next =
      this.#inSequence(source, has, now, out) ??
      this.#orphan(has) ??
      this.#fresh(source, has, out) ??
      this.#ofSilent(source, has, out);
    if (next === null) return this.#shared(has);
    next.lead = source.link;
    this.#fillingOf(source).current = next;
    return next;
  }

  /** The source goes on with its piece no more; others may, but not where all of it has to come from one ([PL5]). */
  leave(source: Source, out: Output[]): void {
    const filling = this.#fillings.get(source);
    const current = filling?.current ?? null;
    if (filling === undefined || current === null) return;
    filling.current = null;
    if (current.lead !== source.link) return;
    current.lead = null;
    const halfAsked = current.free > 0 && this.#ledger.isUnderWay(current);
    if (current.onParole && halfAsked) this.#options.abandon(current, out);
  }

  /** The source is gone. */
  forget(source: Source, out: Output[]): void {
    this.leave(source, out);
    this.#fillings.delete(source);
  }

  /** The piece was abandoned: the source does not fill it any more. */
  abandoned(source: Source, assembly: Assembly): void {
    const filling = this.#fillings.get(source);
    if (filling?.current === assembly) filling.current = null;
  }

  /** The piece that the source is filling and that still has something to ask for. */
  filled(source: Source, has: Bitfield): Assembly | null {
    const current = this.#fillings.get(source)?.current ?? null;
    return current !== null && current.free > 0 && has.has(current.piece) ? current : null;
  }

  /** The piece of the sequence that would be begun next with whoever has these; null: none. */
  nextOfSequence(has: Bitfield): number | null {
    return this.#picker.first(this.#sequence, has);
  }

  #fillingOf(source: Source): Filling {
    let filling = this.#fillings.get(source);
    if (filling === undefined) this.#fillings.set(source, (filling = { current: null, lastBegun: -1 }));
    return filling;
  }

  /** [PK2] [PK3] The first of the sequence: a new piece, or before that one that waits for its turn or for a slow peer. */
  #inSequence(source: Source, has: Bitfield, now: number, out: Output[]): Assembly | null {
    if (this.#sequence.isEmpty) return null;
    const fresh = this.nextOfSequence(has);
    const { assembling } = this.#ledger;
    const end = fresh === null ? Infinity : this.#sequence.rank(fresh);
    let piece = this.#sequence.first(assembling, has);
    for (let looked = 0; piece !== null && looked < HEAD_PIECES; looked++) {
      if (this.#sequence.rank(piece) > end) break;
      const assembly = this.#ledger.assembly(piece);
      if (assembly !== undefined && this.#needsHelp(assembly, source, now)) return assembly;
      piece = this.#sequence.next(assembling, has, piece);
    }
    return fresh === null ? null : this.#begin(source, fresh, out);
  }

  /** Nobody fills it, or somebody who takes much longer than this source would. */
  #needsHelp(assembly: Assembly, helper: Source, now: number): boolean {
    if (assembly.free === 0) return false;
    if (assembly.lead === null) return true;
    if (assembly.onParole || assembly.lead === helper.link) return false;
    for (const { link, pipeline } of this.#options.sources) {
      if (link !== assembly.lead) continue;
      return helper.pipeline.isMuchFasterThan(pipeline.waitFor(assembly.free * BLOCK_GRID_BYTES, now));
    }
    return false;
  }

  /** A piece under way that nobody fills any more. */
  #orphan(has: Bitfield): Assembly | null {
    for (const assembly of this.#ledger.assemblies()) {
      if (assembly.lead === null && assembly.free > 0 && has.has(assembly.piece)) return assembly;
    }
    return null;
  }

  /** [PL5] Nobody can help with a piece that comes from one source alone: where that is silent, it begins anew here. */
  #ofSilent(source: Source, has: Bitfield, out: Output[]): Assembly | null {
    if (source.pipeline.snubbed) return null;
    for (const assembly of this.#ledger.assemblies()) {
      if (!assembly.onParole || !has.has(assembly.piece) || !this.#isOwedInVain(assembly)) continue;
      this.#options.abandon(assembly, out);
      return this.#begin(source, assembly.piece, out);
    }
    return null;
  }

  /** Is a block of it asked of somebody who has let requests time out? */
  #isOwedInVain(assembly: Assembly): boolean {
    for (const { pipeline } of this.#options.sources) {
      if (!pipeline.snubbed) continue;
      for (const [, asked] of pipeline.entries()) if (asked.assembly === assembly) return true;
    }
    return false;
  }

  /** A piece under way that another source fills, and this one helps. */
  #shared(has: Bitfield): Assembly | null {
    for (const assembly of this.#ledger.assemblies()) {
      if (!assembly.onParole && assembly.free > 0 && has.has(assembly.piece)) return assembly;
    }
    return null;
  }

  #fresh(source: Source, has: Bitfield, out: Output[]): Assembly | null {
    this.#memoryFull = false;
    if (!this.#picker.wantsAnyOf(has)) return null;
    const piece = this.#newPiece(this.#fillingOf(source).lastBegun, has);
    return piece === null ? null : this.#begin(source, piece, out);
  }

  #begin(source: Source, piece: number, out: Output[]): Assembly | null {
    const size = this.#ledger.size(piece);
    this.#memoryFull = this.#ledger.heldBytes + size > Math.max(MAX_HELD_BYTES, 2 * size);
    if (this.#memoryFull) {
      this.#dropOrphan(out);
      return null;
    }
    this.#fillingOf(source).lastBegun = piece;
    this.#picker.unwant(piece);
    return this.#ledger.begin(piece);
  }

  /**
   * [PK8] Where nobody needs it from us, the next of the content: it can be read, written and saved in order. Else
   * [PK1] any for the first one, so that a newcomer soon has something of its own; then the rarest. Of
   * equally rare ones the one behind the last begun with this source: both ends read and write their disks in order.
   */
  #newPiece(lastBegun: number, has: Bitfield): number | null {
    if (this.#options.isOnlyReceiver()) return this.#picker.first(this.#inOrder, has);
    if (this.#ledger.owned.count === 0) return this.#picker.any(has);
    const chosen = this.#picker.rarest(has);
    if (chosen === null || lastBegun < 0) return chosen;
    const beside = lastBegun + 1;
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
    if (least !== null) this.#options.abandon(least, out);
  }
}
