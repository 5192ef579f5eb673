/** What is taken for a sleep, and how often others' hints are followed. */
import { expect, test } from 'vitest';
import { CHECK_EVERY_MS } from './limits.ts';
import { NetworkWatch } from './network-watch.ts';
import { FakeClock } from './testing/fake-clock.ts';

function watched(clock = new FakeClock()) {
  const looks: { slept: boolean; at: number }[] = [];
  const watch = new NetworkWatch(clock, (slept) => looks.push({ slept, at: clock.now() }));
  return { clock, watch, looks };
}

/** A clock whose one half stands still while the device sleeps, or is set by hand. */
class TwoClocks extends FakeClock {
  setForwardBy = 0;
  override today(): number {
    return super.today() + this.setForwardBy;
  }
}

test('[PN11] a device that is awake, and a busy moment, are no sleep', async () => {
  const { clock, looks } = watched();
  await clock.advance(60_000);
  clock.sleep(3_900);
  await clock.advance(60_000);
  expect(looks).toEqual([]);
});

test('[PN11] a sleep is noticed at once when it is over, and once', async () => {
  const { clock, looks } = watched();
  await clock.advance(10_500);
  clock.sleep(15_000);
  await clock.advance(60_000);
  expect(looks).toEqual([{ slept: true, at: 25_500 }]);
});

test('[PN11] a sleep in which the clock that never goes back stood still is noticed within a second', async () => {
  const clock = new TwoClocks();
  const { looks } = watched(clock);
  await clock.advance(10_500);
  clock.setForwardBy = 60_000;
  await clock.advance(1_000);
  expect(looks).toEqual([{ slept: true, at: 11_000 }]);
});

test('[PN11] a wall clock that is set back by a year says nothing', async () => {
  const clock = new TwoClocks();
  const { looks } = watched(clock);
  clock.setForwardBy = -365 * 86_400_000;
  await clock.advance(10_000);
  clock.sleep(10_000);
  await clock.advance(10_000);
  expect(looks).toHaveLength(1);
});

test('[PN11] many hints are followed by a look at once and one more in a while', async () => {
  const { clock, watch, looks } = watched();
  await clock.advance(5_000);
  for (let hint = 0; hint < 20; hint++) {
    watch.changed();
    await clock.advance(10);
  }
  await clock.advance(60_000);
  expect(looks).toEqual([
    { slept: false, at: 5_000 },
    { slept: false, at: 5_000 + CHECK_EVERY_MS },
  ]);
});

test('[PN11] nothing is looked at once it is closed', async () => {
  const { clock, watch, looks } = watched();
  watch.changed();
  watch.changed();
  watch.close();
  watch.changed();
  clock.sleep(60_000);
  await clock.advance(60_000);
  expect(looks).toHaveLength(1);
});
