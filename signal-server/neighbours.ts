/**
 * The other server processes that share the registry: pushes, signals and listings that come from them, questions
 * to them, and what happens when one of them is gone. Alone, nothing here is ever called.
 */
import { unreachable } from '../shared/assert.ts';
import type { PeerId, SwarmId } from '../shared/ids.ts';
import { IN_USE_PING_MS } from '../shared/tracker/limits.ts';
import { serverText } from '../shared/tracker/messages.ts';
import { errorText } from './answers.ts';
import type { Bus, BusMessage } from './bus.ts';
import type { Member } from './client-socket.ts';
import type { Directory, Listing } from './directory.ts';
import type { Membership } from './membership.ts';
import type { InstanceId } from './swarms.ts';

/** Longer than the ping that the other process waits for. */
const ANSWER_WITHIN_MS = IN_USE_PING_MS + 1_000;

/** Listings that are on their way to another process at once. */
const LISTED_AT_ONCE = 200;
/** What becomes of the members whose sockets are here, and what is known of those. */
export interface Holders {
  /** The socket of this member does not answer. */
  died(member: Member): void;
  /** [TR4] Its id was proved on a socket of another process. */
  displaced(member: Member): void;
  isProved(member: Member): boolean;
}

export class Neighbours {
  readonly #instance: InstanceId;
  readonly #bus: Bus;
  readonly #directory: Directory | null;
  readonly #members: Membership;
  readonly #holders: Holders;
  readonly #asked = new Map<number, (alive: boolean) => void>();
  /** To whom all listings are being told. */
  readonly #listings = new Map<InstanceId, object>();
  #known = new Set<InstanceId>();
  #questions = 0;

  constructor(
    instance: InstanceId,
    bus: Bus,
    directory: Directory | null,
    members: Membership,
    holders: Holders,
  ) {
    this.#instance = instance;
    this.#bus = bus;
    this.#directory = directory;
    this.#members = members;
    this.#holders = holders;
    bus.listen((from, message) => this.#received(from, message));
  }

  /** The instances that are alive now, ourselves not among them. */
  alive(instances: readonly InstanceId[]): void {
    const now = new Set(instances);
    for (const gone of this.#known) {
      if (now.has(gone)) continue;
      this.#members.instanceLost(gone);
      this.#directory?.instanceLost(gone);
    }
    for (const fresh of now) if (!this.#known.has(fresh)) this.#tell(fresh, { kind: 'list-all' });
    this.#known = now;
  }

  /** We were cut off from the others and are not any more: what they listed meanwhile is asked for again. */
  reunited(instances: readonly InstanceId[]): void {
    for (const instance of instances) this.#directory?.instanceLost(instance);
    const known = this.#known;
    this.alive(instances);
    for (const instance of instances) if (known.has(instance)) this.#tell(instance, { kind: 'list-all' });
    for (const instance of instances) void this.#listAll(instance);
  }

  listed(swarm: SwarmId, peerId: PeerId, listing: Listing): void {
    for (const instance of this.#known) this.#tell(instance, { kind: 'listed', swarm, peerId, listing });
  }

  unlisted(swarm: SwarmId, peerId: PeerId): void {
    for (const instance of this.#known) this.#tell(instance, { kind: 'unlisted', swarm, peerId });
  }

  /** Whether the other process still has the member on a socket that answers. False when it does not say. */
  async stillHeld(by: InstanceId, swarm: SwarmId, peerId: PeerId): Promise<boolean> {
    const question = ++this.#questions;
    const answer = new Promise<boolean>((resolve) => {
      const settle = (alive: boolean) => {
        clearTimeout(timer);
        this.#asked.delete(question);
        resolve(alive);
      };
      const timer = setTimeout(settle, ANSWER_WITHIN_MS, false);
      this.#asked.set(question, settle);
    });
    const reached = await this.#bus.send(by, { kind: 'still-held', swarm, peerId, question });
    if (!reached) this.#asked.get(question)?.(false);
    return answer;
  }

  /** [TR4] Our member proved its id: whoever announced it there without a proof is that peer no more. */
  taken(from: InstanceId, swarm: SwarmId, peerId: PeerId): void {
    this.#tell(from, { kind: 'taken', swarm, peerId });
  }

  #taken(swarm: SwarmId, peerId: PeerId): void {
    const member = this.#members.find(swarm, peerId);
    if (member) this.#holders.displaced(member);
  }

  /** One that started after our last look speaks to us before we look again. */
  #met(instance: InstanceId): void {
    if (this.#known.has(instance)) return;
    this.#known.add(instance);
    this.#tell(instance, { kind: 'list-all' });
  }

  #tell(instance: InstanceId, message: BusMessage): void {
    void this.#bus.send(instance, message);
  }

  #received(from: InstanceId, message: BusMessage): void {
    this.#met(from);
    switch (message.kind) {
      case 'joined':
        return this.#members.joinedElsewhere(from, message);
      case 'left':
        return this.#members.leftElsewhere(from, message);
      case 'signal':
        return this.#signalled(from, message);
      case 'undelivered':
        return this.#undelivered(message.swarm, message.from, message.to);
      case 'still-held':
        return void this.#answer(from, message);
      case 'held':
        return this.#asked.get(message.question)?.(message.alive);
      case 'taken':
        return this.#taken(message.swarm, message.peerId);
      case 'listed':
        return this.#listed(from, message.swarm, message.peerId, message.listing);
      case 'unlisted':
        return void this.#directory?.unpublish(message.swarm, message.peerId);
      case 'list-all':
        return void this.#listAll(from);
      default:
        return unreachable(message);
    }
  }

  #signalled(instance: InstanceId, { swarm, from, to, payload }: BusMessage & { kind: 'signal' }): void {
    const receiver = this.#members.find(swarm, to);
    if (receiver) receiver.socket.send(serverText({ type: 'signal', swarm, from, payload }));
    else this.#tell(instance, { kind: 'undelivered', swarm, from, to });
  }

  #undelivered(swarm: SwarmId, from: PeerId, to: PeerId): void {
    this.#members.find(swarm, from)?.socket.send(noSuchPeer(swarm, to));
  }

  async #answer(
    from: InstanceId,
    { swarm, peerId, question }: BusMessage & { kind: 'still-held' },
  ): Promise<void> {
    const member = this.#members.find(swarm, peerId);
    const isProved = member !== null && this.#holders.isProved(member);
    const alive = isProved || (member !== null && (await member.socket.answersPing(IN_USE_PING_MS)));
    if (member && !alive) this.#holders.died(member);
    this.#tell(from, { kind: 'held', question, alive });
  }

  #listed(from: InstanceId, swarm: SwarmId, peerId: PeerId, listing: Listing): void {
    this.#directory?.publish(swarm, { peerId, instance: from, addressKey: '' }, listing);
  }

  /** Tells another process all that was listed here, some at a time. Asked again meanwhile, it begins anew. */
  async #listAll(to: InstanceId): Promise<void> {
    if (!this.#directory) return;
    const listing = this.#directory.published(this.#instance);
    this.#listings.set(to, listing);
    let told = 0;
    for (const { swarm, entry } of listing) {
      const { listing: what, publisher } = entry;
      const reached = this.#bus.send(to, { kind: 'listed', swarm, peerId: publisher.peerId, listing: what });
      told += 1;
      if (told % LISTED_AT_ONCE === 0) await reached;
      if (this.#listings.get(to) !== listing) return;
    }
    this.#listings.delete(to);
  }
}

export function noSuchPeer(swarm: SwarmId, to: PeerId): string {
  return errorText('no-such-peer', 'Nobody of that id is in that swarm.', {
    type: 'signal',
    swarm,
    peerId: to,
  });
}
