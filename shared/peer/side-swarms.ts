/**
 * Swarms that belong to no share of the person's ([WS30] [WS33]): they are in no library and no history, and no view is told
 * of them. Owns their drivers, and what each has to hear of the world. Knows nothing of what goes on in them.
 */
import type { Engine } from '../engine/engine.ts';
import type { Input, LinkRole, Report } from '../engine/io.ts';
import type { InfoHash, PeerId, SwarmId } from '../ids.ts';
import { swarmOf } from '../manifest/link.ts';
import { seededRandom } from '../random.ts';
import type { BlockSource } from './block-sources.ts';
import type { Link, PeerPorts } from './ports.ts';
import type { Preferences } from './preferences.ts';
import type { Reach } from './reach.ts';
import type { Self } from './self.ts';
import { ShareDriver } from './share-driver.ts';
import type { StoreCare } from './share-driver.ts';

type EngineConfig = ConstructorParameters<typeof Engine>[0];

export interface SideSwarm extends Pick<EngineConfig, 'infoHash' | 'manifest' | 'owned' | 'lending' | 'web'> {
  readonly source: BlockSource;
  readonly reported?: (event: Report) => void;
  /** This peer's person wants it: it is left. */
  readonly gaveWay?: () => void;
  /** A fault of ours: it does nothing any more. */
  readonly broke?: (error: unknown) => void;
}

export interface SideHost {
  readonly self: () => Self;
  readonly reach: () => Reach;
  readonly preferences: () => Preferences;
  readonly care: StoreCare;
  /** A share of the person's is in that swarm, or about to be. */
  readonly isTaken: (infoHash: InfoHash) => boolean;
}

export class SideSwarms {
  readonly #ports: Pick<PeerPorts, 'clock' | 'digest' | 'store' | 'entropy'>;
  readonly #host: SideHost;
  readonly #open = new Map<SwarmId, ShareDriver>();
  readonly #gaveWay = new Map<ShareDriver, () => void>();
  #closed = false;

  constructor(ports: Pick<PeerPorts, 'clock' | 'digest' | 'store' | 'entropy'>, host: SideHost) {
    this.#ports = ports;
    this.#host = host;
  }

  /** Joins it. Null: this peer is in it already, for the person or beside, or has ended. */
  async join(side: SideSwarm): Promise<ShareDriver | null> {
    const swarm = await swarmOf(side.infoHash);
    if (this.#closed || this.#open.has(swarm) || this.#host.isTaken(side.infoHash)) return null;
    const driver = this.#driverOf(swarm, side);
    this.#open.set(swarm, driver);
    if (side.gaveWay !== undefined) this.#gaveWay.set(driver, side.gaveWay);
    const [preferences, { ownTabs }] = [this.#host.preferences(), this.#host.self()];
    for (const input of preferences.said) driver.feed(input);
    driver.feed({ kind: 'own-tabs-known', peers: ownTabs });
    const { trackerNews } = this.#host.reach();
    if (trackerNews !== null) driver.feed(trackerNews);
    return driver;
  }

  #driverOf(swarm: SwarmId, { source, reported, broke, ...side }: SideSwarm): ShareDriver {
    const { clock, digest, store, entropy } = this.#ports;
    const random = seededRandom(new DataView(entropy.bytes(4).buffer).getUint32(0));
    const reach = this.#host.reach();
    const limits = this.#host.preferences().rates.buckets;
    const { infoHash, manifest, owned, lending, web } = side;
    const kind = { ...(lending === undefined ? {} : { lending }), ...(web === undefined ? {} : { web }) };
    const config = { infoHash, manifest, owned, ...kind, own: this.#host.self().id, random, limits };
    return new ShareDriver(config, source, {
      ...{ clock, digest, store, care: this.#host.care },
      dial: (peer) => reach.dial(swarm, peer),
      giveUp: (peer) => reach.giveUp(swarm, peer),
      announce: ({ event, left, want }) => reach.announce({ swarm, event, left, want }),
      changed: () => undefined,
      reported: (event) => reported?.(event),
      sent: () => undefined,
      broke: (error) => {
        reach.announce({ swarm, event: 'stopped', left: null, want: 0 });
        broke?.(error);
      },
      swarmChanged: () => undefined,
    });
  }

  /** Leaves the swarm. */
  leave(driver: ShareDriver): void {
    for (const [swarm, open] of this.#open) if (open === driver) this.#open.delete(swarm);
    this.#gaveWay.delete(driver);
    driver.feed({ kind: 'sharing-stopped' });
    void driver.close();
  }

  /** [WS33] The person joins it. */
  giveWay(swarm: SwarmId): void {
    const driver = this.#open.get(swarm);
    if (driver === undefined) return;
    const gaveWay = this.#gaveWay.get(driver);
    this.leave(driver);
    gaveWay?.();
  }

  // What happens around

  /** False: it is none of these. */
  linkOpened(swarm: SwarmId, peer: PeerId, role: LinkRole, link: Link): boolean {
    const driver = this.#open.get(swarm);
    driver?.linkOpened(peer, role, link);
    return driver !== undefined;
  }

  welcomes(swarm: SwarmId, peer: PeerId): boolean {
    return this.#open.get(swarm)?.welcomes(peer) === true;
  }

  feed(swarm: SwarmId, input: Input): void {
    this.#open.get(swarm)?.feed(input);
  }

  feedAll(input: Input): void {
    for (const driver of [...this.#open.values()]) driver.feed(input);
  }

  /** Leaves all of them; none is joined any more. */
  close(): void {
    this.#closed = true;
    for (const driver of [...this.#open.values()]) this.leave(driver);
  }
}
