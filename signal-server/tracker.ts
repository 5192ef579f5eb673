/**
 * What the tracker does with each message ([TR3] to [TR8], [ID3], [TR10]). Between the socket (which reads, limits and orders the
 * messages) and the registry (which knows swarms): knows members and sockets, no HTTP, no `ws`, no Redis.
 *
 * A message is handled at once where the registry answers at once; else the returned promise settles when it is
 * done, and the socket sends the next message only then ([SV4]).
 */
import { unreachable } from '../shared/assert.ts';
import type { InfoHash, PeerId, SwarmId } from '../shared/ids.ts';
import { IN_USE_PING_MS, MAX_MEMBERS_PER_SOCKET } from '../shared/tracker/limits.ts';
import { serverText } from '../shared/tracker/messages.ts';
import type {
  Announce,
  ClientMessage,
  ErrorCode,
  Prove,
  Publish,
  Scrape,
  Search,
  Signal,
  SwarmCounts,
  Unpublish,
} from '../shared/tracker/messages.ts';
import { errorText, peersText, resultsText } from './answers.ts';
import type { ClientSocket, Member } from './client-socket.ts';
import { crowdBounds } from './crowd.ts';
import type { CrowdBounds } from './crowd.ts';
import type { Directory } from './directory.ts';
import { Membership } from './membership.ts';
import type { Holder } from './membership.ts';
import { Neighbours, noSuchPeer } from './neighbours.ts';
import type { Bus } from './bus.ts';
import { Proofs } from './proofs.ts';
import { NOBODY } from './swarms.ts';
import type { InstanceId, Registry, Welcome } from './swarms.ts';
import { whenReady } from './when-ready.ts';
import type { MaybePromise } from './when-ready.ts';

export interface TrackerParts {
  readonly registry: Registry;
  readonly bus: Bus;
  /** Null: the operator switched it off. */
  readonly directory: Directory | null;
  /** Left out: the defaults. */
  readonly crowd?: CrowdBounds;
}

/** So few pushes cost less than a write to the network of its own. */
const FEW_PUSHES = 4;

export class Tracker {
  readonly #registry: Registry;
  readonly #bus: Bus;
  readonly #directory: Directory | null;
  readonly #members: Membership;
  readonly #proofs = new Proofs();
  readonly #crowd: CrowdBounds;
  readonly neighbours: Neighbours;

  constructor({ registry, bus, directory, crowd }: TrackerParts) {
    this.#crowd = crowd ?? crowdBounds(1);
    this.#registry = registry;
    this.#bus = bus;
    this.#directory = directory;
    this.#members = new Membership(registry.instance, bus);
    this.neighbours = new Neighbours(registry.instance, bus, directory, this.#members, {
      died: (member) => this.#holderDied(member.socket),
      displaced: (member) => this.#displace(member),
      isProved: ({ socket, peerId }) => this.#proofs.isProved(socket, peerId),
    });
  }

  handle(socket: ClientSocket, message: ClientMessage): MaybePromise<void> {
    switch (message.type) {
      case 'announce':
        return this.#announce(socket, message);
      case 'signal':
        return this.#signal(socket, message);
      case 'scrape':
        return this.#scrape(socket, message);
      case 'publish':
        return this.#publish(socket, message);
      case 'unpublish':
        return this.#unpublish(socket, message);
      case 'search':
        return this.#search(socket, message);
      case 'challenge':
        return socket.send(serverText({ type: 'challenge', challenge: this.#proofs.challengeOf(socket) }));
      case 'prove':
        return this.#prove(socket, message);
      default:
        return unreachable(message);
    }
  }

  /** The socket is gone: so are its members, and everybody who was told of them hears it. */
  socketClosed(socket: ClientSocket): void {
    for (const member of [...socket.members]) this.#depart(member);
  }

  /** Takes out whoever has not announced for too long. Due at least every second. */
  expire(): void {
    for (const { swarm, peerId } of this.#registry.expire()) {
      const member = this.#members.find(swarm, peerId);
      if (member) this.#forget(member);
    }
  }

  async scrape(swarms: readonly SwarmId[]): Promise<Record<string, SwarmCounts>> {
    this.expire();
    const counts = await this.#registry.scrape(swarms);
    return Object.fromEntries(swarms.flatMap((id, at) => (counts[at] ? [[id, counts[at]]] : [])));
  }

  #announce(socket: ClientSocket, message: Announce): MaybePromise<void> {
    this.expire();
    if (message.event === 'stopped') return this.#stop(socket, message);
    const { swarm, peerId } = message;
    const holder = this.#members.holderOf(peerId);
    if (holder && holder.socket !== socket) return this.#contend(socket, holder, message);
    const known = holder?.members.get(swarm);
    if (!known && !this.#hasRoom(socket, message)) return;
    const member = known ?? this.#members.enter(socket, swarm, peerId, false);
    member.seed = message.left === 0;
    return this.#register(member, message, false);
  }

  /** Whether one more member may be announced on this socket; says so where it may not. */
  #hasRoom(socket: ClientSocket, message: Announce): boolean {
    if (socket.members.size >= MAX_MEMBERS_PER_SOCKET) {
      const most = `One socket announces at most ${MAX_MEMBERS_PER_SOCKET} members.`;
      refuse(socket, 'too-many-swarms', most, message);
      return false;
    }
    const room = this.#members.crowd.fits(socket, message.swarm, this.#crowd);
    if (room === 'fits') return true;
    const whose = room === 'socket' ? 'connection' : 'address';
    refuse(socket, 'too-many-peers', `This ${whose} has enough peers in this swarm.`, message);
    return false;
  }

  #register(member: Member, message: Announce, takeOver: boolean): MaybePromise<void> {
    const welcome = this.#registry.announce({
      swarm: member.swarm,
      peerId: member.peerId,
      seed: member.seed,
      completed: message.event === 'completed',
      want: message.want,
      takeOver,
    });
    return whenReady(welcome, (ready) => this.#welcome(member, message, ready));
  }

  #welcome(member: Member, message: Announce, welcome: Welcome): MaybePromise<void> {
    if (!member.socket.members.has(member)) {
      // It left while the registry was asked.
      if (welcome.kind === 'welcome') void this.#registry.leave(member.swarm, member.peerId);
      return;
    }
    if (welcome.kind === 'held') return this.#contendElsewhere(member, message, welcome.by);
    member.socket.send(peersText(member.swarm, welcome.counts, welcome.named), true);
    // The answer does not wait for the pushes that it causes.
    if (welcome.named.length > FEW_PUSHES) member.socket.flush();
    this.#members.introduce(member, welcome.named);
  }

  /** [TR4] The id is announced on another socket of ours. A proof outweighs what has none; the newer of two holds. */
  #contend(socket: ClientSocket, holder: Holder, message: Announce): MaybePromise<void> {
    const { peerId } = message;
    if (this.#proofs.isProved(socket, peerId)) {
      for (const member of [...holder.members.values()]) this.#displace(member);
      return this.#announce(socket, message);
    }
    if (this.#proofs.isProved(holder.socket, peerId)) return inUse(socket, message);
    return this.#contendUnproved(socket, holder.socket, message);
  }

  /** [TR4] Neither proved it: is the one that came first alive? */
  async #contendUnproved(socket: ClientSocket, holder: ClientSocket, message: Announce): Promise<void> {
    const alive = await holder.answersPing(IN_USE_PING_MS);
    if (socket.closed) return;
    if (alive && this.#members.holderOf(message.peerId)?.socket === holder) {
      inUse(socket, message);
      return;
    }
    if (!alive) this.#holderDied(holder);
    await this.#announce(socket, message);
  }

  /** [TR4] The id is somebody else's: whoever announced it hears so, and may call itself something else. */
  #displace(member: Member): void {
    this.#depart(member);
    inUse(member.socket, { type: 'announce', swarm: member.swarm, peerId: member.peerId });
  }

  /** [TR4] The same over instances. Our claim stands meanwhile, so that nobody here takes the id too. */
  async #contendElsewhere(member: Member, message: Announce, by: InstanceId): Promise<void> {
    if (this.#proofs.isProved(member.socket, member.peerId)) {
      this.neighbours.taken(by, member.swarm, member.peerId);
      await this.#register(member, message, true);
      return;
    }
    const alive = await this.neighbours.stillHeld(by, member.swarm, member.peerId);
    if (!member.socket.members.has(member)) return;
    if (!alive) return this.#register(member, message, true);
    this.#forget(member);
    inUse(member.socket, message);
  }

  #holderDied(holder: ClientSocket): void {
    this.socketClosed(holder);
    holder.cut();
  }

  #stop(socket: ClientSocket, { swarm, peerId }: Announce): MaybePromise<void> {
    const found = this.#members.find(swarm, peerId);
    const member = found?.socket === socket ? found : null;
    if (member) this.#forget(member);
    const counts = member ? this.#registry.leave(swarm, peerId) : this.#countsOf(swarm);
    return whenReady(counts, (ready) => socket.send(peersText(swarm, ready, [])));
  }

  #countsOf(swarm: SwarmId): MaybePromise<SwarmCounts> {
    return whenReady(this.#registry.scrape([swarm]), ([counts]) => counts ?? NOBODY);
  }

  #depart(member: Member): void {
    this.#forget(member);
    void this.#registry.leave(member.swarm, member.peerId);
  }

  #forget(member: Member): void {
    this.#members.leave(member);
    if (this.#directory?.unpublish(member.swarm, member.peerId)) {
      this.neighbours.unlisted(member.swarm, member.peerId);
    }
  }

  #signal(socket: ClientSocket, message: Signal): MaybePromise<void> {
    const { swarm, from, to, payload } = message;
    this.expire();
    if (!this.#announcedHere(socket, message, from)) return;
    const receiver = this.#members.find(swarm, to);
    if (receiver) {
      receiver.socket.send(serverText({ type: 'signal', swarm, from, payload }));
      return;
    }
    const located = this.#registry.locate(swarm, to);
    return whenReady(located, (instance) => this.#signalElsewhere(socket, message, instance));
  }

  async #signalElsewhere(
    socket: ClientSocket,
    { swarm, from, to, payload }: Signal,
    instance: InstanceId | null,
  ): Promise<void> {
    if (instance !== null && instance !== this.#registry.instance) {
      const reached = await this.#bus.send(instance, { kind: 'signal', swarm, from, to, payload });
      if (reached) return;
    }
    socket.send(noSuchPeer(swarm, to));
  }

  async #scrape(socket: ClientSocket, { swarms }: Scrape): Promise<void> {
    socket.send(serverText({ type: 'scrape', swarms: await this.scrape(swarms) }));
  }

  #publish(socket: ClientSocket, message: Publish): void {
    const directory = this.#directoryFor(socket, message);
    const { swarm, peerId } = message;
    if (!directory || !this.#announcedHere(socket, message, peerId)) return;
    const listing = listingOf(message);
    const publisher = { peerId, instance: this.#registry.instance, addressKey: socket.addressKey };
    if (directory.publish(swarm, publisher, listing) === 'full') {
      refuse(socket, 'directory-full', 'The directory takes no more shares from here.', message);
      return;
    }
    this.neighbours.listed(swarm, peerId, listing);
    socket.send(serverText({ type: 'published', swarm }));
  }

  #unpublish(socket: ClientSocket, message: Unpublish): void {
    const directory = this.#directoryFor(socket, message);
    const { swarm, peerId } = message;
    if (!directory || !this.#announcedHere(socket, message, peerId)) return;
    if (directory.unpublish(swarm, peerId)) this.neighbours.unlisted(swarm, peerId);
    socket.send(serverText({ type: 'published', swarm }));
  }

  async #search(socket: ClientSocket, message: Search): Promise<void> {
    const directory = this.#directoryFor(socket, message);
    if (!directory) return;
    this.expire();
    const { query, offset, limit } = message;
    const page = await directory.search(query, offset, limit, this.#registry);
    socket.send(resultsText(query, page.total, page.results));
  }

  async #prove(socket: ClientSocket, message: Prove): Promise<void> {
    const { peerId } = message;
    const verdict = await this.#proofs.prove(socket, message);
    if (verdict === 'proved') return socket.send(serverText({ type: 'proved', peerId }));
    const why =
      verdict === 'wrong'
        ? 'This proves no peer id on this connection.'
        : 'This connection sent too many proofs.';
    refuse(socket, 'bad-proof', why, message);
  }

  #announcedHere(socket: ClientSocket, message: Signal | Publish | Unpublish, peerId: PeerId): boolean {
    if (this.#members.find(message.swarm, peerId)?.socket === socket) return true;
    refuse(socket, 'forbidden', 'This peer id is not announced in this swarm on this socket.', {
      ...message,
      peerId,
    });
    return false;
  }

  #directoryFor(socket: ClientSocket, message: { type: string }): Directory | null {
    if (!this.#directory)
      refuse(socket, 'directory-off', 'This server keeps no directory of shares.', message);
    return this.#directory;
  }
}

function listingOf({ infoHash, name, size, files, comment }: Publish): {
  infoHash: InfoHash;
  name: string;
  size: number;
  files: number;
  comment?: string;
} {
  return { infoHash, name, size, files, ...(comment === undefined ? {} : { comment }) };
}

interface Concerned {
  readonly type: string;
  readonly swarm?: SwarmId;
  readonly peerId?: PeerId;
}

function refuse(
  socket: ClientSocket,
  code: ErrorCode,
  message: string,
  { type, swarm, peerId }: Concerned,
): void {
  socket.send(errorText(code, message, { type, ...(swarm ? { swarm } : {}), ...(peerId ? { peerId } : {}) }));
}

function inUse(socket: ClientSocket, message: Concerned): void {
  refuse(socket, 'in-use', 'This peer id is announced on another connection.', message);
}
