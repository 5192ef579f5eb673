/**
 * [HL53] The places for connections, of all shares together: so many in all, of one address, and of others whose handshake
 * is not whole, and how fast one address may begin them. Owns which sockets there are, and that each ends by a reset
 * ([HL60]). Knows no handshakes.
 */
import type { Socket } from 'node:net';
import { Allowance } from '../../shared/allowance.ts';
import type { Clock } from '../../shared/peer/ports.ts';
import { addressKey } from './addresses.ts';
import {
  BEGUN_A_SECOND,
  BEGUN_AT_ONCE,
  MAX_HALF_OPEN,
  MAX_HALF_OPEN_OF_AN_ADDRESS,
  MAX_REMEMBERED_ADDRESSES,
  MAX_SOCKETS,
  MAX_SOCKETS_OF_AN_ADDRESS,
} from './limits.ts';

/** [HL60] The only way in which a connection ends. One that is not there yet has nobody to tell. */
export function reset(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

interface Held {
  readonly key: string;
  /** Somebody else began it, and has not shaken hands. */
  isHalfOpen: boolean;
}

export class Sockets {
  readonly #clock: Clock;
  /** In the order in which they came. */
  readonly #held = new Map<Socket, Held>();
  readonly #begun = new Map<string, Allowance>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#held.size;
  }

  get isFull(): boolean {
    return this.#held.size >= MAX_SOCKETS;
  }

  /** One that we dial. */
  dialled(socket: Socket, address: string): void {
    this.#hold(socket, { key: addressKey(address), isHalfOpen: false });
  }

  /** One that somebody else began. False: it is refused. */
  came(socket: Socket): boolean {
    this.#guard(socket);
    const key = addressKey(socket.remoteAddress ?? '');
    const ofAddress = [...this.#held].filter(([, held]) => held.key === key);
    const halfOpen = [...this.#held].filter(([, held]) => held.isHalfOpen);
    const halfOfAddress = ofAddress.filter(([, held]) => held.isHalfOpen);
    if (!this.#mayBegin(key) || ofAddress.length >= MAX_SOCKETS_OF_AN_ADDRESS) return this.#refuse(socket);
    if (halfOfAddress.length >= MAX_HALF_OPEN_OF_AN_ADDRESS) return this.#refuse(socket);
    // Who holds a place without a word for longest makes way.
    const oldest = halfOpen[0]?.[0];
    if ((this.isFull || halfOpen.length >= MAX_HALF_OPEN) && oldest === undefined)
      return this.#refuse(socket);
    if (oldest !== undefined && (this.isFull || halfOpen.length >= MAX_HALF_OPEN)) reset(oldest);
    this.#hold(socket, { key, isHalfOpen: true });
    return true;
  }

  greeted(socket: Socket): void {
    const held = this.#held.get(socket);
    if (held !== undefined) held.isHalfOpen = false;
  }

  /** All of them, at once. */
  closeAll(): void {
    for (const socket of [...this.#held.keys()]) reset(socket);
  }

  #refuse(socket: Socket): false {
    reset(socket);
    return false;
  }

  #hold(socket: Socket, held: Held): void {
    this.#guard(socket);
    this.#held.set(socket, held);
    socket.once('close', () => this.#held.delete(socket));
  }

  /** What goes wrong with a socket ends it, and that is told by its end. */
  #guard(socket: Socket): void {
    if (socket.listenerCount('error') === 0) socket.on('error', () => undefined);
  }

  #mayBegin(key: string): boolean {
    const now = this.#clock.now();
    const begun = this.#begun.get(key) ?? new Allowance(BEGUN_AT_ONCE, BEGUN_A_SECOND);
    this.#begun.delete(key);
    this.#begun.set(key, begun);
    for (const oldest of this.#begun.keys()) {
      if (this.#begun.size <= MAX_REMEMBERED_ADDRESSES) break;
      this.#begun.delete(oldest);
    }
    return begun.take(1, now);
  }
}
