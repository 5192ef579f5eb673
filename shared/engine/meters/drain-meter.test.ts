import { expect, test } from 'vitest';
import { DrainMeter } from './drain-meter.ts';

test('[CH5] what a peer drains is bytes by the time of their going, however seldom it is sent something', () => {
  const often = new DrainMeter();
  const seldom = new DrainMeter();
  for (let nth = 0; nth < 300; nth++) often.add(65_536, 100);
  seldom.add(65_536, 100);
  expect(often.perSecond).toBeCloseTo(655_360, 3);
  expect(seldom.perSecond).toBeCloseTo(655_360, 3);
});

test('[CH5] who was sent nothing drains nothing, and who takes it in no time has no bound', () => {
  const meter = new DrainMeter();
  expect(meter.perSecond).toBe(0);
  meter.add(65_536, 0);
  expect(meter.perSecond).toBe(Infinity);
});

test('[CH5] what is long ago counts less: a rate that changed is known within some seconds of sending', () => {
  const meter = new DrainMeter();
  for (let nth = 0; nth < 100; nth++) meter.add(100_000, 100);
  for (let nth = 0; nth < 100; nth++) meter.add(10_000, 100);
  expect(meter.perSecond).toBeGreaterThan(95_000);
  expect(meter.perSecond).toBeLessThan(250_000);
});
