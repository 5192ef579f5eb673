import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MAX_INDEXED_UNITS, MAX_LOOKS, NameIndex } from './name-index.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', ' ', 'π', '東', '京'), maxLength: 12 });

describe('[TR8] the index of names', () => {
  test('finds what looking at every name finds, in the order in which they came', () => {
    const step = fc.oneof(
      fc.record({ add: text }),
      fc.record({ remove: fc.nat(30) }),
      fc.record({ find: text }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new NameIndex<string>();
        const names: { number: number; name: string }[] = [];
        for (const one of steps) {
          if ('add' in one) names.push({ number: index.add(one.add, one.add), name: one.add });
          else if ('remove' in one) {
            for (const { number } of names.splice(one.remove, 1)) index.remove(number);
          } else {
            const expected = names.map(({ name }) => name).filter((name) => name.includes(one.find));
            expect(index.find(one.find)).toEqual(expected);
          }
          expect(index.size).toBe(names.length);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('looks at the names that hold the rarest part alone, and never at more than its bound', () => {
    const index = new NameIndex<string>();
    for (let at = 0; at < 2 * MAX_LOOKS; at++) index.add('common', 'one of many');
    index.add('common, but odd', 'last');
    expect(index.find('common')).toHaveLength(MAX_LOOKS);
    expect(index.find('')).toHaveLength(MAX_LOOKS);
    expect(index.find('common, but odd')).toEqual(['last']);
    expect(index.find('commons')).toEqual([]);
  });

  test('takes a bounded room for each name, and none when all are gone', () => {
    const index = new NameIndex<string>();
    // Long names in which hardly a character comes twice, and names that fold to more than they were.
    const strange = (nth: number) =>
      Array.from({ length: 400 }, (_, at) =>
        String.fromCharCode(0x4e00 + ((nth * 7_919 + at * 104_729) % 20_000)),
      ).join('');
    const numbers = Array.from({ length: 1_000 }, (_, nth) => index.add(strange(nth), ''));
    expect(index.bytes).toBeLessThan(1_000 * 3 * MAX_INDEXED_UNITS * 8);
    for (const number of numbers) index.remove(number);
    expect([index.bytes, index.size]).toEqual([0, 0]);
  });

  test('one that comes and goes leaves nothing behind among those that stay', () => {
    const index = new NameIndex<string>();
    index.add('holiday photos', 'stays');
    const before = index.bytes;
    for (let times = 0; times < 1_000; times++) index.remove(index.add('holiday photos', 'goes'));
    expect(index.find('photos')).toEqual(['stays']);
    expect(index.bytes).toBeLessThan(3 * before);
  });
});
