/**
 * [LB15] Whom the person wants nothing more to do with, in which share, while this peer lives: what every machine of that
 * share is told. Bounded, the oldest out first.
 */
import type { Input } from '../engine/io.ts';
import type { InfoHash, PeerId } from '../ids.ts';
import { MOST_KICKED } from './limits.ts';

interface Kick {
  readonly infoHash: InfoHash;
  readonly peer: PeerId;
}

export class Kicked {
  #all: Kick[] = [];

  /** What an open one is to be told. */
  add(infoHash: InfoHash, peer: PeerId): Input {
    this.#all = [...this.#all, { infoHash, peer }].slice(-MOST_KICKED);
    return { kind: 'peer-kicked', peer };
  }

  /** What one that begins now is to be told. */
  of(infoHash: InfoHash): Input[] {
    return this.#all
      .filter((kick) => kick.infoHash === infoHash)
      .map(({ peer }) => ({ kind: 'peer-kicked', peer }));
  }

  forget(): void {
    this.#all = [];
  }
}
