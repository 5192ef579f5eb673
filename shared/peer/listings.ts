/**
 * Which of one's own shares stand in the directory of public shares ([LB18]): what the person wants is kept in the
 * library, and published behind the announces that make this peer a member, without which nothing is listed ([TR8]).
 * Owns what is said of it in each share. Knows no socket.
 */
import type { InfoHash, SwarmId } from '../ids.ts';
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES } from '../limits.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { About } from '../tracker/messages.ts';
import { isListable, isListableComment } from '../tracker/text.ts';
import type { Keeper } from './keeper.ts';
import { LISTING_LIFE_MS } from './limits.ts';
import type { OpenShares } from './open-shares.ts';
import type { Clock } from './ports.ts';
import type { OpenShare, Teller } from './teller.ts';
import type { DirectoryAsk, DirectoryTracker, TrackerAnnounce } from './tracker-client.ts';
import type { ListingState, ListOutcome } from './verbs.ts';

export interface ListingsHost {
  readonly keeper: Pick<Keeper, 'entry' | 'listed'>;
  readonly shares: OpenShares;
  readonly teller: Pick<Teller, 'changed'>;
  /** Waits for one that is being opened; null: there is none. */
  readonly openShare: (infoHash: InfoHash) => Promise<OpenShare | null>;
}

interface Moment {
  readonly now: number;
  readonly today: number;
}

export class Listings {
  readonly #clock: Clock;
  readonly #tracker: DirectoryTracker;
  readonly #host: ListingsHost;
  /** When we were announced last in the swarms of which we are a member, as far as is known. */
  readonly #announced = new Map<SwarmId, Moment>();
  /** The person has said what they want since it was opened. */
  readonly #decided = new WeakSet<OpenShare>();

  constructor(clock: Clock, tracker: DirectoryTracker, host: ListingsHost) {
    this.#clock = clock;
    this.#tracker = tracker;
    this.#host = host;
  }

  /** A share was opened: it is listed again where it was. */
  async began(share: OpenShare): Promise<void> {
    if (share.role !== 'sharing') return;
    const entry = await this.#host.keeper.entry(share.infoHash);
    if (entry?.listed === true && !this.#decided.has(share)) this.#want(share);
  }

  async list(infoHash: InfoHash, wanted: boolean): Promise<ListOutcome> {
    const share = await this.#host.openShare(infoHash);
    if (share === null) return 'not-open';
    if (share.role !== 'sharing') return 'not-own';
    this.#decided.add(share);
    if (!wanted) this.#unwant(share);
    else if (share.listed === 'no') this.#want(share);
    await this.#host.keeper.listed(infoHash, wanted);
    return 'noted';
  }

  /** Behind each announce, on the same socket: what follows it is said by a member. */
  announced({ swarm, event }: Pick<TrackerAnnounce, 'swarm' | 'event'>): void {
    const share = this.#host.shares.bySwarm(swarm);
    if (event === 'stopped') {
      // With the member its listing is gone.
      this.#announced.delete(swarm);
      if (share !== undefined) this.#waits(share);
      return;
    }
    const isNew = event === 'started' || this.#isLate(swarm);
    this.#announced.set(swarm, this.#moment());
    if (share === undefined || share.listed === 'no') return;
    if (isNew || share.listed !== 'listed') this.#publish(share);
  }

  lost(): void {
    this.#announced.clear();
    for (const share of this.#host.shares.values()) this.#waits(share);
  }

  published(swarm: SwarmId): void {
    const share = this.#host.shares.bySwarm(swarm);
    if (share !== undefined && share.listed !== 'no' && this.#announced.has(swarm))
      this.#set(share, 'listed');
  }

  /** Asked again with the next announce. */
  refused(code: string, { type, swarm }: About): void {
    const share = swarm === undefined ? undefined : this.#host.shares.bySwarm(swarm);
    if (share === undefined || share.listed === 'no' || type !== 'publish') return;
    this.#set(share, stateOf(code));
  }

  #want(share: OpenShare): void {
    this.#set(share, 'asked');
    if (this.#announced.has(share.swarm)) this.#publish(share);
  }

  #unwant(share: OpenShare): void {
    this.#set(share, 'no');
    if (this.#announced.has(share.swarm)) this.#tracker.ask({ type: 'unpublish', swarm: share.swarm });
  }

  #publish(share: OpenShare): void {
    const { manifest } = share.driver.snapshot().engine;
    if (manifest === null || this.#host.shares.get(share.infoHash) !== share) return;
    if (isListable(manifest.name, MAX_NAME_BYTES)) this.#tracker.ask(publicationOf(share, manifest));
    else this.#set(share, 'name-not-listable');
  }

  /** It is wanted, and nobody finds it for the moment. */
  #waits(share: OpenShare): void {
    if (share.listed !== 'no' && share.listed !== 'name-not-listable') this.#set(share, 'asked');
  }

  #set(share: OpenShare, listed: ListingState): void {
    if (share.listed === listed) return;
    share.listed = listed;
    this.#host.teller.changed(share);
  }

  /** Whether the member may have been gone meanwhile. One of the two clocks may have stood still in a sleep. */
  #isLate(swarm: SwarmId): boolean {
    const last = this.#announced.get(swarm);
    if (last === undefined) return true;
    const { now, today } = this.#moment();
    return Math.max(now - last.now, today - last.today) > LISTING_LIFE_MS;
  }

  #moment(): Moment {
    return { now: this.#clock.now(), today: this.#clock.today() };
  }
}

/** A comment that would be shown otherwise than it is written is left out: it is no reason not to be found. */
function publicationOf({ swarm, infoHash }: OpenShare, manifest: Manifest): DirectoryAsk {
  const { name, totalBytes, files, comment } = manifest;
  const isShown = comment !== '' && isListableComment(comment, MAX_COMMENT_LENGTH);
  const facts = { infoHash, name, size: totalBytes, files: files.length };
  return { type: 'publish', swarm, ...facts, ...(isShown ? { comment } : {}) };
}

function stateOf(code: string): ListingState {
  switch (code) {
    case 'directory-full':
      return 'directory-full';
    case 'directory-off':
      return 'directory-off';
    case 'forbidden': // no member yet: the announce was refused, and is made again
      return 'asked';
    default:
      return 'refused';
  }
}
