/**
 * Who takes a share from here, each with how far it is ([EN8]): those that are connected and have not had all of it from
 * the beginning. Owns their numbers, which stay theirs while the page is open.
 */
import type { PeerId } from '../../shared/ids.ts';
import type { LinkPath } from '../../shared/peer/ports.ts';
import { percentOf } from '../../shared/words/format.ts';
import type { Transfer } from './session.ts';

export interface Receiver {
  readonly id: PeerId;
  readonly name: string;
  /** 0–100; 100 exactly when it has all of it. */
  readonly percent: number;
  /** Bytes a second from here. */
  readonly up: number;
  readonly path: LinkPath;
}

export class Receivers {
  readonly #numbers = new Map<PeerId, number>();

  /** In the order in which they came. */
  of({ peers, pieces }: Pick<Transfer, 'peers' | 'pieces'>): Receiver[] {
    const rows = new Map<PeerId, Receiver>();
    for (const { id, own, pieces: has, up, path } of peers) {
      const whole = has >= pieces.length;
      if (own || (whole && !this.#numbers.has(id))) continue;
      const percent = percentOf(has, pieces.length);
      rows.set(id, { id, name: `Person ${this.#numberOf(id)}`, percent, up, path });
    }
    return [...rows.values()].sort((one, other) => this.#numberOf(one.id) - this.#numberOf(other.id));
  }

  #numberOf(id: PeerId): number {
    const number = this.#numbers.get(id) ?? this.#numbers.size + 1;
    this.#numbers.set(id, number);
    return number;
  }
}
