import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import type { Log } from './log.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { RedisLink } from './redis-link.ts';
import { RedisRegistry } from './redis-registry.ts';
import { arrival, freshSwarm, member, registrySuite, welcomed } from './testing/registry.suite.ts';
import { startRedis } from './testing/services.ts';
import type { RedisService } from './testing/services.ts';

const redis = await startRedis();
const warnings: string[] = [];
const log: Log = {
  debug: () => undefined,
  info: (_fields, text) => void warnings.push(text),
  warn: (_fields, text) => void warnings.push(text),
  error: () => undefined,
};
let instances = 0;

async function open(url: string, commandWithinMs?: number) {
  let now = 1_000_000;
  instances += 1;
  const instance = instances.toString(16).padStart(16, '0');
  const local = new MemoryRegistry(instance, seededRandom(instances), () => now);
  const link = new RedisLink(url, instance, log, commandWithinMs);
  const registry = new RedisRegistry(
    local,
    link,
    seededRandom(instances),
    () => now,
    () => now,
  );
  const reached: { count: number; changed: () => void } = { count: 0, changed: () => undefined };
  const lost: { count: number; changed: () => void } = { count: 0, changed: () => undefined };
  await link.start({
    alive: () => undefined,
    lost: async () => {
      await registry.tellAgain();
      lost.count += 1;
      lost.changed();
    },
    reached: async () => {
      await registry.tellAgain();
      reached.count += 1;
      reached.changed();
    },
  });
  const pass = (ms: number) => {
    now += ms;
  };
  /** Settles when Redis was reached that many times. */
  const reachedTimes = (times: number) =>
    new Promise<void>((resolve) => {
      reached.changed = () => {
        if (reached.count >= times) resolve();
      };
      reached.changed();
    });
  /** Settles when a loss was noticed that many times, and mended. */
  const lostTimes = (times: number) =>
    new Promise<void>((resolve) => {
      lost.changed = () => {
        if (lost.count >= times) resolve();
      };
      lost.changed();
    });
  return { registry, link, pass, reachedTimes, lostTimes, close: () => link.close() };
}

if (redis.kind === 'missing') {
  test.skip(`Redis registry: ${redis.sentence}`, () => undefined);
} else {
  suites(redis);
}

function suites(service: RedisService): void {
  beforeAll(() => expect(service.port).toBeGreaterThan(0));
  afterAll(() => service.stop());

  registrySuite('Redis', () => open(service.url));

  describe('several instances', () => {
    test('[TR3] [SV13] members of one swarm on two instances find each other', async () => {
      const [one, two] = await Promise.all([open(service.url), open(service.url)]);
      const swarm = freshSwarm();
      await one.registry.announce(arrival(swarm, 1, { seed: true }));
      const welcome = await welcomed(two.registry, arrival(swarm, 2));
      expect(welcome.counts).toEqual({ complete: 1, incomplete: 1, downloaded: 0 });
      expect(welcome.named).toEqual([{ peerId: member(1), seed: true, instance: one.registry.instance }]);
      expect(await two.registry.locate(swarm, member(1))).toBe(one.registry.instance);
      expect(await one.registry.leave(swarm, member(2))).toEqual({
        complete: 1,
        incomplete: 1,
        downloaded: 0,
      });
      await Promise.all([one.close(), two.close()]);
    });

    test('[TR4] [SV13] a peer id that another instance holds is held, unless it is taken over', async () => {
      const [one, two] = await Promise.all([open(service.url), open(service.url)]);
      const swarm = freshSwarm();
      await one.registry.announce(arrival(swarm, 1));
      expect(await two.registry.announce(arrival(swarm, 1))).toEqual({
        kind: 'held',
        by: one.registry.instance,
      });
      await welcomed(two.registry, arrival(swarm, 1, { takeOver: true }));
      expect(await one.registry.locate(swarm, member(1))).toBe(two.registry.instance);
      await one.registry.leave(swarm, member(1));
      expect(await one.registry.locate(swarm, member(1))).toBe(two.registry.instance);
      await Promise.all([one.close(), two.close()]);
    });

    test('[SV13] the members of an instance that died are gone after 35 s', async () => {
      const [one, two] = await Promise.all([open(service.url), open(service.url)]);
      const swarm = freshSwarm();
      await one.registry.announce(arrival(swarm, 1, { seed: true, completed: true }));
      await one.close();
      two.pass(34_999);
      expect((await welcomed(two.registry, arrival(swarm, 2))).named).toHaveLength(1);
      two.pass(1);
      expect((await welcomed(two.registry, arrival(swarm, 2))).counts.complete).toBe(0);
      expect(await two.registry.locate(swarm, member(1))).toBeNull();
      await two.close();
    });

    test('[SV13] the bus carries messages to the instance that they are for', async () => {
      const [one, two] = await Promise.all([open(service.url), open(service.url)]);
      const swarm = freshSwarm();
      const heard = new Promise((resolve) => two.link.listen((from, message) => resolve({ from, message })));
      const message = { kind: 'signal', swarm, from: member(1), to: member(2), payload: 'π' } as const;
      expect(await one.link.send(two.registry.instance, message)).toBe(true);
      expect(await heard).toEqual({ from: one.registry.instance, message });
      expect(await one.link.send('nobody', message)).toBe(false);
      await Promise.all([one.close(), two.close()]);
    });
  });

  describe('a Redis in trouble', () => {
    test('[SV13] Redis goes away: the instance serves its own members; comes back empty: it is told again', async () => {
      const own = await startRedis();
      if (own.kind === 'missing') throw new Error(own.sentence);
      const [one, two] = await Promise.all([open(own.url), open(own.url)]);
      const swarm = freshSwarm();
      await one.registry.announce(arrival(swarm, 1, { seed: true }));
      await two.registry.announce(arrival(swarm, 2));
      warnings.length = 0;
      await own.kill();
      expect((await welcomed(one.registry, arrival(swarm, 3))).named).toMatchObject([{ peerId: member(1) }]);
      expect((await welcomed(two.registry, arrival(swarm, 2))).named).toEqual([]);
      expect(one.link.up).toBe(false);
      expect(warnings.filter((text) => text.startsWith('Redis is away'))).toHaveLength(2);
      await own.restart();
      await Promise.all([one.reachedTimes(2), two.reachedTimes(2)]);
      const { named } = await welcomed(two.registry, arrival(swarm, 2));
      expect(new Set(named.map((one_) => one_.peerId))).toEqual(new Set([member(1), member(3)]));
      await Promise.all([one.close(), two.close()]);
      await own.stop();
    });

    async function flushed(command: 'all' | string) {
      const own = await startRedis();
      if (own.kind === 'missing') throw new Error(own.sentence);
      const { Redis } = await import('ioredis');
      const other = new Redis(own.url);
      const [one, two] = await Promise.all([open(own.url), open(own.url)]);
      const swarm = freshSwarm();
      await one.registry.announce(arrival(swarm, 1, { seed: true, completed: true }));
      for (let serial = 2; serial <= 4; serial++) await one.registry.announce(arrival(swarm, serial));
      if (command === 'all') await other.flushall();
      else await other.del(`shoal:{${swarm}}:${command}`);
      const close = async () => {
        other.disconnect();
        await Promise.all([one.close(), two.close()]);
        await own.stop();
      };
      return { one, two, swarm, close };
    }
    const idsOf = ({ named }: { named: readonly { peerId: unknown }[] }) =>
      named.map(({ peerId }) => peerId).toSorted();
    const four = [1, 2, 3, 4].map((serial) => member(serial));

    test('[SV13] FLUSHALL: a newcomer here sees everybody here at once, one elsewhere when the loss is noticed', async () => {
      const { one, two, swarm, close } = await flushed('all');
      const here = await welcomed(one.registry, arrival(swarm, 5));
      expect([idsOf(here), here.counts]).toEqual([four, { complete: 1, incomplete: 4, downloaded: 1 }]);
      await one.lostTimes(1);
      const there = await welcomed(two.registry, arrival(swarm, 6));
      expect(idsOf(there)).toEqual([...four, member(5)]);
      expect(there.counts).toEqual({ complete: 1, incomplete: 5, downloaded: 1 });
      await close();
    });

    test.each(['where', 'seeds', 'leechers'])(
      '[SV13] the key `%s` of a swarm is lost: the next announce heals it',
      async (key) => {
        const { one, two, swarm, close } = await flushed(key);
        expect(idsOf(await welcomed(one.registry, arrival(swarm, 2)))).toEqual(
          four.filter((id) => id !== member(2)),
        );
        // What was told meanwhile has arrived when this is answered.
        await one.registry.locate(swarm, member(1));
        expect(idsOf(await welcomed(two.registry, arrival(swarm, 6)))).toEqual(four);
        await close();
      },
    );

    test('[SV13] [TR6] many scrapes ask Redis for a swarm once', async () => {
      const own = await startRedis();
      if (own.kind === 'missing') throw new Error(own.sentence);
      const { registry, close } = await open(own.url);
      const { Redis } = await import('ioredis');
      const other = new Redis(own.url);
      const swarms = Array.from({ length: 100 }, () => freshSwarm());
      const calls = async () =>
        Number(/cmdstat_evalsha:calls=(\d+)/.exec(await other.info('commandstats'))?.[1]);
      const before = await calls();
      await Promise.all(Array.from({ length: 50 }, () => registry.scrape(swarms)));
      // A heartbeat may have come between.
      expect((await calls()) - before).toBeLessThan(110);
      other.disconnect();
      await close();
      await own.stop();
    });

    test('[SV13] no Redis at all at the start', async () => {
      const { registry, link, close } = await open('redis://127.0.0.1:1');
      const swarm = freshSwarm();
      await registry.announce(arrival(swarm, 1));
      expect((await welcomed(registry, arrival(swarm, 2))).named).toHaveLength(1);
      expect(await registry.scrape([swarm])).toEqual([{ complete: 0, incomplete: 2, downloaded: 0 }]);
      expect(link.up).toBe(false);
      await close();
    });

    test.each([
      ['no protocol at all', 'HTTP/1.1 200 OK\r\n\r\n<html>'],
      ['the wrong answers', '*3\r\n$3\r\nfoo\r\n:-7\r\n$-1\r\n'],
      ['nothing but errors', '-ERR no\r\n'],
      ['a length that never comes', '$100000000\r\nabc'],
    ])('[SV13] a Redis that answers %s', async (_what, answer) => {
      const { server, sockets, port } = await garbage(answer);
      const { registry, close } = await open(`redis://127.0.0.1:${port}`, 100);
      const swarm = freshSwarm();
      await registry.announce(arrival(swarm, 1));
      expect((await welcomed(registry, arrival(swarm, 2))).named).toHaveLength(1);
      expect(await registry.locate(swarm, member(2))).toBe(registry.instance);
      await close();
      for (const socket of sockets) socket.destroy();
      server.close();
    });

    test('[SV13] garbage under our keys and on our channel', async () => {
      const own = await startRedis();
      if (own.kind === 'missing') throw new Error(own.sentence);
      const { registry, link, close } = await open(own.url);
      const swarm = freshSwarm();
      const { Redis } = await import('ioredis');
      const other = new Redis(own.url);
      link.listen(() => {
        throw new Error('garbage was understood');
      });
      expect(
        Number(
          await other.spublish(`shoal:bus:${registry.instance}`, '{"from":"x","message":{"kind":"signal"}}'),
        ),
      ).toBe(1);
      await other.set(`shoal:{${swarm}}:age`, 'not a sorted set');
      expect((await welcomed(registry, arrival(swarm, 1))).counts.incomplete).toBe(1);
      expect((await welcomed(registry, arrival(swarm, 2))).named).toHaveLength(1);
      other.disconnect();
      await close();
      await own.stop();
    });
  });
}

function garbage(answer: string): Promise<{ server: Server; sockets: Set<Socket>; port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('data', () => socket.write(answer));
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve({ server, sockets, port: (server.address() as AddressInfo).port });
    });
  });
}
