/**
 * What a peer says to the tracker and hears from it ([TR1]): builds and parses the messages, and hands what comes on by
 * swarm. When to announce is decided by the machines; after every reconnection they are told. Knows no engine, and of
 * the socket only that it connects by itself.
 */
import type { AnnounceEvent, Input } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { clientText, parseServerMessage } from '../tracker/messages.ts';
import type { ServerMessage } from '../tracker/messages.ts';
import type { Clock, PeerPorts, TrackerSocket } from './ports.ts';

/** The server asks the older socket of our id whether it is alive; by then it has answered or not. */
const IN_USE_RETRY_MS = 6_000;

export interface TrackerListener {
  /** It can be reached (again): every share is announced anew. */
  opened(): void;
  lost(): void;
  /** What the machine of that swarm has to hear. */
  heard(swarm: SwarmId, input: Input): void;
  /** A peer's signals to us, as it wrote them. */
  signalled(swarm: SwarmId, from: PeerId, payload: string): void;
  /** The tracker does not know that peer (any more): what was signalled to it is lost. */
  unreachable(swarm: SwarmId, peer: PeerId): void;
}

export interface TrackerAnnounce {
  readonly swarm: SwarmId;
  readonly event: AnnounceEvent;
  readonly left: number | null;
  readonly want: number;
}

export class TrackerClient {
  readonly #own: PeerId;
  readonly #clock: Clock;
  readonly #socket: TrackerSocket;
  readonly #listener: TrackerListener;
  #lost = false;

  constructor(
    own: PeerId,
    { clock, tracker }: Pick<PeerPorts, 'clock' | 'tracker'>,
    listener: TrackerListener,
  ) {
    this.#own = own;
    this.#clock = clock;
    this.#listener = listener;
    this.#socket = tracker({
      opened: () => {
        this.#lost = false;
        listener.opened();
      },
      lost: () => {
        this.#lost = true;
        listener.lost();
      },
      received: (text) => {
        const message = parseServerMessage(text);
        if (message !== null) this.#said(message);
      },
    });
  }

  get isOpen(): boolean {
    return this.#socket.isOpen;
  }

  /** It cannot be reached; false also before that was tried. */
  get isLost(): boolean {
    return this.#lost;
  }

  announce({ swarm, event, left, want }: TrackerAnnounce): void {
    this.#socket.send(clientText({ type: 'announce', swarm, peerId: this.#own, event, left, want }));
  }

  signal(swarm: SwarmId, to: PeerId, payload: string): void {
    this.#socket.send(clientText({ type: 'signal', swarm, from: this.#own, to, payload }));
  }

  /** The network is back: no need to wait for the next try. */
  retryNow(): void {
    this.#socket.retryNow();
  }

  close(): void {
    this.#socket.close();
  }

  #said(message: ServerMessage): void {
    const listener = this.#listener;
    switch (message.type) {
      case 'peers': {
        const { swarm, interval, complete, incomplete } = message;
        const peers = message.peers.map(({ peerId, seed }) => ({ id: peerId, seed }));
        return listener.heard(swarm, { kind: 'peers-announced', interval, complete, incomplete, peers });
      }
      case 'joined': {
        const { swarm, peerId, seed } = message;
        return listener.heard(swarm, { kind: 'peer-joined', peer: { id: peerId, seed } });
      }
      case 'left':
        return listener.heard(message.swarm, { kind: 'peer-left', peer: message.peerId });
      case 'signal':
        return listener.signalled(message.swarm, message.from, message.payload);
      case 'error':
        return this.#refused(message);
      default:
    }
  }

  /** Most refusals heal with the next announce; these two want something done now. */
  #refused({ code, about }: ServerMessage & { type: 'error' }): void {
    const { swarm, peerId } = about ?? {};
    if (swarm === undefined) return;
    if (code === 'no-such-peer' && peerId !== undefined) this.#listener.unreachable(swarm, peerId);
    if (code !== 'in-use') return;
    this.#clock.after(IN_USE_RETRY_MS, () => {
      if (this.isOpen) this.#listener.heard(swarm, { kind: 'tracker-opened' });
    });
  }
}
