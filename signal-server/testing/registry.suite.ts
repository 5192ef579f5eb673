/** What every registry does: one suite for the one in memory and the one in Redis. */
import { describe, expect, test } from 'vitest';
import { peerId, swarmId } from '../../shared/ids.ts';
import type { PeerId, SwarmId } from '../../shared/ids.ts';
import { MEMBER_LIFE_MS } from '../../shared/tracker/limits.ts';
import type { Arrival, Registry, Welcome } from '../swarms.ts';

export interface RegistryUnderTest {
  readonly registry: Registry;
  /** Lets time pass for the registry. */
  pass(ms: number): void;
  close(): Promise<void>;
}

let swarms = 0;

/** A swarm that no other test uses: a registry may outlive a test. */
export function freshSwarm(): SwarmId {
  swarms += 1;
  return must(swarmId(swarms.toString(16).padStart(64, '5')));
}

export function member(serial: number): PeerId {
  return must(peerId(serial.toString(16).padStart(64, '0')));
}

export function arrival(swarm: SwarmId, serial: number, change: Partial<Arrival> = {}): Arrival {
  const base = { swarm, peerId: member(serial), seed: false, completed: false, want: 50, takeOver: false };
  return { ...base, ...change };
}

export async function welcomed(registry: Registry, what: Arrival): Promise<Welcome & { kind: 'welcome' }> {
  const welcome = await registry.announce(what);
  if (welcome.kind !== 'welcome') throw new Error(`not welcome: ${welcome.kind}`);
  return welcome;
}

type Case = readonly [name: string, check: (parts: RegistryUnderTest) => Promise<void>];

const CASES: readonly Case[] = [
  [
    '[TR3] counts seeds and leechers, the asker among them',
    async ({ registry }) => {
      const swarm = freshSwarm();
      expect((await welcomed(registry, arrival(swarm, 1))).counts).toEqual({
        complete: 0,
        incomplete: 1,
        downloaded: 0,
      });
      const second = await welcomed(registry, arrival(swarm, 2, { seed: true }));
      expect(second.counts).toEqual({ complete: 1, incomplete: 1, downloaded: 0 });
      expect(second.named).toMatchObject([{ peerId: member(1), seed: false, instance: registry.instance }]);
    },
  ],
  [
    '[TR3] never names the asker, and never more than asked for',
    async ({ registry }) => {
      const swarm = freshSwarm();
      for (let serial = 0; serial < 30; serial++)
        await registry.announce(arrival(swarm, serial, { seed: serial % 3 === 0 }));
      for (const want of [0, 1, 7, 28, 29, 30, 50]) {
        for (const serial of [0, 1]) {
          const { named } = await welcomed(
            registry,
            arrival(swarm, serial, { want, seed: serial % 3 === 0 }),
          );
          const ids = named.map((one) => one.peerId);
          expect(new Set(ids).size).toBe(Math.min(want, 29));
          expect(ids).not.toContain(member(serial));
        }
      }
    },
  ],
  [
    '[TR3] names at random: everybody comes up',
    async ({ registry }) => {
      const swarm = freshSwarm();
      for (let serial = 0; serial < 40; serial++)
        await registry.announce(arrival(swarm, serial, { want: 0 }));
      const seen = new Set<PeerId>();
      // Redis' own draw favours some: the least favoured comes up half as often as the others.
      for (let turn = 0; turn < 1_000 && seen.size < 39; turn++) {
        for (const one of (await welcomed(registry, arrival(swarm, 0, { want: 8 }))).named)
          seen.add(one.peerId);
      }
      expect(seen.size).toBe(39);
    },
  ],
  [
    '[TR3] names seeds and leechers in proportion',
    async ({ registry }) => {
      const swarm = freshSwarm();
      for (let serial = 0; serial < 100; serial++) {
        await registry.announce(arrival(swarm, serial, { seed: serial < 20, want: 0 }));
      }
      const asker = arrival(swarm, 200, { want: 10 });
      const shares: number[] = [];
      for (let turn = 0; turn < 20; turn++) {
        const { named } = await welcomed(registry, asker);
        shares.push(named.filter((one) => one.seed).length);
        expect(named).toHaveLength(10);
      }
      expect(new Set(shares)).toEqual(new Set([2]));
    },
  ],
  [
    '[TR3] a leecher becomes a seed, and a seed a leecher',
    async ({ registry }) => {
      const swarm = freshSwarm();
      await registry.announce(arrival(swarm, 1));
      await registry.announce(arrival(swarm, 2));
      const done = await welcomed(registry, arrival(swarm, 1, { seed: true, completed: true }));
      expect(done.counts).toEqual({ complete: 1, incomplete: 1, downloaded: 1 });
      expect((await welcomed(registry, arrival(swarm, 2))).named).toMatchObject([
        { peerId: member(1), seed: true },
      ]);
      const undone = await welcomed(registry, arrival(swarm, 1));
      expect(undone.counts).toEqual({ complete: 0, incomplete: 2, downloaded: 1 });
    },
  ],
  [
    '[TR3] a download counts once for each member',
    async ({ registry }) => {
      const swarm = freshSwarm();
      const done = { seed: true, completed: true };
      await registry.announce(arrival(swarm, 1, done));
      await registry.announce(arrival(swarm, 1, done));
      expect((await welcomed(registry, arrival(swarm, 2, done))).counts.downloaded).toBe(2);
    },
  ],
  [
    '[TR3] leaving is at once, harmless twice, and answers what is left',
    async ({ registry }) => {
      const swarm = freshSwarm();
      await registry.announce(arrival(swarm, 1, { seed: true }));
      await registry.announce(arrival(swarm, 2));
      expect(await registry.leave(swarm, member(1))).toEqual({ complete: 0, incomplete: 1, downloaded: 0 });
      expect(await registry.leave(swarm, member(1))).toEqual({ complete: 0, incomplete: 1, downloaded: 0 });
      expect((await welcomed(registry, arrival(swarm, 2))).named).toEqual([]);
      expect(await registry.locate(swarm, member(1))).toBeNull();
      expect(await registry.locate(swarm, member(2))).toBe(registry.instance);
    },
  ],
  [
    '[TR3] an empty swarm is forgotten, its downloads too',
    async ({ registry }) => {
      const swarm = freshSwarm();
      await registry.announce(arrival(swarm, 1, { seed: true, completed: true }));
      expect(await registry.leave(swarm, member(1))).toEqual({ complete: 0, incomplete: 0, downloaded: 0 });
      expect(await registry.scrape([swarm])).toEqual([{ complete: 0, incomplete: 0, downloaded: 0 }]);
      expect((await welcomed(registry, arrival(swarm, 2))).counts.downloaded).toBe(0);
    },
  ],
  [
    '[TR3] who has not announced for 35 s is gone, to the millisecond',
    async ({ registry, pass }) => {
      const swarm = freshSwarm();
      await registry.announce(arrival(swarm, 1));
      pass(20_000);
      await registry.announce(arrival(swarm, 2));
      pass(MEMBER_LIFE_MS - 20_000 - 1);
      expect(registry.expire()).toEqual([]);
      pass(1);
      expect(registry.expire()).toEqual([{ swarm, peerId: member(1) }]);
      expect((await welcomed(registry, arrival(swarm, 2))).counts).toEqual({
        complete: 0,
        incomplete: 1,
        downloaded: 0,
      });
      expect(await registry.locate(swarm, member(1))).toBeNull();
    },
  ],
  [
    '[TR3] an announce renews the 35 s',
    async ({ registry, pass }) => {
      const swarm = freshSwarm();
      for (let turn = 0; turn < 4; turn++) {
        await registry.announce(arrival(swarm, 1));
        await registry.announce(arrival(swarm, 2));
        pass(30_000);
        expect(registry.expire()).toEqual([]);
      }
      pass(5_000);
      expect(registry.expire()).toEqual([
        { swarm, peerId: member(1) },
        { swarm, peerId: member(2) },
      ]);
    },
  ],
  [
    '[TR6] scrapes in the order asked for, zeros where nobody is',
    async ({ registry }) => {
      const [one, two, empty] = [freshSwarm(), freshSwarm(), freshSwarm()];
      await registry.announce(arrival(one, 1, { seed: true }));
      await registry.announce(arrival(two, 1));
      expect(await registry.scrape([two, empty, one])).toEqual([
        { complete: 0, incomplete: 1, downloaded: 0 },
        { complete: 0, incomplete: 0, downloaded: 0 },
        { complete: 1, incomplete: 0, downloaded: 0 },
      ]);
    },
  ],
  [
    '[TR3] swarms do not see each other',
    async ({ registry }) => {
      const [one, two] = [freshSwarm(), freshSwarm()];
      await registry.announce(arrival(one, 1));
      expect((await welcomed(registry, arrival(two, 2))).named).toEqual([]);
      expect(await registry.locate(two, member(1))).toBeNull();
    },
  ],
];

export function registrySuite(name: string, open: () => Promise<RegistryUnderTest>): void {
  describe(`${name} registry`, () => {
    test.each(CASES)('%s', async (_name, check) => {
      const parts = await open();
      try {
        await check(parts);
      } finally {
        await parts.close();
      }
    });
  });
}

function must<T>(value: T | null): T {
  if (value === null) throw new Error('the test made an id that is none');
  return value;
}
