import { describe, expect, test } from 'vitest';
import { settled } from './testing/fakes.ts';
import { PaidWork, pointsOf } from './work.ts';

/** Turns of the event loop pass when the test says so. */
function house(spend = async () => true) {
  const tasks: (() => void)[] = [];
  const work = new PaidWork(spend, (task) => void tasks.push(task));
  const begun: string[] = [];
  const ask = (address: string, points: number) =>
    void work.pay(address, points).then((may) => begun.push(may ? address : `not ${address}`));
  const turn = async () => {
    for (const task of tasks.splice(0)) task();
    await settled();
    return begun.splice(0);
  };
  return { ask, begun, tasks, turn };
}

describe('[SV5] costly work', () => {
  test('begins at once where nobody else asks for any', async () => {
    const { ask, begun, tasks, turn } = house();
    ask('a', 40);
    await settled();
    expect(begun).toEqual(['a']);
    // And nothing is left to do after it.
    await turn();
    await turn();
    expect(tasks).toEqual([]);
  });

  test('takes no more of one turn than its share, whoever asks for how much', async () => {
    const { ask, begun, turn } = house();
    for (let times = 0; times < 10; times++) ask('a', 40);
    ask('b', 1_000_000);
    await settled();
    expect(begun.splice(0)).toEqual(['a', 'a', 'a']);
    expect(await turn()).toEqual(['a', 'b']);
    expect(await turn()).toEqual(['a', 'a', 'a']);
    expect(await turn()).toEqual(['a', 'a', 'a']);
    expect(await turn()).toEqual([]);
  });

  test('goes to one address after the other, however much one of them asks for', async () => {
    const { ask, turn } = house();
    for (let times = 0; times < 20; times++) ask('loud', 100);
    ask('quiet', 100);
    await settled();
    const order: string[] = [];
    for (let all = await turn(); all.length > 0; all = await turn()) order.push(...all);
    expect(order.indexOf('quiet')).toBeLessThanOrEqual(2);
    expect(order).toHaveLength(21);
  });

  test('is refused where it is not paid for, in turns as well', async () => {
    const { ask, begun, turn } = house(async () => false);
    for (let times = 0; times < 30; times++) ask('a', 1_000);
    await settled();
    expect(begun.splice(0)).toEqual(Array(20).fill('not a'));
    expect(await turn()).toHaveLength(10);
  });

  test('costs points for what is asked, and other messages none', () => {
    const swarms = Array(100).fill('a'.repeat(64)) as never[];
    expect(pointsOf({ type: 'scrape', swarms })).toBe(102);
    expect(pointsOf({ type: 'search', query: '', offset: 0, limit: 50 })).toBe(100);
    expect(pointsOf({ type: 'search', query: '', offset: 2 ** 53 - 1, limit: 50 })).toBe(150);
    expect(pointsOf({ type: 'unpublish', swarm: 'a' as never, peerId: 'a' as never })).toBe(0);
  });
});
