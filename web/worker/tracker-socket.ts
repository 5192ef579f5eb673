/**
 * The socket to the tracker in a browser: connects, and again with back-off. Lives in the worker, where a hidden tab's
 * timer throttling does not reach ([WK4]). Knows no messages.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import type { SocketListener, TrackerSocket } from '../../shared/peer/ports.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const GROWTH = 1.6;
/** A wait is shorter or longer by up to this share: a server that comes back is not asked by everybody at once. */
const JITTER_SHARE = 1 / 2;
const CONNECT_TIMEOUT_MS = 8_000;

export class WebTrackerSocket implements TrackerSocket {
  readonly #url: string;
  readonly #listener: SocketListener;
  readonly #fraction: () => number;
  #socket: ReconnectingWebSocket;
  #closed = false;

  /** `fraction`: any number from 0 up to 1. */
  constructor(url: string, listener: SocketListener, fraction: () => number) {
    this.#url = url;
    this.#listener = listener;
    this.#fraction = fraction;
    this.#socket = this.#connecting();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === ReconnectingWebSocket.OPEN;
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

  /** With a socket of its own: the library's `reconnect` waits until a try that is planned already is due. */
  #connectAnew(): void {
    const waiting = this.#socket;
    this.#socket = this.#connecting();
    waiting.close();
  }

  #connecting(): ReconnectingWebSocket {
    const waits = (ms: number): number => ms * (1 + (2 * this.#fraction() - 1) * JITTER_SHARE);
    const socket = new ReconnectingWebSocket(this.#url, [], {
      // The library looks these up before each try: it has no jitter of its own.
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
    });
    const counts = (): boolean => socket === this.#socket && !this.#closed;
    socket.addEventListener('open', () => {
      if (counts()) this.#listener.opened();
    });
    socket.addEventListener('close', () => {
      if (counts()) this.#listener.lost();
    });
    socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string' && counts()) this.#listener.received(data);
    });
    return socket;
  }
}
