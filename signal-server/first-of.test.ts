import fc from 'fast-check';
import { expect, test } from 'vitest';
import { firstOf } from './first-of.ts';

const order = (a: number, b: number) => a - b;

test('[TR8] the first of many are those that stand first when all are put in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 })),
      fc.integer({ min: -1, max: 60 }),
      (many, wanted) => {
        expect(firstOf(many, wanted, order)).toEqual(many.toSorted(order).slice(0, Math.max(0, wanted)));
      },
    ),
    { numRuns: 500 },
  );
});

test('[TR8] a page costs about one comparison for each that was found', () => {
  let comparisons = 0;
  const many = Array.from({ length: 4_096 }, (_, at) => (at * 2_654_435_761) % 4_096);
  firstOf(many, 50, (a, b) => {
    comparisons += 1;
    return a - b;
  });
  expect(comparisons).toBeLessThan(3 * many.length);
});
