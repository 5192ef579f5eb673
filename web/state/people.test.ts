import { describe, expect, it } from 'vitest';
import { peerId, personOf } from '../../shared/ids.ts';
import { peopleAmong } from './people.ts';
import { peersOf } from './transfer.fixture.ts';

/** Tabs of one browser: the first half of their ids is the same. */
function tabsOf(browser: string, tabs: readonly string[]) {
  return tabs.map((tab) => ({ ...peersOf(1)[0]!, id: peerId(browser.repeat(32) + tab.repeat(32))! }));
}

describe('people among peers', () => {
  it('[EN6] [ID2] each is one, however many tabs they have and however often they connect', () => {
    const [first, second] = [tabsOf('a', ['1', '2', '3']), tabsOf('b', ['1'])];
    expect(new Set(first.map(({ id }) => personOf(id))).size).toBe(1);
    expect(peopleAmong([...first, ...second, ...second])).toBe(2);
    expect(peopleAmong([])).toBe(0);
  });

  it('[EN6] our own tabs are nobody', () => {
    expect(peopleAmong([...peersOf(2), ...peersOf(3, { own: true })])).toBe(2);
    expect(peopleAmong(peersOf(3, { own: true }))).toBe(0);
  });

  it('[EN6] one is among those that are asked for when one of their tabs is', () => {
    const [sending, idle, other] = [...tabsOf('a', ['1', '2']), ...tabsOf('b', ['1'])];
    const peers = [{ ...sending!, down: 1 }, idle!, other!];
    expect(peopleAmong(peers, ({ down }) => down > 0)).toBe(1);
    expect(peopleAmong(peers, ({ down }) => down === 0)).toBe(2);
  });
});
