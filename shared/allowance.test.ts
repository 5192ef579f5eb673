import { describe, expect, test } from 'vitest';
import { Allowance } from './allowance.ts';

describe('[PN7] so many at once, and so many a second after that', () => {
  test('what is over is refused and costs nothing', () => {
    const some = new Allowance(3, 2);
    expect([some.take(2, 0), some.take(2, 0), some.take(1, 0), some.take(1, 0)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  test('comes back with time, never beyond its most', () => {
    const some = new Allowance(3, 2);
    expect(some.take(3, 1_000)).toBe(true);
    expect([some.take(1, 1_499), some.take(1, 1_500)]).toEqual([false, true]);
    expect([some.isFull(2_999), some.isFull(3_000)]).toEqual([false, true]);
    expect([some.take(4, 1_000_000), some.take(3, 1_000_000)]).toEqual([false, true]);
  });

  test('can be earned, and a clock that stands still gives nothing', () => {
    const some = new Allowance(2, 1);
    some.take(2, 5);
    some.earn(1);
    expect([some.take(1, 5), some.take(1, 5)]).toEqual([true, false]);
    some.earn(100);
    expect([some.take(2, 5), some.take(1, 5)]).toEqual([true, false]);
  });
});
