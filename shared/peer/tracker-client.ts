/**
 * What a peer says to the tracker and hears from it ([TR1]): builds and parses the messages, and hands what comes on by
 * swarm. When to announce is decided by the machines; after every reconnection they are told. A socket on which nothing
 * is answered is replaced ([PN11]). Knows no engine, and of the socket only that it connects by itself.
 */
import type { AnnounceEvent, Input } from '../engine/io.ts';
import type { PeerId, SwarmId } from '../ids.ts';
import { clientText, parseServerMessage } from '../tracker/messages.ts';
import type { Publish, Search, ServerMessage, Unpublish } from '../tracker/messages.ts';
import { Introduction } from './introduction.ts';
import { ANSWER_PATIENCE_MS, CHECK_PATIENCE_MS } from './limits.ts';
import type { Clock, Identity, PeerPorts, TrackerSocket } from './ports.ts';

/** Refusals of an announce that the next announce may meet as well. */
const NOT_LET_IN: ReadonlySet<string> = new Set(['in-use', 'too-many-peers', 'too-many-swarms']);

/** What an error is about that answers the directory. */
const OF_THE_DIRECTORY: ReadonlySet<string | undefined> = new Set(['search', 'publish', 'unpublish']);

/** What is asked of the directory of public shares ([TR8]). */
export type DirectoryAsk = Search | Omit<Publish, 'peerId'> | Omit<Unpublish, 'peerId'>;

/** What it says to that; an error says in `about` to what. */
export type DirectoryAnswer = ServerMessage & { type: 'results' | 'published' | 'error' };

/** The tracker, as far as it has a directory. */
export interface DirectoryTracker {
  /** It cannot be reached, and that was tried. */
  readonly isLost: boolean;
  /** False: it cannot be asked yet, and was not. */
  ask(message: DirectoryAsk): boolean;
}

export interface TrackerListener {
  /** It can be reached (again) and knows who we are: every share is announced anew. */
  opened(): void;
  lost(): void;
  /** What the machine of that swarm has to hear. */
  heard(swarm: SwarmId, input: Input): void;
  /** A peer's signals to us, as it wrote them. */
  signalled(swarm: SwarmId, from: PeerId, payload: string): void;
  /** The tracker does not know that peer (any more): what was signalled to it is lost. */
  unreachable(swarm: SwarmId, peer: PeerId): void;
  /** Somebody else is called as we are: under this name nobody finds us. */
  taken(own: PeerId): void;
  directoryAnswered(answer: DirectoryAnswer): void;
}

export interface TrackerAnnounce {
  readonly swarm: SwarmId;
  readonly event: AnnounceEvent;
  readonly left: number | null;
  readonly want: number;
}

export class TrackerClient implements DirectoryTracker {
  readonly #introduction: Introduction;
  readonly #socket: TrackerSocket;
  readonly #listener: TrackerListener;
  readonly #clock: Clock;
  #lost = false;
  /** When it has to have said something, in ms; Infinity: nothing is asked. */
  #answerDueAt = Infinity;
  #cancelPatience: () => void = () => undefined;

  constructor(
    identity: Identity,
    { clock, tracker }: Pick<PeerPorts, 'clock' | 'tracker'>,
    listener: TrackerListener,
  ) {
    this.#listener = listener;
    this.#clock = clock;
    this.#introduction = new Introduction(identity, {
      clock,
      send: (text) => this.#socket.send(text),
      ready: () => listener.opened(),
    });
    this.#socket = tracker({
      opened: () => {
        this.#lost = false;
        this.#introduction.opened();
      },
      lost: () => {
        this.#lost = true;
        this.#answered();
        this.#introduction.lost();
        listener.lost();
      },
      received: (text) => {
        this.#answered();
        const message = parseServerMessage(text);
        if (message !== null) this.#said(message);
      },
    });
  }

  get isOpen(): boolean {
    return this.#introduction.isReady;
  }

  /** [ID4] Under another name from now on; told again when everything can be announced anew. */
  become(identity: Identity): void {
    this.#introduction.become(identity);
  }

  /** It cannot be reached; false also before that was tried. */
  get isLost(): boolean {
    return this.#lost;
  }

  announce({ swarm, event, left, want }: TrackerAnnounce): void {
    const peerId = this.#introduction.own;
    this.#send(clientText({ type: 'announce', swarm, peerId, event, left, want }));
    if (this.#introduction.isReady) this.#expectAnswer(ANSWER_PATIENCE_MS);
  }

  ask(message: DirectoryAsk): boolean {
    if (!this.#introduction.isReady) return false;
    const peerId = this.#introduction.own;
    this.#socket.send(clientText(message.type === 'search' ? message : { ...message, peerId }));
    this.#expectAnswer(ANSWER_PATIENCE_MS);
    return true;
  }

  signal(swarm: SwarmId, to: PeerId, payload: string): void {
    this.#send(clientText({ type: 'signal', swarm, from: this.#introduction.own, to, payload }));
  }

  /** Nobody knows us before: what comes later is announced anew. */
  #send(text: string): void {
    if (this.#introduction.isReady) this.#socket.send(text);
  }

  /** Whether the socket still leads anywhere. One that is not open need not wait for its next try. */
  check(): void {
    if (!this.#socket.isOpen) return this.#socket.retryNow();
    this.#socket.send(clientText({ type: 'challenge' }));
    this.#expectAnswer(CHECK_PATIENCE_MS);
  }

  #expectAnswer(withinMs: number): void {
    const dueAt = this.#clock.now() + withinMs;
    if (dueAt >= this.#answerDueAt) return;
    this.#cancelPatience();
    this.#answerDueAt = dueAt;
    this.#cancelPatience = this.#clock.after(withinMs, () => {
      this.#answerDueAt = Infinity;
      this.#socket.replace();
    });
  }

  /** Whatever it was that it said. */
  #answered(): void {
    this.#cancelPatience();
    this.#answerDueAt = Infinity;
  }

  close(): void {
    this.#answered();
    this.#introduction.lost();
    this.#socket.close();
  }

  #said(message: ServerMessage): void {
    const listener = this.#listener;
    this.#introduction.heard(message);
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
      case 'results':
      case 'published':
        return listener.directoryAnswered(message);
      case 'error':
        return this.#refused(message);
      default:
    }
  }

  /** Most refusals heal with the next announce; these want something done or said now. */
  #refused(message: ServerMessage & { type: 'error' }): void {
    const { code, about: { type, swarm, peerId } = {} } = message;
    if (OF_THE_DIRECTORY.has(type)) {
      if (type === 'search' || peerId === this.#introduction.own) this.#listener.directoryAnswered(message);
      return;
    }
    if (swarm === undefined || peerId === undefined) return;
    if (code === 'no-such-peer') this.#listener.unreachable(swarm, peerId);
    // What was refused to an older name of ours says nothing about us.
    if (!NOT_LET_IN.has(code) || peerId !== this.#introduction.own) return;
    this.#listener.heard(swarm, { kind: 'announce-refused' });
    if (code === 'in-use') this.#listener.taken(peerId);
  }
}
