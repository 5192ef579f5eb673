/** Messages that come when the test says so, at its own time. */
import { expect, test } from 'vitest';
import { MessageBudget } from './message-budget.ts';
import type { ChannelMessages } from './message-budget.ts';

const TINY_BYTES = 5;

function scene(channels: number) {
  const budget = new MessageBudget();
  const ended = new Set<number>();
  const all = Array.from({ length: channels }, (_, nth) => budget.open(() => ended.add(nth)));
  /** Whether it is open still. */
  const come = (nth: number, now: number): boolean => {
    if (!ended.has(nth) && all[nth]?.came(TINY_BYTES, now) === false) {
      ended.add(nth);
      budget.close(all[nth] as ChannelMessages);
    }
    return !ended.has(nth);
  };
  return { all, ended, come };
}

/** How many of a channel's messages are taken in such a time, so many every 10 ms. */
function taken(perTick: number, ms: number): number {
  const { come } = scene(1);
  let count = 0;
  for (let now = 0; now < ms; now += 10) for (let nth = 0; nth < perTick; nth++) if (come(0, now)) count++;
  return count;
}

test('[PN8] a channel has 2,000 messages at once and 500 a second, and is ended by more', () => {
  expect(Math.floor(taken(100_000, 10) / 10)).toBe(200);
  expect(taken(5, 60_000)).toBe(30_000);
  expect(taken(20, 60_000)).toBeLessThan(3_000);
});

test('[PN8] what was sent to a peer makes its answers right, and its blocks make themselves right', () => {
  const { all, ended } = scene(1);
  const [channel] = all;
  for (let now = 0; now < 1_000; now++) {
    channel?.sent(17);
    expect(channel?.came(TINY_BYTES, now)).toBe(true);
    channel?.sent(65_549);
    for (let nth = 0; nth < 16; nth++) expect(channel?.came(TINY_BYTES, now)).toBe(true);
    expect(channel?.came(16_401, now)).toBe(true);
  }
  expect(ended.size).toBe(0);
});

test('[PN8] forty that flood together have a few thousand messages handled, and who uses little stays', () => {
  const { ended, come } = scene(41);
  let handled = 0;
  for (let round = 0; round < 2_000; round++) {
    for (let nth = 0; nth < 40; nth++) if (come(nth, 0)) handled++;
    if (round % 100 === 0) expect(come(40, 0)).toBe(true);
  }
  expect(handled).toBeLessThan(10_000);
  expect(ended.size).toBeGreaterThan(35);
  expect(ended.has(40)).toBe(false);
});

test('[PN8] forty that each send as much as one may for ever are ended, and who uses little stays', () => {
  const { ended, come } = scene(41);
  let handled = 0;
  const ticks = 6_000;
  for (let tick = 0; tick < ticks; tick++) {
    for (let nth = 0; nth < 40; nth++)
      for (let each = 0; each < 5; each++) if (come(nth, tick * 10)) handled++;
    if (tick % 3 === 0) expect(come(40, tick * 10)).toBe(true);
  }
  expect(handled).toBeLessThan(6_000 * (ticks / 100));
  expect(ended.size).toBeGreaterThanOrEqual(29);
});

test('[PN8] one that floods while others are quiet is ended alone', () => {
  const { ended, come } = scene(3);
  for (let nth = 0; nth < 10_000; nth++) come(0, 0);
  expect([come(1, 0), come(2, 0)]).toEqual([true, true]);
  expect([...ended]).toEqual([0]);
});

test('[PN8] whoever uses up what all have and leaves costs nobody else the connection', () => {
  const budget = new MessageBudget();
  let over = 0;
  const open = () => budget.open(() => over++);
  const honest = Array.from({ length: 5 }, open);
  for (let round = 0; round < 3; round++) {
    for (const flooding of Array.from({ length: 3 }, open)) {
      for (let nth = 0; nth < 1_660; nth++) flooding.came(1, round * 1_000);
      budget.close(flooding);
    }
    for (const channel of honest) {
      for (let nth = 0; nth < 10; nth++) expect(channel.came(1, round * 1_000 + 1)).toBe(true);
    }
  }
  expect(over).toBe(0);
});
