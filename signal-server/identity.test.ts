/** [ID3] [TR4] Whose a peer id is, over real sockets: before a restart of the server, and after it. */
import { afterEach, describe, expect, test } from 'vitest';
import { proofMessage } from '../shared/peer/prove.ts';
import { nodeIdentity } from '../shared/peer/testing/node-identity.ts';
import type { Identity } from '../shared/peer/ports.ts';
import type { Log } from './log.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';
import { announce, connect, swarmA, swarmB, two } from './testing/client.ts';
import type { TestClient } from './testing/client.ts';

const nothing = () => undefined;
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
const servers: RunningServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function serve(port = 0): Promise<RunningServer> {
  const server = await startServer({ host: '127.0.0.1', port, log });
  servers.push(server);
  return server;
}

async function prove(client: TestClient, identity: Identity): Promise<void> {
  client.say({ type: 'challenge' });
  const { challenge } = await client.hear('challenge');
  client.say(await proofMessage(identity, challenge));
  expect(await client.hear('proved')).toEqual({ type: 'proved', peerId: identity.id });
}

describe.each(['ed25519', 'p256'] as const)('[ID3] [TR4] an id proved by %s', (algorithm) => {
  test('after a restart of the server a thief that comes first loses it to its owner at once', async () => {
    const owner = nodeIdentity(algorithm);
    const before = await serve();
    const sharer = await connect(before.port);
    await prove(sharer, owner);
    sharer.say(announce(owner.id, { left: 0 }));
    await sharer.hear('peers');
    await before.close();
    await serve(before.port);
    const thief = await connect(before.port);
    for (const swarm of [swarmA, swarmB]) {
      thief.say(announce(owner.id, { left: 0, swarm }));
      await thief.hear('peers');
    }
    const back = await connect(before.port);
    await prove(back, owner);
    back.say(announce(owner.id, { left: 0 }));
    expect(await back.hear('peers')).toMatchObject({ complete: 1, incomplete: 0 });
    for (const swarm of [swarmA, swarmB]) {
      expect(await thief.hear('error')).toMatchObject({ code: 'in-use', about: { swarm, peerId: owner.id } });
    }
    const newcomer = await connect(before.port);
    newcomer.say(announce(two));
    expect((await newcomer.hear('peers')).peers).toEqual([{ peerId: owner.id, seed: true }]);
    newcomer.say({ type: 'signal', swarm: swarmA, from: two, to: owner.id, payload: 'offer' });
    expect(await back.hear('joined')).toMatchObject({ peerId: two });
    expect(await back.hear('signal')).toMatchObject({ from: two, payload: 'offer' });
    thief.say(announce(owner.id));
    expect(await thief.hear('error')).toMatchObject({ code: 'in-use' });
    expect(await thief.heardSoFar()).toEqual([]);
  });
});

test('[ID3] a proof that was overheard on one socket proves nothing on another, nor after a restart', async () => {
  const owner = nodeIdentity();
  const before = await serve();
  const sharer = await connect(before.port);
  sharer.say({ type: 'challenge' });
  const overheard = await proofMessage(owner, (await sharer.hear('challenge')).challenge);
  const thief = await connect(before.port);
  thief.say(overheard);
  expect(await thief.hear('error')).toMatchObject({ code: 'bad-proof' });
  sharer.say(overheard);
  await sharer.hear('proved');
  await before.close();
  await serve(before.port);
  const again = await connect(before.port);
  again.say(overheard);
  expect(await again.hear('error')).toMatchObject({ code: 'bad-proof', about: { peerId: owner.id } });
});

test('[ID3] proofs of one socket are few, and its flood keeps nobody else waiting', async () => {
  const server = await serve();
  const [flood, other] = [await connect(server.port), await connect(server.port)];
  const wrong = await proofMessage(nodeIdentity('p256'), '00'.repeat(32));
  for (let times = 0; times < 300; times++) flood.say(wrong);
  await prove(other, nodeIdentity('p256'));
  const codes: string[] = [];
  for (let times = 0; times < 300; times++) codes.push((await flood.hear('error')).code);
  expect(codes.filter((code) => code === 'bad-proof')).toHaveLength(8);
  expect(new Set(codes.slice(8))).toEqual(new Set(['rate-limited']));
});
