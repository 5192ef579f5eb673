import { describe, expect, test } from 'vitest';
import { infoHash, swarmId } from '../shared/ids.ts';
import type { PeerId } from '../shared/ids.ts';
import type { Identity } from '../shared/peer/ports.ts';
import { proofMessage } from '../shared/peer/prove.ts';
import { nodeIdentity } from '../shared/peer/testing/node-identity.ts';
import { seededRandom } from '../shared/random.ts';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import { clientText, parseClientMessage } from '../shared/tracker/messages.ts';
import type { ClientMessage, ClientMessageDraft } from '../shared/tracker/messages.ts';
import { Directory } from './directory.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { NOBODY } from './swarms.ts';
import type { NamedMember, Registry, Welcome } from './swarms.ts';
import { announce, hex, one, swarmA, swarmB, three, two } from './testing/client.ts';
import { FakeBus, FakeSocket, FarRegistry, settled } from './testing/fakes.ts';
import { member } from './testing/registry.suite.ts';
import { Tracker } from './tracker.ts';

function read(draft: ClientMessageDraft): ClientMessage {
  const message = parseClientMessage(clientText(draft));
  if (message.type === 'refused') throw new Error(message.message);
  return message;
}

function withRegistry<R extends Registry>(registry: R, directory: Directory | null = new Directory()) {
  const bus = new FakeBus();
  const tracker = new Tracker({ registry, bus, directory });
  const say = (socket: FakeSocket, draft: ClientMessageDraft) => tracker.handle(socket, read(draft));
  return { registry, bus, tracker, say };
}

/** With the registry of one process; time passes when the test says so. */
function near() {
  let now = 0;
  const pass = (ms: number) => {
    now += ms;
  };
  return { ...withRegistry(new MemoryRegistry('here', seededRandom(1), () => now)), pass };
}

/** With a registry that answers when it is told to. */
const far = () => withRegistry(new FarRegistry());

const welcome = (...named: NamedMember[]): Welcome => ({
  kind: 'welcome',
  counts: { complete: 1, incomplete: 2, downloaded: 3 },
  named,
});
const held: Welcome = { kind: 'held', by: 'far' };
const listing = { infoHash: infoHash(hex('f'))!, name: 'listed.txt', size: 5, files: 1 };
const publish = (peerId: PeerId, change: object = {}): ClientMessageDraft => ({
  type: 'publish',
  swarm: swarmA,
  peerId,
  ...listing,
  ...change,
});

describe('[SV4] a message is handled', () => {
  test('before the call returns where the registry answers at once', () => {
    const { say } = near();
    const socket = new FakeSocket();
    for (const event of ['started', 'update', 'completed', 'stopped'] as const) {
      expect(say(socket, announce(one, { event, left: 0 }))).toBeUndefined();
      expect(socket.heard()).toMatchObject([{ type: 'peers' }]);
    }
    expect(say(socket, announce(one, { event: 'stopped' }))).toBeUndefined();
    expect(socket.heard()).toMatchObject([{ complete: 0, incomplete: 0 }]);
  });

  test('when the registry has answered, and not before', async () => {
    const { say, registry } = far();
    const socket = new FakeSocket();
    const handled = say(socket, announce(one));
    await settled();
    expect(socket.heard()).toEqual([]);
    registry.announces[0]?.tell(welcome());
    await handled;
    expect(socket.heard()).toEqual([
      { type: 'peers', swarm: swarmA, interval: 30, complete: 1, incomplete: 2, downloaded: 3, peers: [] },
    ]);
  });

  test('and many pushes do not delay the answer that causes them', () => {
    const { say } = near();
    const flushesFor = (others: number) => {
      const swarm = swarmId(others.toString(16).padStart(64, 'e'))!;
      for (let serial = 0; serial < others; serial++) {
        say(new FakeSocket(), announce(member(100 * others + serial), { swarm, want: 0 }));
      }
      const newcomer = new FakeSocket();
      say(newcomer, announce(member(others), { swarm }));
      return newcomer.flushes;
    };
    expect([flushesFor(0), flushesFor(4), flushesFor(5)]).toEqual([0, 0, 1]);
  });
});

describe('[TR3] a member that goes while the registry is asked', () => {
  test('is not answered, and is taken out again', async () => {
    const { say, registry, tracker } = far();
    const socket = new FakeSocket();
    const handled = say(socket, announce(one));
    tracker.socketClosed(socket);
    expect(registry.leaves.map(({ member: left }) => left)).toEqual([{ swarm: swarmA, peerId: one }]);
    registry.announces[0]?.tell(welcome());
    await handled;
    expect(socket.heard()).toEqual([]);
    // It was entered only after it had been taken out.
    expect(registry.leaves).toHaveLength(2);
  });

  test('is let be where another instance holds it', async () => {
    const { say, registry, tracker } = far();
    const socket = new FakeSocket();
    const handled = say(socket, announce(one));
    tracker.socketClosed(socket);
    registry.announces[0]?.tell(held);
    await handled;
    expect(registry.leaves).toHaveLength(1);
  });
});

describe('[TR3] stopped', () => {
  test('answers the counts without the member, and who knew it is told', () => {
    const { say } = near();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    say(a, announce(one));
    say(b, announce(two, { left: 0 }));
    a.heard();
    b.heard();
    say(b, announce(two, { event: 'stopped' }));
    expect(b.heard()).toMatchObject([{ type: 'peers', complete: 0, incomplete: 1, peers: [] }]);
    expect(a.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: two }]);
  });

  test('from somebody who is no member answers the counts, behind a slow registry too', async () => {
    const { say, registry } = far();
    const socket = new FakeSocket();
    const answered = [
      say(socket, announce(one, { event: 'stopped' })),
      say(socket, announce(two, { event: 'stopped' })),
    ];
    expect(registry.leaves).toEqual([]);
    registry.scrapes[1]?.tell([]);
    registry.scrapes[0]?.tell([{ complete: 4, incomplete: 5, downloaded: 6 }]);
    await Promise.all(answered);
    const counts = socket.heard().map((message) => (message.type === 'peers' ? message.complete : -1));
    expect(counts.toSorted()).toEqual([0, 4]);
  });
});

describe('[TR3] time', () => {
  test('who has not announced is gone at the next look, and its listing with it', async () => {
    const { say, pass, tracker } = near();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    say(a, announce(one));
    say(a, publish(one));
    pass(10_000);
    say(b, announce(two));
    b.heard();
    pass(MEMBER_LIFE_MS - 10_000);
    tracker.expire();
    expect(b.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: one }]);
    expect(a.members.size).toBe(0);
    await say(b, { type: 'search', query: '' });
    expect(b.heard()).toMatchObject([{ type: 'results', total: 0 }]);
  });

  test('one that the registry alone remembers is nobody here', () => {
    const { registry, tracker } = far();
    registry.expired = [{ swarm: swarmA, peerId: one }];
    expect(() => tracker.expire()).not.toThrow();
  });
});

describe('[TR4] a peer id that another socket of this instance holds', () => {
  test('is refused while that one answers', async () => {
    const { say } = near();
    const [holder, other] = [new FakeSocket(), new FakeSocket()];
    say(holder, announce(one));
    const handled = say(other, announce(one, { swarm: swarmB }));
    holder.pings[0]?.tell(true);
    await handled;
    expect(other.heard()).toMatchObject([
      { type: 'error', code: 'in-use', about: { type: 'announce', swarm: swarmB, peerId: one } },
    ]);
    expect(holder.cuts).toBe(0);
  });

  test('is given up by one that let go of it while it was asked', async () => {
    const { say } = near();
    const [holder, other] = [new FakeSocket(), new FakeSocket()];
    say(holder, announce(one));
    const handled = say(other, announce(one));
    say(holder, announce(one, { event: 'stopped' }));
    holder.pings[0]?.tell(true);
    await handled;
    expect(other.heard()).toMatchObject([{ type: 'peers', incomplete: 1 }]);
  });

  test('goes to one newcomer when two ask for it at once', async () => {
    const { say } = near();
    const [dead, first, second] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    say(dead, announce(one));
    const handled = [say(first, announce(one)), say(second, announce(one))];
    for (const ping of dead.pings) ping.tell(false);
    await settled();
    // The slower one finds the id held anew, and has to ask again.
    first.pings[0]?.tell(true);
    await Promise.all(handled);
    expect(dead.cuts).toBeGreaterThan(0);
    expect(first.heard()).toMatchObject([{ type: 'peers' }]);
    expect(second.heard()).toMatchObject([{ code: 'in-use' }]);
  });
});

describe('[TR4] [SV13] a peer id that another instance holds', () => {
  async function contending() {
    const parts = far();
    const socket = new FakeSocket();
    const handled = parts.say(socket, announce(one));
    parts.registry.announces[0]?.tell(held);
    await settled();
    const asked = parts.bus.said().flatMap(({ message }) => (message.kind === 'still-held' ? message : []));
    const answer = (alive: boolean) =>
      parts.bus.hear('far', { kind: 'held', question: asked[0]!.question, alive });
    return { ...parts, socket, handled, answer };
  }

  test('is refused while the other holds it, and our claim is forgotten', async () => {
    const { socket, handled, answer, registry } = await contending();
    answer(true);
    await handled;
    expect(socket.heard()).toMatchObject([{ code: 'in-use' }]);
    expect(socket.members.size).toBe(0);
    expect([registry.announces.length, registry.leaves.length]).toEqual([1, 0]);
  });

  test('is taken over where the other does not', async () => {
    const { socket, handled, answer, registry } = await contending();
    expect(registry.announces[0]?.arrival.takeOver).toBe(false);
    answer(false);
    await settled();
    expect(registry.announces[1]?.arrival).toMatchObject({ peerId: one, takeOver: true });
    registry.announces[1]?.tell(welcome());
    await handled;
    expect(socket.heard()).toMatchObject([{ type: 'peers', complete: 1 }]);
  });

  test('is nobody’s concern any more when the newcomer has gone', async () => {
    const { socket, handled, answer, registry, tracker } = await contending();
    tracker.socketClosed(socket);
    answer(false);
    await handled;
    expect([socket.heard(), registry.announces.length]).toEqual([[], 1]);
  });

  test('is not given to a second socket of ours meanwhile', async () => {
    const { socket, answer, say } = await contending();
    const second = new FakeSocket();
    const refused = say(second, announce(one));
    socket.pings[0]?.tell(true);
    await refused;
    expect(second.heard()).toMatchObject([{ code: 'in-use' }]);
    answer(true);
  });
});

/** Proves an id on a socket, which then is its peer's. */
async function proves(tracker: Tracker, socket: FakeSocket, identity: Identity): Promise<void> {
  void tracker.handle(socket, { type: 'challenge' });
  const [asked] = socket.heard();
  if (asked?.type !== 'challenge') throw new Error('no challenge');
  await tracker.handle(socket, read(await proofMessage(identity, asked.challenge)));
  expect(socket.heard()).toEqual([{ type: 'proved', peerId: identity.id }]);
}

describe('[TR4] [ID3] a proved id', () => {
  const owner = nodeIdentity();
  const inUse = (swarm = swarmA) => ({
    type: 'error',
    code: 'in-use',
    about: { type: 'announce', swarm, peerId: owner.id },
  });

  test('is taken at once from whoever announced it without a proof, in every swarm', async () => {
    const { say, tracker } = near();
    const [thief, witness, rightful] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    say(thief, announce(owner.id, { left: 0 }));
    say(thief, announce(owner.id, { swarm: swarmB }));
    say(thief, announce(three));
    say(witness, announce(two));
    for (const socket of [thief, witness]) socket.heard();
    await proves(tracker, rightful, owner);
    expect(say(rightful, announce(owner.id, { left: 0 }))).toBeUndefined();
    expect(rightful.heard()).toMatchObject([{ type: 'peers', complete: 1, incomplete: 2 }]);
    expect(thief.heard().filter(({ type }) => type === 'error')).toMatchObject([inUse(), inUse(swarmB)]);
    expect([thief.pings, thief.cuts, [...thief.members].map(({ peerId }) => peerId)]).toEqual([
      [],
      0,
      [three],
    ]);
    expect(witness.heard()).toEqual([
      { type: 'left', swarm: swarmA, peerId: owner.id },
      { type: 'joined', swarm: swarmA, peerId: owner.id, seed: true },
    ]);
    say(witness, { type: 'signal', swarm: swarmA, from: two, to: owner.id, payload: 'offer' });
    expect(rightful.heard()).toMatchObject([{ type: 'signal', from: two }]);
  });

  test('is refused at once to a client without a proof, in every swarm, and nobody is pinged', async () => {
    const { say, tracker } = near();
    const [rightful, thief] = [new FakeSocket(), new FakeSocket()];
    await proves(tracker, rightful, owner);
    say(rightful, announce(owner.id));
    for (const swarm of [swarmA, swarmB]) {
      expect(say(thief, announce(owner.id, { swarm }))).toBeUndefined();
      expect(thief.heard()).toMatchObject([inUse(swarm)]);
    }
    expect([rightful.pings, thief.members.size]).toEqual([[], 0]);
  });

  test('is held by who proves it only afterwards as well', async () => {
    const { say, tracker } = near();
    const [rightful, thief] = [new FakeSocket(), new FakeSocket()];
    say(rightful, announce(owner.id));
    rightful.heard();
    await proves(tracker, rightful, owner);
    say(thief, announce(owner.id));
    expect(thief.heard()).toMatchObject([inUse()]);
  });

  test('goes over to the newer socket of the same peer, whose older one may be dead', async () => {
    const { say, tracker } = near();
    const [older, newer] = [new FakeSocket(), new FakeSocket()];
    for (const socket of [older, newer]) {
      await proves(tracker, socket, owner);
      say(socket, announce(owner.id));
      expect(socket.heard()).toMatchObject([{ type: 'peers', incomplete: 1 }]);
    }
    expect(older.heard()).toMatchObject([inUse()]);
    expect([older.pings, older.members.size]).toEqual([[], 0]);
  });

  test('is not taken by a proof of another one', async () => {
    const { say, tracker } = near();
    const [rightful, thief] = [new FakeSocket(), new FakeSocket()];
    await proves(tracker, rightful, owner);
    say(rightful, announce(owner.id));
    await proves(tracker, thief, nodeIdentity());
    say(thief, announce(owner.id));
    expect(thief.heard()).toMatchObject([inUse()]);
  });

  test('[TR3] cannot be stopped by somebody else', async () => {
    const { say, tracker } = near();
    const [rightful, thief] = [new FakeSocket(), new FakeSocket()];
    await proves(tracker, rightful, owner);
    say(rightful, announce(owner.id));
    say(thief, announce(owner.id, { event: 'stopped' }));
    expect(thief.heard()).toMatchObject([{ type: 'peers', incomplete: 1, peers: [] }]);
    expect(rightful.members.size).toBe(1);
  });

  test('[SV13] is taken from another instance, which is told', async () => {
    const { say, tracker, registry, bus } = far();
    const socket = new FakeSocket();
    await proves(tracker, socket, owner);
    const handled = say(socket, announce(owner.id));
    registry.announces[0]?.tell(held);
    await settled();
    expect(bus.said()).toEqual([{ to: 'far', message: { kind: 'taken', swarm: swarmA, peerId: owner.id } }]);
    expect(registry.announces[1]?.arrival).toMatchObject({ peerId: owner.id, takeOver: true });
    registry.announces[1]?.tell(welcome());
    await handled;
    expect(socket.heard()).toMatchObject([{ type: 'peers' }]);
  });

  test('[SV13] is given up by an unproved holder when another instance says so', () => {
    const { say, bus } = near();
    const thief = new FakeSocket();
    say(thief, announce(owner.id));
    say(thief, announce(owner.id, { swarm: swarmB }));
    thief.heard();
    bus.hear('far', { kind: 'taken', swarm: swarmA, peerId: owner.id });
    expect(thief.heard()).toMatchObject([inUse()]);
    expect([...thief.members].map(({ swarm }) => swarm)).toEqual([swarmB]);
  });

  test('[SV13] is still held, without a ping, when another instance asks for a client without a proof', async () => {
    const { say, tracker, bus } = near();
    const rightful = new FakeSocket();
    await proves(tracker, rightful, owner);
    say(rightful, announce(owner.id));
    bus.hear('far', { kind: 'still-held', swarm: swarmA, peerId: owner.id, question: 3 });
    await settled();
    expect(bus.said()).toContainEqual({ to: 'far', message: { kind: 'held', question: 3, alive: true } });
    expect(rightful.pings).toEqual([]);
  });
});

describe('[ID3] proofs', () => {
  test('that prove nothing are refused by name, and the id stays unproved', async () => {
    const { say, tracker } = near();
    const [socket, victim] = [new FakeSocket(), nodeIdentity()];
    const message = read(await proofMessage(victim, '00'.repeat(32)));
    for (let times = 0; times < 20; times++) await tracker.handle(socket, message);
    const heard = socket.heard();
    expect(heard).toHaveLength(20);
    for (const answer of heard) {
      expect(answer).toMatchObject({ code: 'bad-proof', about: { type: 'prove', peerId: victim.id } });
    }
    expect(new Set(heard.map((answer) => answer.type === 'error' && answer.message)).size).toBe(2);
    say(socket, announce(victim.id));
    expect(socket.heard()).toMatchObject([{ type: 'peers' }]);
  });

  test('every socket has a challenge of its own, the same whenever it asks', () => {
    const { tracker } = near();
    const challenges = [0, 1].map(() => {
      const socket = new FakeSocket();
      for (let times = 0; times < 2; times++) void tracker.handle(socket, { type: 'challenge' });
      const [first, second] = socket.heard();
      expect(second).toEqual(first);
      return first?.type === 'challenge' ? first.challenge : '';
    });
    expect(challenges[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(challenges[1]).not.toBe(challenges[0]);
  });
});

describe('[TR10] ids in one swarm', () => {
  test('a socket that brings too many is told, those it has stay, and other swarms are open to it', () => {
    const { say } = near();
    const socket = new FakeSocket();
    for (let serial = 0; serial < 400; serial++) say(socket, announce(member(serial)));
    const refused = socket.heard().filter(({ type }) => type === 'error');
    expect(refused).toHaveLength(396);
    expect(refused[0]).toMatchObject({
      code: 'too-many-peers',
      about: { type: 'announce', swarm: swarmA, peerId: member(4) },
    });
    say(socket, announce(member(0), { event: 'update', want: 0 }));
    say(socket, announce(member(4), { swarm: swarmB }));
    expect(socket.heard()).toMatchObject([
      { type: 'peers', incomplete: 4 },
      { type: 'peers', incomplete: 1 },
    ]);
    say(socket, announce(member(0), { event: 'stopped' }));
    say(socket, announce(member(4)));
    expect(socket.heard().map(({ type }) => type)).not.toContain('error');
  });

  test('an address that brings too many leaves a newcomer from elsewhere others to hear of', () => {
    const { say } = near();
    const sharer = new FakeSocket('sharer');
    say(sharer, announce(one, { left: 0 }));
    for (let serial = 0; serial < 400; serial++) say(new FakeSocket('many'), announce(member(serial)));
    const newcomer = new FakeSocket('newcomer');
    say(newcomer, announce(two));
    const [answer] = newcomer.heard();
    expect(answer).toMatchObject({ type: 'peers', complete: 1, incomplete: 45 });
    expect(answer?.type === 'peers' && answer.peers).toContainEqual({ peerId: one, seed: true });
  });
});

describe('[TR7] [SV13] a signal to a member that another instance may hold', () => {
  async function signalling(where: string | null, reaches = true) {
    const parts = far();
    const socket = new FakeSocket();
    const announced = parts.say(socket, announce(one));
    parts.registry.announces[0]?.tell(welcome());
    await announced;
    socket.heard();
    parts.bus.reaches = reaches;
    const handled = parts.say(socket, {
      type: 'signal',
      swarm: swarmA,
      from: one,
      to: two,
      payload: 'offer',
    });
    parts.registry.locates[0]?.tell(where);
    await handled;
    return { said: parts.bus.said(), heard: socket.heard() };
  }
  const nobody = [
    { type: 'error', code: 'no-such-peer', about: { type: 'signal', swarm: swarmA, peerId: two } },
  ];

  test('goes to that instance', async () => {
    const { said, heard } = await signalling('far');
    expect(said).toEqual([
      { to: 'far', message: { kind: 'signal', swarm: swarmA, from: one, to: two, payload: 'offer' } },
    ]);
    expect(heard).toEqual([]);
  });

  test('is answered where that instance is not reached', async () => {
    expect((await signalling('far', false)).heard).toMatchObject(nobody);
  });

  test('is answered where nobody holds it, or we should and do not', async () => {
    for (const where of [null, 'here']) {
      const { said, heard } = await signalling(where);
      expect(said).toEqual([]);
      expect(heard).toMatchObject(nobody);
    }
  });
});

describe('[TR8] the directory', () => {
  test('one peer that lists too much is told, and what it listed stays', () => {
    const directory = new Directory({ listings: 10, perAddress: 10, perPeer: 1 });
    const { say } = withRegistry(new MemoryRegistry('here', seededRandom(1), () => 0), directory);
    const socket = new FakeSocket();
    for (const swarm of [swarmA, swarmB]) say(socket, announce(one, { swarm }));
    say(socket, publish(one));
    socket.heard();
    say(socket, publish(one, { swarm: swarmB }));
    expect(socket.heard()).toMatchObject([
      { code: 'directory-full', about: { type: 'publish', swarm: swarmB, peerId: one } },
    ]);
    expect(directory.size).toBe(1);
  });

  test('[SV13] other instances hear of a listing, and of its end once', () => {
    const { say, bus, tracker } = near();
    tracker.neighbours.alive(['far']);
    const socket = new FakeSocket();
    say(socket, announce(one));
    bus.said();
    say(socket, publish(one));
    expect(bus.said()).toMatchObject([
      { to: 'far', message: { kind: 'listed', swarm: swarmA, peerId: one } },
    ]);
    say(socket, { type: 'unpublish', swarm: swarmA, peerId: one });
    expect(bus.said()).toMatchObject([{ to: 'far', message: { kind: 'unlisted' } }]);
    say(socket, { type: 'unpublish', swarm: swarmA, peerId: one });
    tracker.socketClosed(socket);
    expect(bus.said()).toEqual([]);
    expect(socket.heard().filter(({ type }) => type === 'published')).toHaveLength(3);
  });

  test('a search tells the counts of that moment', async () => {
    const { say } = near();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    say(a, announce(one, { left: 0 }));
    say(a, publish(one));
    say(b, announce(two));
    b.heard();
    await say(b, { type: 'search', query: 'listed' });
    expect(b.heard()).toMatchObject([{ total: 1, results: [{ complete: 1, incomplete: 1 }] }]);
    say(b, announce(three, { left: 0 }));
    b.heard();
    await say(b, { type: 'search', query: 'listed' });
    expect(b.heard()).toMatchObject([{ results: [{ complete: 2, incomplete: 1 }] }]);
  });
});

test('[TR6] a scrape over HTTP names the swarms that were asked for', async () => {
  const { say, tracker } = near();
  say(new FakeSocket(), announce(one, { left: 0 }));
  expect(await tracker.scrape([swarmB, swarmA])).toEqual({
    [swarmA]: { complete: 1, incomplete: 0, downloaded: 0 },
    [swarmB]: NOBODY,
  });
});
