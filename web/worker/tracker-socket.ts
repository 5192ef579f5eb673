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
  readonly #socket: ReconnectingWebSocket;
  #closed = false;

  constructor(url: string, listener: SocketListener) {
    this.#socket = new ReconnectingWebSocket(url, [], {
      minReconnectionDelay: FIRST_RETRY_MS,
      maxReconnectionDelay: LAST_RETRY_MS,
      reconnectionDelayGrowFactor: 1.6,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      // What was meant for a connection that is gone is stale on the next one: everything is announced anew.
      maxEnqueuedMessages: 0,
    });
    this.#socket.addEventListener('open', () => listener.opened());
    this.#socket.addEventListener('close', () => {
      if (!this.#closed) listener.lost();
    });
    this.#socket.addEventListener('message', ({ data }) => {
      if (typeof data === 'string' && !this.#closed) listener.received(data);
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === ReconnectingWebSocket.OPEN;
  }

  send(text: string): void {
    if (this.isOpen) this.#socket.send(text);
  }

  retryNow(): void {
    if (!this.isOpen) this.#socket.reconnect();
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
  }
}
