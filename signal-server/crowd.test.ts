import { describe, expect, test } from 'vitest';
import { MAX_ANNOUNCED_PEERS } from '../shared/limits.ts';
import type { ClientSocket } from './client-socket.ts';
import { crowdBounds } from './crowd.ts';
import { Membership } from './membership.ts';
import { swarmA, swarmB } from './testing/client.ts';
import { FakeBus, FakeSocket } from './testing/fakes.ts';
import { member } from './testing/registry.suite.ts';

function open(factor: number | null = 1) {
  const members = new Membership('here', new FakeBus());
  const bounds = crowdBounds(factor);
  let ids = 0;
  /** How many ids go in before one does not, and why it does not. */
  const fill = (socketFor: () => ClientSocket, swarm = swarmA, most = 200): [number, string] => {
    for (let entered = 0; entered < most; entered++) {
      const socket = socketFor();
      const room = members.crowd.fits(socket, swarm, bounds);
      if (room !== 'fits') return [entered, room];
      members.enter(socket, swarm, member(++ids), false);
    }
    return [most, 'fits'];
  };
  return { members, bounds, fill };
}

describe('[TR10] ids in one swarm', () => {
  test('of one socket are four, and of another swarm four more', () => {
    const { fill } = open();
    const socket = new FakeSocket('a');
    expect(fill(() => socket)).toEqual([4, 'socket']);
    expect(fill(() => socket, swarmB)).toEqual([4, 'socket']);
    expect(fill(() => new FakeSocket('b'), swarmA, 1)).toEqual([1, 'fits']);
  });

  test('of one address let a class of forty and its teacher in, and leave a newcomer others to hear of', () => {
    const { fill, bounds } = open();
    expect(fill(() => new FakeSocket('school'))).toEqual([44, 'address']);
    expect(bounds.perAddress).toBeGreaterThan(41);
    expect(bounds.perAddress).toBeLessThan(MAX_ANNOUNCED_PEERS);
    expect(fill(() => new FakeSocket('elsewhere'), swarmA, 10)).toEqual([10, 'fits']);
  });

  test('of members that left count no more', () => {
    const { members, fill } = open();
    const sockets: FakeSocket[] = [];
    const another = () => {
      sockets.push(new FakeSocket('school'));
      return sockets.at(-1)!;
    };
    fill(another);
    for (const { members: entered } of sockets.slice(0, 3))
      for (const one of [...entered]) members.leave(one);
    expect(fill(another)).toEqual([3, 'address']);
  });

  test('[SV5] are scaled with every limit, at least one, and not bounded where limits are off', () => {
    expect(crowdBounds(2)).toEqual({ perSocket: 8, perAddress: 88 });
    expect(crowdBounds(0.01)).toEqual({ perSocket: 1, perAddress: 1 });
    expect(open(null).fill(() => new FakeSocket('a'))).toEqual([200, 'fits']);
  });
});
