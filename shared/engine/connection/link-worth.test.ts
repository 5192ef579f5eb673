/** Which connection makes way, and which has no point any more: judged by what sessions carried, on a clock of the test. */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { linkId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { LinkWorth } from './link-worth.ts';
import { PeerSession } from './connection.ts';
import { testPeer } from '../testing/lab.ts';
import { makeShare } from '../testing/share.ts';

const { infoHash } = makeShare({ pieces: [1_000] });
const START = 1_000_000;
const PIECES = 4;

/** One that is `ageMs` old at `START` and carried so many bytes. */
function session(nth: number, ageMs: number, down = 0, up = 0): PeerSession {
  const identity = { own: testPeer(1), infoHash };
  const one = new PeerSession(linkId(nth), 'acceptor', null, identity, START - ageMs);
  one.id = testPeer(nth + 1);
  one.phase = 'extended';
  if (down > 0) one.down.add(down, START - ageMs);
  if (up > 0) one.up.add(up, START - ageMs);
  return one;
}

function worth(seed = 1): LinkWorth {
  return new LinkWorth(seededRandom(seed));
}

describe('[SW6] who makes way for a newcomer', () => {
  const newcomer = session(99, 0);

  test('[SW6] is the connection that carried least for its time, in both directions together', () => {
    const taken = session(1, 100_000, 2_000_000, 0);
    const given = session(2, 100_000, 0, 2_000_000);
    const least = session(3, 100_000, 800_000, 800_000);
    expect(worth().makesWay([taken, given, least, newcomer], newcomer, START)).toBe(least);
  });

  test('[SW6] is judged by the rate: an old one that carried more in all may go', () => {
    const old = session(1, 1_000_000, 2_000_000);
    const young = session(2, 20_000, 1_000_000);
    expect(worth().makesWay([young, old], newcomer, START)).toBe(old);
  });

  test('[SW6] is never the newcomer itself, which carried nothing', () => {
    const busy = session(1, 60_000, 1e9);
    expect(worth().makesWay([newcomer, busy], newcomer, START)).toBe(busy);
    expect(worth().makesWay([newcomer], newcomer, START)).toBeNull();
  });

  test('[SW6] is nobody within a second of the last one that did', () => {
    const subject = worth();
    const others = [session(1, 60_000), session(2, 60_000), session(3, 60_000)];
    expect(subject.makesWay(others, newcomer, START)).not.toBeNull();
    expect(subject.makesWay(others, newcomer, START)).toBeNull();
    expect(subject.makesWay(others, newcomer, START + 999)).toBeNull();
    expect(subject.makesWay(others, newcomer, START + 1_000)).not.toBeNull();
  });

  test('[SW6] where nobody could, the next newcomer need not wait', () => {
    const subject = worth();
    expect(subject.makesWay([newcomer], newcomer, START)).toBeNull();
    expect(subject.makesWay([session(1, 60_000)], newcomer, START + 1)).not.toBeNull();
  });

  test('[SW6] of equals is any, by chance', () => {
    const equals = [1, 2, 3, 4].map((nth) => session(nth, 60_000, 5_000));
    const useful = session(5, 60_000, 50_000);
    const leaving = new Set<PeerSession | null>();
    for (let seed = 1; seed <= 60; seed++) {
      leaving.add(worth(seed).makesWay([useful, ...equals], newcomer, START));
    }
    expect(leaving).toEqual(new Set(equals));
  });

  test('[SW7] is not judged by its first seconds: what it carried counts as if it took 10 s', () => {
    // 200,000 bytes in its first second are 20,000 a second until it is 10 s old.
    const young = session(1, 1_000, 200_000);
    const steady = session(2, 100_000, 3_000_000);
    expect(worth().makesWay([young, steady], newcomer, START)).toBe(young);
    const same = session(3, 9_000, 200_000);
    const slower = session(4, 100_000, 1_990_000);
    expect(worth().makesWay([same, slower], newcomer, START)).toBe(slower);
    const older = session(5, 10_100, 200_000);
    expect(worth().makesWay([older, slower], newcomer, START)).toBe(older);
  });
});

describe('[SW5] a connection without a point', () => {
  function full(): PeerSession {
    const one = session(1, 60_000);
    one.has = Bitfield.full(PIECES);
    return one;
  }

  test('[SW5] is one of two that both have had everything for 10 s', () => {
    const [subject, one] = [worth(), full()];
    expect(subject.isPointless(one, true, START)).toBe(false);
    expect(subject.isPointless(one, true, START + 9_999)).toBe(false);
    expect(subject.isPointless(one, true, START + 10_000)).toBe(true);
  });

  test('[SW5] is none while either lacks anything, or while it is not known', () => {
    const [subject, one] = [worth(), full()];
    expect(subject.isPointless(one, false, START + 60_000)).toBe(false);
    one.has = Bitfield.of(PIECES, [0, 1, 2]);
    expect(subject.isPointless(one, true, START + 120_000)).toBe(false);
    one.has = null;
    expect(subject.isPointless(one, true, START + 180_000)).toBe(false);
  });

  test('[SW5] has its 10 s anew when somebody lacked something in between', () => {
    const [subject, one] = [worth(), full()];
    subject.isPointless(one, true, START);
    subject.isPointless(one, false, START + 9_000);
    expect(subject.isPointless(one, true, START + 10_000)).toBe(false);
    expect(subject.isPointless(one, true, START + 19_999)).toBe(false);
    expect(subject.isPointless(one, true, START + 20_000)).toBe(true);
  });

  test('[SW5] is never one to an unmodified peer, which would only come back', () => {
    const [subject, one] = [worth(), full()];
    one.phase = 'base';
    subject.isPointless(one, true, START);
    expect(subject.isPointless(one, true, START + 60_000)).toBe(false);
  });
});
