import { describe, expect, test } from 'vitest';
import { Badge } from './badge.ts';
import { runningCount } from './leaving.ts';
import { peersOf, transferOf } from './transfer.fixture.ts';

/** An app's icon, and what was done to it. */
function icon() {
  const done: (number | 'cleared')[] = [];
  return {
    done,
    platform: {
      setAppBadge: async (count: number) => void done.push(count),
      clearAppBadge: async () => void done.push('cleared'),
    },
  };
}

describe('[AP7] the number on the icon', () => {
  test('is told when it changes, and taken away with the last one', () => {
    const { done, platform } = icon();
    const badge = new Badge(platform);
    for (const count of [0, 1, 1, 2, 0, 0]) badge.show(count);
    expect(done).toEqual([1, 2, 'cleared']);
  });

  test('is let be by a tab that is not the owner, and told anew by one that becomes it', () => {
    const { done, platform } = icon();
    const badge = new Badge(platform);
    for (const count of [2, null, null, 2]) badge.show(count);
    expect(done).toEqual([2, 2]);
  });

  test('changes nothing where there is none, or the system refuses', async () => {
    new Badge({}).show(3);
    const refusing = { setAppBadge: () => Promise.reject(new DOMException('no', 'NotAllowedError')) };
    const badge = new Badge(refusing);
    badge.show(1);
    badge.show(0);
    await new Promise((resolve) => setImmediate(resolve)); // a rejection that nobody takes would fail the test
  });

  test('counts what downloads, gives or gets, and nothing that only waits', () => {
    const all = [
      transferOf({ phase: 'downloading' }),
      transferOf({ phase: 'complete', peers: peersOf(1), up: 5 }),
      transferOf({ phase: 'complete', peers: peersOf(1) }),
      transferOf({ phase: 'paused' }),
      transferOf({ role: 'sharing', phase: 'complete' }),
    ];
    expect(runningCount(all)).toBe(2);
    expect(runningCount([])).toBe(0);
  });
});
