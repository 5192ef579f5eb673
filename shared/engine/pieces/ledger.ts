/**
 * Owns what we have of every piece ([PL1]): absent → assembling → verifying → storing → owned. A piece is served
 * and announced only when it is owned; it is owned only after it was verified and stored. Which blocks of a piece
 * under way are here is request-book.ts's; here stands its memory. Knows no peers beyond the names of who sent which
 * cell, and no time.
 */
import { assert } from '../../assert.ts';
import { Bitfield } from '../../bitfield.ts';
import { BLOCK_GRID_BYTES } from '../../limits.ts';
import type { ManifestPiece } from '../../manifest/resource.ts';
import { UNHASHED } from '../../manifest/unhashed.ts';
import type { LinkId, PeerId } from '../../ids.ts';
import type { PiecePart } from '../io.ts';

export type Allocate = (bytes: number) => Uint8Array<ArrayBuffer>;

/**
 * A piece under way. Its bytes lie on a grid of cells of 16,384 bytes, the last one shorter; a block is one cell or
 * several. Written by request-book.ts alone.
 */
export interface Assembly {
  readonly piece: number;
  readonly size: number;
  readonly cells: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Who sent each cell that is here; null: not here. */
  readonly senders: (PeerId | null)[];
  /** How many sources each cell is asked of at the moment. */
  readonly askers: Uint8Array;
  /** Cells that are not here. */
  missing: number;
  /** Cells neither here nor asked for, and where the first of them may be. */
  free: number;
  firstFree: number;
  /** The source that fills it first of all; null: whoever has room may. */
  lead: LinkId | null;
  /** Parole: ask one source for all of it, because several sent a wrong one, and this finds the culprit ([PL5]). */
  readonly onParole: boolean;
}

/** What came of hashing a piece. Senders of a corrupt one are named once each. */
export type Verdict =
  | { kind: 'verified'; bytes: Uint8Array<ArrayBuffer>; corruptSenders: readonly PeerId[] }
  | { kind: 'corrupt'; senders: readonly PeerId[] };

/** Corrupt pieces kept to compare with the good one, at most; older ones are forgotten unresolved. */
const MAX_SUSPECTS = 4;

type Suspect = Pick<Assembly, 'bytes' | 'senders'>;

const ABSENT = 0;
const UNDER_WAY = 1;
export const OWNED = 2;

export class PieceLedger {
  readonly owned: Bitfield;
  /** Pieces of which blocks are missing and asked for, or were. */
  readonly assembling: Bitfield;
  readonly #pieces: readonly ManifestPiece[];
  readonly #allocate: Allocate;
  readonly #cellBytes: number;
  readonly #pieceBytes: number;
  readonly #assemblies = new Map<number, Assembly>();
  /** Complete, being hashed or stored. */
  readonly #settling = new Map<number, Assembly>();
  readonly #suspects = new Map<number, Suspect>();
  /** [WS20] Of pieces that the manifest has no hash of: what those that are here have. Null: it has all, whatever they look like. */
  readonly #found: Map<number, string> | null;
  readonly #states: Uint8Array<ArrayBuffer>;
  #changes = 0;
  #ownedBytes = 0;
  #heldBytes = 0;
  #unstoredBytes = 0;
  /** Bytes received of pieces that are not owned yet. */
  #underwayBytes = 0;

  constructor(
    pieces: readonly ManifestPiece[],
    owned: Bitfield,
    allocate: Allocate,
    cellBytes = BLOCK_GRID_BYTES,
    found: ReadonlyMap<number, string> | null = null,
  ) {
    this.#pieces = pieces;
    this.#found = found === null ? null : new Map(found);
    this.owned = owned;
    this.assembling = Bitfield.empty(pieces.length);
    this.#allocate = allocate;
    this.#cellBytes = cellBytes;
    this.#states = new Uint8Array(pieces.length);
    this.#pieceBytes = pieces.reduce((most, { size }) => Math.max(most, size), 0);
    pieces.forEach((piece, index) => {
      if (!owned.has(index)) return;
      this.#ownedBytes += piece.size;
      this.#states[index] = OWNED;
    });
  }

  get pieceCount(): number {
    return this.#pieces.length;
  }

  /** Bytes of the largest piece: what all are like where they are alike. */
  get pieceBytes(): number {
    return this.#pieceBytes;
  }

  get complete(): boolean {
    return this.owned.count === this.#pieces.length;
  }

  get ownedBytes(): number {
    return this.#ownedBytes;
  }

  get underwayBytes(): number {
    return this.#underwayBytes;
  }

  /** Memory held by pieces that are not stored yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Of whole pieces that are not stored yet. */
  get unstoredBytes(): number {
    return this.#unstoredBytes;
  }

  size(piece: number): number {
    return this.#entry(piece).size;
  }

  /** In lowercase hex; of a piece whose hash nobody knows, and which is not here, `UNHASHED`. */
  sha256(piece: number): string {
    return this.#found?.get(piece) ?? this.#entry(piece).sha256;
  }

  isAbsent(piece: number): boolean {
    return !this.owned.has(piece) && !this.#assemblies.has(piece) && !this.#settling.has(piece);
  }

  assembly(piece: number): Assembly | undefined {
    return this.#assemblies.get(piece);
  }

  isUnderWay(assembly: Assembly): boolean {
    return this.#assemblies.get(assembly.piece) === assembly;
  }

  assemblies(): IterableIterator<Assembly> {
    return this.#assemblies.values();
  }

  begin(piece: number): Assembly {
    assert(this.isAbsent(piece), 'only an absent piece is begun');
    const size = this.size(piece);
    const cells = Math.ceil(size / this.#cellBytes);
    const assembly: Assembly = {
      piece,
      size,
      cells,
      bytes: this.#allocate(size),
      senders: new Array<PeerId | null>(cells).fill(null),
      askers: new Uint8Array(cells),
      missing: cells,
      free: cells,
      firstFree: 0,
      lead: null,
      onParole: this.#suspects.has(piece),
    };
    this.#assemblies.set(piece, assembly);
    this.assembling.add(piece);
    this.#mark(piece, UNDER_WAY);
    this.#heldBytes += size;
    return assembly;
  }

  /** So many bytes of a piece under way were written; with the last of them it is complete. */
  received(assembly: Assembly, bytes: number): void {
    this.#underwayBytes += bytes;
    if (assembly.missing > 0) return;
    this.#assemblies.delete(assembly.piece);
    this.assembling.remove(assembly.piece);
    this.#settling.set(assembly.piece, assembly);
    this.#unstoredBytes += assembly.size;
  }

  /** Throws a piece under way away, with what came of it. */
  abandon(assembly: Assembly): void {
    assert(this.#assemblies.delete(assembly.piece), 'only a piece under way is abandoned');
    this.assembling.remove(assembly.piece);
    this.#mark(assembly.piece, ABSENT);
    this.#heldBytes -= assembly.size;
    assembly.senders.forEach((sender, cell) => {
      if (sender !== null) this.#underwayBytes -= this.#cellLength(assembly, cell);
    });
  }

  /** [PL2] A complete piece was hashed. Corrupt: it is absent again, and the senders are named ([PL5]). */
  hashed(piece: number, sha256: string): Verdict {
    const assembly = this.#settling.get(piece);
    assert(assembly !== undefined, 'only a complete piece is hashed');
    const known = this.#entry(piece).sha256;
    const isUnknown = this.#found !== null && known === UNHASHED;
    if (isUnknown) this.#found?.set(piece, sha256);
    if (known === sha256 || isUnknown) {
      const corruptSenders = this.#corruptSendersOf(assembly);
      this.#suspects.delete(piece);
      return { kind: 'verified', bytes: assembly.bytes, corruptSenders };
    }
    this.#settle(piece, ABSENT);
    const senders = namesOf(assembly.senders);
    if (senders.length > 1) this.#suspect(assembly);
    return { kind: 'corrupt', senders };
  }

  /** A complete piece that is being hashed or stored. */
  settling(piece: number): Assembly {
    const assembly = this.#settling.get(piece);
    assert(assembly !== undefined, 'only a complete piece is hashed');
    return assembly;
  }

  /** Who sent how much of a complete piece that is to be hashed, as far as it was kept. */
  partsOf(piece: number): PiecePart[] {
    const assembly = this.settling(piece);
    const parts = new Map<PeerId, number>();
    assembly.senders.forEach((peer, cell) => {
      if (peer !== null) parts.set(peer, (parts.get(peer) ?? 0) + this.#cellLength(assembly, cell));
    });
    return [...parts].map(([peer, bytes]) => ({ peer, bytes }));
  }

  /** What is to be stored of a piece that is verified and not owned yet. */
  verified(piece: number): { readonly sha256: string; readonly bytes: Uint8Array<ArrayBuffer> } {
    const assembly = this.#settling.get(piece);
    assert(assembly !== undefined, 'a piece of this share that was verified');
    return { sha256: this.sha256(piece), bytes: assembly.bytes };
  }

  /** [PL3] A verified piece was stored: now it may be served and announced. */
  stored(piece: number): void {
    const size = this.#settle(piece, OWNED);
    this.owned.add(piece);
    this.#ownedBytes += size;
  }

  /** [PL4] A verified piece could not be stored: it is absent again. */
  notStored(piece: number): void {
    this.#settle(piece, ABSENT);
  }

  /** [LB7] Its content was here already and is verified: it needs no road. */
  adopted(piece: number): void {
    assert(this.isAbsent(piece), 'only an absent piece is adopted');
    this.#mark(piece, OWNED);
    this.owned.add(piece);
    this.#ownedBytes += this.size(piece);
  }

  /** Our own copy of an owned piece can no longer be read: it is absent again. */
  lost(piece: number): void {
    if (!this.owned.has(piece)) return;
    this.owned.remove(piece);
    this.#mark(piece, ABSENT);
    this.#ownedBytes -= this.size(piece);
  }

  /** One byte a piece: 0 absent, 1 under way, 2 owned. A copy. */
  states(): Uint8Array<ArrayBuffer> {
    return this.#states.slice();
  }

  /** How often a piece changed its state. */
  get changes(): number {
    return this.#changes;
  }

  #entry(piece: number): ManifestPiece {
    const entry = this.#pieces[piece];
    assert(entry !== undefined, 'a piece of this share');
    return entry;
  }

  #mark(piece: number, state: number): void {
    this.#states[piece] = state;
    this.#changes++;
  }

  #settle(piece: number, state: number): number {
    const assembly = this.#settling.get(piece);
    assert(assembly !== undefined, 'only a verified piece is stored');
    this.#settling.delete(piece);
    this.#mark(piece, state);
    this.#heldBytes -= assembly.size;
    this.#unstoredBytes -= assembly.size;
    this.#underwayBytes -= assembly.size;
    return assembly.size;
  }

  #suspect({ piece, bytes, senders }: Assembly): void {
    this.#suspects.set(piece, { bytes, senders });
    for (const oldest of this.#suspects.keys()) {
      if (this.#suspects.size <= MAX_SUSPECTS) break;
      this.#suspects.delete(oldest);
    }
  }

  /** Whose cells of the corrupt copy differ from the verified piece. */
  #corruptSendersOf(good: Assembly): PeerId[] {
    const suspect = this.#suspects.get(good.piece);
    if (suspect === undefined) return [];
    const corrupt = suspect.senders.filter((sender, cell) => {
      const from = cell * this.#cellBytes;
      const to = from + this.#cellLength(good, cell);
      return sender !== null && !equalRange(suspect.bytes, good.bytes, from, to);
    });
    return namesOf(corrupt);
  }

  #cellLength({ size }: Assembly, cell: number): number {
    return Math.min(this.#cellBytes, size - cell * this.#cellBytes);
  }
}

function namesOf(senders: readonly (PeerId | null)[]): PeerId[] {
  return [...new Set(senders.filter((sender) => sender !== null))];
}

function equalRange(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (a[at] !== b[at]) return false;
  return true;
}
