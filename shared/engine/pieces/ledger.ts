/**
 * Owns what we have of every piece ([PL1]): absent → assembling → verifying → storing → owned. A piece is served
 * and announced only when it is owned; it is owned only after it was verified and stored. Bytes are copied once,
 * from the frame into the piece's buffer. Knows no peers beyond the names of who sent which block, and no time.
 */
import { assert } from '../../assert.ts';
import { Bitfield } from '../../bitfield.ts';
import type { ManifestPiece } from '../../manifest/resource.ts';
import type { LinkId, PeerId } from '../../ids.ts';

export type Allocate = (bytes: number) => Uint8Array<ArrayBuffer>;

/** A piece under way. Blocks are numbered from 0 and all have `blockBytes` but the last. */
export interface Assembly {
  readonly piece: number;
  readonly size: number;
  readonly blockBytes: number;
  readonly blocks: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Who sent each block that is here; null: not here. */
  readonly senders: (PeerId | null)[];
  missing: number;
  /** Blocks neither here nor asked for; the next one to ask for last. */
  readonly unasked: number[];
  /** How many peers each block is asked of at the moment. */
  readonly askers: Uint8Array;
  /** The peer that fills it first of all; null: whoever has room may. */
  lead: LinkId | null;
  /** Ask one peer for all of it: several senders gave a wrong piece, and this finds the culprit ([PL5]). */
  readonly fromOnePeer: boolean;
}

export type WriteResult = 'more' | 'complete' | 'duplicate';

/** What came of hashing a piece. Senders of a corrupt one are named once each. */
export type Verdict =
  | { kind: 'verified'; bytes: Uint8Array<ArrayBuffer>; liars: readonly PeerId[] }
  | { kind: 'corrupt'; senders: readonly PeerId[] };

/** Corrupt pieces kept to compare with the good one, at most; older ones are forgotten unresolved. */
const MAX_SUSPECTS = 4;

interface Suspect {
  readonly bytes: Uint8Array;
  readonly blockBytes: number;
  readonly senders: readonly (PeerId | null)[];
}

export class PieceLedger {
  readonly owned: Bitfield;
  /** Pieces of which blocks are missing and asked for, or were. */
  readonly assembling: Bitfield;
  readonly #pieces: readonly ManifestPiece[];
  readonly #allocate: Allocate;
  readonly #assemblies = new Map<number, Assembly>();
  /** Complete, being hashed or stored. */
  readonly #settling = new Map<number, Assembly>();
  readonly #suspects = new Map<number, Suspect>();
  #ownedBytes = 0;
  #heldBytes = 0;
  /** Bytes received of pieces that are not owned yet. */
  #underwayBytes = 0;

  constructor(pieces: readonly ManifestPiece[], owned: Bitfield, allocate: Allocate) {
    this.#pieces = pieces;
    this.owned = owned;
    this.assembling = Bitfield.empty(pieces.length);
    this.#allocate = allocate;
    pieces.forEach((piece, index) => {
      if (owned.has(index)) this.#ownedBytes += piece.size;
    });
  }

  get pieceCount(): number {
    return this.#pieces.length;
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

  size(piece: number): number {
    const entry = this.#pieces[piece];
    assert(entry !== undefined, 'a piece of this share');
    return entry.size;
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

  begin(piece: number, blockBytes: number): Assembly {
    assert(this.isAbsent(piece), 'only an absent piece is begun');
    const size = this.size(piece);
    const blocks = Math.ceil(size / blockBytes);
    const assembly: Assembly = {
      piece,
      size,
      blockBytes,
      blocks,
      bytes: this.#allocate(size),
      senders: new Array<PeerId | null>(blocks).fill(null),
      missing: blocks,
      unasked: Array.from({ length: blocks }, (_, nth) => blocks - 1 - nth),
      askers: new Uint8Array(blocks),
      lead: null,
      fromOnePeer: this.#suspects.has(piece),
    };
    this.#assemblies.set(piece, assembly);
    this.assembling.add(piece);
    this.#heldBytes += size;
    return assembly;
  }

  write(assembly: Assembly, block: number, data: Uint8Array, sender: PeerId): WriteResult {
    if (assembly.senders[block] !== null) return 'duplicate';
    assembly.bytes.set(data, block * assembly.blockBytes);
    assembly.senders[block] = sender;
    assembly.missing--;
    this.#underwayBytes += data.length;
    if (assembly.missing > 0) return 'more';
    this.#assemblies.delete(assembly.piece);
    this.assembling.remove(assembly.piece);
    this.#settling.set(assembly.piece, assembly);
    return 'complete';
  }

  /** Gives up a piece under way, with what came of it. */
  abandon(assembly: Assembly): void {
    assert(this.#assemblies.delete(assembly.piece), 'only a piece under way is abandoned');
    this.assembling.remove(assembly.piece);
    this.#heldBytes -= assembly.size;
    this.#underwayBytes -= receivedBytes(assembly);
  }

  /** [PL2] A complete piece was hashed. Corrupt: it is absent again, and the senders are named ([PL5]). */
  hashed(piece: number, sha256: string): Verdict {
    const assembly = this.#settling.get(piece);
    assert(assembly !== undefined, 'only a complete piece is hashed');
    if (sha256 === this.#pieces[piece]?.sha256) {
      const liars = this.#liarsOf(assembly);
      this.#suspects.delete(piece);
      return { kind: 'verified', bytes: assembly.bytes, liars };
    }
    this.#settling.delete(piece);
    this.#heldBytes -= assembly.size;
    this.#underwayBytes -= assembly.size;
    const senders = sendersOf(assembly.senders);
    if (senders.length > 1) this.#suspect(assembly);
    return { kind: 'corrupt', senders };
  }

  /** [PL3] A verified piece was stored: now it may be served and announced. */
  stored(piece: number): void {
    const size = this.#settle(piece);
    this.owned.add(piece);
    this.#ownedBytes += size;
  }

  /** [PL4] A verified piece could not be stored: it is absent again. */
  notStored(piece: number): void {
    this.#settle(piece);
  }

  /** Our own copy of an owned piece can no longer be read: it is absent again. */
  lost(piece: number): void {
    if (!this.owned.has(piece)) return;
    this.owned.remove(piece);
    this.#ownedBytes -= this.size(piece);
  }

  /** One byte a piece: 0 absent, 1 under way, 2 owned. */
  states(): Uint8Array {
    const states = new Uint8Array(this.#pieces.length);
    for (let piece = 0; piece < states.length; piece++) if (this.owned.has(piece)) states[piece] = 2;
    for (const piece of this.#assemblies.keys()) states[piece] = 1;
    for (const piece of this.#settling.keys()) states[piece] = 1;
    return states;
  }

  #settle(piece: number): number {
    const assembly = this.#settling.get(piece);
    assert(assembly !== undefined, 'only a verified piece is stored');
    this.#settling.delete(piece);
    this.#heldBytes -= assembly.size;
    this.#underwayBytes -= assembly.size;
    return assembly.size;
  }

  #suspect(assembly: Assembly): void {
    const { bytes, blockBytes, senders } = assembly;
    this.#suspects.set(assembly.piece, { bytes, blockBytes, senders });
    for (const oldest of this.#suspects.keys()) {
      if (this.#suspects.size <= MAX_SUSPECTS) break;
      this.#suspects.delete(oldest);
    }
  }

  /** Whose blocks of the corrupt copy differ from the verified piece. */
  #liarsOf(good: Assembly): PeerId[] {
    const suspect = this.#suspects.get(good.piece);
    if (suspect === undefined) return [];
    const lied = suspect.senders.filter((sender, block) => {
      const from = block * suspect.blockBytes;
      const to = Math.min(from + suspect.blockBytes, good.size);
      return sender !== null && !equalRange(suspect.bytes, good.bytes, from, to);
    });
    return sendersOf(lied);
  }
}

function sendersOf(senders: readonly (PeerId | null)[]): PeerId[] {
  return [...new Set(senders.filter((sender) => sender !== null))];
}

function receivedBytes(assembly: Assembly): number {
  let bytes = 0;
  assembly.senders.forEach((sender, block) => {
    if (sender !== null) bytes += blockLength(assembly, block);
  });
  return bytes;
}

export function blockLength(assembly: Assembly, block: number): number {
  return Math.min(assembly.blockBytes, assembly.size - block * assembly.blockBytes);
}

function equalRange(a: Uint8Array, b: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (a[at] !== b[at]) return false;
  return true;
}
