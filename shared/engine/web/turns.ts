/**
 * [WS24] Who of those that want the same file fetches which piece from its server, so that many of them cost it little
 * more than one: of each piece that nobody has yet the member whose id, mixed with the piece's number, is the smallest;
 * the next one where that takes long, and so on. Everybody reckons by themselves with the members they know. Who gets
 * little from others, measured by what the server gives, spares it no longer. Lenders are no members: to fetch for
 * others is what they are there for. Owns how patient we are; asks nobody.
 */
import { Bitfield } from '../../bitfield.ts';
import type { PeerId } from '../../ids.ts';

/** ms for which the server has given nothing until one more of the others' turns is taken. */
const TURN_MS = 5_000;
/** ms after which patience with slow others ends … */
const SLOW_MS = 10_000;
/** … whose rate all together is less than this part of what the server gives. */
const SLOW_PART = 1 / 8;

export interface TurnsView {
  readonly own: PeerId;
  readonly pieces: number;
  /** Who wants the file and does not have all of it, as far as is known, we ourselves left out. */
  readonly members: readonly PeerId[];
  /** What each member that is connected has; those that have everything are among them. */
  readonly holdings: readonly Bitfield[];
  /** The server is being asked for something. */
  readonly isBusy: boolean;
  /** Bytes a second, of the server and of all others that are no lenders. */
  readonly fromServer: number;
  readonly fromOthers: number;
}

export class Turns {
  #idleSince: number | null = null;
  /** How many that come before us are no longer waited for. */
  #patience = 0;
  #best = 0;
  #slowSince: number | null = null;

  /** The pieces that the server may be asked for now; null: all of them. */
  allowed(view: TurnsView, now: number): Bitfield | null {
    const { own, pieces, members, holdings } = view;
    if (members.length === 0 && holdings.length === 0) return this.#alone();
    this.#measure(view, now);
    if (this.#slowSince !== null && now - this.#slowSince >= SLOW_MS) return null;
    const allowed = Bitfield.empty(pieces);
    for (let piece = 0; piece < pieces; piece++) {
      if (holdings.some((has) => has.has(piece))) continue;
      if (comeBefore(own, members, piece, this.#patience)) allowed.add(piece);
    }
    return allowed;
  }

  #alone(): null {
    [this.#idleSince, this.#slowSince, this.#patience] = [null, null, 0];
    return null;
  }

  #measure({ isBusy, fromServer, fromOthers }: TurnsView, now: number): void {
    this.#best = Math.max(this.#best, fromServer);
    // Where the server has given nothing yet, nothing is still too little.
    const isEnough = fromOthers > 0 && fromOthers >= SLOW_PART * this.#best;
    this.#slowSince = isEnough ? null : (this.#slowSince ?? now);
    if (isBusy) {
      this.#idleSince = null;
      return;
    }
    this.#idleSince ??= now;
    if (now - this.#idleSince < TURN_MS) return;
    this.#idleSince = now;
    this.#patience++;
  }
}

/** Whether at most so many of the members come before us at this piece. */
function comeBefore(own: PeerId, members: readonly PeerId[], piece: number, most: number): boolean {
  const ours = placeOf(own, piece);
  let before = 0;
  for (const member of members) {
    const place = placeOf(member, piece);
    if (place < ours || (place === ours && member < own)) before++;
    if (before > most) return false;
  }
  return true;
}

/** A number that looks like chance and is the same for everybody: the finaliser of MurmurHash3. */
function placeOf(id: PeerId, piece: number): number {
  let mixed = parseInt(id.slice(0, 8), 16) ^ Math.imul(piece + 1, 0x9e37_79b1);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
