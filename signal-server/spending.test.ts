import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Spending } from './spending.ts';

const WINDOW_MS = 100;
const MOST = 5;

describe('[SV5] points in fixed windows', () => {
  test('the same as remembering everything that was ever spent', () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c'), points: fc.nat(4), passes: fc.nat(60) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let now = 0;
        const spending = new Spending<string>(MOST, WINDOW_MS, () => now);
        const begun: Record<string, number> = {};
        const spent: Record<string, number> = {};
        for (const { key, points, passes } of steps) {
          now += passes;
          if (!(key in begun) || now >= (begun[key] ?? 0) + WINDOW_MS) {
            begun[key] = now;
            spent[key] = 0;
          }
          spent[key] = (spent[key] ?? 0) + points;
          expect(spending.spend(key, points)).toBe((spent[key] ?? 0) <= MOST);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('what was refused counts as well, until the window is over', () => {
    let now = 0;
    const spending = new Spending<number>(MOST, WINDOW_MS, () => now);
    expect([spending.spend(1, 6), spending.spend(1, 0)]).toEqual([false, false]);
    now = WINDOW_MS - 1;
    expect(spending.spend(1, 1)).toBe(false);
    now = WINDOW_MS;
    expect(spending.spend(1, 5)).toBe(true);
  });

  test('keys whose windows are over are forgotten when another begins', () => {
    let now = 0;
    const spending = new Spending<number>(MOST, WINDOW_MS, () => now);
    for (let key = 0; key < 1_000; key++) spending.spend(key, 1);
    now = WINDOW_MS / 2;
    spending.spend(1_000, 1);
    now = WINDOW_MS;
    spending.spend(1_001, 1);
    expect(spending.size).toBe(2);
  });
});
