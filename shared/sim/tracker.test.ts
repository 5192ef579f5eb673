import { expect, test } from 'vitest';
import type { KnownPeer } from '../engine/io.ts';
import type { PeerId } from '../ids.ts';
import { seededRandom } from '../random.ts';
import { EventQueue } from './event-queue.ts';
import { hexId } from './share.ts';
import { SimTracker } from './tracker.ts';
import type { PeersAnswer, Subscriber } from './tracker.ts';

class Member implements Subscriber {
  readonly answers: PeersAnswer[] = [];
  readonly told: KnownPeer[] = [];
  readonly gone: PeerId[] = [];
  readonly id: PeerId;

  constructor(id: PeerId) {
    this.id = id;
  }

  announced(answer: PeersAnswer): void {
    this.answers.push(answer);
  }
  joined(peer: KnownPeer): void {
    this.told.push(peer);
  }
  left(peer: PeerId): void {
    this.gone.push(peer);
  }
}

function setUp(count: number) {
  const queue = new EventQueue();
  const random = seededRandom(5);
  const tracker = new SimTracker(queue, random, 10);
  const members = Array.from({ length: count }, () => new Member(hexId(random) as PeerId));
  const run = (): void => {
    while (queue.step());
  };
  return { queue, tracker, members, run };
}

test('[SM6] an announce is answered by random others, at most 50 and at most as many as wanted', () => {
  const { tracker, members, run } = setUp(200);
  for (const member of members) tracker.announce(member, { event: 'started', left: 1, want: 55 });
  run();
  const last = members[199]!.answers[0]!;
  expect(last.peers).toHaveLength(50);
  expect(new Set(last.peers.map(({ id }) => id)).size).toBe(50);
  expect(last.peers.some(({ id }) => id === members[199]!.id)).toBe(false);
  expect({ complete: last.complete, incomplete: last.incomplete }).toEqual({ complete: 0, incomplete: 200 });
  expect(members[10]!.answers[0]!.peers).toHaveLength(10);
  tracker.announce(members[0]!, { event: 'completed', left: 0, want: 3 });
  run();
  expect(members[0]!.answers[1]).toMatchObject({ complete: 1, incomplete: 199 });
  expect(members[0]!.answers[1]!.peers).toHaveLength(3);
});

test('[SM6] exactly those that were named are told of the newcomer, and neighbours of a departure', () => {
  const { tracker, members, run } = setUp(80);
  for (const member of members) tracker.announce(member, { event: 'started', left: 1, want: 10 });
  run();
  const leaver = members[79]!;
  const named = leaver.answers[0]!.peers.map(({ id }) => id);
  const told = members.filter((member) => member.told.some(({ id }) => id === leaver.id));
  expect(told.map(({ id }) => id).sort()).toEqual([...named].sort());
  tracker.disconnected(leaver.id);
  run();
  expect(members.filter((member) => member.gone.includes(leaver.id))).toEqual(told);
  tracker.announce(members[0]!, { event: 'update', left: 1, want: 50 });
  run();
  expect(members[0]!.answers[1]).toMatchObject({ incomplete: 79 });
});

test('[SM6] who stops is gone at once and hears the counts that are left, like from the real one', () => {
  const { tracker, members, run } = setUp(2);
  for (const member of members) tracker.announce(member, { event: 'started', left: 0, want: 50 });
  tracker.announce(members[0]!, { event: 'stopped', left: 0, want: 0 });
  run();
  expect(members[0]!.answers.at(-1)).toMatchObject({ complete: 1, incomplete: 0, peers: [] });
  expect(members[1]!.gone).toEqual([members[0]!.id]);
});
