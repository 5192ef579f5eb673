import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_BUS_RECIPIENTS } from './bus.ts';
import type { Member } from './client-socket.ts';
import { MAX_ACQUAINTED, Membership } from './membership.ts';
import type { NamedMember } from './swarms.ts';
import { one, swarmA, swarmB, three, two } from './testing/client.ts';
import { FakeBus, FakeSocket } from './testing/fakes.ts';
import { member } from './testing/registry.suite.ts';

function open() {
  const bus = new FakeBus();
  return { bus, members: new Membership('here', bus) };
}

const named = (peerId: Member['peerId'], instance = 'here', seed = false): NamedMember => ({
  peerId,
  instance,
  seed,
});

describe('[TR4] who holds a peer id', () => {
  test('is the socket that announced it, for as long as it is in any swarm', () => {
    const { members } = open();
    const socket = new FakeSocket();
    expect(members.holderOf(one)).toBeNull();
    const inA = members.enter(socket, swarmA, one, true);
    const inB = members.enter(socket, swarmB, one, false);
    expect(members.holderOf(one)?.socket).toBe(socket);
    expect([members.find(swarmA, one), members.find(swarmB, one)]).toEqual([inA, inB]);
    expect(socket.members).toEqual(new Set([inA, inB]));
    members.leave(inA);
    expect(members.find(swarmA, one)).toBeNull();
    expect(members.holderOf(one)?.socket).toBe(socket);
    members.leave(inB);
    expect(members.holderOf(one)).toBeNull();
    expect(socket.members.size).toBe(0);
  });
});

describe('[TR5] joined and left', () => {
  test('who is named is told, and both hear of it when the other goes', () => {
    const { members } = open();
    const [a, b, c] = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
    members.enter(a, swarmA, one, true);
    const second = members.enter(b, swarmA, two, false);
    members.enter(c, swarmA, three, false);
    members.introduce(second, [named(one)]);
    expect(a.heard()).toEqual([{ type: 'joined', swarm: swarmA, peerId: two, seed: false }]);
    expect([b.heard(), c.heard()]).toEqual([[], []]);
    members.leave(second);
    expect(a.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: two }]);
    expect(c.heard()).toEqual([]);
  });

  test('it comes again with the seed of that time, and `left` comes once', () => {
    const { members } = open();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    members.enter(a, swarmA, one, false);
    const second = members.enter(b, swarmA, two, false);
    members.introduce(second, [named(one)]);
    second.seed = true;
    members.introduce(second, [named(one)]);
    expect(a.heard()).toMatchObject([{ seed: false }, { seed: true }]);
    members.leave(second);
    expect(a.heard()).toHaveLength(1);
  });

  test('somebody who is gone by now, or is in another swarm, is not told', () => {
    const { members } = open();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    members.enter(a, swarmB, one, false);
    const second = members.enter(b, swarmA, two, false);
    members.introduce(second, [named(one), named(three)]);
    expect(a.heard()).toEqual([]);
    expect(second.acquainted.size).toBe(0);
  });

  test('of more acquaintances than are kept the oldest are forgotten, on both sides', () => {
    const { members } = open();
    const popular = members.enter(new FakeSocket(), swarmA, member(0), true);
    const others = Array.from({ length: MAX_ACQUAINTED + 2 }, (_, at) => {
      const socket = new FakeSocket();
      const entered = members.enter(socket, swarmA, member(at + 1), false);
      members.introduce(entered, [named(popular.peerId)]);
      return { socket, entered };
    });
    expect(popular.acquainted.size).toBe(MAX_ACQUAINTED);
    const heard = () => others.map(({ socket }) => socket.heard().length);
    for (const { entered } of others.slice(0, 2)) expect(entered.acquainted.size).toBe(0);
    members.leave(popular);
    expect(heard()).toEqual([0, 0, ...Array<number>(MAX_ACQUAINTED).fill(1)]);
  });
});

describe('[SV13] members whose sockets other instances hold', () => {
  test('are told through the bus, once for each instance, in messages of a bounded size', () => {
    const { bus, members } = open();
    const self = members.enter(new FakeSocket(), swarmA, one, true);
    const far = Array.from({ length: MAX_BUS_RECIPIENTS + 1 }, (_, at) => named(member(at), 'far'));
    members.introduce(self, [...far.slice(0, 10), named(two, 'near'), ...far.slice(10)]);
    const joined = bus.said();
    expect(joined.map(({ to }) => to)).toEqual(['far', 'far', 'near']);
    expect(joined[0]?.message).toMatchObject({ kind: 'joined', swarm: swarmA, peerId: one, seed: true });
    const told = joined.map(({ message }) => ('to' in message ? message.to.length : 0));
    expect(told).toEqual([MAX_BUS_RECIPIENTS, 1, 1]);
    members.leave(self);
    const left = bus.said();
    expect(left.every(({ message }) => message.kind === 'left')).toBe(true);
    // The oldest acquaintances were forgotten: as many are told as are kept.
    const leftTo = left.flatMap(({ message }) => (message.kind === 'left' ? message.to : []));
    expect(leftTo).toHaveLength(MAX_ACQUAINTED);
  });

  test('join and leave ours, who hear `left` only if they were told of them', () => {
    const { members } = open();
    const [a, b] = [new FakeSocket(), new FakeSocket()];
    members.enter(a, swarmA, one, false);
    members.enter(b, swarmA, two, false);
    members.joinedElsewhere('far', {
      kind: 'joined',
      swarm: swarmA,
      peerId: three,
      seed: true,
      to: [one, member(9)],
    });
    expect(a.heard()).toEqual([{ type: 'joined', swarm: swarmA, peerId: three, seed: true }]);
    for (let times = 0; times < 2; times++) {
      members.leftElsewhere('far', { kind: 'left', swarm: swarmA, peerId: three, to: [one, two] });
    }
    expect(a.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: three }]);
    expect(b.heard()).toEqual([]);
  });

  test('[TR4] one that was taken over is not gone because its old place says so late', () => {
    const { members } = open();
    const socket = new FakeSocket();
    members.enter(socket, swarmA, one, false);
    for (const instance of ['far', 'near']) {
      members.joinedElsewhere(instance, {
        kind: 'joined',
        swarm: swarmA,
        peerId: two,
        seed: false,
        to: [one],
      });
    }
    socket.heard();
    const leaves = (from: string) =>
      members.leftElsewhere(from, { kind: 'left', swarm: swarmA, peerId: two, to: [one] });
    leaves('far');
    expect(socket.heard()).toEqual([]);
    leaves('near');
    expect(socket.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: two }]);
  });

  test('go with their instance, unless they are known to be on another by now', () => {
    const { members } = open();
    const socket = new FakeSocket();
    members.enter(socket, swarmA, one, false);
    const joins = (peerId: Member['peerId'], instance: string) =>
      members.joinedElsewhere(instance, { kind: 'joined', swarm: swarmA, peerId, seed: false, to: [one] });
    joins(two, 'far');
    joins(three, 'far');
    joins(three, 'near');
    socket.heard();
    members.instanceLost('far');
    expect(socket.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: two }]);
    members.instanceLost('near');
    expect(socket.heard()).toEqual([{ type: 'left', swarm: swarmA, peerId: three }]);
  });
});

describe('[TR5] against a slow and obvious book of who was told of whom', () => {
  const PEERS = 6;
  const step = fc.record({
    what: fc.constantFrom('introduce' as const, 'leave' as const),
    who: fc.nat(PEERS - 1),
    others: fc.uniqueArray(fc.nat(PEERS - 1), { maxLength: PEERS }),
  });

  test('the same pushes to the same sockets after any steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { members } = open();
        const sockets = Array.from({ length: PEERS }, () => new FakeSocket());
        const acquainted = new Set<string>();
        const pair = (a: number, b: number) => [a, b].toSorted().join(' ');
        for (const { what, who, others } of steps) {
          const expected = sockets.map((): string[] => []);
          const entered = members.find(swarmA, member(who));
          if (what === 'leave') {
            if (!entered) continue;
            members.leave(entered);
            for (let other = 0; other < PEERS; other++) {
              if (acquainted.delete(pair(who, other))) expected[other]?.push('left');
            }
          } else {
            const self = entered ?? members.enter(sockets[who]!, swarmA, member(who), false);
            const there = others.filter((other) => other !== who);
            for (const other of there) {
              if (!members.find(swarmA, member(other))) continue;
              acquainted.add(pair(who, other));
              expected[other]?.push('joined');
            }
            members.introduce(
              self,
              there.map((other) => named(member(other))),
            );
          }
          expect(sockets.map((socket) => socket.heard().map(({ type }) => type))).toEqual(expected);
        }
      }),
    );
  });
});
