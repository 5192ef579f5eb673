/** Shares and pieces for rules and tests about stores. A store believes what SHA-256 it is told, so these are made up. */
import type { InfoHash } from '../../ids.ts';
import type { StoredPiece } from '../piece-store.ts';

export const ONE = 'a1'.repeat(32) as InfoHash;
export const TWO = 'b2'.repeat(32) as InfoHash;

/** As a SHA-256 is written; another one for every pair of numbers below 2^40. */
export function madeUpSha256(one: number, other = 0): string {
  return `${one.toString(16).padStart(32, '0')}${other.toString(16).padStart(32, '0')}`;
}

/** A piece whose bytes tell its index and place. The same index and size are the same content. */
export function filled(piece: number, size: number): StoredPiece {
  const bytes = new Uint8Array(size).map((_, at) => piece * 31 + at);
  return { piece, sha256: madeUpSha256(piece, size), bytes };
}
