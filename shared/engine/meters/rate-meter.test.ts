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

describe('a slow stream', () => {
  test.each([3_200, 8_200, 13_100, 32_000])(
    '[RQ2] a block of 65,536 bytes every %i ms is measured as that, after each block and in between',
    (gap) => {
      const meter = new RateMeter();
      const rate = (65_536 * 1000) / gap;
      for (let now = 5_000, nth = 0; nth < 12; nth++, now += gap) {
        meter.add(65_536, now);
        if (nth === 0) continue;
        for (const later of [0, 1, 500, 2_000, 2_999, gap - 1]) {
          expect(meter.perSecond(now + later) / rate).toBeGreaterThan(0.9);
          expect(meter.perSecond(now + later) / rate).toBeLessThan(1.1);
        }
      }
    },
  );

  test('[RQ2] that has ended has no rate after two of its gaps', () => {
    const meter = new RateMeter();
    for (let nth = 0; nth < 4; nth++) meter.add(65_536, nth * 8_000);
    expect(meter.perSecond(24_000 + 15_999)).toBeGreaterThan(4_000);
    expect(meter.perSecond(24_000 + 16_001)).toBe(0);
  });

  test('[RQ2] that becomes a fast one is known as such when the window has passed', () => {
    const meter = new RateMeter();
    for (let nth = 0; nth < 4; nth++) meter.add(65_536, nth * 8_000);
    for (let now = 24_100; now <= 27_200; now += 100) meter.add(65_536, now);
    expect(meter.perSecond(27_200)).toBeGreaterThan(0.9 * 655_360);
  });

  test('[UP5] what was not on its way in a pause is not spread over the pause', () => {
    const meter = new RateMeter();
    meter.add(65_536, 1_000);
    meter.resume(61_000);
    meter.add(65_536, 61_500);
    expect(meter.perSecond(61_500)).toBeCloseTo(131_072, 0);
    // Where the pause was short nothing is forgotten.
    meter.resume(62_000);
    expect(meter.perSecond(62_000)).toBeCloseTo(65_536, 0);
  });
});
