import { describe, expect, test } from 'vitest';
import { Pace } from './pace.ts';
import { FakeClock } from './testing/fake-clock.ts';

function scene(): { clock: FakeClock; pace: Pace<string>; begun: [string, number][] } {
  const clock = new FakeClock();
  const begun: [string, number][] = [];
  const pace = new Pace<string>(clock, 30, 2, (item) => begun.push([item, clock.now()]));
  return { clock, pace, begun };
}

describe('[PN7] attempts take their turns', () => {
  test('a few begin at once, the others one after another, in order', async () => {
    const { clock, pace, begun } = scene();
    for (const item of 'abcd') pace.enter(item, 0);
    await clock.advance(60);
    expect(begun.splice(0)).toEqual([
      ['a', 0],
      ['b', 0],
      ['c', 30],
      ['d', 60],
    ]);
    // Nothing is saved up beyond the few, however long it was quiet.
    await clock.advance(60_000);
    for (const item of 'efg') pace.enter(item, 0);
    await clock.advance(30);
    expect(begun).toEqual([
      ['e', 60_060],
      ['f', 60_060],
      ['g', 60_090],
    ]);
  });

  test('who came seldom goes before who came often', async () => {
    const { clock, pace, begun } = scene();
    for (const item of 'abcd') pace.enter(item, 1);
    pace.enter('seldom', 0);
    await clock.advance(1_000);
    expect(begun.map(([item]) => item)).toEqual(['a', 'b', 'seldom', 'c', 'd']);
  });

  test('who left takes no turn', async () => {
    const { clock, pace, begun } = scene();
    for (const item of 'abcd') pace.enter(item, 0);
    pace.leave('c');
    await clock.advance(30);
    expect(begun.at(-1)).toEqual(['d', 30]);
  });
});
