import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AgeList } from './age-list.ts';
import type { Aged } from './age-list.ts';

interface Thing extends Aged {
  readonly name: number;
}

const thing = (name: number): Thing => ({ name, heardAt: 0, older: null, newer: null });
const namesIn = (list: AgeList<Thing>) => [...list].map(({ name }) => name);

describe('[TR3] members by their last announce', () => {
  test('an empty list has no oldest', () => {
    const list = new AgeList<Thing>();
    expect([list.size, list.oldest, namesIn(list)]).toEqual([0, null, []]);
  });

  test('the one that is heard of again goes behind the others, with its new time', () => {
    const list = new AgeList<Thing>();
    const [a, b, c] = [thing(1), thing(2), thing(3)];
    [a, b, c].forEach((one, at) => list.add(one, at));
    list.renew(b, 10);
    expect(namesIn(list)).toEqual([1, 3, 2]);
    list.renew(a, 11);
    expect(namesIn(list)).toEqual([3, 2, 1]);
    list.renew(a, 12); // the newest already
    expect(namesIn(list)).toEqual([3, 2, 1]);
    expect([a.heardAt, b.heardAt, c.heardAt]).toEqual([12, 10, 2]);
  });

  test('one that was taken out can come again, and holds on to nobody', () => {
    const list = new AgeList<Thing>();
    const [a, b] = [thing(1), thing(2)];
    list.add(a, 0);
    list.add(b, 0);
    list.remove(a);
    expect([a.older, a.newer, list.oldest?.name, list.size]).toEqual([null, null, 2, 1]);
    list.remove(b);
    expect([list.oldest, list.size]).toEqual([null, 0]);
    list.add(a, 5);
    expect(namesIn(list)).toEqual([1]);
  });

  const step = fc.record({ what: fc.constantFrom('hear' as const, 'remove' as const), name: fc.nat(7) });

  test('the same as an array that is sorted anew, after any steps', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const list = new AgeList<Thing>();
        const things = Array.from({ length: 8 }, (_, name) => thing(name));
        let slow: number[] = [];
        for (const [now, { what, name }] of steps.entries()) {
          const known = slow.includes(name);
          slow = slow.filter((other) => other !== name);
          if (what === 'hear') slow.push(name);
          if (what === 'hear' && known) list.renew(things[name]!, now);
          if (what === 'hear' && !known) list.add(things[name]!, now);
          if (what === 'remove' && known) list.remove(things[name]!);
          expect(namesIn(list)).toEqual(slow);
          expect([list.size, list.oldest?.name]).toEqual([slow.length, slow[0]]);
          const times = [...list].map(({ heardAt }) => heardAt);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        }
      }),
    );
  });
});
