/** The meter against a list of everything that was ever added. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RateMeter } from './rate-meter.ts';

describe('RateMeter', () => {
  test('a steady stream is measured as what it is, soon', () => {
    const meter = new RateMeter();
    for (let now = 5_000; now <= 15_000; now += 50) {
      meter.add(5_000, now);
      if (now < 7_000) continue;
      expect(meter.perSecond(now)).toBeGreaterThan(95_000);
      expect(meter.perSecond(now)).toBeLessThan(105_000);
    }
    expect(meter.total).toBe(201 * 5_000);
  });

  test('nothing was added: no rate; a pause: no rate any more', () => {
    const meter = new RateMeter();
    expect(meter.perSecond(123_456)).toBe(0);
    meter.add(1_000_000, 123_456);
    expect(meter.perSecond(123_456)).toBeGreaterThan(0);
    expect(meter.perSecond(130_000)).toBe(0);
    meter.add(1_000, 130_000);
    expect(meter.perSecond(130_000)).toBeLessThanOrEqual(4_000);
  });

  test('never more than what came in the last few seconds, never less than what surely lies in the window', () => {
    const step = fc.record({ wait: fc.nat({ max: 1_500 }), bytes: fc.nat({ max: 1_000_000 }) });
    fc.assert(
      fc.property(fc.nat({ max: 1e9 }), fc.array(step, { minLength: 1, maxLength: 80 }), (start, steps) => {
        const meter = new RateMeter();
        const all: { at: number; bytes: number }[] = [];
        let now = start;
        for (const { wait, bytes } of steps) {
          now += wait;
          meter.add(bytes, now);
          all.push({ at: now, bytes });
          const within = (ms: number) =>
            all.filter(({ at }) => now - at <= ms).reduce((sum, one) => sum + one.bytes, 0);
          const rate = meter.perSecond(now);
          // The window is 2.75 to 3 s long and never counted as shorter than a quarter of a second.
          expect(rate).toBeGreaterThanOrEqual(within(2_749) / 3 - 1e-6);
          expect(rate).toBeLessThanOrEqual(within(3_000) * 4 + 1e-6);
        }
        expect(meter.total).toBe(all.reduce((sum, one) => sum + one.bytes, 0));
      }),
      { numRuns: 300 },
    );
  });
});
