/**
 * [LB7] Pieces whose content is here already, whatever share it came with: they are looked up when a download is asked
 * for, and what is found is adopted, so many bytes at a time. Owns that nobody is asked for a piece meanwhile: it is
 * absent and not wanted from the order to look it up until it is owned, or known not to be here. Knows no peers, and
 * of bytes only how many.
 */
import { LOOKED_UP_TOGETHER, MAX_ADOPTING_BYTES } from '../../limits.ts';
import type { Output } from '../io.ts';
import type { PieceLedger } from '../pieces/ledger.ts';
import type { PiecePicker } from './picker.ts';
import type { Selection } from './selection.ts';

/** What came of an order to adopt: those of the pieces asked for that are the share's now. */
export interface Adopted {
  readonly asked: readonly number[];
  readonly adopted: readonly number[];
}

export interface AdoptionOptions {
  readonly ledger: PieceLedger;
  readonly selection: Selection;
  readonly picker: PiecePicker;
  /** False: there is nowhere to look. */
  readonly findsContent: boolean;
}

export class Adoption {
  readonly #ledger: PieceLedger;
  readonly #selection: Selection;
  readonly #picker: PiecePicker;
  readonly #findsContent: boolean;
  /** Pieces that nobody is asked for because of us: being looked up, found, or being adopted. */
  readonly #held = new Set<number>();
  /** Pieces of the same content, which is here; each waits for its turn. */
  readonly #found = new Map<string, number[]>();
  /** By the first piece of an order that is under way: the bytes of its content. */
  readonly #underWay = new Map<number, number>();
  /** [UI17] By its first piece: an order for which the store had no room. */
  readonly #refused = new Map<number, readonly number[]>();
  #underWayBytes = 0;
  /** Of all pieces that are found and not owned yet. */
  #bytes = 0;
  #adoptedAt = 0;
  /** Other pieces with the content of each, where there are any; null: nobody asked yet. */
  #equals: ReadonlyMap<string, readonly number[]> | null = null;

  constructor({ ledger, selection, picker, findsContent }: AdoptionOptions) {
    this.#ledger = ledger;
    this.#selection = selection;
    this.#picker = picker;
    this.#findsContent = findsContent;
  }

  /** Is it on its way from our own store, or being looked for there? */
  holds(piece: number): boolean {
    return this.#held.has(piece);
  }

  /** What is here and need not come from anybody. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When a piece was adopted last, in ms. */
  get adoptedAt(): number {
    return this.#adoptedAt;
  }

  /** Everything that nobody is asked for yet is looked up. */
  lookUp(out: Output[]): void {
    if (!this.#findsContent) return;
    let pieces: number[] = [];
    for (let piece = 0; piece < this.#ledger.pieceCount; piece++) {
      if (!this.#picker.isWanted(piece)) continue;
      this.#picker.unwant(piece);
      this.#held.add(piece);
      pieces.push(piece);
      if (pieces.length < LOOKED_UP_TOGETHER) continue;
      this.#orderLookUp(pieces, out);
      pieces = [];
    }
    if (pieces.length > 0) this.#orderLookUp(pieces, out);
  }

  lookedUp(found: readonly number[], absent: readonly number[]): void {
    for (const piece of absent) this.#release(piece);
    for (const piece of found) {
      if (this.#selection.wants(piece)) this.#isHere(piece);
      else this.#release(piece);
    }
  }

  /** The content of this piece is here now: so are those of the same content. */
  stored(piece: number): void {
    if (!this.#findsContent) return;
    this.#equals ??= this.#findEquals();
    for (const equal of this.#equals.get(this.#contentOf(piece)) ?? []) {
      if (!this.#picker.isWanted(equal)) continue;
      this.#picker.unwant(equal);
      this.#isHere(equal);
    }
  }

  /** The ledger knows of what was adopted. */
  settled({ asked, adopted }: Adopted, now: number): void {
    this.#ended(asked);
    for (const piece of asked) {
      this.#forget(piece);
    }
    if (adopted.length > 0) this.#adoptedAt = now;
  }

  /** Orders as much as may be under way. What is found while nothing is wanted waits. */
  run(wanted: boolean, out: Output[]): void {
    if (!wanted) return;
    for (const [content, pieces] of this.#found) {
      const [first = -1] = pieces;
      const bytes = this.#ledger.size(first);
      if (this.#underWay.size > 0 && this.#underWayBytes + bytes > MAX_ADOPTING_BYTES) return;
      this.#found.delete(content);
      this.#order(pieces, out);
    }
  }

  /**
   * [PK4] What waits and is not wanted any more is let be; what was ordered goes on. The first pieces of orders that
   * had found no room, and are not repeated now.
   */
  filesChosen(): number[] {
    for (const [content, pieces] of this.#found) {
      const wanted = pieces.filter((piece) => this.#selection.wants(piece));
      if (wanted.length === pieces.length) continue;
      if (wanted.length > 0) this.#found.set(content, wanted);
      else this.#found.delete(content);
      for (const piece of pieces) if (!this.#selection.wants(piece)) this.#forget(piece);
    }
    const dropped: number[] = [];
    for (const [first, pieces] of this.#refused) {
      if (pieces.some((piece) => this.#selection.wants(piece))) continue;
      this.#refused.delete(first);
      for (const piece of pieces) this.#forget(piece);
      dropped.push(first);
    }
    return dropped;
  }

  /** [UI17] The store had no room for it: it is ordered `again` when that is due. */
  refused(asked: readonly number[]): void {
    const [first = -1] = asked;
    this.#ended(asked);
    this.#refused.set(first, asked);
  }

  /** False: no order that was refused begins with this piece. */
  again(piece: number, out: Output[]): boolean {
    const pieces = this.#refused.get(piece);
    if (pieces === undefined) return false;
    this.#refused.delete(piece);
    this.#order(pieces, out);
    return true;
  }

  /** It is not adopted, at least not now. */
  #forget(piece: number): void {
    this.#bytes -= this.#ledger.size(piece);
    this.#release(piece);
  }

  /** Somebody may be asked for it again, if it is not here. */
  #release(piece: number): void {
    this.#held.delete(piece);
    if (!this.#ledger.owned.has(piece)) this.#picker.want(piece);
  }

  #order(pieces: readonly number[], out: Output[]): void {
    const [first = -1] = pieces;
    const bytes = this.#ledger.size(first);
    this.#underWay.set(first, bytes);
    this.#underWayBytes += bytes;
    out.push({ kind: 'adopt-pieces', sha256: this.#ledger.sha256(first), bytes, pieces });
  }

  #ended([first = -1]: readonly number[]): void {
    this.#underWayBytes -= this.#underWay.get(first) ?? 0;
    this.#underWay.delete(first);
  }

  #orderLookUp(pieces: readonly number[], out: Output[]): void {
    const contents = pieces.map((piece) => ({ piece, sha256: this.#ledger.sha256(piece) }));
    out.push({ kind: 'look-up-pieces', pieces: contents });
  }

  #isHere(piece: number): void {
    this.#held.add(piece);
    this.#bytes += this.#ledger.size(piece);
    const content = this.#contentOf(piece);
    const waiting = this.#found.get(content);
    if (waiting === undefined) this.#found.set(content, [piece]);
    else waiting.push(piece);
  }

  /** A manifest may claim other sizes for the same hash. */
  #contentOf(piece: number): string {
    return `${this.#ledger.sha256(piece)}/${this.#ledger.size(piece)}`;
  }

  #findEquals(): Map<string, number[]> {
    const equals = new Map<string, number[]>();
    for (let piece = 0; piece < this.#ledger.pieceCount; piece++) {
      const content = this.#contentOf(piece);
      const before = equals.get(content);
      if (before === undefined) equals.set(content, [piece]);
      else before.push(piece);
    }
    for (const [content, pieces] of equals) if (pieces.length === 1) equals.delete(content);
    return equals;
  }
}
