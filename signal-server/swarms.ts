/**
 * The contract of the registry: who is in which swarm, and how many ([TR3], [TR6]). Two implementations, memory
 * and Redis, pass the same suite (`registry.suite.ts`). A registry knows no socket: it names members by peer id
 * and by the instance (server process) that holds their socket.
 */
import type { PeerId, SwarmId } from '../shared/ids.ts';
import type { SwarmCounts } from '../shared/tracker/messages.ts';
import type { MaybePromise } from './when-ready.ts';

/** Names one server process among those that share a registry. */
export type InstanceId = string;

export interface Arrival {
  readonly swarm: SwarmId;
  readonly peerId: PeerId;
  readonly seed: boolean;
  /** The event was `completed`: counts as a download, once for each member. */
  readonly completed: boolean;
  /** How many others to name, at most. */
  readonly want: number;
  /** Take the peer id over from the instance that holds it: its holder was found dead. */
  readonly takeOver: boolean;
}

export interface NamedMember {
  readonly peerId: PeerId;
  readonly seed: boolean;
  readonly instance: InstanceId;
}

export type Welcome =
  | { readonly kind: 'welcome'; readonly counts: SwarmCounts; readonly named: readonly NamedMember[] }
  /** Another instance holds this peer id in this swarm; nothing was changed. */
  | { readonly kind: 'held'; readonly by: InstanceId };

export interface Departure {
  readonly swarm: SwarmId;
  readonly peerId: PeerId;
}

export interface Registry {
  readonly instance: InstanceId;
  /**
   * Enters or refreshes an own member, for another `MEMBER_LIFE_MS`. Names others of the swarm, chosen at random,
   * seeds and leechers in proportion, never the member itself.
   */
  announce(arrival: Arrival): MaybePromise<Welcome>;
  /** Takes an own member out; harmless when it is not there. Answers the swarm's counts after it. */
  leave(swarm: SwarmId, peerId: PeerId): MaybePromise<SwarmCounts>;
  /** Which instance holds this member; null: nobody of that id is there. */
  locate(swarm: SwarmId, peerId: PeerId): MaybePromise<InstanceId | null>;
  /** Counts in the order of `swarms`; zeros for one that nobody is in. */
  scrape(swarms: readonly SwarmId[]): MaybePromise<readonly SwarmCounts[]>;
  /** What is known of a swarm without asking anybody; zeros where nothing is. Exact where everything is here. */
  glance(swarm: SwarmId): SwarmCounts;
  /** Takes out the own members that have not announced for `MEMBER_LIFE_MS` and says who they were. */
  expire(): readonly Departure[];
  /** Own members and the swarms they are in: for the gauges. */
  totals(): { readonly swarms: number; readonly members: number };
}

export const NOBODY: SwarmCounts = { complete: 0, incomplete: 0, downloaded: 0 };

/** Milliseconds on a clock that never goes back. */
export type Clock = () => number;
