/** Whom one share dials, under which id, and whom it lets in: on a clock that the test moves, without sockets. */
import { describe, expect, test } from 'vitest';
import { infoHash as infoHashOf } from '../../shared/ids.ts';
import type { PeerId } from '../../shared/ids.ts';
import { FakeClock } from '../../shared/peer/testing/fake-clock.ts';
import { seededEntropy } from '../../shared/peer/testing/node-ports.ts';
import { nameOf } from './addresses.ts';
import { COMES_BACK_MS, FIRST_USELESS_MS } from './limits.ts';
import { Swarm } from './swarm.ts';
import type { TcpLink } from './tcp-link.ts';
import type { NamedPeer } from './tracker.ts';
import { testId } from './testing/peers.ts';

const OURS = testId('50');
const HASH = infoHashOf('ab'.repeat(32))!;
const [BELOW, ABOVE] = [at('10'), at('90')];

function at(digits: string, host = '10.0.0.9'): NamedPeer {
  return { id: testId(digits), host, port: 7_000 };
}

function stage() {
  const clock = new FakeClock();
  const dials: { peer: PeerId; as: PeerId; at: number }[] = [];
  const links: PeerId[] = [];
  const unwelcome = new Set<PeerId>();
  const stands = { isFree: true, announcedAnew: 0, hasLeft: false };
  const swarm = new Swarm(
    HASH,
    OURS,
    {
      welcomes: (name, says) => !unwelcome.has(name) && !unwelcome.has(says),
      linkOpened: (name) => links.push(name),
    },
    {
      clock,
      entropy: seededEntropy(3),
      dial: (_, peer, as) => {
        if (stands.isFree) dials.push({ peer: peer.id, as, at: clock.now() });
        return stands.isFree;
      },
      announceAnew: () => (stands.announcedAnew += 1),
      left: () => (stands.hasLeft = true),
    },
  );
  /** A link as far as a swarm knows it. */
  const link = ({ id, host }: NamedPeer, isLively = false): { link: TcpLink; cuts: () => number } => {
    let cuts = 0;
    const one = { isLively, cut: () => (cuts += 1) } as unknown as TcpLink;
    swarm.linked(id, host, 'dialler', one);
    return { link: one, cuts: () => cuts };
  };
  return { clock, dials, links, unwelcome, stands, swarm, link };
}

describe('[HL54] whom it dials', () => {
  test('[HL54] those with greater ids, not itself and not the smaller ones', () => {
    const { swarm, dials } = stage();
    swarm.named([BELOW, ABOVE, at('50'), at('91')]);
    expect(dials.map(({ peer, as }) => [peer, as]).sort()).toEqual([
      [ABOVE.id, OURS],
      [testId('91'), OURS],
    ]);
    // What is under way or linked is not dialled again.
    swarm.named([ABOVE, at('91')]);
    expect(dials).toHaveLength(2);
  });

  test('[HL54] after a failure again after 2 s, then twice as long each time', async () => {
    const { swarm, dials, clock } = stage();
    swarm.named([ABOVE]);
    for (let nth = 0; nth < 5; nth++) {
      swarm.dialFailed(ABOVE, OURS, 'unreached');
      const count = dials.length;
      await clock.until(() => dials.length > count, 'another dial', 200_000);
    }
    const waits = dials.slice(1).map(({ at: when }, nth) => when - (dials[nth]?.at ?? 0));
    for (const [nth, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(2_000 * 2 ** nth);
      expect(wait).toBeLessThanOrEqual(2_500 * 2 ** nth);
    }
  });

  test('[HL54] who is of no use is left alone for longer and longer', async () => {
    const { swarm, dials, clock, link } = stage();
    swarm.named([ABOVE]);
    for (let nth = 0; nth < 3; nth++) {
      const one = link(ABOVE);
      const began = clock.now();
      swarm.unlinked(one.link, true);
      const count = dials.length;
      await clock.advance(FIRST_USELESS_MS * 2 ** nth - 1);
      swarm.named([ABOVE]);
      expect(dials).toHaveLength(count);
      await clock.until(() => dials.length > count, 'another dial');
      expect(clock.now() - began).toBe(FIRST_USELESS_MS * 2 ** nth);
    }
  });

  test('[HL50] nobody whom the machine does not want, and who is reached elsewhere', () => {
    const { swarm, dials, unwelcome, link } = stage();
    unwelcome.add(nameOf(ABOVE.host, ABOVE.id)).add(testId('91'));
    swarm.named([ABOVE, at('91'), at('92')]);
    expect(dials.map(({ peer }) => peer)).toEqual([testId('92')]);
    const { cuts } = link(at('92'));
    swarm.reachedElsewhere(testId('92'));
    swarm.reachedElsewhere(testId('93'));
    expect(cuts()).toBe(1);
  });

  test('[HL54] no more than 30, and those that wait when a place is free', () => {
    const { swarm, dials, stands } = stage();
    const many = Array.from({ length: 60 }, (_, nth) => at((0x60 + nth).toString(16), `10.0.1.${nth}`));
    stands.isFree = false;
    swarm.named(many);
    expect(dials).toHaveLength(0);
    stands.isFree = true;
    swarm.dialDue();
    expect(dials).toHaveLength(30);
    expect(new Set(dials.map(({ peer }) => peer)).size).toBe(30);
  });

  test('[HL57] who is not named any more is forgotten, and of very many the longest unnamed', async () => {
    const { swarm, dials, clock, stands } = stage();
    stands.isFree = false;
    swarm.named([ABOVE]);
    await clock.advance(100_000);
    swarm.named([]);
    stands.isFree = true;
    swarm.dialDue();
    expect(dials).toEqual([]);
    stands.isFree = false;
    for (let nth = 0; nth < 600; nth++) swarm.named([{ ...ABOVE, id: freshId(nth) }]);
    stands.isFree = true;
    swarm.dialDue();
    expect(dials.every(({ peer }) => peer > freshId(190))).toBe(true);
  });

  test('[HL50] after it has left nobody is dialled or let in', () => {
    const { swarm, dials, stands } = stage();
    swarm.leave();
    swarm.leave();
    swarm.named([ABOVE]);
    expect([dials.length, swarm.welcomes(BELOW.id, BELOW.host), stands.hasLeft]).toEqual([0, null, true]);
  });
});

describe('[HL55] a peer that has us in its table still', () => {
  test('[HL55] does not answer: it is dialled under another id each time, which is smaller than its own', async () => {
    const { swarm, dials, clock } = stage();
    swarm.named([ABOVE]);
    swarm.dialFailed(ABOVE, OURS, 'silent');
    await clock.until(() => dials.length === 2, 'another dial');
    swarm.dialFailed(ABOVE, dials[1]!.as, 'silent');
    await clock.until(() => dials.length === 3, 'another dial');
    const ids = dials.map(({ as }) => as);
    expect(new Set(ids).size).toBe(3);
    expect(ids[0]).toBe(OURS);
    expect(ids.every((id) => id < ABOVE.id)).toBe(true);
  });

  test('[HL55] and should have dialled us: it is dialled when it does not come back', async () => {
    const { swarm, dials, clock, link } = stage();
    swarm.named([BELOW]);
    const one = link(BELOW);
    await clock.advance(100_000);
    swarm.named([BELOW]);
    expect(dials).toEqual([]);
    swarm.unlinked(one.link, false);
    await clock.advance(COMES_BACK_MS - 1);
    swarm.named([BELOW]);
    expect(dials).toEqual([]);
    await clock.advance(1);
    expect(dials).toHaveLength(1);
    expect(dials[0]!.as < BELOW.id).toBe(true);
  });

  test('[HL55] and cannot be reached: we are announced as somebody new, whom it dials', async () => {
    const { swarm, dials, clock, link, stands } = stage();
    swarm.named([BELOW]);
    const one = link(BELOW);
    swarm.unlinked(one.link, false);
    await clock.advance(COMES_BACK_MS);
    swarm.named([BELOW]);
    swarm.dialFailed(BELOW, dials[0]!.as, 'unreached');
    expect(stands.announcedAnew).toBe(1);
    expect(swarm.own).not.toBe(OURS);
    expect(swarm.own > BELOW.id).toBe(true);
    expect(swarm.welcomes(BELOW.id, BELOW.host)).toBe(swarm.own);
    // The tracker names us under the older one for a while.
    const count = dials.length;
    swarm.named([at('50')]);
    expect(dials).toHaveLength(count);
  });
});

describe('[HL53] whom it lets in', () => {
  test('[HL53] those with smaller ids, and answers under the id that is announced', () => {
    const { swarm, unwelcome } = stage();
    expect(swarm.welcomes(BELOW.id, BELOW.host)).toBe(OURS);
    expect(swarm.welcomes(ABOVE.id, ABOVE.host)).toBeNull();
    expect(swarm.welcomes(OURS, ABOVE.host)).toBeNull();
    unwelcome.add(nameOf(BELOW.host, BELOW.id));
    expect(swarm.welcomes(BELOW.id, BELOW.host)).toBeNull();
    expect(swarm.welcomes(BELOW.id, '10.0.0.10')).toBe(OURS);
  });

  test('[HL53] a second connection takes the place of a silent one alone', () => {
    const { swarm, link } = stage();
    const silent = link(BELOW);
    expect(swarm.welcomes(BELOW.id, BELOW.host)).toBe(OURS);
    link(BELOW, true);
    expect(silent.cuts()).toBe(1);
    expect(swarm.welcomes(BELOW.id, BELOW.host)).toBeNull();
  });

  test("[HL51] who takes another one's id is somebody else", () => {
    const { swarm, link, links } = stage();
    const honest = link(BELOW);
    expect(swarm.welcomes(BELOW.id, '10.6.6.6')).toBe(OURS);
    link({ ...BELOW, host: '10.6.6.6' });
    expect(honest.cuts()).toBe(0);
    expect(new Set(links).size).toBe(2);
  });
});

function freshId(nth: number): PeerId {
  return ('9' + nth.toString(16).padStart(63, '0')) as PeerId;
}
