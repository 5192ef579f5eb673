import { describe, expect, it } from 'vitest';
import { peerId } from '../ids.ts';
import type { ConnectedPeer } from '../peer/verbs.ts';
import { peopleAmong } from './people.ts';

/** Each in a browser of its own. */
function peersOf(count: number, changes: Partial<ConnectedPeer> = {}): ConnectedPeer[] {
  const idle = { own: false, role: 'dialler', extended: true, pieces: 0, down: 0, up: 0 } as const;
  return Array.from({ length: count }, (_, nth) => {
    const id = peerId(nth.toString(16).padStart(64, '0'));
    if (id === null) throw new Error('a number is no peer id');
    return { id, ...idle, path: 'direct', ...changes };
  });
}

describe('people among peers', () => {
  it('[EN6] each is one, however often it is connected', () => {
    expect(peopleAmong([...peersOf(3), ...peersOf(2)])).toBe(3);
    expect(peopleAmong([])).toBe(0);
  });

  it('[EN6] our own tabs are nobody', () => {
    expect(peopleAmong([...peersOf(2), ...peersOf(3, { own: true })])).toBe(2);
    expect(peopleAmong(peersOf(3, { own: true }))).toBe(0);
  });

  it('[EN6] those are counted of whom it is true', () => {
    const [sending, ...idle] = peersOf(3);
    const peers = [{ ...sending!, down: 1 }, ...idle];
    expect(peopleAmong(peers, ({ down }) => down > 0)).toBe(1);
    expect(peopleAmong(peers, ({ down }) => down === 0)).toBe(2);
  });
});
