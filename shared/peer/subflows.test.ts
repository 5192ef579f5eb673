/** Two peers with an open connection between them, and whoever else says something. */
import { describe, expect, test } from 'vitest';
import type { PeerId, SwarmId } from '../ids.ts';
import {
  ATTEMPT_TIMEOUT_MS,
  MAX_ATTEMPT_CANDIDATES,
  MAX_SUBFLOWS,
  MAX_SUBFLOWS_OF_A_LINK,
  MAX_SUBFLOWS_TAKEN,
} from './limits.ts';
import type { Link } from './ports.ts';
import { parseSubflowSignals, signalTexts } from './signals.ts';
import type { Signal } from './signals.ts';
import { Subflows } from './subflows.ts';
import { FakeClock } from './testing/fake-clock.ts';
import { MemoryNetwork, PipeLink } from './testing/memory-network.ts';
import { seededEntropy } from './testing/node-ports.ts';
import { infoHashOf, PeerLab, requestOf } from './testing/test-peer.ts';

const SWARM = 'a1'.repeat(32) as SwarmId;
const [LOW, HIGH, OTHER] = ['11', '99', '55'].map((digits) => digits.repeat(32)) as [PeerId, PeerId, PeerId];
const NAME = '0123456789abcdef';
const offer: Signal = { type: 'offer', sdp: 'v=0' };

const named = (nth: number): string => nth.toString(16).padStart(16, '0');

interface Side {
  readonly subflows: Subflows;
  readonly link: Link;
  readonly first: PipeLink;
  readonly said: string[];
  readonly came: [bytes: number, subflow: number][];
  readonly lost: number[];
  ends: number;
}

/** `silent`: what is said does not arrive. */
function scene({ silent = false, room = true } = {}) {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock, 20);
  network.tells = true;
  const ends = [0, 1].map(() => new PipeLink(clock, 20, 'direct', () => undefined, true)) as [
    PipeLink,
    PipeLink,
  ];
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  const sides: Side[] = [];
  for (const [nth, own] of [LOW, HIGH].entries()) {
    const said: string[] = [];
    const subflows = new Subflows(
      { clock, dialler: network.dialler, entropy: seededEntropy(nth + 1) },
      {
        signal: (_swarm, peer, text) => {
          said.push(text);
          if (!silent)
            clock.after(10, () => sides[peer === LOW ? 0 : 1]?.subflows.signalled(SWARM, own, text));
        },
        hasRoom: () => room,
      },
    );
    const first = ends[nth as 0 | 1];
    const opened = { swarm: SWARM, peer: nth === 0 ? HIGH : LOW, name: NAME };
    const side: Side = {
      subflows,
      first,
      said,
      came: [],
      lost: [],
      ends: 0,
      link: subflows.bundle(opened, first),
    };
    side.link.listen({
      received: (bytes, subflow = 0) => side.came.push([bytes.length, subflow]),
      subflowEnded: (subflow) => side.lost.push(subflow),
      sent: () => undefined,
      closed: () => (side.ends += 1),
    });
    sides.push(side);
  }
  const [low, high] = sides as [Side, Side];
  return {
    ...{ clock, network, low, high },
    /** Blocks for so many seconds, from the side with the greater id, which would not dial. */
    sends: async (seconds: number, both = false) => {
      for (let tenth = 0; tenth < seconds * 10; tenth++) {
        for (const { link } of both ? sides : [high])
          for (let nth = 0; nth < 4; nth++) link.send(new Uint8Array(65_536), true);
        await clock.advance(100);
      }
    },
    /** A stranger's, or the other side's, to the one with the smaller id. */
    hears: (from: PeerId, subflow: number, signals: readonly Signal[], beside = NAME, swarm = SWARM) =>
      signalTexts({ beside, subflow: named(subflow) }, signals).map((text) =>
        low.subflows.signalled(swarm, from, text),
      ),
  };
}

describe('[PN14] further connections', () => {
  test('are made by who sends, whoever dialled, and carry blocks', async () => {
    const { clock, network, low, high, sends } = scene();
    await sends(14);
    expect([network.pipes.length, low.subflows.count, high.subflows.count]).toEqual([3, 3, 3]);
    expect(new Set(low.came.map(([, subflow]) => subflow))).toEqual(new Set([0, 1, 2, 3]));
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect([low.subflows.count, high.subflows.count]).toEqual([3, 3]);
  });

  test('are three also where both sides begin some at once', async () => {
    const { clock, network, low, high, sends } = scene();
    await sends(14, true);
    expect([low.subflows.count, high.subflows.count]).toEqual([3, 3]);
    for (const { came } of [low, high])
      expect(new Set(came.map(([, subflow]) => subflow))).toEqual(new Set([0, 1, 2, 3]));
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect([low.subflows.count, high.subflows.count, network.pipes.length]).toEqual([3, 3, 3]);
  });

  test('are not made where the peer has as many connections as it may', async () => {
    const { network, high, sends } = scene({ room: false });
    await sends(14);
    expect([network.pipes.length, high.subflows.count]).toEqual([0, 0]);
  });

  test('that would go through a relay, where the first one need not, are closed', async () => {
    const { network, low, high, sends } = scene();
    network.way = 'relayed';
    await sends(14);
    expect([high.subflows.count, low.subflows.count, high.ends]).toEqual([0, 0, 0]);
    expect(new Set(low.came.map(([, subflow]) => subflow))).toEqual(new Set([0]));
  });

  test('one over which nothing comes through any more is closed, and its blocks are missed', async () => {
    const { clock, network, low, high, sends } = scene();
    await sends(14);
    network.interrupt();
    await clock.advance(100);
    expect([low.subflows.count, high.subflows.count]).toEqual([0, 0]);
    expect([low.lost.length, high.lost.length]).toEqual([3, 3]);
  });

  test('go with the first one, on both sides', async () => {
    const { clock, network, low, high, sends } = scene();
    await sends(14);
    low.link.close();
    await clock.advance(1_000);
    expect([low.subflows.count, high.subflows.count, low.ends, high.ends]).toEqual([0, 0, 0, 1]);
    expect(network.pipes).toHaveLength(3);
  });

  test('that nobody answers are over after a while', async () => {
    const { clock, low, high, sends } = scene({ silent: true });
    await sends(9);
    expect([high.subflows.count, high.said.length > 0]).toEqual([3, true]);
    await clock.advance(ATTEMPT_TIMEOUT_MS);
    expect([high.subflows.count, low.subflows.count]).toEqual([0, 0]);
  });

  test('that the platform does not give are done without', async () => {
    const { network, low, high, sends } = scene();
    network.way = 'refused';
    await sends(14);
    expect([high.subflows.count, low.subflows.count, high.ends]).toEqual([0, 0, 0]);
    expect(low.came.length).toBeGreaterThan(200);
  });

  test('are begun by nobody but the peer at the other end of that connection', async () => {
    const { clock, low, hears } = scene();
    expect(hears(OTHER, 1, [offer])).toEqual([true]);
    hears(HIGH, 2, [offer], named(77));
    hears(HIGH, 3, [offer], NAME, 'b2'.repeat(32) as SwarmId);
    await clock.advance(100);
    expect([low.subflows.count, low.said]).toEqual([0, []]);
    hears(HIGH, 4, [offer]);
    await clock.advance(100);
    expect([low.subflows.count, low.said.map((text) => parseSubflowSignals(text)?.subflow)]).toEqual([
      1,
      [named(4)],
    ]);
  });

  test('begin with an offer', async () => {
    const { clock, low, hears } = scene();
    hears(HIGH, 1, [{ type: 'answer', sdp: '1' }]);
    hears(HIGH, 2, []);
    await clock.advance(100);
    expect(low.subflows.count).toBe(0);
  });

  test('of one link are three at once, and nine in all its life', async () => {
    const { clock, low, hears } = scene();
    for (let nth = 0; nth < 40; nth++) hears(HIGH, nth, [offer]);
    await clock.advance(1_000);
    expect(low.subflows.count).toBe(MAX_SUBFLOWS_OF_A_LINK);
    for (let round = 0; round < 10; round++) {
      await clock.advance(ATTEMPT_TIMEOUT_MS + 1_000);
      for (let nth = 0; nth < 40; nth++) hears(HIGH, 100 * (round + 1) + nth, [offer]);
      await clock.advance(1_000);
    }
    expect(new Set(low.said.map((text) => parseSubflowSignals(text)?.subflow)).size).toBe(MAX_SUBFLOWS_TAKEN);
  });

  test('[PN7] that say more than an attempt needs are over', async () => {
    const { clock, low, hears } = scene();
    hears(HIGH, 1, [offer]);
    await clock.advance(1_000);
    expect(low.subflows.count).toBe(1);
    hears(HIGH, 1, [offer]);
    expect(low.subflows.count).toBe(0);
    const candidates = Array.from({ length: MAX_ATTEMPT_CANDIDATES + 1 }, (_, nth): Signal => ({
      type: 'candidate',
      candidate: {
        candidate: `candidate:${nth} 1 udp 1 192.0.2.1 9 typ host`,
        sdpMid: '0',
        sdpMLineIndex: 0,
      },
    }));
    hears(HIGH, 2, [offer, ...candidates.slice(0, 20)]);
    hears(HIGH, 2, candidates.slice(20));
    expect(low.subflows.count).toBe(0);
  });

  test('of all links together are few', async () => {
    const { clock, low } = scene();
    const links = 20;
    for (let nth = 0; nth < links; nth++) {
      const link = low.subflows.bundle(
        { swarm: SWARM, peer: HIGH, name: named(nth) },
        new PipeLink(clock, 20, 'direct', () => undefined),
      );
      link.listen({ received: () => undefined, sent: () => undefined, closed: () => undefined });
      for (let subflow = 0; subflow < 3; subflow++) {
        const names = { beside: named(nth), subflow: named(1_000 + 10 * nth + subflow) };
        for (const text of signalTexts(names, [offer])) low.subflows.signalled(SWARM, HIGH, text);
      }
    }
    await clock.advance(5_000);
    expect(low.subflows.count).toBe(MAX_SUBFLOWS);
  });

  test('what is about something else is left to others', () => {
    const { low } = scene();
    for (const text of ['{', signalTexts({ attempt: NAME }, [offer])[0]!])
      expect(low.subflows.signalled(SWARM, HIGH, text)).toBe(false);
  });
});

describe('[PN14] whole peers', () => {
  test.each([1, 2])('[PE1] send a share over several connections, and lose one, run %i', async (run) => {
    const lab = new PeerLab();
    lab.network.tells = true;
    const sender = lab.peer();
    const receiver = lab.peer();
    // No two pieces alike: those would be fetched once.
    const content = seededEntropy(run).bytes(16_000_000);
    const share = infoHashOf(await sender.peer.share(requestOf([['a.bin', content]]), () => undefined));
    // Else the file is there before anybody knows that one connection is as fast as it gets.
    sender.peer.preferences.limit({ up: 1_000_000, down: null, peerUp: null, peerDown: null });
    await receiver.peer.download(share);
    await lab.clock.until(() => lab.network.pipes.length > 1, 'further connections');
    await lab.clock.advance(1_000);

    expect(lab.network.pipes).toHaveLength(4);
    lab.network.pipes[run]?.[0].close();
    await lab.clock.until(() => receiver.of(share)?.phase === 'complete', 'complete');
    expect([sender.broken, receiver.broken]).toEqual([[], []]);
  });
});
