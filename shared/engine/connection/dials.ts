/**
 * The dials under way ([SW2]): how long each has been without a word of the other side, and which give their places to
 * others. Knows no members.
 */
import type { PeerId } from '../../ids.ts';

/** A dial that neither opened nor failed after so long is counted as failed. */
const DIAL_TIMEOUT_MS = 45_000;
/** ms that a dial takes a place of those that are sought although nothing was heard. */
export const WAVE_MS = 300;
/** ms without a word after which a dial makes way for a member that was never dialled; doubles with each failure. */
const PATIENCE_MS = 1_000;
/** Dials under way of which nothing was heard. */
export const MOST_UNANSWERED = 100;

interface Dial {
  readonly beganAt: number;
  readonly patience: number;
  answered: boolean;
}

export class Dials {
  /** In the order in which they were begun. */
  readonly #underWay = new Map<PeerId, Dial>();
  #answered = 0;

  get size(): number {
    return this.#underWay.size;
  }

  /** Of which something was heard. */
  get answered(): number {
    return this.#answered;
  }

  get unanswered(): number {
    return this.size - this.#answered;
  }

  has(peer: PeerId): boolean {
    return this.#underWay.has(peer);
  }

  begin(peer: PeerId, failures: number, now: number): void {
    this.#underWay.set(peer, { beganAt: now, patience: PATIENCE_MS * 2 ** failures, answered: false });
  }

  heard(peer: PeerId): void {
    const dial = this.#underWay.get(peer);
    if (dial === undefined || dial.answered) return;
    dial.answered = true;
    this.#answered++;
  }

  /** False: there was none. */
  end(peer: PeerId): boolean {
    const dial = this.#underWay.get(peer);
    if (dial?.answered === true) this.#answered--;
    return this.#underWay.delete(peer);
  }

  clear(): void {
    this.#underWay.clear();
    this.#answered = 0;
  }

  /** Places that they take: those that answered, and those that are so young that they may. */
  places(now: number): number {
    let places = this.#answered;
    for (const { beganAt, answered } of this.#underWay.values()) {
      if (!answered && now - beganAt < WAVE_MS) places++;
    }
    return places;
  }

  tooLong(now: number): PeerId[] {
    return this.#which(({ beganAt }) => now - beganAt >= DIAL_TIMEOUT_MS);
  }

  /** Those that have had their time without a word, the oldest first. */
  silent(now: number): PeerId[] {
    return this.#which(({ beganAt, patience, answered }) => !answered && now - beganAt >= patience);
  }

  /** It has had the time of a first dial without a word. */
  isSilent(peer: PeerId, now: number): boolean {
    const dial = this.#underWay.get(peer);
    return dial !== undefined && !dial.answered && now - dial.beganAt >= PATIENCE_MS;
  }

  /** When the first of them is given up, in ms; Infinity: there is none. */
  get endsAt(): number {
    for (const { beganAt } of this.#underWay.values()) return beganAt + DIAL_TIMEOUT_MS;
    return Infinity;
  }

  #which(holds: (dial: Dial) => boolean): PeerId[] {
    const peers: PeerId[] = [];
    for (const [peer, dial] of this.#underWay) if (holds(dial)) peers.push(peer);
    return peers;
  }
}
