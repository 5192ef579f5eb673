/** Whom to dial and whom to forget, without a machine around it. Our own id is the 100th: greater ones are dialled. */
import { describe, expect, test } from 'vitest';
import { peerId } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import { MAX_BANNED_PEERS, MAX_KNOWN_PEERS, MAX_LINKS, SOUGHT_LINKS } from '../../limits.ts';
import { seededRandom } from '../../random.ts';
import type { Output } from '../io.ts';
import { linkBounds, Members } from './members.ts';
import { testPeer } from '../testing/lab.ts';

const OWN = testPeer(100);
const START = 1_000_000;

function members(seed = 1, own = OWN): Members {
  return new Members(own, seededRandom(seed));
}

function meet(subject: Members, ...nths: number[]): void {
  for (const nth of nths) subject.met({ id: testPeer(nth), seed: false });
}

/** Whom it dials now. */
function dialled(subject: Members, now: number, complete = false): PeerId[] {
  const out: Output[] = [];
  subject.dial(complete, now, out);
  return out.flatMap((order) => {
    if (order.kind === 'give-up-dial') return [];
    if (order.kind !== 'dial') throw new Error('members order dials alone');
    return [order.peer];
  });
}

function greater(count: number, from = 101): number[] {
  return Array.from({ length: count }, (_, nth) => from + nth);
}

describe('[SW1] members', () => {
  test('[SW1] are never we ourselves, and not who left', () => {
    const subject = members();
    meet(subject, 101, 102);
    subject.met({ id: OWN, seed: true });
    expect(subject.isSeed(OWN)).toBe(false);
    subject.left(testPeer(101), START, []);
    expect(dialled(subject, START)).toEqual([testPeer(102)]);
  });

  test('[SW1] are seeds or not by the last word', () => {
    const subject = members();
    meet(subject, 101);
    expect(subject.isSeed(testPeer(101))).toBe(false);
    subject.met({ id: testPeer(101), seed: true });
    expect(subject.isSeed(testPeer(101))).toBe(true);
    expect(subject.isSeed(testPeer(102))).toBe(false);
  });
});

describe('[LB14] members where the person wants fewer or more connections', () => {
  test.each([
    [null, { most: 55, sought: 30 }],
    [1, { most: 1, sought: 1 }],
    [11, { most: 11, sought: 6 }],
    [200, { most: 200, sought: 110 }],
  ])('[LB14] of %j some are left for those who come later', (wanted, bounds) => {
    expect(linkBounds(wanted)).toEqual(bounds);
  });

  test('[LB14] no more are dialled or asked for', () => {
    const subject = members();
    subject.bounds = linkBounds(11);
    meet(subject, ...greater(40));
    expect(dialled(subject, START)).toHaveLength(6);
    expect(subject.wanted).toBe(11);
    for (const nth of greater(12)) subject.linked(testPeer(nth));
    expect(subject.wanted).toBe(0);
    expect(dialled(subject, START + 300_000)).toEqual([]);
  });
});

describe('[SW2] dialling', () => {
  test('[SW2] what failed while the tracker was away says nothing when it is back', () => {
    const subject = members();
    meet(subject, 101, 102);
    dialled(subject, START);
    subject.trackerReached(false);
    for (let round = 0; round < 6; round++) subject.dialFailed(testPeer(101), START);
    subject.dialFailed(testPeer(102), START);
    subject.left(testPeer(102), START, []);
    expect(dialled(subject, START)).toEqual([]);
    subject.trackerReached(true);
    expect(dialled(subject, START)).toEqual([testPeer(101)]);
    // And it begins with the shortest pause again.
    subject.dialFailed(testPeer(101), START);
    expect(dialled(subject, START + 1_999)).toEqual([]);
    expect(dialled(subject, START + 2_500)).toEqual([testPeer(101)]);
  });

  test('[SW2] who left and is named again comes with a clean sheet, who is named again without having left does not', () => {
    const subject = members();
    meet(subject, 101, 102);
    dialled(subject, START);
    for (const nth of [101, 102]) {
      for (let round = 0; round < 5; round++) subject.dialFailed(testPeer(nth), START);
    }
    subject.left(testPeer(101), START, []);
    meet(subject, 101, 102);
    expect(dialled(subject, START)).toEqual([testPeer(101)]);
  });

  test('[SW2] is for the smaller id of the two, and once at a time', () => {
    const subject = members();
    meet(subject, 99, 101);
    expect(dialled(subject, START)).toEqual([testPeer(101)]);
    meet(subject, 101);
    expect(dialled(subject, START + 1_000)).toEqual([]);
  });

  test('[SW2] goes on while fewer are open or under way than are sought', () => {
    const subject = members();
    for (const nth of greater(10, 1_000)) subject.linked(testPeer(nth));
    meet(subject, ...greater(60));
    const [first, second, ...others] = dialled(subject, START);
    expect(others).toHaveLength(SOUGHT_LINKS - 12);
    expect(dialled(subject, START)).toEqual([]);
    subject.dialFailed(first!, START);
    subject.linked(second!);
    expect(dialled(subject, START)).toHaveLength(1);
  });

  test('[SW2] of one that failed waits 2 s, then twice as long each time and up to a quarter longer, and is given up after eight failures', () => {
    const subject = members();
    meet(subject, 101);
    let now = START;
    const pauses: number[] = [];
    for (;;) {
      const since = now;
      while (dialled(subject, now).length === 0 && now - since <= 600_000) now += 10;
      if (now - since > 600_000) break;
      pauses.push(now - since);
      subject.dialFailed(testPeer(101), now);
    }
    const least = [0, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 120_000, 120_000];
    expect(pauses).toHaveLength(least.length);
    for (const [nth, pause] of pauses.entries()) {
      expect(pause).toBeGreaterThanOrEqual(least[nth]!);
      expect(pause).toBeLessThanOrEqual(1.25 * least[nth]! + 10);
    }
    meet(subject, 101);
    expect(dialled(subject, now)).toEqual([testPeer(101)]);
  });

  test('[SW2] a connection that was open counts as a success, and its end as a first failure', () => {
    const subject = members();
    meet(subject, 101);
    for (let nth = 0, now = START; nth < 5; nth++) {
      dialled(subject, now);
      subject.dialFailed(testPeer(101), now);
      now += 200_000;
    }
    dialled(subject, START + 1_000_000);
    subject.linked(testPeer(101));
    subject.unlinked(testPeer(101), START + 2_000_000);
    expect(dialled(subject, START + 2_001_999)).toEqual([]);
    expect(dialled(subject, START + 2_002_500)).toEqual([testPeer(101)]);
  });

  test('[SW2] of which nothing is heard for 45 s has failed, and its place is free', () => {
    const subject = members();
    meet(subject, ...greater(SOUGHT_LINKS));
    expect(dialled(subject, START)).toHaveLength(SOUGHT_LINKS);
    meet(subject, 1_000);
    subject.dialFailed(testPeer(1_000), START);
    for (const nth of greater(SOUGHT_LINKS)) subject.dialAnswered(testPeer(nth));
    expect(dialled(subject, START + 44_999)).toEqual([]);
    expect(dialled(subject, START + 45_000)).toEqual([testPeer(1_000)]);
  });

  test('[SW2] goes beyond what is sought for some newcomers, the more the greater their ids, and not beyond the limit', () => {
    const late = (id: string): number => {
      let times = 0;
      for (let seed = 1; seed <= 300; seed++) {
        const subject = members(seed, peerId('0'.repeat(64))!);
        for (const nth of greater(SOUGHT_LINKS)) subject.linked(testPeer(nth));
        subject.joined({ id: peerId(id.padEnd(64, '0'))!, seed: false }, START, []);
        times += dialled(subject, START).length;
      }
      return times / 300;
    };
    expect(late('ffff')).toBeGreaterThan(0.4);
    expect(late('ffff')).toBeLessThan(0.6);
    expect(late('8000')).toBeGreaterThan(0.17);
    expect(late('8000')).toBeLessThan(0.33);
    expect(late('0001')).toBeLessThan(0.02);
  });

  test('[SW2] [SW4] opens no more than 55 connections, whoever comes', () => {
    const subject = members(3);
    for (const nth of greater(MAX_LINKS - 2)) subject.linked(testPeer(nth));
    for (const nth of greater(100, 40_000)) subject.joined({ id: testPeer(nth), seed: false }, START, []);
    expect(dialled(subject, START)).toHaveLength(2);
    expect(subject.wanted).toBe(2);
  });
});

describe('[SW8] silent ids', () => {
  /** Who is dialled within 5 s of virtual time, and when; nobody says anything. */
  function inFiveSeconds(subject: Members, most: { underWay: number }): Map<PeerId, number> {
    const first = new Map<PeerId, number>();
    const underWay = new Set<PeerId>();
    for (let now = START; now < START + 4_700; now += 100) {
      if (now !== START && now < subject.waveAt && now % 1_000 !== 0) continue;
      const out: Output[] = [];
      subject.dial(false, now, out);
      for (const order of out) {
        if (order.kind === 'dial') underWay.add(order.peer);
        else if (order.kind === 'give-up-dial') underWay.delete(order.peer);
        if (order.kind === 'dial' && !first.has(order.peer)) first.set(order.peer, now - START);
      }
      most.underWay = Math.max(most.underWay, underWay.size);
    }
    return first;
  }

  test.each([1, 2, 3])('[SW8] of 400 members that say nothing each is dialled within 5 s', (seed) => {
    const subject = members(seed);
    meet(subject, ...greater(MAX_KNOWN_PEERS));
    const most = { underWay: 0 };
    const first = inFiveSeconds(subject, most);
    expect(first.size).toBe(MAX_KNOWN_PEERS);
    expect(most.underWay).toBeLessThanOrEqual(100);
  });

  test('[SW8] a seed among them is dialled at once, and who was never dialled before who failed', () => {
    const subject = members();
    meet(subject, ...greater(300));
    subject.met({ id: testPeer(1_000), seed: true });
    expect(dialled(subject, START)).toContain(testPeer(1_000));
    const other = members();
    meet(other, ...greater(SOUGHT_LINKS));
    for (const peer of dialled(other, START)) other.dialFailed(peer, START);
    meet(other, 2_000);
    expect(dialled(other, START + 2_000)[0]).toEqual(testPeer(2_000));
  });

  test('[SW8] those that answer take the places that are sought, and no more are dialled', () => {
    const subject = members();
    meet(subject, ...greater(50));
    for (const peer of dialled(subject, START)) subject.dialAnswered(peer);
    expect(dialled(subject, START + 300)).toEqual([]);
    expect(subject.waveAt).toBe(Infinity);
  });

  test('[SW8] few members may take their time: nobody is given up for nobody', () => {
    const subject = members();
    meet(subject, ...greater(SOUGHT_LINKS));
    const most = { underWay: 0 };
    inFiveSeconds(subject, most);
    expect(most.underWay).toBe(SOUGHT_LINKS);
    for (const nth of greater(SOUGHT_LINKS)) subject.dialAnswered(testPeer(nth));
    expect(dialled(subject, START + 30_000)).toEqual([]);
  });
});

describe('[PN11] after a change of the network', () => {
  test('[PN11] what failed says nothing any more, and whose connection ends soon is dialled within moments', () => {
    const subject = members();
    meet(subject, 101, 102, 103);
    dialled(subject, START);
    subject.dialFailed(testPeer(101), START);
    for (const nth of [102, 103]) subject.linked(testPeer(nth));
    subject.networkChanged(START);
    expect(dialled(subject, START)).toEqual([testPeer(101)]);
    subject.unlinked(testPeer(102), START + 4_000);
    const at = subject.waveAt;
    expect(at).toBeLessThanOrEqual(START + 4_200);
    expect(dialled(subject, at)).toEqual([testPeer(102)]);
    expect(subject.waveAt).toBe(Infinity);
    // Later it is a first failure again.
    subject.unlinked(testPeer(103), START + 5_000);
    expect(dialled(subject, START + 6_999)).toEqual([]);
  });

  test('[PN11] those that lost everybody together do not dial together', () => {
    const after = Array.from({ length: 20 }, (_, seed) => {
      const subject = members(seed + 1);
      meet(subject, 101);
      subject.linked(testPeer(101));
      subject.networkChanged(START);
      subject.unlinked(testPeer(101), START);
      return subject.waveAt - START;
    });
    expect(new Set(after).size).toBe(20);
    expect(Math.max(...after) - Math.min(...after)).toBeGreaterThan(100);
  });

  test('[PN11] somebody with whom we were connected is dialled at once when it is told of again', () => {
    const subject = members();
    meet(subject, 101, 102);
    for (const nth of [101, 102]) subject.linked(testPeer(nth));
    for (const nth of [101, 102]) subject.unlinked(testPeer(nth), START);
    dialled(subject, START + 2_500);
    subject.dialFailed(testPeer(101), START + 3_000);
    const out: Output[] = [];
    // 102 sleeps: what was signalled to it is without a word for more than a second.
    for (const nth of [101, 102]) subject.joined({ id: testPeer(nth), seed: false }, START + 4_000, out);
    expect(out).toEqual([{ kind: 'give-up-dial', peer: testPeer(102) }]);
    expect(dialled(subject, START + 4_000)).toEqual([testPeer(101), testPeer(102)]);
  });

  test('[PN11] a dial that is young or was answered goes on when its peer is told of again', () => {
    const subject = members();
    meet(subject, 101, 102);
    for (const nth of [101, 102]) subject.linked(testPeer(nth));
    subject.unlinked(testPeer(102), START);
    dialled(subject, START + 2_500);
    subject.dialAnswered(testPeer(102));
    subject.unlinked(testPeer(101), START + 2_500);
    dialled(subject, START + 5_000);
    const out: Output[] = [];
    for (const nth of [101, 102]) subject.joined({ id: testPeer(nth), seed: false }, START + 5_900, out);
    expect([out, dialled(subject, START + 5_900)]).toEqual([[], []]);
  });

  test('[PN11] somebody that was never reached keeps its pauses', () => {
    const subject = members();
    meet(subject, 101);
    dialled(subject, START);
    subject.dialFailed(testPeer(101), START);
    subject.joined({ id: testPeer(101), seed: false }, START, []);
    expect(dialled(subject, START + 1_000)).toEqual([]);
  });

  test('[PN11] a dial without a word is over when its peer has left: what was signalled is lost', () => {
    const subject = members();
    meet(subject, 101);
    dialled(subject, START);
    const out: Output[] = [];
    subject.left(testPeer(101), START + 10_000, out);
    expect(out).toEqual([{ kind: 'give-up-dial', peer: testPeer(101) }]);
    meet(subject, 101);
    expect(dialled(subject, START + 10_001)).toEqual([testPeer(101)]);
  });
});

describe('[SW5] seeds', () => {
  test('[SW5] are dialled by leechers alone', () => {
    const subject = members();
    subject.met({ id: testPeer(101), seed: true });
    meet(subject, 102);
    expect(dialled(subject, START, true)).toEqual([testPeer(102)]);
    expect(dialled(subject, START, false)).toEqual([testPeer(101)]);
  });
});

describe('[SW3] who is banned', () => {
  test('[SW3] is not dialled, and not met again', () => {
    const subject = members();
    meet(subject, 101);
    subject.ban(testPeer(101));
    meet(subject, 101);
    subject.joined({ id: testPeer(101), seed: false }, START, []);
    expect(subject.isBanned(testPeer(101))).toBe(true);
    expect(dialled(subject, START)).toEqual([]);
  });

  test('[SW3] stays so when everybody is forgotten; of very many the oldest are let off', () => {
    const subject = members();
    subject.ban(testPeer(1));
    subject.forgetAll();
    expect(subject.isBanned(testPeer(1))).toBe(true);
    for (const nth of greater(MAX_BANNED_PEERS)) subject.ban(testPeer(nth));
    expect(subject.isBanned(testPeer(1))).toBe(false);
    expect(subject.isBanned(testPeer(101))).toBe(true);
  });
});

describe('[SW4] who is forgotten', () => {
  test('[SW4] is whoever was not named for the longest time', () => {
    const subject = members();
    const all = greater(MAX_KNOWN_PEERS);
    meet(subject, ...all.slice(0, -1));
    meet(subject, 101);
    meet(subject, all.at(-1)!, 5_000);
    // 102 made way; 101 was named again just before.
    for (const nth of all.slice(2)) subject.left(testPeer(nth), START, []);
    expect(dialled(subject, START)).toEqual([testPeer(101), testPeer(5_000)]);
  });

  test('[SW4] is nobody who is connected or being dialled', () => {
    const subject = members();
    meet(subject, 101, 102);
    dialled(subject, START);
    subject.linked(testPeer(101));
    meet(subject, ...greater(MAX_KNOWN_PEERS, 1_000));
    subject.unlinked(testPeer(101), START);
    subject.dialFailed(testPeer(102), START);
    expect([101, 102].map((nth) => subject.isNamed(testPeer(nth)))).toEqual([true, true]);
  });

  test('[SW4] everybody, with the connections, when the share is stopped', () => {
    const subject = members();
    meet(subject, 101);
    subject.linked(testPeer(102));
    subject.forgetAll();
    expect(subject.wanted).toBe(MAX_LINKS);
    expect(dialled(subject, START)).toEqual([]);
  });
});
