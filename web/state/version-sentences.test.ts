import { describe, expect, test } from 'vitest';
import { transferOf } from './transfer.fixture.ts';
import { newerVersionSentence, underWayIn } from './version-sentences.ts';

describe('[AP6] where there is a new version the page says', () => {
  const own = transferOf({ role: 'sharing', phase: 'complete' });
  const others = transferOf({ phase: 'downloading' });
  test.each([
    [{ reloadCuts: false, moving: false, all: [] }, 'nothing'],
    [{ reloadCuts: false, moving: false, all: [transferOf({ phase: 'complete' })] }, 'nothing'],
    [{ reloadCuts: false, moving: true, all: [others] }, 'goes-on'],
    [{ reloadCuts: false, moving: true, all: [others, own] }, 'own-shares'],
    [{ reloadCuts: false, moving: false, all: [{ ...own, filesMissing: 'not-kept' as const }] }, 'nothing'],
    [{ reloadCuts: true, moving: true, all: [own] }, 'would-be-cut'],
  ])('what a reload does to what is under way: %#', (here, underWay) => {
    expect(underWayIn(here)).toBe(underWay);
  });

  test('first that, and then what goes on or would begin again', () => {
    const said = (['nothing', 'goes-on', 'own-shares', 'would-be-cut'] as const).map(newerVersionSentence);
    for (const sentence of said) expect(sentence).toMatch(/^There is a new version of this page\./);
    expect(said[0]).toMatch(/page\.$/);
    expect(said[1]).toMatch(/goes on after/);
    expect(said[2]).toMatch(/goes on after.*files that you share/);
    expect(said[3]).toMatch(/begin again/);
  });
});
