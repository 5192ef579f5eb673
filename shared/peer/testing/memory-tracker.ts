/**
 * A tracker in memory that speaks the real messages ([TR1], [TR3]–[TR5], [TR8], [ID3]): everybody is named, everybody is
 * told who comes and goes, and what members publish is found. It can go away and come back, and refuse. Sockets connect as
 * soon as it is there.
 */
import type { PeerId, SwarmId } from '../../ids.ts';
import { errorMessage, parseClientMessage, serverText } from '../../tracker/messages.ts';
import type {
  Announce,
  ClientMessage,
  ErrorCode,
  Publish,
  Search,
  SearchResult,
  ServerMessage,
  Signal,
  Unpublish,
} from '../../tracker/messages.ts';
import type { Clock, SocketListener, TrackerSocket } from '../ports.ts';

/** What is proved is taken for granted here. */
const CHALLENGE = 'c7'.repeat(32);

class MemorySocket implements TrackerSocket {
  readonly #tracker: MemoryTracker;
  readonly #listener: SocketListener;
  isOpen = false;
  closed = false;

  constructor(tracker: MemoryTracker, listener: SocketListener) {
    this.#tracker = tracker;
    this.#listener = listener;
  }

  send(text: string): void {
    if (this.isOpen) this.#tracker.heard(this, text);
  }

  retryNow(): void {
    this.#tracker.connect(this);
  }

  replace(): void {
    if (this.closed) return;
    this.lost();
    this.#tracker.dropped(this);
  }

  close(): void {
    this.closed = true;
    this.isOpen = false;
    this.#tracker.gone(this);
  }

  opened(): void {
    if (this.closed || this.isOpen) return;
    this.isOpen = true;
    this.#listener.opened();
  }

  lost(): void {
    if (this.closed) return;
    this.isOpen = false;
    this.#listener.lost();
  }

  received(text: string): void {
    if (this.isOpen) this.#listener.received(text);
  }
}

interface Member {
  readonly socket: MemorySocket;
  seed: boolean;
  listing: Publish | null;
}

export class MemoryTracker {
  /** Every text that came, in order. */
  readonly texts: string[] = [];
  readonly #clock: Clock;
  readonly #latency: number;
  readonly #sockets = new Set<MemorySocket>();
  readonly #swarms = new Map<SwarmId, Map<PeerId, Member>>();
  #away = false;

  constructor(clock: Clock, latency = 5) {
    this.#clock = clock;
    this.#latency = latency;
  }

  readonly socket = (listener: SocketListener): TrackerSocket => {
    const socket = new MemorySocket(this, listener);
    this.#sockets.add(socket);
    this.connect(socket);
    return socket;
  };

  /** Every message about a swarm that came, parsed. */
  get messages(): ClientMessage[] {
    const aside = ['refused', 'challenge', 'prove'];
    return this.texts
      .map(parseClientMessage)
      .filter((message): message is ClientMessage => !aside.includes(message.type));
  }

  /** Whoever announces this id is told that somebody else has it. */
  readonly taken = new Set<PeerId>();

  /** What messages of these types are answered with instead of what they ask for; null: nothing at all. */
  readonly refusing = new Map<'search' | 'publish', ErrorCode | null>();

  /** Names that are listed, in no order that means anything. */
  get listed(): string[] {
    return this.#listings().map(({ name }) => name);
  }

  /** It has forgotten this member, as it does of one that was silent for too long. */
  expire(swarm: SwarmId, peerId: PeerId): void {
    this.#remove(swarm, peerId);
  }

  connect(socket: MemorySocket): void {
    this.#later(() => {
      if (this.#away) socket.lost();
      else socket.opened();
    });
  }

  heard(socket: MemorySocket, text: string): void {
    this.#later(() => {
      this.texts.push(text);
      const message = parseClientMessage(text);
      if (message.type === 'announce') this.#announced(socket, message);
      if (message.type === 'signal') this.#signalled(socket, message);
      if (message.type === 'search') this.#searched(socket, message);
      if (message.type === 'publish') this.#listed(socket, message, message);
      if (message.type === 'unpublish') this.#listed(socket, message, null);
      if (message.type === 'challenge') this.#say(socket, { type: 'challenge', challenge: CHALLENGE });
      if (message.type === 'prove') this.#say(socket, { type: 'proved', peerId: message.peerId });
      if (message.type === 'refused') this.#say(socket, errorMessage(message.code, message.message));
    });
  }

  gone(socket: MemorySocket): void {
    this.#sockets.delete(socket);
    this.#later(() => this.#forget(socket));
  }

  /** Its connection is given up, and it has a new one. */
  dropped(socket: MemorySocket): void {
    this.#later(() => this.#forget(socket));
    this.connect(socket);
  }

  /** To everybody who is connected. */
  say(text: string): void {
    for (const socket of this.#sockets) this.#later(() => socket.received(text));
  }

  /** Ends all connections; whoever was here is forgotten. Back again, all connect. */
  set away(away: boolean) {
    this.#away = away;
    if (away) this.drop();
    else for (const socket of this.#sockets) this.connect(socket);
  }

  drop(): void {
    this.#swarms.clear();
    for (const socket of [...this.#sockets]) {
      socket.lost();
      this.connect(socket);
    }
  }

  #announced(socket: MemorySocket, { swarm, peerId, event, left, want }: Announce): void {
    if (this.taken.has(peerId) && event !== 'stopped') {
      this.#say(socket, errorMessage('in-use', 'Taken.', { type: 'announce', swarm, peerId }));
      return;
    }
    const members = this.#swarms.get(swarm) ?? new Map<PeerId, Member>();
    this.#swarms.set(swarm, members);
    const isNew = !members.has(peerId);
    // Like the real one it answers a goodbye, too, with the counts that are left.
    if (event === 'stopped') this.#remove(swarm, peerId);
    else {
      const listing = members.get(peerId)?.listing ?? null;
      members.set(peerId, { socket, seed: left === 0, listing });
    }
    const others = [...members].filter(([id]) => id !== peerId);
    const complete = [...members.values()].filter(({ seed }) => seed).length;
    this.#say(socket, {
      type: 'peers',
      swarm,
      interval: 120,
      complete,
      incomplete: members.size - complete,
      downloaded: 0,
      peers: (event === 'stopped' ? [] : others.slice(0, want)).map(([id, { seed }]) => ({
        peerId: id,
        seed,
      })),
    });
    if (!isNew || event === 'stopped') return;
    for (const [, other] of others)
      this.#say(other.socket, { type: 'joined', swarm, peerId, seed: left === 0 });
  }

  #signalled(socket: MemorySocket, { swarm, from, to, payload }: Signal): void {
    const member = this.#swarms.get(swarm)?.get(to);
    if (member !== undefined) return this.#say(member.socket, { type: 'signal', swarm, from, payload });
    const about = { type: 'signal', swarm, peerId: to };
    this.#say(socket, errorMessage('no-such-peer', 'Nobody of that id is in that swarm.', about));
  }

  #refuses(socket: MemorySocket, message: Search | Publish): boolean {
    const { type } = message;
    const code = this.refusing.get(type);
    if (code === undefined) return false;
    const whose = 'swarm' in message ? { swarm: message.swarm, peerId: message.peerId } : {};
    if (code !== null) this.#say(socket, errorMessage(code, 'Refused.', { type, ...whose }));
    return true;
  }

  #listed(socket: MemorySocket, message: Publish | Unpublish, listing: Publish | null): void {
    const { type, swarm, peerId } = message;
    if (message.type === 'publish' && this.#refuses(socket, message)) return;
    const member = this.#swarms.get(swarm)?.get(peerId);
    if (member?.socket !== socket) {
      return this.#say(socket, errorMessage('forbidden', 'No member.', { type, swarm, peerId }));
    }
    member.listing = listing;
    this.#say(socket, { type: 'published', swarm });
  }

  #searched(socket: MemorySocket, message: Search): void {
    if (this.#refuses(socket, message)) return;
    const { query, offset, limit } = message;
    const found = this.#listings().filter(
      ({ name, infoHash }) => infoHash === query || name.toLowerCase().includes(query.toLowerCase()),
    );
    const results = found.slice(offset, offset + limit);
    this.#say(socket, { type: 'results', query, total: found.length, results });
  }

  #listings(): SearchResult[] {
    return [...this.#swarms.values()].flatMap((members) => {
      const all = [...members.values()];
      const listing = all.find((member) => member.listing !== null)?.listing ?? null;
      if (listing === null) return [];
      const { infoHash, name, size, files, comment } = listing;
      const complete = all.filter(({ seed }) => seed).length;
      const facts = { infoHash, name, size, files, ...(comment === undefined ? {} : { comment }) };
      return [{ ...facts, complete, incomplete: all.length - complete }];
    });
  }

  #remove(swarm: SwarmId, peerId: PeerId): void {
    const members = this.#swarms.get(swarm);
    if (members?.delete(peerId) !== true) return;
    for (const { socket } of members.values()) this.#say(socket, { type: 'left', swarm, peerId });
  }

  #forget(socket: MemorySocket): void {
    for (const [swarm, members] of this.#swarms) {
      for (const [peerId, member] of [...members]) if (member.socket === socket) this.#remove(swarm, peerId);
    }
  }

  #say(socket: MemorySocket, message: ServerMessage): void {
    this.#later(() => socket.received(serverText(message)));
  }

  #later(run: () => void): void {
    this.#clock.after(this.#latency, run);
  }
}
