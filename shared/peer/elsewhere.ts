/**
 * [HL50] Shares among peers whom our tracker does not know: a share is in the swarm there while it is in its own, and
 * what is linked there is its machine's like every other link. Owns which shares have joined. Knows no addresses and no
 * handshakes: those are the port's.
 */
import type { InfoHash, PeerId, SwarmId } from '../ids.ts';
import type { OtherSwarm, OtherSwarms } from './ports.ts';
import type { ShareDriver } from './share-driver.ts';

/** What has to be known of a share here. */
export interface SharedElsewhere {
  readonly infoHash: InfoHash;
  readonly swarm: SwarmId;
  readonly driver: Pick<ShareDriver, 'isInSwarm' | 'isLinked' | 'welcomes' | 'linkOpened'>;
}

export class Elsewhere {
  readonly #port: OtherSwarms | undefined;
  readonly #joined = new Map<SharedElsewhere, OtherSwarm>();

  constructor(own: PeerId, port: OtherSwarms | undefined) {
    this.#port = port;
    port?.become(own);
  }

  /** It may have joined its own swarm, or left it. */
  follow(share: SharedElsewhere): void {
    const joined = this.#joined.get(share);
    const { infoHash, driver } = share;
    if (driver.isInSwarm === (joined !== undefined) || this.#port === undefined) return;
    if (joined !== undefined) {
      this.#joined.delete(share);
      return joined.leave();
    }
    const swarm = this.#port.join(infoHash, {
      welcomes: (peer, says) => driver.welcomes(peer) && !driver.isLinked(says),
      linkOpened: (peer, role, link) => driver.linkOpened(peer, role, link, true),
    });
    this.#joined.set(share, swarm);
  }

  /** Our own tracker's ways led to that peer. */
  reached(swarm: SwarmId, peer: PeerId): void {
    for (const [share, joined] of this.#joined) if (share.swarm === swarm) joined.reachedElsewhere(peer);
  }

  renamed(own: PeerId): void {
    this.#port?.become(own);
  }

  networkChanged(): void {
    this.#port?.networkChanged();
  }

  close(): void {
    this.#joined.clear();
    this.#port?.close();
  }
}
