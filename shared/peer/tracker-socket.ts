/**
 * The socket to the tracker, whatever opens it ([PN6]): connects, again with back-off, and is replaced where nothing comes
 * through it any more ([PN11]). The host's library connects and waits; what is decided is here. Knows no messages.
 */
import type { SocketListener, TrackerSocket } from './ports.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const GROWTH = 1.6;
/** A wait is shorter or longer by up to this share: a server that comes back is not asked by everybody at once. */
const JITTER_SHARE = 1 / 2;
const CONNECT_TIMEOUT_MS = 8_000;

/** How one socket tries again. The delays are looked up before each try, and are others each time. */
export interface RetryOptions {
  readonly minReconnectionDelay: number;
  readonly maxReconnectionDelay: number;
  readonly reconnectionDelayGrowFactor: number;
  readonly connectionTimeout: number;
  readonly maxEnqueuedMessages: number;
}

/** A socket that connects by itself, begun at once; tells what happens until it is closed, and maybe after it. */
export interface RetryingSocket {
  readonly isOpen: boolean;
  send(text: string): void;
  close(): void;
}

export interface RetryingListener {
  opened(): void;
  closed(): void;
  /** A text; null: something that is none. */
  received(text: string | null): void;
}

export type OpenSocket = (options: RetryOptions, listener: RetryingListener) => RetryingSocket;

export class RetryingTrackerSocket implements TrackerSocket {
  readonly #open: OpenSocket;
  readonly #listener: SocketListener;
  readonly #fraction: () => number;
  #socket: RetryingSocket;
  #closed = false;

  /** `fraction`: any number from 0 up to 1. */
  constructor(open: OpenSocket, listener: SocketListener, fraction: () => number) {
    this.#open = open;
    this.#listener = listener;
    this.#fraction = fraction;
    this.#socket = this.#connecting();
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  send(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  retryNow(): void {
    if (!this.isOpen && !this.#closed) this.#connectAnew();
  }

  replace(): void {
    if (this.#closed) return;
    const wasOpen = this.isOpen;
    this.#connectAnew();
    if (wasOpen) this.#listener.lost();
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  /** With a socket of its own: a library's `reconnect` waits until a try that is planned already is due. */
  #connectAnew(): void {
    const waiting = this.#socket;
    this.#socket = this.#connecting();
    waiting.close();
  }

  #connecting(): RetryingSocket {
    const waits = (ms: number): number => ms * (1 + (2 * this.#fraction() - 1) * JITTER_SHARE);
    const options: RetryOptions = {
      // The library has no jitter of its own.
      get minReconnectionDelay() {
        return waits(FIRST_RETRY_MS);
      },
      get maxReconnectionDelay() {
        return waits(LAST_RETRY_MS);
      },
      reconnectionDelayGrowFactor: GROWTH,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      // What was meant for a connection that is gone is stale on the next one: everything is announced anew.
      maxEnqueuedMessages: 0,
    };
    const counts = (): boolean => socket === this.#socket && !this.#closed;
    const socket: RetryingSocket = this.#open(options, {
      opened: () => {
        if (counts()) this.#listener.opened();
      },
      closed: () => {
        if (counts()) this.#listener.lost();
      },
      received: (text) => {
        if (text !== null && counts()) this.#listener.received(text);
      },
    });
    return socket;
  }
}
