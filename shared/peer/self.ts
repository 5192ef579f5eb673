/**
 * Who this peer is ([ID2] [ID4]): its identity now, a new one when the tracker says that somebody else has it, and which
 * other peers are its own person's. Owns both. Knows no swarms and no messages.
 */
import type { PeerId } from '../ids.ts';
import { MAX_OWN_TABS, RENEW_EVERY_MS } from './limits.ts';
import type { Identity, OwnTabs, PeerPorts } from './ports.ts';

export interface SelfListener {
  renamed(identity: Identity): void;
  /** All of them. */
  ownTabsKnown(peers: readonly PeerId[]): void;
}

export class Self {
  readonly #ports: Pick<PeerPorts, 'clock' | 'identify'>;
  readonly #listener: SelfListener;
  readonly #tabs: OwnTabs;
  /** The longest known first. */
  readonly #ownTabs = new Set<PeerId>();
  #identity: Identity;
  #renewedAt = -Infinity;
  #renewing = false;
  #closed = false;

  constructor(
    identity: Identity,
    ports: Pick<PeerPorts, 'clock' | 'identify' | 'ownTabs'>,
    listener: SelfListener,
  ) {
    this.#identity = identity;
    this.#ports = ports;
    this.#listener = listener;
    this.#tabs = ports.ownTabs((id) => this.#met(id));
    this.#tabs.here(identity.id);
  }

  get id(): PeerId {
    return this.#identity.id;
  }

  get ownTabs(): readonly PeerId[] {
    return [...this.#ownTabs];
  }

  /** Somebody else has this id: at once we are somebody new, and if that is taken too, not again before a while. */
  taken(id: PeerId): void {
    if (id !== this.id || this.#renewing || this.#closed) return;
    this.#renewing = true;
    const { clock } = this.#ports;
    const wait = this.#renewedAt + RENEW_EVERY_MS - clock.now();
    if (wait <= 0) void this.#renew();
    else clock.after(wait, () => void this.#renew());
  }

  /** [LB16] From now on we are somebody else, whom nothing leads back to. */
  async renew(): Promise<void> {
    this.#renewing = true;
    await this.#renew();
  }

  close(): void {
    this.#closed = true;
    this.#tabs.close();
  }

  async #renew(): Promise<void> {
    this.#renewedAt = this.#ports.clock.now();
    const fresh = await this.#ports.identify().catch(() => null);
    this.#renewing = false;
    // Without one the older is tried again: the tracker says so once more if it is still taken.
    if (this.#closed || fresh === null) return;
    const before = this.id;
    this.#identity = fresh;
    this.#tabs.here(fresh.id);
    // What others still call so is nobody else.
    this.#met(before);
    this.#listener.renamed(fresh);
  }

  #met(id: PeerId): void {
    if (this.#closed || id === this.id || this.#ownTabs.has(id)) return;
    this.#ownTabs.add(id);
    for (const oldest of this.#ownTabs) {
      if (this.#ownTabs.size <= MAX_OWN_TABS) break;
      this.#ownTabs.delete(oldest);
    }
    this.#listener.ownTabsKnown(this.ownTabs);
  }
}
