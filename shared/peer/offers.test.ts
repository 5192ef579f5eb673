import { describe, expect, test } from 'vitest';
import { peerId, swarmId } from '../ids.ts';
import { MAX_OFFERS, MAX_OFFERS_OF_A_PEER, MAX_OFFERS_OF_A_SWARM, OFFER_PATIENCE_MS } from './limits.ts';
import { Offers } from './offers.ts';
import type { Offer } from './offers.ts';

const id = (serial: number) => peerId(serial.toString(16).padStart(64, '0'))!;
const swarm = (serial: number) => swarmId(serial.toString(16).padStart(64, '0'))!;

describe('[PN7] attempts that others begin', () => {
  test('one peer begins a few at once, and then one every 4 s', () => {
    const offers = new Offers();
    const begun = (now: number) => {
      let count = 0;
      while (offers.begins(id(1), now) !== null) count++;
      return count;
    };
    expect([begun(0), begun(3_999), begun(4_000), begun(12_000)]).toEqual([MAX_OFFERS_OF_A_PEER, 0, 1, 2]);
  });

  test('all together begin 120 at once and ten a second, however many ids they have', () => {
    const offers = new Offers();
    let serial = 0;
    const begun = (now: number) => {
      let count = 0;
      while (offers.begins(id(serial++), now) !== null) count++;
      return count;
    };
    expect([begun(0), begun(1_000), begun(3_000)]).toEqual([120, 10, 20]);
  });

  test('those that come again are bounded for themselves, and keep nobody out that comes for the first time', () => {
    const offers = new Offers();
    for (let other = 1; other <= 100; other++) expect(offers.begins(id(other), 0)).toBe(0);
    let again = 0;
    for (let round = 0; round < 3; round++)
      for (let other = 1; other <= 100; other++) if (offers.begins(id(other), 0) !== null) again++;
    expect(again).toBe(60);
    for (let other = 101; other <= 120; other++) expect(offers.begins(id(other), 0)).toBe(0);
    expect(offers.begins(id(121), 0)).toBeNull();
  });

  test('says how many the peer began lately', () => {
    const offers = new Offers();
    expect([0, 0, 4_000, 8_000, 24_000].map((now) => offers.begins(id(1), now))).toEqual([0, 1, 1, 1, 0]);
  });

  test.each([
    { bound: MAX_OFFERS_OF_A_SWARM, where: 'one swarm', swarmOf: () => swarm(1) },
    { bound: MAX_OFFERS, where: 'all of them', swarmOf: (nth: number) => swarm(nth % 2) },
  ])(
    'in $where $bound are under way, and the oldest makes way when its time is over',
    ({ bound, swarmOf }) => {
      const offers = new Offers();
      const underWay: Offer[] = [];
      for (let nth = 0; nth < bound; nth++) {
        expect(offers.makesWay(swarmOf(nth), underWay, nth)).toBeNull();
        underWay.push({ swarm: swarmOf(nth), begunAt: nth });
      }
      expect(offers.makesWay(swarm(1), underWay, OFFER_PATIENCE_MS - 1)).toBeUndefined();
      expect(offers.makesWay(swarm(1), underWay, OFFER_PATIENCE_MS)).toBe(underWay[0]);
    },
  );
});
