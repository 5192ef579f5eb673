import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { infoHash, swarmId } from '../shared/ids.ts';
import type { Member } from './client-socket.ts';
import { Directory } from './directory.ts';
import type { Listing } from './directory.ts';
import { Membership } from './membership.ts';
import { Neighbours } from './neighbours.ts';
import { hex, one, swarmA, swarmB, three, two } from './testing/client.ts';
import { FakeBus, FakeSocket, counterOf } from './testing/fakes.ts';

const LIST_ALL = { kind: 'list-all' } as const;

function listing(name: string): Listing {
  return { infoHash: infoHash(hex('f'))!, name, size: 1, files: 1 };
}

function open(directory: Directory | null = new Directory()) {
  const bus = new FakeBus();
  const members = new Membership('here', bus);
  const died: Member[] = [];
  const displaced: Member[] = [];
  const proved = new Set<Member>();
  const neighbours = new Neighbours('here', bus, directory, members, {
    died: (member) => void died.push(member),
    displaced: (member) => void displaced.push(member),
    isProved: (member) => proved.has(member),
  });
  const listed = async () => {
    return ((await directory?.search('', 0, 50, counterOf()))?.results ?? []).map(({ name }) => name);
  };
  return { bus, members, neighbours, died, displaced, proved, directory, listed };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('[SV13] which instances are alive', () => {
  test('each new one is asked for its listings, once', () => {
    const { bus, neighbours } = open();
    neighbours.alive(['a', 'b']);
    expect(bus.said()).toEqual([
      { to: 'a', message: LIST_ALL },
      { to: 'b', message: LIST_ALL },
    ]);
    neighbours.alive(['b', 'a', 'c']);
    expect(bus.said()).toEqual([{ to: 'c', message: LIST_ALL }]);
  });

  test('one that speaks before it was seen is known from then on', () => {
    const { bus, neighbours } = open();
    bus.hear('early', { kind: 'unlisted', swarm: swarmA, peerId: one });
    expect(bus.said()).toEqual([{ to: 'early', message: LIST_ALL }]);
    neighbours.listed(swarmA, one, listing('x'));
    expect(bus.said().map(({ to }) => to)).toEqual(['early']);
    neighbours.alive(['early']);
    expect(bus.said()).toEqual([]);
  });

  test('one that is gone takes its members and its listings with it', async () => {
    const { bus, members, neighbours, listed } = open();
    const socket = new FakeSocket();
    members.enter(socket, swarmA, one, false);
    neighbours.alive(['far', 'near']);
    bus.hear('far', { kind: 'joined', swarm: swarmA, peerId: two, seed: true, to: [one] });
    bus.hear('far', { kind: 'listed', swarm: swarmA, peerId: two, listing: listing('far') });
    bus.hear('near', { kind: 'listed', swarm: swarmB, peerId: three, listing: listing('near') });
    socket.heard();
    neighbours.alive(['near']);
    expect(socket.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: two }]);
    expect(await listed()).toEqual(['near']);
    // It is a stranger again when it comes back.
    bus.said();
    neighbours.alive(['near', 'far']);
    expect(bus.said()).toEqual([{ to: 'far', message: LIST_ALL }]);
  });

  test('after a time apart everybody asks for everything again, and tells it', async () => {
    const { bus, directory, neighbours, listed } = open();
    neighbours.alive(['far']);
    bus.hear('far', { kind: 'listed', swarm: swarmA, peerId: two, listing: listing('stale') });
    directory?.publish(swarmB, { peerId: one, instance: 'here', addressKey: 'a' }, listing('ours'));
    bus.said();
    neighbours.reunited(['far', 'new']);
    expect(await listed()).toEqual(['ours']);
    const said = bus.said();
    for (const to of ['far', 'new']) {
      const messages = said.filter((one_) => one_.to === to).map(({ message }) => message);
      expect(messages).toEqual([
        LIST_ALL,
        { kind: 'listed', swarm: swarmB, peerId: one, listing: listing('ours') },
      ]);
    }
  });
});

describe('[TR8] [SV13] listings of several instances', () => {
  test('go to every instance that is known', () => {
    const { bus, neighbours } = open();
    neighbours.alive(['a', 'b']);
    bus.said();
    neighbours.listed(swarmA, one, listing('x'));
    neighbours.unlisted(swarmA, one);
    const listed = { kind: 'listed', swarm: swarmA, peerId: one, listing: listing('x') };
    const unlisted = { kind: 'unlisted', swarm: swarmA, peerId: one };
    expect(bus.said()).toEqual([
      { to: 'a', message: listed },
      { to: 'b', message: listed },
      { to: 'a', message: unlisted },
      { to: 'b', message: unlisted },
    ]);
  });

  test('are taken over and taken back, and asked for in full', async () => {
    const { bus, directory, listed } = open();
    bus.hear('far', { kind: 'listed', swarm: swarmA, peerId: two, listing: listing('theirs') });
    directory?.publish(swarmB, { peerId: one, instance: 'here', addressKey: 'a' }, listing('ours'));
    expect((await listed()).toSorted()).toEqual(['ours', 'theirs']);
    bus.said();
    bus.hear('far', LIST_ALL);
    // What others listed is theirs to tell.
    expect(bus.said()).toEqual([
      { to: 'far', message: { kind: 'listed', swarm: swarmB, peerId: one, listing: listing('ours') } },
    ]);
    bus.hear('far', { kind: 'unlisted', swarm: swarmA, peerId: two });
    expect(await listed()).toEqual(['ours']);
  });

  test('are told some at a time, and anew when they are asked for again meanwhile', async () => {
    const { bus, directory } = open(new Directory({ listings: 1_000, perAddress: 1_000, perPeer: 1_000 }));
    for (let serial = 0; serial < 500; serial++) {
      const swarm = swarmId(serial.toString(16).padStart(64, '0'))!;
      directory?.publish(swarm, { peerId: one, instance: 'here', addressKey: 'a' }, listing(`${serial}`));
    }
    bus.hear('far', LIST_ALL);
    const told = () => bus.said().filter(({ message }) => message.kind === 'listed').length;
    expect(told()).toBe(200);
    bus.hear('far', LIST_ALL);
    expect(told()).toBe(200);
    await vi.advanceTimersByTimeAsync(0);
    expect(told()).toBe(300);
  });

  test('are let be where the operator keeps no directory', () => {
    const { bus } = open(null);
    bus.hear('far', { kind: 'listed', swarm: swarmA, peerId: two, listing: listing('x') });
    bus.said();
    bus.hear('far', LIST_ALL);
    bus.hear('far', { kind: 'unlisted', swarm: swarmA, peerId: two });
    expect(bus.said()).toEqual([]);
  });
});

describe('[TR7] [SV13] signals from other instances', () => {
  test('reach the member that they are for', () => {
    const { bus, members } = open();
    const socket = new FakeSocket();
    members.enter(socket, swarmA, one, false);
    bus.hear('far', { kind: 'signal', swarm: swarmA, from: two, to: one, payload: 'offer' });
    expect(socket.heard()).toEqual([{ type: 'signal', swarm: swarmA, from: two, payload: 'offer' }]);
  });

  test('are sent back where nobody of that id is in that swarm, and the sender hears it', () => {
    const [there, here] = [open(), open()];
    const sender = new FakeSocket();
    here.members.enter(sender, swarmA, two, false);
    there.members.enter(new FakeSocket(), swarmB, one, false);
    there.bus.hear('here', { kind: 'signal', swarm: swarmA, from: two, to: one, payload: 'offer' });
    const answer = there.bus.said().find(({ message }) => message.kind === 'undelivered');
    expect(answer?.to).toBe('here');
    here.bus.hear('there', answer!.message);
    expect(sender.heard()).toMatchObject([
      { type: 'error', code: 'no-such-peer', about: { type: 'signal', swarm: swarmA, peerId: one } },
    ]);
  });
});

describe('[TR4] [SV13] whether another instance still holds a member', () => {
  function asking() {
    const parts = open();
    const answer = parts.neighbours.stillHeld('far', swarmA, one);
    const [asked] = parts.bus.said();
    const question = asked?.message.kind === 'still-held' ? asked.message.question : -1;
    return { ...parts, answer, asked, question };
  }

  test.each([true, false])('it answers %s', async (alive) => {
    const { bus, answer, asked, question } = asking();
    expect(asked).toMatchObject({ to: 'far', message: { kind: 'still-held', swarm: swarmA, peerId: one } });
    bus.hear('far', { kind: 'held', question: question + 1, alive: !alive });
    bus.hear('far', { kind: 'held', question, alive });
    expect(await answer).toBe(alive);
    bus.hear('far', { kind: 'held', question, alive: !alive }); // too late to matter
  });

  test('each question has its own answer', async () => {
    const { bus, neighbours } = open();
    const answers = [neighbours.stillHeld('far', swarmA, one), neighbours.stillHeld('far', swarmB, two)];
    const questions = bus
      .said()
      .map(({ message }) => (message.kind === 'still-held' ? message.question : -1));
    expect(new Set(questions).size).toBe(2);
    bus.hear('far', { kind: 'held', question: questions[1]!, alive: true });
    bus.hear('far', { kind: 'held', question: questions[0]!, alive: false });
    expect(await Promise.all(answers)).toEqual([false, true]);
  });

  test('silence is a no after longer than its ping may take', async () => {
    const { answer } = asking();
    let said: boolean | null = null;
    void answer.then((alive) => (said = alive));
    await vi.advanceTimersByTimeAsync(5_999);
    expect(said).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(said).toBe(false);
  });

  test('one that cannot be reached is a no at once', async () => {
    const { bus, neighbours } = open();
    bus.reaches = false;
    expect(await neighbours.stillHeld('far', swarmA, one)).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('[TR4] [SV13] when another instance asks about a member of ours', () => {
  const question = { kind: 'still-held', swarm: swarmA, peerId: one, question: 7 } as const;

  async function answers(bus: FakeBus) {
    await vi.advanceTimersByTimeAsync(0);
    return bus.said().filter(({ message }) => message.kind === 'held');
  }

  test('its socket is pinged, and the answer is the pong', async () => {
    const { bus, members, died } = open();
    const socket = new FakeSocket();
    members.enter(socket, swarmA, one, false);
    bus.hear('far', question);
    expect(await answers(bus)).toEqual([]);
    socket.pings[0]?.tell(true);
    expect(await answers(bus)).toEqual([{ to: 'far', message: { kind: 'held', question: 7, alive: true } }]);
    expect(died).toEqual([]);
  });

  test('a socket that does not answer has died', async () => {
    const { bus, members, died } = open();
    const socket = new FakeSocket();
    const member = members.enter(socket, swarmA, one, false);
    bus.hear('far', question);
    socket.pings[0]?.tell(false);
    expect(await answers(bus)).toMatchObject([{ message: { alive: false } }]);
    expect(died).toEqual([member]);
  });

  test('one that proved its id is held, whether or not it answers now', async () => {
    const { bus, members, died, proved } = open();
    const socket = new FakeSocket();
    proved.add(members.enter(socket, swarmA, one, false));
    bus.hear('far', question);
    expect(await answers(bus)).toMatchObject([{ message: { question: 7, alive: true } }]);
    expect([socket.pings, died]).toEqual([[], []]);
  });

  test('[ID3] one whose id was proved there is displaced here, in that swarm', () => {
    const { bus, members, displaced } = open();
    const member = members.enter(new FakeSocket(), swarmA, one, false);
    members.enter(member.socket, swarmB, one, false);
    bus.hear('far', { kind: 'taken', swarm: swarmA, peerId: two });
    expect(displaced).toEqual([]);
    bus.hear('far', { kind: 'taken', swarm: swarmA, peerId: one });
    expect(displaced).toEqual([member]);
  });

  test('a member that is not here is not held', async () => {
    const { bus, died } = open();
    bus.hear('far', question);
    expect(await answers(bus)).toMatchObject([{ message: { question: 7, alive: false } }]);
    expect(died).toEqual([]);
  });
});
