import * as v from 'valibot';
import { afterEach, describe, expect, test } from 'vitest';
import { MAX_COMMANDS, MAX_COMMAND_UNITS, RedisLink } from './redis-link.ts';
import { SCRIPTS } from './redis-scripts.ts';
import type { InstanceId } from './swarms.ts';
import { one, swarmA, two } from './testing/client.ts';
import { FakeRedis, SILENCE } from './testing/fake-redis.ts';
import type { Reply } from './testing/fake-redis.ts';
import { HeardLog, settled } from './testing/fakes.ts';

const OWN = 'own-instance';
const CHANNEL = `shoal:bus:${OWN}`;
const SIGNAL = { kind: 'signal', swarm: swarmA, from: one, to: two, payload: 'π' } as const;

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** What a link tells of itself; `next` settles with the next time that Redis is reached. */
function listening() {
  const reached: (readonly InstanceId[])[] = [];
  const alive: (readonly InstanceId[])[] = [];
  const losses = { count: 0 };
  let waiters: (() => void)[] = [];
  return {
    losses,
    aliveTimes: async (times: number) => {
      while (alive.length < times) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    reached,
    alive,
    reachedTimes: async (times: number) => {
      while (reached.length < times) await new Promise<void>((resolve) => waiters.push(resolve));
    },
    events: {
      reached: async (others: readonly InstanceId[]) => {
        reached.push(others);
        for (const waiter of waiters.splice(0)) waiter();
        waiters = [];
      },
      lost: async () => {
        losses.count += 1;
      },
      alive: (others: readonly InstanceId[]) => {
        alive.push(others);
        for (const waiter of waiters.splice(0)) waiter();
      },
    },
  };
}

async function open(prepare: (redis: FakeRedis) => void = () => undefined, commandWithinMs = 5_000) {
  const redis = await FakeRedis.open();
  prepare(redis);
  const log = new HeardLog();
  const link = new RedisLink(redis.url, OWN, log, commandWithinMs);
  const heard: unknown[] = [];
  link.listen((from, message) => void heard.push({ from, message }));
  const listener = listening();
  cleanUps.push(
    () => redis.close(),
    () => link.close(),
  );
  await link.start(listener.events);
  const texts = () => log.lines.map(({ level, text }) => `${level}: ${text}`);
  return { redis, link, log, texts, heard, ...listener };
}

/** The heartbeat is answered with these instances, every other script with that. */
function answering(instances: readonly string[], other: Reply | typeof SILENCE) {
  return (_command: string, [sha = '']: readonly string[]) =>
    sha === SCRIPTS.beat.sha1 || sha === SCRIPTS.beat.lua ? instances : other;
}

const ask = (link: RedisLink) => link.run(SCRIPTS.locate, ['key'], ['argument'], v.string());
const AWAY = 'warn: Redis is away: this instance serves its own members alone until it is back';
const BACK = 'info: Redis is back: members here and elsewhere find each other again';

describe('[SV13] Redis can be relied on', () => {
  test('once our own channel reaches us, and says who else is alive', async () => {
    const { redis, link, reached, texts } = await open((redis) => {
      redis.script = answering([OWN, 'other'], 'there');
    });
    expect([link.up, reached]).toEqual([true, [['other']]]);
    expect(redis.asked('SSUBSCRIBE')).toEqual([['SSUBSCRIBE', CHANNEL]]);
    expect(await ask(link)).toBe('there');
    expect(texts()).toEqual([]);
  });

  test('not while what is published does not reach us', async () => {
    const { redis, link, reached } = await open((redis) => {
      redis.deaf = true;
    });
    expect([link.up, reached]).toEqual([false, []]);
    expect(await ask(link)).toBeNull();
    expect(await link.send(OWN, SIGNAL)).toBe(false);
    expect(redis.asked('EVALSHA')).toEqual([]);
  });

  test('not where it does not know the heartbeat', async () => {
    const { link, texts } = await open((redis) => {
      redis.script = () => new Error('ERR unknown command');
    });
    expect([link.up, texts()]).toEqual([false, [AWAY]]);
  });
});

describe('[SV13] scripts', () => {
  test('one that Redis has forgotten is sent whole', async () => {
    const { redis, link } = await open((redis) => {
      redis.script = (command, args) =>
        command === 'EVALSHA'
          ? new Error('NOSCRIPT No matching script.')
          : answering([], 'there')(command, args);
    });
    expect(await ask(link)).toBe('there');
    expect(redis.asked('EVAL').at(-1)).toEqual(['EVAL', SCRIPTS.locate.lua, '1', 'key', 'argument']);
  });

  test.each<[string, Reply | typeof SILENCE]>([
    ['an error', new Error('WRONGTYPE Operation against a key')],
    ['something else than the script does', 7],
    ['nothing where something must be', null],
    ['silence', SILENCE],
  ])(
    '%s is no answer: Redis is away, which is said once, and back with the next heartbeat',
    async (_what, reply) => {
      const { redis, link, texts, reachedTimes } = await open((redis) => {
        redis.script = answering(['other'], 'there');
      }, 100);
      redis.script = answering(['other'], reply);
      expect(await ask(link)).toBeNull();
      expect(link.up).toBe(false);
      // Nobody waits for a Redis that is away.
      const asked = redis.asked('EVALSHA').length;
      expect(await Promise.all([ask(link), ask(link)])).toEqual([null, null]);
      expect(redis.asked('EVALSHA').length).toBe(asked);
      expect(texts()).toEqual([AWAY]);
      redis.script = answering(['other'], 'there');
      redis.wake();
      await reachedTimes(2);
      expect([link.up, await ask(link)]).toEqual([true, 'there']);
      expect(texts()).toEqual([AWAY, BACK]);
    },
  );
});

describe('[SV13] a connection that breaks', () => {
  test('is said once, and made anew, with the channel subscribed again', async () => {
    const { redis, link, texts, reachedTimes } = await open((redis) => {
      redis.script = answering([OWN, 'other'], 'there');
    });
    redis.cutAll();
    await reachedTimes(2);
    expect(link.up).toBe(true);
    expect(texts()).toEqual([AWAY, BACK]);
    expect(redis.asked('SSUBSCRIBE')).toHaveLength(2);
    expect(redis.publish(CHANNEL, '')).toBe(1);
  });

  test('costs what was under way, which is answered at once', async () => {
    const { redis, link } = await open((redis) => {
      redis.script = answering([], 'there');
    });
    redis.script = answering([], SILENCE);
    const asked = ask(link);
    const asking = redis.asked('EVALSHA').length;
    while (redis.asked('EVALSHA').length === asking) await settled();
    redis.cutAll();
    expect(await asked).toBeNull();
  });
});

describe('[SV13] a Redis that has lost its keys', () => {
  test('is told again at the next beat, and the others are not dead for it', async () => {
    const { redis, alive, losses, aliveTimes } = await open((redis) => {
      redis.script = answering([], 'there');
    });
    redis.script = answering([OWN, 'other'], 'there');
    await aliveTimes(1);
    expect([losses.count, alive.at(-1)]).toEqual([0, ['other']]);
    redis.script = answering([], 'there');
    await aliveTimes(2);
    expect([losses.count, alive.at(-1)]).toEqual([1, ['other']]);
    redis.script = answering([OWN, 'third'], 'there');
    await aliveTimes(3);
    expect([losses.count, alive.at(-1)]).toEqual([1, ['other', 'third']]);
  });
});

describe('[SV13] a Redis that is slow', () => {
  test('is asked no more than so much at once, and is not away for it', async () => {
    const { redis, link } = await open((redis) => {
      redis.script = answering([OWN], 'there');
    }, 60_000);
    redis.script = answering([OWN], SILENCE);
    const asked = Array.from({ length: MAX_COMMANDS }, () => ask(link));
    expect(await ask(link)).toBeNull();
    expect(await link.send(OWN, SIGNAL)).toBe(false);
    expect(link.up).toBe(true);
    redis.cutAll();
    expect(new Set(await Promise.all(asked))).toEqual(new Set([null]));
  });

  test('nor more than so many bytes', async () => {
    const { redis, link } = await open((redis) => {
      redis.script = answering([OWN], 'there');
    }, 60_000);
    redis.script = answering([OWN], SILENCE);
    void ask(link);
    const payload = 'x'.repeat(16_000);
    const sent: Promise<boolean>[] = [];
    for (let bytes = 0; bytes < MAX_COMMAND_UNITS; bytes += payload.length)
      sent.push(link.send('other', { ...SIGNAL, payload }));
    expect(await link.send('other', { ...SIGNAL, payload })).toBe(false);
    expect(link.up).toBe(true);
    redis.cutAll();
    expect(new Set(await Promise.all(sent))).toEqual(new Set([false]));
  });
});

describe('[SV13] the bus', () => {
  test('carries a message to its channel, and says whether anybody heard it', async () => {
    const { redis, link, heard } = await open();
    expect(await link.send(OWN, SIGNAL)).toBe(true);
    while (heard.length === 0) await settled();
    expect(heard).toEqual([{ from: OWN, message: SIGNAL }]);
    expect(await link.send('gone', SIGNAL)).toBe(false);
    expect(redis.asked('SPUBLISH').at(-1)?.[1]).toBe('shoal:bus:gone');
    expect(link.up).toBe(true);
  });

  test('[SV10] what is not understood is dropped, and only its length is logged', async () => {
    const { redis, heard, log } = await open();
    const strange = JSON.stringify({ from: 'x', message: { ...SIGNAL, to: 'secret' } });
    expect(redis.publish(CHANNEL, strange)).toBe(1);
    redis.publish(CHANNEL, JSON.stringify({ from: 'x', message: { kind: 'list-all' } }));
    while (heard.length === 0) await settled();
    expect(heard).toEqual([{ from: 'x', message: { kind: 'list-all' } }]);
    expect(log.lines).toEqual([
      {
        level: 'warn',
        text: 'a message from another instance was not understood',
        fields: { bytes: strange.length },
      },
    ]);
  });
});

describe('[SV13] an instance that stops', () => {
  test('is off the list at once, and says no more', async () => {
    const { redis, link, texts } = await open();
    await link.close();
    expect(redis.asked('ZREM')).toEqual([['ZREM', 'shoal:{instances}', OWN]]);
    redis.cutAll();
    expect(await ask(link)).toBeNull();
    expect(await link.send(OWN, SIGNAL)).toBe(false);
    expect([link.up, texts()]).toEqual([false, []]);
  });

  test('while Redis is away, does not wait for it', async () => {
    const { redis, link } = await open((redis) => {
      redis.deaf = true;
    });
    await link.close();
    expect(redis.asked('ZREM')).toEqual([]);
  });
});
