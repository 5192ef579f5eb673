/** Which pieces of a share are stored, as one small value: a bitfield ([BF1]) as long as its last piece needs. */
import { Bitfield } from '../../../shared/bitfield.ts';
import { assert } from '../../../shared/assert.ts';
import type { Owned } from './schema.ts';
import { isSameUsage } from './usage.ts';

/** Undefined: none. */
export type OwnedBits = Uint8Array<ArrayBuffer> | undefined;

export function withPieces(bits: OwnedBits, pieces: readonly number[]): Uint8Array<ArrayBuffer> {
  const last = pieces.reduce((most, piece) => Math.max(most, piece), -1);
  const long = new Uint8Array(Math.max(bits?.length ?? 0, (last >> 3) + 1));
  long.set(bits ?? []);
  const owned = parsed(long);
  for (const piece of pieces) owned.add(piece);
  return owned.toBytes();
}

export function withoutPieces(bits: OwnedBits, pieces: readonly number[]): Uint8Array<ArrayBuffer> {
  const owned = parsed(bits ?? new Uint8Array(0));
  for (const piece of pieces) owned.remove(piece);
  return owned.toBytes();
}

export function owns(bits: OwnedBits, piece: number): boolean {
  return ((bits?.[piece >> 3] ?? 0) & (0x80 >> (piece & 7))) !== 0;
}

export function countIn(bits: OwnedBits): number {
  return bits === undefined ? 0 : parsed(bits).count;
}

/** Ascending. */
export function piecesIn(bits: OwnedBits): number[] {
  return bits === undefined ? [] : [...parsed(bits).members()];
}

export function isSame(one: Owned | undefined, other: Owned | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [pieces, others] = [one.pieces, other.pieces];
  return (
    isSameUsage(one, other) &&
    pieces.length === others.length &&
    pieces.every((byte, at) => byte === others[at])
  );
}

function parsed(bits: Uint8Array): Bitfield {
  const owned = Bitfield.parse(bits, bits.length * 8);
  assert(owned !== null, 'whole bytes leave no spare bits');
  return owned;
}
