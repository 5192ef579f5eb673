/**
 * Everything about connections that are lent, put together ([WS30]): one place among those who lend, for what this peer lends
 * and for what it asks of others, and the swarms beside the person's shares in which that happens.
 */
import { Borrowing } from './borrowing.ts';
import { LendersSwarm } from './lenders-swarm.ts';
import type { PeerPorts } from './ports.ts';
import { SideSwarms } from './side-swarms.ts';
import type { SideHost } from './side-swarms.ts';

export class LentConnections {
  readonly sides: SideSwarms;
  readonly borrowing: Borrowing;
  readonly #swarm: LendersSwarm;

  constructor(ports: PeerPorts, host: SideHost) {
    this.sides = new SideSwarms(ports, host);
    this.#swarm = new LendersSwarm(this.sides, ports.digest, {
      asked: () => undefined,
      answered: (...answered) => this.borrowing.answered(...answered),
    });
    this.borrowing = new Borrowing(this.#swarm);
  }

  close(): void {
    this.sides.close();
  }
}
