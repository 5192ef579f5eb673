/**
 * Everything about connections that are lent, put together ([WS30]): one place among those who lend, for what this peer lends
 * and for what it asks of others, and the swarms beside the person's shares in which that happens.
 */
import { Borrowing } from './borrowing.ts';
import { Lending } from './lending.ts';
import { LendersSwarm } from './lenders-swarm.ts';
import type { PeerPorts } from './ports.ts';
import type { SettingsBook } from './settings.ts';
import { SideSwarms } from './side-swarms.ts';
import type { SideHost } from './side-swarms.ts';

export class LentConnections {
  readonly sides: SideSwarms;
  readonly borrowing: Borrowing;
  readonly lending: Lending;
  readonly #swarm: LendersSwarm;

  constructor(ports: PeerPorts, settings: SettingsBook, host: SideHost) {
    this.sides = new SideSwarms(ports, host);
    this.#swarm = new LendersSwarm(this.sides, ports.digest, {
      asked: (...asked) => void this.lending.asked(...asked),
      answered: (...answered) => this.borrowing.answered(...answered),
    });
    this.borrowing = new Borrowing(this.#swarm, ports.clock);
    this.lending = new Lending(ports, { sides: this.sides, swarm: () => this.#swarm, settings });
    void settings.current().then((now) => this.lending.set(now));
  }

  async close(): Promise<void> {
    const written = this.lending.close();
    this.sides.close();
    await written;
  }
}
