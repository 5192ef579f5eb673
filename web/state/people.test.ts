import { describe, expect, it } from 'vitest';
import { peopleAmong } from './people.ts';
import { peersOf } from './transfer.fixture.ts';

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
