import { expect, test } from 'vitest';
import { Pace } from './pace.ts';
import { FakeClock } from './testing/fake-clock.ts';

test('[PN7] a few begin at once, the others one after another, in order', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock, 30, 2);
  const begun: [number, number][] = [];
  const begin = (nth: number): void => {
    const turn = pace.turn();
    if (turn === null) begun.push([nth, clock.now()]);
    else void turn.then(() => begun.push([nth, clock.now()]));
  };
  for (let nth = 0; nth < 4; nth++) begin(nth);
  await clock.advance(60);
  expect(begun.splice(0)).toEqual([
    [0, 0],
    [1, 0],
    [2, 30],
    [3, 60],
  ]);
  // Nothing is saved up beyond the few, however long it was quiet.
  await clock.advance(60_000);
  for (let nth = 4; nth < 7; nth++) begin(nth);
  await clock.advance(30);
  expect(begun).toEqual([
    [4, 60_060],
    [5, 60_060],
    [6, 60_090],
  ]);
});
