/**
 * The members whose sockets this process holds: who holds which peer id ([TR4]), who was told of whom ([TR5]), and
 * the pushes that follow. Owner of the invariants: a peer id is held by one socket at a time; a member stands in
 * its socket's `members` exactly while it is found here; acquaintances held here know each other both ways.
 */
import type { PeerId, SwarmId } from '../shared/ids.ts';
import { joinedText, leftText } from './answers.ts';
import { MAX_BUS_RECIPIENTS } from './bus.ts';
import type { Bus, BusMessage } from './bus.ts';
import type { ClientSocket, Member } from './client-socket.ts';
import { Crowd } from './crowd.ts';
import type { Departure, InstanceId, NamedMember } from './swarms.ts';

/** Acquaintances kept of one member; of more, the oldest are forgotten and hear nothing when it leaves. */
export const MAX_ACQUAINTED = 512;

export interface Holder {
  readonly socket: ClientSocket;
  readonly members: Map<SwarmId, Member>;
}

export class Membership {
  readonly crowd = new Crowd();
  readonly #held = new Map<PeerId, Holder>();
  readonly #instance: InstanceId;
  readonly #bus: Bus;

  constructor(instance: InstanceId, bus: Bus) {
    this.#instance = instance;
    this.#bus = bus;
  }

  holderOf(peerId: PeerId): Holder | null {
    return this.#held.get(peerId) ?? null;
  }

  find(swarm: SwarmId, peerId: PeerId): Member | null {
    return this.#held.get(peerId)?.members.get(swarm) ?? null;
  }

  /** The caller made sure that no other socket holds the peer id. */
  enter(socket: ClientSocket, swarm: SwarmId, peerId: PeerId, seed: boolean): Member {
    let holder = this.#held.get(peerId);
    if (!holder) {
      holder = { socket, members: new Map() };
      this.#held.set(peerId, holder);
    }
    const member: Member = { swarm, peerId, socket, seed, acquainted: new Map() };
    holder.members.set(swarm, member);
    socket.members.add(member);
    this.crowd.entered(member);
    return member;
  }

  /** Forgets a member and tells everybody who was told of it. */
  leave(member: Member): void {
    this.#forget(member);
    const text = leftText(member.swarm, member.peerId);
    const elsewhere = new Map<InstanceId, PeerId[]>();
    for (const [peerId, instance] of member.acquainted) {
      if (instance === this.#instance) this.#tellLeft(member, instance, peerId, text);
      else push(elsewhere, instance, peerId);
    }
    const { swarm, peerId } = member;
    this.#publish(elsewhere, (to) => ({ kind: 'left', swarm, peerId, to }));
  }

  /** The member was answered with these names: each of them is told of it, and both remember. */
  introduce(member: Member, named: readonly NamedMember[]): void {
    if (named.length === 0) return;
    const { swarm, peerId, seed } = member;
    const text = joinedText(swarm, peerId, seed);
    let elsewhere: Map<InstanceId, PeerId[]> | null = null;
    for (const other of named) {
      if (other.instance !== this.#instance) {
        this.#acquaint(member, other.peerId, other.instance);
        elsewhere ??= new Map<InstanceId, PeerId[]>();
        push(elsewhere, other.instance, other.peerId);
        continue;
      }
      const known = this.find(swarm, other.peerId);
      if (!known) continue;
      this.#acquaint(member, known.peerId, this.#instance);
      this.#acquaint(known, peerId, this.#instance);
      known.socket.send(text, true);
    }
    if (elsewhere) this.#publish(elsewhere, (to) => ({ kind: 'joined', swarm, peerId, seed, to }));
  }

  /** Another process pushed a join to members of ours. */
  joinedElsewhere(from: InstanceId, message: BusMessage & { kind: 'joined' }): void {
    const text = joinedText(message.swarm, message.peerId, message.seed);
    for (const to of message.to) {
      const member = this.find(message.swarm, to);
      if (!member) continue;
      this.#acquaint(member, message.peerId, from);
      member.socket.send(text);
    }
  }

  leftElsewhere(from: InstanceId, message: BusMessage & { kind: 'left' }): void {
    const text = leftText(message.swarm, message.peerId);
    for (const to of message.to) this.#tellLeft(message, from, to, text);
  }

  /** A process is gone with all its sockets: every member of ours that knew one of its members hears `left`. */
  instanceLost(instance: InstanceId): void {
    for (const holder of this.#held.values()) {
      for (const member of holder.members.values()) {
        for (const [peerId, where] of member.acquainted) {
          if (where !== instance) continue;
          const gone = { swarm: member.swarm, peerId };
          this.#tellLeft(gone, instance, member.peerId, leftText(gone.swarm, peerId));
        }
      }
    }
  }

  /** `from` where it was: who was told meanwhile that it is somewhere else ([TR4]) knows better. */
  #tellLeft({ swarm, peerId }: Departure, from: InstanceId, to: PeerId, text: string): void {
    const member = this.find(swarm, to);
    if (member?.acquainted.get(peerId) !== from) return;
    member.acquainted.delete(peerId);
    member.socket.send(text);
  }

  #acquaint(member: Member, peerId: PeerId, instance: InstanceId): void {
    const { acquainted } = member;
    const known = acquainted.get(peerId);
    if (known === instance) return;
    acquainted.set(peerId, instance);
    if (known !== undefined || acquainted.size <= MAX_ACQUAINTED) return;
    for (const oldest of acquainted.keys()) {
      acquainted.delete(oldest);
      this.find(member.swarm, oldest)?.acquainted.delete(member.peerId);
      break;
    }
  }

  #forget(member: Member): void {
    member.socket.members.delete(member);
    this.crowd.left(member);
    const holder = this.#held.get(member.peerId);
    holder?.members.delete(member.swarm);
    if (holder?.members.size === 0) this.#held.delete(member.peerId);
  }

  #publish(elsewhere: Map<InstanceId, PeerId[]>, message: (to: PeerId[]) => BusMessage): void {
    for (const [instance, peers] of elsewhere) {
      for (let from = 0; from < peers.length; from += MAX_BUS_RECIPIENTS) {
        void this.#bus.send(instance, message(peers.slice(from, from + MAX_BUS_RECIPIENTS)));
      }
    }
  }
}

function push(lists: Map<InstanceId, PeerId[]>, instance: InstanceId, peerId: PeerId): void {
  const list = lists.get(instance);
  if (list) list.push(peerId);
  else lists.set(instance, [peerId]);
}
