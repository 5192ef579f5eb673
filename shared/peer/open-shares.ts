/** The shares that are open, by info-hash, and the ways to tell their machines something. */
import type { Input } from '../engine/io.ts';
import type { InfoHash, SwarmId } from '../ids.ts';
import type { OpenShare } from './teller.ts';

export class OpenShares extends Map<InfoHash, OpenShare> {
  bySwarm(swarm: SwarmId): OpenShare | undefined {
    for (const share of this.values()) if (share.swarm === swarm) return share;
    return undefined;
  }

  feed(swarm: SwarmId, input: Input): void {
    this.bySwarm(swarm)?.driver.feed(input);
  }

  feedAll(input: Input): void {
    for (const { driver } of [...this.values()]) driver.feed(input);
  }
}
