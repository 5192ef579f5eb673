import { describe, expect, test } from 'vitest';
import type { LinkId } from '../ids.ts';
import { EventQueue } from './event-queue.ts';
import { Network, Port } from './network.ts';
import type { Endpoint, Parcel } from './traffic.ts';
import { report } from './uplink.ts';

const LATENCY = 10;
const DETECTION = 500;
const BLOCK = 10_000 - 17;

interface Arrival {
  readonly at: number;
  readonly link: LinkId;
  readonly size: number;
  readonly piece: number;
}

class Recorder implements Endpoint {
  readonly arrivals: Arrival[] = [];
  readonly departures: { at: number; bytes: number }[] = [];
  readonly losses: { at: number; link: LinkId }[] = [];
  readonly #queue: EventQueue;

  constructor(queue: EventQueue) {
    this.#queue = queue;
  }

  arrived(link: LinkId, parcel: Parcel): void {
    this.arrivals.push({ at: this.#queue.now, link, size: parcel.size, piece: parcel.block?.piece ?? -1 });
  }

  departed(_link: LinkId, bytes: number): void {
    this.departures.push({ at: this.#queue.now, bytes });
  }

  lost(link: LinkId): void {
    this.losses.push({ at: this.#queue.now, link });
  }
}

/** Rates in bytes per ms. */
function setUp(rates: readonly (readonly [up: number, down: number])[]) {
  const queue = new EventQueue();
  const network = new Network(queue, LATENCY, DETECTION);
  const peers = rates.map(([up, down]) => {
    const heard = new Recorder(queue);
    return { heard, port: new Port(queue, up, down, heard) };
  });
  const connect = (from: number, to: number): [LinkId, LinkId] => {
    let ends: [LinkId, LinkId] | null = null;
    network.dial(peers[from]!.port, peers[to]!.port, {
      opened: (here, there) => (ends = [here, there]),
      answered: () => undefined,
      failed: () => undefined,
    });
    while (ends === null && queue.step());
    return ends!;
  };
  const send = (from: number, link: LinkId, piece: number, length = BLOCK): void =>
    network.send(peers[from]!.port, link, { piece, offset: 0, length, corrupt: false });
  const run = (): void => {
    while (queue.step());
  };
  return { queue, network, peers, connect, send, run };
}

describe('[SM2] an uplink', () => {
  test('carries a block in its size over the rate, and the latency comes on top', () => {
    const { queue, peers, connect, send, run } = setUp([
      [100, 1e9],
      [100, 1e9],
    ]);
    const [link] = connect(0, 1);
    const start = queue.now;
    send(0, link, 1);
    send(0, link, 2);
    run();
    expect(peers[1]!.heard.arrivals.map(({ at, piece }) => [Math.round(at - start), piece])).toEqual([
      [110, 1],
      [210, 2],
    ]);
    expect(peers[0]!.heard.departures.map(({ at, bytes }) => [Math.round(at - start), bytes])).toEqual([
      [100, 10_000],
      [200, 10_000],
    ]);
  });

  test('is shared in equal parts by the links that have something to send', () => {
    const { queue, peers, connect, send, run } = setUp([
      [100, 1e9],
      [100, 1e9],
      [100, 1e9],
    ]);
    const [first] = connect(0, 1);
    const [second] = connect(0, 2);
    const start = queue.now;
    send(0, first, 1);
    send(0, first, 2);
    send(0, second, 3, 30_000 - 17);
    run();
    // Both at half the rate until the two blocks are through at 400; then 10,000 bytes are left at the full rate.
    expect(peers[1]!.heard.arrivals.map(({ at }) => Math.round(at - start))).toEqual([210, 410]);
    expect(peers[2]!.heard.arrivals.map(({ at }) => Math.round(at - start))).toEqual([510]);
  });

  test('never carries more than its rate, and is never idle while something waits', () => {
    const { queue, peers, connect, send, run } = setUp([
      [50, 1e9],
      ...Array.from({ length: 7 }, () => [1, 1e9] as const),
    ]);
    const links = peers.slice(1).map((_, at) => connect(0, at + 1)[0]);
    const start = queue.now;
    let bytes = 0;
    for (let nth = 0; nth < 100; nth++) {
      const length = 1_500 + ((nth * 7_919) % 20_000);
      send(0, links[nth % links.length]!, nth, length);
      bytes += length + 17;
    }
    run();
    const last = Math.max(...peers.flatMap(({ heard }) => heard.arrivals.map(({ at }) => at)));
    expect(last - start).toBeCloseTo(bytes / 50 + LATENCY, 3);
    expect(peers[0]!.port.uplink.sentBytes).toBe(bytes);
    expect(peers[0]!.port.uplink.sentPayload).toBe(bytes - 1_700);
  });

  test('sends a small frame of an idle link between the packets of the others', () => {
    const { queue, network, peers, connect, send, run } = setUp([
      [100, 1e9],
      [100, 1e9],
      [100, 1e9],
    ]);
    const [first] = connect(0, 1);
    const [second] = connect(0, 2);
    const start = queue.now;
    send(0, first, 1);
    network.send(peers[0]!.port, second, new Uint8Array(200));
    run();
    expect(peers[2]!.heard.arrivals[0]!.at - start).toBeCloseTo(2 + LATENCY, 6);
    // The 200 bytes took their time from the block.
    expect(peers[1]!.heard.arrivals[0]!.at - start).toBeCloseTo(102 + LATENCY, 3);
    for (const flow of peers[0]!.port.links.values()) report(flow);
    expect(peers[0]!.heard.departures.map(({ bytes }) => bytes)).toEqual([10_000, 200]);
  });

  test('keeps the order of one link, small frames behind large ones', () => {
    const { network, peers, connect, send, run } = setUp([
      [100, 1e9],
      [100, 1e9],
    ]);
    const [link] = connect(0, 1);
    send(0, link, 1);
    network.send(peers[0]!.port, link, new Uint8Array(9));
    send(0, link, 2);
    run();
    expect(peers[1]!.heard.arrivals.map(({ piece }) => piece)).toEqual([1, -1, 2]);
  });
});

describe('[SM2] a downlink', () => {
  test('lets nothing through faster than its rate, whoever sends', () => {
    const { queue, peers, connect, send, run } = setUp([
      [1, 40],
      ...Array.from({ length: 5 }, () => [100, 1e9] as const),
    ]);
    const links = peers.slice(1).map((_, at) => connect(at + 1, 0)[0]);
    const start = queue.now;
    for (let nth = 0; nth < 50; nth++) send((nth % 5) + 1, links[nth % 5]!, nth);
    run();
    const { arrivals } = peers[0]!.heard;
    expect(arrivals).toHaveLength(50);
    // 500,000 bytes at 40 a ms; the first block needs 10 ms of latency and up to 100 ms on its own uplink.
    expect(arrivals.at(-1)!.at - start).toBeGreaterThanOrEqual(500_000 / 40);
    expect(arrivals.at(-1)!.at - start).toBeLessThan(500_000 / 40 + 150);
    for (let nth = 1; nth < 50; nth++) {
      expect(arrivals[nth]!.at - arrivals[nth - 1]!.at).toBeGreaterThan(10_000 / 40 - 1e-6);
    }
  });

  test('that is congested does not cost the sender its other links', () => {
    const { queue, peers, connect, send, run } = setUp([
      [100, 1e9],
      [1, 5],
      [1, 1e9],
    ]);
    const [toSlow] = connect(0, 1);
    const [toFast] = connect(0, 2);
    const start = queue.now;
    for (let nth = 0; nth < 10; nth++) send(0, toSlow, nth);
    for (let nth = 0; nth < 10; nth++) send(0, toFast, nth);
    run();
    expect(peers[2]!.heard.arrivals.at(-1)!.at - start).toBeLessThan(1_300);
    expect(peers[1]!.heard.arrivals.at(-1)!.at - start).toBeGreaterThan(20_000);
  });
});

describe('[SM2] a link', () => {
  test('that one end closes is lost to the other after the latency, with what was under way', () => {
    const { queue, network, peers, connect, send, run } = setUp([
      [100, 1e9],
      [100, 1e9],
    ]);
    const [here, there] = connect(0, 1);
    send(0, here, 1);
    const start = queue.now;
    network.close(peers[0]!.port, here);
    send(0, here, 2);
    run();
    expect(peers[1]!.heard.arrivals).toEqual([]);
    expect(peers[1]!.heard.losses).toEqual([{ at: start + LATENCY, link: there }]);
    expect(peers[0]!.heard.losses).toEqual([]);
  });

  test('of a peer that vanishes is lost after the detection time', () => {
    const { queue, network, peers, connect, run } = setUp([
      [100, 1e9],
      [100, 1e9],
    ]);
    const [, there] = connect(0, 1);
    const start = queue.now;
    network.vanish(peers[0]!.port);
    run();
    expect(peers[1]!.heard.losses).toEqual([{ at: start + DETECTION, link: there }]);
    expect(peers[1]!.port.links.size).toBe(0);
  });

  test('across a partition is lost at both ends, and cannot be dialled until the sides are one', () => {
    const { network, peers, connect, run } = setUp([
      [100, 1e9],
      [100, 1e9],
      [100, 1e9],
    ]);
    connect(0, 1);
    connect(0, 2);
    peers[2]!.port.side = 1;
    network.partition(peers.map(({ port }) => port));
    run();
    expect(peers.map(({ heard }) => heard.losses.length)).toEqual([1, 0, 1]);
    let failed = false;
    const result = { answered: () => undefined, opened: () => undefined, failed: () => (failed = true) };
    network.dial(peers[2]!.port, peers[1]!.port, result);
    run();
    expect(failed).toBe(true);
    peers[2]!.port.side = 0;
    connect(2, 1);
    expect(peers[2]!.port.links.size).toBe(1);
  });
});
