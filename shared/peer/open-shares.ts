/** The shares that are open, by info-hash, and the ways to tell their machines something. */
import type { Input, LinkRole } from '../engine/io.ts';
import type { InfoHash, PeerId, SwarmId } from '../ids.ts';
import type { Link } from './ports.ts';
import type { OpenShare } from './teller.ts';

export class OpenShares extends Map<InfoHash, OpenShare> {
  bySwarm(swarm: SwarmId): OpenShare | undefined {
    for (const share of this.values()) if (share.swarm === swarm) return share;
    return undefined;
  }

  /** A connection to a peer of a share that is not open any more closes. */
  linkOpened(swarm: SwarmId, peer: PeerId, role: LinkRole, link: Link): void {
    const share = this.bySwarm(swarm);
    if (share === undefined) link.close();
    else share.driver.linkOpened(peer, role, link);
  }

  feed(swarm: SwarmId, input: Input): void {
    this.bySwarm(swarm)?.driver.feed(input);
  }

  feedAll(input: Input): void {
    for (const { driver } of [...this.values()]) driver.feed(input);
  }
}
