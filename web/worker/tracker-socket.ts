/**
 * The socket to the tracker in a browser: connects, and again with back-off. Lives in the worker, where a hidden tab's
 * timer throttling does not reach ([WK4]). Knows no messages.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import type { SocketListener, TrackerSocket } from '../../shared/peer/ports.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const CONNECT_TIMEOUT_MS = 8_000;

export class WebTrackerSocket implements TrackerSocket {
  readonly #url: string;
  readonly #listener: SocketListener;
  #socket: ReconnectingWebSocket;
  #closed = false;

  constructor(url: string, listener: SocketListener) {
    this.#url = url;
    this.#listener = listener;
    this.#socket = this.#connecting();
  }

  get isOpen(): boolean {
    return this.#socket.readyState === ReconnectingWebSocket.OPEN;
  }

  send(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  /** With a socket of its own: the library's `reconnect` waits until a try that is planned already is due. */
  retryNow(): void {
    if (this.isOpen || this.#closed) return;
    const waiting = this.#socket;
    this.#socket = this.#connecting();
    waiting.close();
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }

  #connecting(): ReconnectingWebSocket {
    const socket = new ReconnectingWebSocket(this.#url, [], {
      minReconnectionDelay: FIRST_RETRY_MS,
      maxReconnectionDelay: LAST_RETRY_MS,
      reconnectionDelayGrowFactor: 1.6,
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
