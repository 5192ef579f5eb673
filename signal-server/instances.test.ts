import { afterAll, describe, expect, test } from 'vitest';
import { infoHash } from '../shared/ids.ts';
import { proofMessage } from '../shared/peer/prove.ts';
import { nodeIdentity } from '../shared/peer/testing/node-identity.ts';
import type { Log } from './log.ts';
import { startServer } from './server.ts';
import { announce, connect, hex, one, swarmA, three, two } from './testing/client.ts';
import { startRedis } from './testing/services.ts';

const redis = await startRedis();
const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

if (redis.kind === 'missing') {
  test.skip(`two instances behind Redis: ${redis.sentence}`, nothing);
} else {
  const start = () => startServer({ host: '127.0.0.1', port: 0, log, redisUrl: redis.url });
  afterAll(() => redis.stop());

  describe('two instances behind one Redis', () => {
    test('[SV13] [TR5] [TR7] their clients meet, signal each other and hear of leaving', async () => {
      const [left, right] = [await start(), await start()];
      const [a, b] = [await connect(left.port), await connect(right.port)];
      a.say(announce(one, { left: 0 }));
      await a.hear('peers');
      b.say(announce(two));
      expect(await b.hear('peers')).toMatchObject({
        complete: 1,
        incomplete: 1,
        peers: [{ peerId: one, seed: true }],
      });
      expect(await a.hear('joined')).toMatchObject({ peerId: two, seed: false });
      b.say({ type: 'signal', swarm: swarmA, from: two, to: one, payload: 'offer' });
      expect(await a.hear('signal')).toMatchObject({ from: two, payload: 'offer' });
      a.say({ type: 'signal', swarm: swarmA, from: one, to: two, payload: 'answer' });
      expect(await b.hear('signal')).toMatchObject({ from: one, payload: 'answer' });
      a.say({ type: 'signal', swarm: swarmA, from: one, to: three, payload: 'x' });
      expect(await a.hear('error')).toMatchObject({ code: 'no-such-peer' });
      const stranger = await connect(right.port);
      stranger.say(announce(one));
      expect(await stranger.hear('error')).toMatchObject({ code: 'in-use' });
      a.close();
      expect(await b.hear('left')).toMatchObject({ peerId: one });
      const health = await fetch(`${right.url}/health`);
      expect(await health.json()).toEqual({ status: 'ok', redis: 'connected' });
      await Promise.all([left.close(), right.close()]);
    });

    test('[SV13] [ID3] [TR4] an id that was announced on one is taken over by a proof on the other', async () => {
      const [left, right] = [await start(), await start()];
      const [thief, witness, owner] = await Promise.all([left, left, right].map(({ port }) => connect(port)));
      const identity = nodeIdentity();
      thief!.say(announce(identity.id));
      await thief!.hear('peers');
      witness!.say(announce(two));
      await witness!.hear('peers');
      await thief!.hear('joined');
      owner!.say({ type: 'challenge' });
      owner!.say(await proofMessage(identity, (await owner!.hear('challenge')).challenge));
      await owner!.hear('proved');
      owner!.say(announce(identity.id, { left: 0 }));
      expect(await owner!.hear('peers')).toMatchObject({ complete: 1, incomplete: 1 });
      expect(await thief!.hear('error')).toMatchObject({ code: 'in-use', about: { peerId: identity.id } });
      witness!.say({ type: 'signal', swarm: swarmA, from: two, to: identity.id, payload: 'offer' });
      expect(await owner!.hear('signal')).toMatchObject({ from: two });
      thief!.say(announce(identity.id));
      expect(await thief!.hear('error')).toMatchObject({ code: 'in-use' });
      await Promise.all([left.close(), right.close()]);
    });

    test('[SV13] [TR8] a share that is listed on one is found on the other, also by one that starts later', async () => {
      const left = await start();
      const a = await connect(left.port);
      const listing = { infoHash: infoHash(hex('f'))!, name: 'listed.txt', size: 1, files: 1 };
      a.say(announce(one, { left: 0 }));
      await a.hear('peers');
      a.say({ type: 'publish', swarm: swarmA, peerId: one, ...listing });
      await a.hear('published');
      const right = await start();
      const b = await connect(right.port);
      const found = async (total: number) => {
        for (;;) {
          b.say({ type: 'search', query: 'listed' });
          const results = await b.hear('results');
          if (results.total === total) return results.results;
        }
      };
      expect(await found(1)).toEqual([{ ...listing, complete: 1, incomplete: 0 }]);
      a.close();
      expect(await found(0)).toEqual([]);
      await Promise.all([left.close(), right.close()]);
    });

    test('[SV13] an instance that stops takes its members with it, and those who knew them hear it', async () => {
      const [left, right] = [await start(), await start()];
      const [a, b] = [await connect(left.port), await connect(right.port)];
      a.say(announce(one));
      await a.hear('peers');
      b.say(announce(two));
      await b.hear('peers');
      await left.close();
      expect(await b.hear('left')).toMatchObject({ peerId: one });
      const again = await connect(right.port);
      again.say(announce(one));
      expect(await again.hear('peers')).toMatchObject({ incomplete: 2 });
      await right.close();
    });
  });
}
