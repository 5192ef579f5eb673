import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../shared/random.ts';
import { MEMBER_LIFE_MS } from '../shared/tracker/limits.ts';
import { MemoryRegistry } from './memory-registry.ts';
import { arrival, freshSwarm, member, registrySuite } from './testing/registry.suite.ts';

function open(seed = 1) {
  let now = 0;
  const registry = new MemoryRegistry('instance-of-tests', seededRandom(seed), () => now);
  const pass = (ms: number) => {
    now += ms;
  };
  return { registry, pass, close: () => Promise.resolve() };
}

registrySuite('memory', () => Promise.resolve(open()));

describe('memory registry against a slow and obvious one', () => {
  interface Slow {
    seed: boolean;
    completed: boolean;
    heardAt: number;
  }
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('announce' as const),
        who: fc.nat(11),
        seed: fc.boolean(),
        completed: fc.boolean(),
        want: fc.nat(14),
      }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('leave' as const), who: fc.nat(11) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(20_000) }) },
  );

  test('[TR3] the same counts and the same members after any steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(), (steps, seed) => {
        const { registry, pass } = open(seed);
        const swarm = freshSwarm();
        const slow = new Map<number, Slow>();
        let [now, downloaded] = [0, 0];
        const counts = () => ({
          complete: [...slow.values()].filter((one) => one.seed).length,
          incomplete: [...slow.values()].filter((one) => !one.seed).length,
          downloaded: slow.size > 0 ? downloaded : 0,
        });
        for (const one of steps) {
          if (one.kind === 'pass') {
            now += one.ms;
            pass(one.ms);
            const due = [...slow]
              .filter(([, { heardAt }]) => heardAt <= now - MEMBER_LIFE_MS)
              .map(([who]) => member(who));
            expect(new Set(registry.expire().map(({ peerId }) => peerId))).toEqual(new Set(due));
            for (const [who, { heardAt }] of slow) if (heardAt <= now - MEMBER_LIFE_MS) slow.delete(who);
          } else if (one.kind === 'leave') {
            slow.delete(one.who);
            expect(registry.leave(swarm, member(one.who))).toEqual(counts());
          } else {
            const before = slow.get(one.who);
            if (slow.size === 0) downloaded = 0;
            if (one.completed && !before?.completed) downloaded += 1;
            slow.set(one.who, {
              seed: one.seed,
              completed: one.completed || before?.completed === true,
              heardAt: now,
            });
            const welcome = registry.announce(arrival(swarm, one.who, one));
            expect(welcome.counts).toEqual(counts());
            expect(welcome.named).toHaveLength(Math.min(one.want, slow.size - 1));
            for (const named of welcome.named) {
              expect(named.seed).toBe([...slow].find(([who]) => member(who) === named.peerId)?.[1].seed);
            }
          }
          if (slow.size === 0) downloaded = 0;
          expect(registry.totals()).toEqual({ swarms: slow.size > 0 ? 1 : 0, members: slow.size });
        }
      }),
      { numRuns: 200 },
    );
  });

  test('[TR3] every other member is named equally often', () => {
    const { registry } = open(7);
    const swarm = freshSwarm();
    for (let who = 0; who < 10; who++) registry.announce(arrival(swarm, who, { seed: who < 3, want: 0 }));
    const times = new Map<string, number>();
    for (let turn = 0; turn < 9_000; turn++) {
      for (const { peerId } of registry.announce(arrival(swarm, 9, { want: 3 })).named) {
        times.set(peerId, (times.get(peerId) ?? 0) + 1);
      }
    }
    for (const count of times.values()) expect(Math.abs(count - 3_000)).toBeLessThan(250);
    expect(times.size).toBe(9);
  });
});
