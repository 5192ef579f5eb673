/**
 * The one socket to the tracker ([TR1]): connects, reconnects with back-off, parses what comes and routes it by
 * swarm. Lives in the worker, where a hidden tab's timer throttling does not reach. Knows no engine: when to
 * announce is decided there, and after every reconnection it is asked to.
 */
import ReconnectingWebSocket from 'partysocket/ws';
import type { AnnounceEvent } from '../../shared/engine/io.ts';
import type { PeerId, SwarmId } from '../../shared/ids.ts';
import { clientText, parseServerMessage } from '../../shared/tracker/messages.ts';
import type { ServerMessage } from '../../shared/tracker/messages.ts';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 15_000;
const CONNECT_TIMEOUT_MS = 8_000;

export interface TrackerListener {
  opened(): void;
  lost(): void;
  said(message: ServerMessage): void;
}

export interface TrackerAnnounce {
  readonly swarm: SwarmId;
  readonly event: AnnounceEvent;
  readonly left: number | null;
  readonly want: number;
}

export class TrackerClient {
  readonly #socket: ReconnectingWebSocket;
  readonly #own: PeerId;

  constructor(url: string, own: PeerId, listener: TrackerListener) {
    this.#own = own;
    this.#socket = new ReconnectingWebSocket(url, [], {
      minReconnectionDelay: FIRST_RETRY_MS,
      maxReconnectionDelay: LAST_RETRY_MS,
      reconnectionDelayGrowFactor: 1.6,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      // What was meant for a connection that is gone is stale on the next one: everything is announced anew.
      maxEnqueuedMessages: 0,
    });
    this.#socket.addEventListener('open', () => listener.opened());
    this.#socket.addEventListener('close', () => listener.lost());
    this.#socket.addEventListener('message', ({ data }) => {
      const message = typeof data === 'string' ? parseServerMessage(data) : null;
      if (message !== null) listener.said(message);
    });
  }

  get isOpen(): boolean {
    return this.#socket.readyState === ReconnectingWebSocket.OPEN;
  }

  announce({ swarm, event, left, want }: TrackerAnnounce): void {
    if (this.isOpen) {
      this.#socket.send(clientText({ type: 'announce', swarm, peerId: this.#own, event, left, want }));
    }
  }

  signal(swarm: SwarmId, to: PeerId, payload: string): void {
    if (this.isOpen) this.#socket.send(clientText({ type: 'signal', swarm, from: this.#own, to, payload }));
  }

  /** The network is back: no need to wait for the next try. */
  retryNow(): void {
    if (!this.isOpen) this.#socket.reconnect();
  }
}
