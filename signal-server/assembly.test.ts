import { describe, expect, test } from 'vitest';
import { infoHash } from '../shared/ids.ts';
import { clientText, parseClientMessage } from '../shared/tracker/messages.ts';
import type { ClientMessageDraft } from '../shared/tracker/messages.ts';
import { assemble } from './assembly.ts';
import type { Assembly } from './assembly.ts';
import { defaultConfig } from './config.ts';
import type { Config } from './config.ts';
import { announce, hex, one, swarmA, two } from './testing/client.ts';
import { FakeSocket, HeardLog } from './testing/fakes.ts';

const listing = { infoHash: infoHash(hex('f'))!, name: 'x', size: 1, files: 1 };

const put = (change: Partial<Config>): Promise<Assembly> =>
  assemble({ ...defaultConfig(), ...change }, new HeardLog(), () => 0);

async function say({ tracker }: Assembly, socket: FakeSocket, draft: ClientMessageDraft) {
  const message = parseClientMessage(clientText(draft));
  if (message.type === 'refused') throw new Error(message.message);
  await tracker.handle(socket, message);
  return socket.heard();
}

async function gauge({ metrics }: Assembly, name: string): Promise<string | undefined> {
  return new RegExp(`^${name} (.*)$`, 'm').exec(await metrics.text())?.[1];
}

describe('[SV7] what the configuration makes of a server', () => {
  test('nothing set: limits and a directory, and nobody else is asked', async () => {
    const assembly = await put({});
    expect([assembly.limits === null, assembly.shared]).toEqual([false, null]);
    expect(await say(assembly, new FakeSocket(), { type: 'search', query: '' })).toMatchObject([
      { type: 'results', total: 0 },
    ]);
    expect(await gauge(assembly, 'shoal_redis_up')).toBeUndefined();
  });

  test('without limits, and without a directory', async () => {
    const assembly = await put({ rateLimit: null, directory: false });
    expect(assembly.limits).toBeNull();
    expect(await say(assembly, new FakeSocket(), { type: 'search', query: '' })).toMatchObject([
      { code: 'directory-off' },
    ]);
    expect(await gauge(assembly, 'shoal_listings')).toBe('0');
  });

  test('limits are scaled by the factor', async () => {
    const { limits } = await put({ rateLimit: 1 / 4_000 });
    expect([await limits?.request('a'), await limits?.request('a')]).toEqual([true, false]);
  });

  test('[SV13] a Redis that is not there: the server starts on its own, and says so', async () => {
    const log = new HeardLog();
    const config = { ...defaultConfig(), redisUrl: 'redis://127.0.0.1:1' };
    const assembly = await assemble(config, log, () => 0);
    expect([assembly.shared?.connected, await gauge(assembly, 'shoal_redis_up')]).toEqual([false, '0']);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    const socket = new FakeSocket();
    expect(await say(assembly, socket, announce(one))).toMatchObject([{ type: 'peers', incomplete: 1 }]);
    await assembly.shared?.close();
  });
});

test('[SV8] the gauges show what the tracker holds', async () => {
  const assembly = await put({});
  const [a, b] = [new FakeSocket(), new FakeSocket()];
  await say(assembly, a, announce(one));
  await say(assembly, b, announce(two));
  await say(assembly, a, { type: 'publish', swarm: swarmA, peerId: one, ...listing });
  assembly.sockets = 2;
  const shown = async () =>
    Promise.all(['sockets', 'swarms', 'peers', 'listings'].map((what) => gauge(assembly, `shoal_${what}`)));
  expect(await shown()).toEqual(['2', '1', '2', '1']);
  assembly.tracker.socketClosed(a);
  assembly.sockets = 1;
  expect(await shown()).toEqual(['1', '1', '1', '0']);
});
