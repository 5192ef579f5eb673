/** When TorrentInno's tracker is asked, on a clock that the test moves. */
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../shared/peer/testing/fake-clock.ts';
import { Announcing } from './announcing.ts';
import type { TrackerAnswer } from './tracker.ts';

const NOBODY: TrackerAnswer = { kind: 'answered', peers: [] };
const AWAY: TrackerAnswer = { kind: 'away', why: 'it cannot be reached' };

function stage(answer: () => TrackerAnswer | Promise<TrackerAnswer> = () => NOBODY) {
  const clock = new FakeClock();
  const told: (string | null)[] = [];
  const announcing = new Announcing(clock, (trouble) => told.push(trouble));
  const announced: [string, number][] = [];
  const join = (name: string): (() => void) =>
    announcing.join({
      announce: async () => {
        announced.push([name, clock.now()]);
        return answer();
      },
      named: () => undefined,
    });
  return { clock, told, announcing, announced, join };
}

describe('[HL56] announces', () => {
  test('[HL56] each share at once and every 30 s, until it leaves', async () => {
    const { clock, announced, join, told } = stage();
    const leave = join('a');
    await clock.advance(65_000);
    expect(announced).toEqual([
      ['a', 0],
      ['a', 30_000],
      ['a', 60_000],
    ]);
    leave();
    await clock.advance(100_000);
    expect(announced).toHaveLength(3);
    expect(told).toEqual([null]);
  });

  test('[HL56] a tracker that is away is tried every 5 s by one share alone, and said once', async () => {
    let answer: TrackerAnswer = AWAY;
    const { clock, announced, join, told } = stage(() => answer);
    for (let nth = 0; nth < 50; nth++) join(String(nth));
    await clock.advance(60_000);
    // Some were under way when it was found to be away.
    expect(announced.length).toBeLessThan(20);
    expect(told).toEqual(['it cannot be reached']);
    answer = NOBODY;
    await clock.advance(6_000);
    expect(new Set(announced.slice(-50).map(([name]) => name)).size).toBe(50);
    expect(told).toEqual(['it cannot be reached', null]);
  });

  test('[HL56] few are under way at the same time', async () => {
    let [underWay, most] = [0, 0];
    const { clock, announced, join } = stage(async () => {
      most = Math.max(most, (underWay += 1));
      await new Promise((resolve) => clock.after(100, () => resolve(null)));
      underWay -= 1;
      return NOBODY;
    });
    for (let nth = 0; nth < 40; nth++) join(String(nth));
    await clock.advance(2_000);
    expect(announced).toHaveLength(40);
    expect(most).toBe(4);
  });

  test('[HL56] one that is refused is not asked for all the time, and the others go on', async () => {
    let nth = 0;
    const { clock, announced, join } = stage(() =>
      nth++ % 2 === 0 ? { kind: 'refused', why: 'it answered with status 429' } : NOBODY,
    );
    join('a');
    join('b');
    await clock.advance(29_000);
    expect(announced).toHaveLength(2);
    await clock.advance(2_000);
    expect(announced).toHaveLength(4);
  });

  test('[HL56] what changed is announced at once; after the end nothing is', async () => {
    const { clock, announcing, announced, join } = stage();
    join('a');
    await clock.advance(1_000);
    announcing.hurry();
    await clock.advance(0);
    expect(announced).toHaveLength(2);
    announcing.close();
    await clock.advance(100_000);
    expect(announced).toHaveLength(2);
  });
});
