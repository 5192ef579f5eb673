/** What a load of the tracker benchmark is told, and what it answers. */

export interface LoadOrder {
  readonly port: number;
  readonly subject: 'echo' | 'shoal' | 'bittorrent-tracker';
  readonly sockets: number;
  /** Members of one swarm. */
  readonly swarmSize: number;
  readonly want: number;
  /** Messages of one socket that are under way at once. */
  readonly depth: number;
  readonly seconds: number;
  /** Messages a second over all sockets; null: as fast as answers come. */
  readonly rate: number | null;
  /** Where the peers' and the swarms' numbers begin; different loads on one server need different ones. */
  readonly firstSerial?: number;
  readonly firstSwarm?: number;
}

export interface LoadResult {
  /** Answers in the measured time, and how long that was. */
  readonly answers: number;
  readonly seconds: number;
  /** Milliseconds from a message to its answer, of loads with a rate. */
  readonly latencies: readonly number[];
  /** Share of a processor that this process took meanwhile. */
  readonly processor: number;
}

/** Milliseconds of load before anything is counted. */
export const WARM_UP_MS = 1_000;
