/**
 * The directory of public shares ([TR8]): what sharers chose to list, searchable by part of the name or by
 * info-hash. A listing lives while the member that published it does. Knows no socket and no counts: whoever
 * searches brings the swarms' counts.
 *
 * Owner of the bounds: no publisher, no address and not everybody together can list more than fits.
 */
import { isHexId } from '../shared/ids.ts';
import type { PeerId, SwarmId } from '../shared/ids.ts';
import type { Publish, SearchResult, SwarmCounts } from '../shared/tracker/messages.ts';
import type { InstanceId } from './swarms.ts';
import type { MaybePromise } from './when-ready.ts';

export type Listing = Pick<Publish, 'infoHash' | 'name' | 'size' | 'files' | 'comment'>;

export interface Publisher {
  readonly peerId: PeerId;
  readonly instance: InstanceId;
  /** Limits count by it; empty for a publisher on another instance, which has counted already. */
  readonly addressKey: string;
}

export interface DirectoryBounds {
  readonly listings: number;
  readonly perAddress: number;
  readonly perPeer: number;
}

export const DIRECTORY_BOUNDS: DirectoryBounds = { listings: 50_000, perAddress: 1_000, perPeer: 100 };
/** Matches that are ranked by their seeds; of more, those listed longest. */
export const MAX_RANKED = 2_000;

interface Entry {
  readonly listing: Listing;
  readonly folded: string;
  readonly publisher: Publisher;
}

type Counter = (swarms: readonly SwarmId[]) => MaybePromise<readonly SwarmCounts[]>;

export class Directory {
  /** Of several publishers of a swarm the one that published first speaks for it. */
  readonly #swarms = new Map<SwarmId, Map<PeerId, Entry>>();
  readonly #byPeer = new Map<string, number>();
  readonly #byAddress = new Map<string, number>();
  readonly #bounds: DirectoryBounds;
  #size = 0;

  constructor(bounds: DirectoryBounds = DIRECTORY_BOUNDS) {
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#size;
  }

  publish(swarm: SwarmId, publisher: Publisher, listing: Listing): 'published' | 'full' {
    const publishers = this.#swarms.get(swarm);
    const fresh = !publishers?.has(publisher.peerId);
    if (fresh && !this.#fits(publisher)) return 'full';
    const entry = { listing, folded: fold(listing.name), publisher };
    if (publishers) publishers.set(publisher.peerId, entry);
    else this.#swarms.set(swarm, new Map([[publisher.peerId, entry]]));
    if (fresh) this.#count(publisher, 1);
    return 'published';
  }

  /** Harmless when nothing is listed. Says whether something was. */
  unpublish(swarm: SwarmId, peerId: PeerId): boolean {
    const publishers = this.#swarms.get(swarm);
    const entry = publishers?.get(peerId);
    if (!publishers || !entry) return false;
    publishers.delete(peerId);
    if (publishers.size === 0) this.#swarms.delete(swarm);
    this.#count(entry.publisher, -1);
    return true;
  }

  instanceLost(instance: InstanceId): void {
    for (const { swarm, entry } of [...this.published(instance)])
      this.unpublish(swarm, entry.publisher.peerId);
  }

  /** Everything that was published through one instance. */
  *published(instance: InstanceId): Generator<{ swarm: SwarmId; entry: Entry }> {
    for (const [swarm, publishers] of this.#swarms) {
      for (const entry of publishers.values())
        if (entry.publisher.instance === instance) yield { swarm, entry };
    }
  }

  /** One page of what matches, most seeds first. An empty query matches everything. */
  async search(
    query: string,
    offset: number,
    limit: number,
    counter: Counter,
  ): Promise<{ total: number; results: SearchResult[] }> {
    const matches = this.#matches(query);
    const ranked = matches.slice(0, MAX_RANKED);
    const counts = await counter(ranked.map(({ swarm }) => swarm));
    const results = ranked
      .map(({ entry }, at) => ({
        ...entry.listing,
        complete: counts[at]?.complete ?? 0,
        incomplete: counts[at]?.incomplete ?? 0,
      }))
      .sort(bySeeds);
    return { total: matches.length, results: results.slice(offset, offset + limit) };
  }

  #matches(query: string): { swarm: SwarmId; entry: Entry }[] {
    const wanted = fold(query.trim());
    const byId = isHexId(wanted);
    const found: { swarm: SwarmId; entry: Entry }[] = [];
    for (const [swarm, publishers] of this.#swarms) {
      for (const entry of publishers.values()) {
        if (entry.folded.includes(wanted) || (byId && entry.listing.infoHash === wanted))
          found.push({ swarm, entry });
        break;
      }
    }
    return found;
  }

  #fits({ peerId, addressKey }: Publisher): boolean {
    if (this.#size >= this.#bounds.listings) return false;
    if ((this.#byPeer.get(peerId) ?? 0) >= this.#bounds.perPeer) return false;
    return addressKey === '' || (this.#byAddress.get(addressKey) ?? 0) < this.#bounds.perAddress;
  }

  #count({ peerId, addressKey }: Publisher, by: 1 | -1): void {
    this.#size += by;
    add(this.#byPeer, peerId, by);
    if (addressKey !== '') add(this.#byAddress, addressKey, by);
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}

/** Upper and lower case, and ways of writing the same character, make no difference to a search. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function bySeeds(a: SearchResult, b: SearchResult): number {
  return (
    b.complete - a.complete ||
    b.incomplete - a.incomplete ||
    compare(a.name, b.name) ||
    compare(a.infoHash, b.infoHash)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
