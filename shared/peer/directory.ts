/**
 * The directory of public shares, from a peer's side ([PN13] [LB18]): what is asked of it, and what it lists of ours. Puts
 * the two together and tells each what the tracker says to it. Knows no socket and no machine.
 */
import type { InfoHash } from '../ids.ts';
import { Listings } from './listings.ts';
import type { ListingsHost } from './listings.ts';
import type { Clock } from './ports.ts';
import { Searches } from './searches.ts';
import type { OpenShare } from './teller.ts';
import type { DirectoryAnswer, DirectoryTracker, TrackerAnnounce } from './tracker-client.ts';
import type { ListOutcome, SearchOutcome, SearchRequest } from './verbs.ts';

export class Directory {
  readonly #searches: Searches;
  readonly #listings: Listings;

  constructor(clock: Clock, tracker: DirectoryTracker, host: ListingsHost) {
    this.#searches = new Searches(clock, tracker);
    this.#listings = new Listings(clock, tracker, host);
  }

  /** Always settles. */
  search(request: SearchRequest): Promise<SearchOutcome> {
    return this.#searches.search(request);
  }

  /** Whether others find a share of one's own by its name; kept over restarts. */
  list(infoHash: InfoHash, wanted: boolean): Promise<ListOutcome> {
    return this.#listings.list(infoHash, wanted);
  }

  // What happens

  began(share: OpenShare): void {
    void this.#listings.began(share);
  }

  /** The tracker can be asked (again). */
  opened(): void {
    this.#searches.opened();
  }

  lost(): void {
    this.#searches.lost();
    this.#listings.lost();
  }

  announced(announce: Pick<TrackerAnnounce, 'swarm' | 'event'>): void {
    this.#listings.announced(announce);
  }

  answered(answer: DirectoryAnswer): void {
    if (answer.type === 'results') return this.#searches.answered(answer);
    if (answer.type === 'published') return this.#listings.published(answer.swarm);
    const { code, about = {} } = answer;
    if (about.type === 'search') this.#searches.refused(code);
    else this.#listings.refused(code, about);
  }
}
