/** Which connection makes way, and which has no point any more: judged by what sessions carried, on a clock of the test. */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { linkId } from '../../ids.ts';
import { PIECE_HEADER_BYTES } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import { LinkWorth } from './link-worth.ts';
import { Connection } from './connection.ts';
import { testPeer } from '../testing/lab.ts';
import { makeShare } from '../testing/share.ts';

const { infoHash } = makeShare({ pieces: [1_000] });
const START = 1_000_000;
const PIECES = 4;

/** One that is `ageMs` old at `START`, carried so many bytes and speaks to a peer of ours, or to an unmodified one. */
function connection(nth: number, ageMs: number, down = 0, up = 0, extended = true): Connection {
  const link = linkId(nth);
  const openedAt = START - ageMs;
  const peer = { own: testPeer(100), infoHash };
  const one = new Connection({ link, role: 'acceptor', expected: null, openedAt }, peer);
  one.wire.shakeHands({ kind: 'handshake', peerId: testPeer(nth), infoHash }, []);
  if (extended) one.wire.extend();
  if (down > 0) one.source.pipeline.blockCame(down, null, openedAt);
  one.slot.backlog.push({ piece: 0, offset: 0, length: Math.max(0, up - PIECE_HEADER_BYTES) }, openedAt);
  if (up > 0) one.slot.backlog.order(openedAt, false);
  one.slot.backlog.left(0, openedAt);
  return one;
}

function worth(seed = 1): LinkWorth {
  return new LinkWorth(seededRandom(seed));
}

describe('[SW6] who makes way for a newcomer', () => {
  const newcomer = connection(99, 0);

  test('[SW6] is the connection that carried least for its time, in both directions together', () => {
    const taken = connection(1, 100_000, 2_000_000, 0);
    const given = connection(2, 100_000, 0, 2_000_000);
    const least = connection(3, 100_000, 800_000, 800_000);
    expect(worth().makesWay([taken, given, least, newcomer], newcomer, START)).toBe(least);
  });

  test('[SW6] is judged by the rate: an old one that carried more in all may go', () => {
    const old = connection(1, 1_000_000, 2_000_000);
    const young = connection(2, 20_000, 1_000_000);
    expect(worth().makesWay([young, old], newcomer, START)).toBe(old);
  });

  test('[SW6] is never the newcomer itself, which carried nothing', () => {
    const busy = connection(1, 60_000, 1e9);
    expect(worth().makesWay([newcomer, busy], newcomer, START)).toBe(busy);
    expect(worth().makesWay([newcomer], newcomer, START)).toBeNull();
  });

  test('[SW6] is nobody within a second of the last one that did', () => {
    const subject = worth();
    const others = [connection(1, 60_000), connection(2, 60_000), connection(3, 60_000)];
    expect(subject.makesWay(others, newcomer, START)).not.toBeNull();
    expect(subject.makesWay(others, newcomer, START)).toBeNull();
    expect(subject.makesWay(others, newcomer, START + 999)).toBeNull();
    expect(subject.makesWay(others, newcomer, START + 1_000)).not.toBeNull();
  });

  test('[SW6] where nobody could, the next newcomer need not wait', () => {
    const subject = worth();
    expect(subject.makesWay([newcomer], newcomer, START)).toBeNull();
    expect(subject.makesWay([connection(1, 60_000)], newcomer, START + 1)).not.toBeNull();
  });

  test('[SW6] of equals is any, by chance', () => {
    const equals = [1, 2, 3, 4].map((nth) => connection(nth, 60_000, 5_000));
    const useful = connection(5, 60_000, 50_000);
    const leaving = new Set<Connection | null>();
    for (let seed = 1; seed <= 60; seed++) {
      leaving.add(worth(seed).makesWay([useful, ...equals], newcomer, START));
    }
    expect(leaving).toEqual(new Set(equals));
  });

  test('[SW7] is not judged by its first seconds: what it carried counts as if it took 10 s', () => {
    // 200,000 bytes in its first second are 20,000 a second until it is 10 s old.
    const young = connection(1, 1_000, 200_000);
    const steady = connection(2, 100_000, 3_000_000);
    expect(worth().makesWay([young, steady], newcomer, START)).toBe(young);
    const same = connection(3, 9_000, 200_000);
    const slower = connection(4, 100_000, 1_990_000);
    expect(worth().makesWay([same, slower], newcomer, START)).toBe(slower);
    const older = connection(5, 10_100, 200_000);
    expect(worth().makesWay([older, slower], newcomer, START)).toBe(older);
  });
});

describe('[SW5] a connection without a point', () => {
  function full(extended = true): Connection {
    const one = connection(1, 60_000, 0, 0, extended);
    says(one, Bitfield.full(PIECES));
    return one;
  }

  function says(one: Connection, has: Bitfield): void {
    one.holdings.saidBitfield(has.toBytes(), PIECES);
  }

  test('[SW5] is one of two that both have had everything for 10 s', () => {
    const [subject, one] = [worth(), full()];
    expect(subject.looksPointless(one, true, START)).toBe(false);
    expect(subject.looksPointless(one, true, START + 9_999)).toBe(false);
    expect(subject.looksPointless(one, true, START + 10_000)).toBe(true);
  });

  test('[SW5] is none while either lacks anything, or while it is not known', () => {
    const [subject, one] = [worth(), full()];
    expect(subject.looksPointless(one, false, START + 60_000)).toBe(false);
    says(one, Bitfield.of(PIECES, [0, 1, 2]));
    expect(subject.looksPointless(one, true, START + 120_000)).toBe(false);
    one.holdings.forget();
    expect(subject.looksPointless(one, true, START + 180_000)).toBe(false);
  });

  test('[SW5] has its 10 s anew when somebody lacked something in between', () => {
    const [subject, one] = [worth(), full()];
    subject.looksPointless(one, true, START);
    subject.looksPointless(one, false, START + 9_000);
    expect(subject.looksPointless(one, true, START + 10_000)).toBe(false);
    expect(subject.looksPointless(one, true, START + 19_999)).toBe(false);
    expect(subject.looksPointless(one, true, START + 20_000)).toBe(true);
  });

  test('[SW5] is never one to an unmodified peer, which would only come back', () => {
    const [subject, one] = [worth(), full(false)];
    subject.looksPointless(one, true, START);
    expect(subject.looksPointless(one, true, START + 60_000)).toBe(false);
  });
});
