/**
 * The directory of public shares ([TR8]): what sharers chose to list, searchable by part of the name or by
 * info-hash. A listing lives while the member that published it does. Knows no socket and no counts: whoever
 * searches brings the swarms' counts.
 *
 * Owner of the bounds: no publisher, no address and not everybody together can list more than fits, and a search
 * looks at no more than name-index.ts allows, whatever is listed.
 */
import { infoHash } from '../shared/ids.ts';
import type { InfoHash, PeerId, SwarmId } from '../shared/ids.ts';
import type { Publish, SearchResult, SwarmCounts } from '../shared/tracker/messages.ts';
import { firstOf } from './first-of.ts';
import { MAX_LOOKS, NameIndex } from './name-index.ts';
import { NOBODY } from './swarms.ts';
import type { InstanceId, Registry } from './swarms.ts';
import { tally } from './tally.ts';

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

interface Entry {
  readonly listing: Listing;
  readonly publisher: Publisher;
}

/** A share: of several publishers the one that published first speaks for it. */
interface Share {
  readonly swarm: SwarmId;
  readonly publishers: Map<PeerId, Entry>;
  spoken: Listing;
  /** By which the index gives its name back. */
  number: number;
}

interface Ranked {
  readonly share: Share;
  readonly counts: SwarmCounts;
}

/** Where the counts come from: at once for the order of what was found, of the moment for the page that is shown. */
export type Counter = Pick<Registry, 'glance' | 'scrape'>;

export class Directory {
  readonly #shares = new Map<SwarmId, Share>();
  readonly #names = new NameIndex<Share>();
  readonly #byHash = new Map<InfoHash, Set<Share>>();
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
    const share = this.#shares.get(swarm);
    const fresh = !share?.publishers.has(publisher.peerId);
    if (fresh && !this.#fits(publisher)) return 'full';
    const entry = { listing, publisher };
    if (share) {
      share.publishers.set(publisher.peerId, entry);
      this.#speakerOf(share);
    } else {
      this.#enter(swarm, entry);
    }
    if (fresh) this.#count(publisher, 1);
    return 'published';
  }

  /** Harmless when nothing is listed. Says whether something was. */
  unpublish(swarm: SwarmId, peerId: PeerId): boolean {
    const share = this.#shares.get(swarm);
    const entry = share?.publishers.get(peerId);
    if (!share || !entry) return false;
    share.publishers.delete(peerId);
    if (share.publishers.size > 0) this.#speakerOf(share);
    else {
      this.#shares.delete(swarm);
      this.#unnamed(share);
    }
    this.#count(entry.publisher, -1);
    return true;
  }

  instanceLost(instance: InstanceId): void {
    for (const { swarm, entry } of [...this.published(instance)])
      this.unpublish(swarm, entry.publisher.peerId);
  }

  /** Everything that was published through one instance. */
  *published(instance: InstanceId): Generator<{ swarm: SwarmId; entry: Entry }> {
    for (const [swarm, { publishers }] of this.#shares) {
      for (const entry of publishers.values())
        if (entry.publisher.instance === instance) yield { swarm, entry };
    }
  }

  /** The swarms of all shares. What comes while somebody goes through them is among them. */
  swarms(): Iterator<SwarmId> {
    return this.#shares.keys();
  }

  /** One page of what matches, most seeds first. An empty query matches everything. */
  async search(
    query: string,
    offset: number,
    limit: number,
    counter: Counter,
  ): Promise<{ total: number; results: SearchResult[] }> {
    const found = this.#matches(query).map((share): Ranked => ({
      share,
      counts: counter.glance(share.swarm),
    }));
    const page = firstOf(found, offset + limit, bySeeds).slice(offset);
    const counts = await counter.scrape(page.map(({ share }) => share.swarm));
    const shown = page
      .map(({ share }, at): Ranked => ({ share, counts: counts[at] ?? NOBODY }))
      .sort(bySeeds);
    return { total: found.length, results: shown.map(resultOf) };
  }

  #matches(query: string): Share[] {
    const wanted = fold(query.trim());
    const hash = infoHash(wanted);
    const named = this.#names.find(wanted);
    const hashed = hash === null ? [] : [...(this.#byHash.get(hash) ?? [])];
    return hashed.length === 0 ? named : [...new Set([...hashed, ...named])].slice(0, MAX_LOOKS);
  }

  #enter(swarm: SwarmId, entry: Entry): void {
    const { listing, publisher } = entry;
    const share: Share = {
      swarm,
      publishers: new Map([[publisher.peerId, entry]]),
      spoken: listing,
      number: 0,
    };
    this.#shares.set(swarm, share);
    this.#named(share);
  }

  /** Who speaks for the share may be another one than before, or say something else. */
  #speakerOf(share: Share): void {
    const [first] = share.publishers.values();
    if (!first || first.listing === share.spoken) return;
    this.#unnamed(share);
    share.spoken = first.listing;
    this.#named(share);
  }

  #named(share: Share): void {
    share.number = this.#names.add(fold(share.spoken.name), share);
    const alike = this.#byHash.get(share.spoken.infoHash);
    if (alike) alike.add(share);
    else this.#byHash.set(share.spoken.infoHash, new Set([share]));
  }

  #unnamed(share: Share): void {
    this.#names.remove(share.number);
    const alike = this.#byHash.get(share.spoken.infoHash);
    alike?.delete(share);
    if (alike?.size === 0) this.#byHash.delete(share.spoken.infoHash);
  }

  #fits({ peerId, addressKey }: Publisher): boolean {
    if (this.#size >= this.#bounds.listings) return false;
    if ((this.#byPeer.get(peerId) ?? 0) >= this.#bounds.perPeer) return false;
    return addressKey === '' || (this.#byAddress.get(addressKey) ?? 0) < this.#bounds.perAddress;
  }

  #count({ peerId, addressKey }: Publisher, by: 1 | -1): void {
    this.#size += by;
    tally(this.#byPeer, peerId, by);
    if (addressKey !== '') tally(this.#byAddress, addressKey, by);
  }
}

/** Upper and lower case, and ways of writing the same character, make no difference to a search. */
function fold(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

function resultOf({ share, counts: { complete, incomplete } }: Ranked): SearchResult {
  return { ...share.spoken, complete, incomplete };
}

function bySeeds(a: Ranked, b: Ranked): number {
  return (
    b.counts.complete - a.counts.complete ||
    b.counts.incomplete - a.counts.incomplete ||
    compare(a.share.spoken.name, b.share.spoken.name) ||
    compare(a.share.spoken.infoHash, b.share.spoken.infoHash)
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
