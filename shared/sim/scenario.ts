/**
 * What a simulated swarm is given ([SM4]), in the units people use, and the lower bound of its time. Runs nothing.
 */

/** One cut of the network in two for a while. */
export interface Partition {
  readonly atSeconds: number;
  readonly forSeconds: number;
  /** The share of the leechers that is cut off from the seed and the others. */
  readonly share: number;
}

export interface Scenario {
  /** Leechers; the seed comes on top. */
  readonly peers: number;
  readonly bytes: number;
  /** Rates in bits a second. */
  readonly seedUp: number;
  readonly peerUp: number;
  readonly peerDown: number;
  /** ms, one way. */
  readonly latency: number;
  /** The share of the leechers that leave for good once they have half. */
  readonly churn: number;
  /** The seed leaves once it has sent so many times the share's size; null: it stays. */
  readonly seedLeavesAfter: number | null;
  /** The share of the leechers that send wrong bytes. */
  readonly hostile: number;
  /** The share of the blocks that those send which are wrong. */
  readonly wrongBlocks: number;
  /** The share of the leechers at a tenth of the speed, up and down. */
  readonly slow: number;
  /** The share of the leechers that claim to have everything from the start. */
  readonly boasting: number;
  /** The share of the leechers that never send a block. */
  readonly mute: number;
  /** The share of the leechers that want some of the files only; it takes several files. */
  readonly partial: number;
  /** Files of the share, all of a size. */
  readonly files: number;
  /** Seconds over which the leechers arrive. */
  readonly join: number;
  readonly partition: Partition | null;
  /**
   * A server on the web has the file, which nobody knows the hashes of, and gives each peer so many bits a second; 0: there
   * is none, and a seed instead.
   */
  readonly originDown: number;
  /** Bytes of a piece; null: by the manifest's rule. */
  readonly pieceBytes: number | null;
  /** Everybody has the manifest from the start; else it comes from peers, as in the product. */
  readonly manifestKnown: boolean;
  readonly rng: number;
}

export const DEFAULT_SCENARIO: Scenario = {
  peers: 60,
  bytes: 96 * 2 ** 20,
  seedUp: 20e6,
  peerUp: 20e6,
  peerDown: 100e6,
  latency: 40,
  churn: 0,
  seedLeavesAfter: null,
  hostile: 0,
  wrongBlocks: 1,
  slow: 0,
  boasting: 0,
  mute: 0,
  partial: 0,
  files: 1,
  join: 0,
  partition: null,
  originDown: 0,
  pieceBytes: null,
  manifestKnown: false,
  rng: 1,
};

/** A slow peer's part of the others' rates. */
export const SLOW_PART = 0.1;

/**
 * Seconds below which no scheme can bring the share to everybody: the fluid bound of Kumar and Ross, "Peer-assisted
 * file distribution: the minimum distribution time" (2006), max(F/u_seed, F/d_min, N·F/(u_seed + Σu_peers)), with
 * nominal rates and all N leechers.
 */
export function fluidBound(scenario: Scenario): number {
  const { peers, bytes, peerUp, peerDown, originDown } = scenario;
  const bits = bytes * 8;
  // As little as the server of a web address gives where all of it goes out once and no more.
  const seedUp = originDown > 0 ? peers * originDown : scenario.seedUp;
  return Math.max(bits / seedUp, bits / peerDown, (peers * bits) / (seedUp + peers * peerUp));
}

/** What one leecher is like. */
export interface Character {
  readonly slow: boolean;
  readonly hostile: boolean;
  readonly leaves: boolean;
  readonly boasts: boolean;
  readonly mute: boolean;
  readonly partial: boolean;
  readonly cutOff: boolean;
}

/**
 * The leechers' characters, in an order that the caller shuffles: each share is rounded to whole leechers and no
 * leecher has two traits while there are leechers left without one.
 */
export function charactersOf(scenario: Scenario): Character[] {
  const { peers } = scenario;
  let from = 0;
  const range = (share: number): ((at: number) => boolean) => {
    const [start, width] = [from, Math.round(share * peers)];
    from += width;
    return (at) => (at - start + 3 * peers) % peers < width && width > 0;
  };
  const wrapped = (share: number): ((at: number) => boolean) => {
    from %= Math.max(1, peers);
    return range(share);
  };
  const [hostile, slow, leaves] = [
    wrapped(scenario.hostile),
    wrapped(scenario.slow),
    wrapped(scenario.churn),
  ];
  const [boasts, mute] = [wrapped(scenario.boasting), wrapped(scenario.mute)];
  const partial = wrapped(scenario.partial);
  const cutOff = Math.round((scenario.partition?.share ?? 0) * peers);
  return Array.from({ length: peers }, (_, at) => ({
    slow: slow(at),
    hostile: hostile(at),
    leaves: leaves(at),
    boasts: boasts(at),
    mute: mute(at),
    partial: partial(at),
    cutOff: (at * 7919) % peers < cutOff,
  }));
}
