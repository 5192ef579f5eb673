import { beforeEach, describe, expect, test } from 'vitest';
import { peerId } from '../ids.ts';
import type { PeerId } from '../ids.ts';
import { MAX_OWN_TABS, RENEW_EVERY_MS } from './limits.ts';
import type { Identity } from './ports.ts';
import { Self } from './self.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import { MemoryBrowser, memoryIdentity } from './testing/memory-identity.ts';

let serial: number;
let clock: FakeClock;
let browser: MemoryBrowser;
let told: unknown[];

function nextId(): PeerId {
  return peerId((++serial).toString(16).padStart(64, '0'))!;
}

function open(identify = async (): Promise<Identity> => memoryIdentity(nextId())): Self {
  const ports = { clock, identify, ownTabs: browser.ownTabs };
  return new Self(memoryIdentity(nextId()), ports, {
    renamed: ({ id }) => told.push(['renamed', id]),
    ownTabsKnown: (peers) => told.push(peers),
  });
}

beforeEach(() => {
  [serial, clock, browser, told] = [0, new FakeClock(), new MemoryBrowser(), []];
});

describe('[ID4] an id that somebody else has', () => {
  test('is given up for a new one at once, and what it was is our own', async () => {
    const self = open();
    const first = self.id;
    self.taken(first);
    await settled();
    expect(self.id).not.toBe(first);
    expect(told).toEqual([[first], ['renamed', self.id]]);
  });

  test('is given up once, however often it is said, and not for what is said of an older one', async () => {
    const self = open();
    const first = self.id;
    for (let times = 0; times < 5; times++) self.taken(first);
    await settled();
    self.taken(first);
    await clock.advance(60_000);
    expect(told.filter((what) => Array.isArray(what) && what[0] === 'renamed')).toHaveLength(1);
  });

  test('a tracker that says so of all of them makes nobody hurry', async () => {
    const self = open();
    self.taken(self.id);
    await settled();
    const second = self.id;
    self.taken(second);
    await clock.advance(RENEW_EVERY_MS - 1);
    expect(self.id).toBe(second);
    await clock.advance(1);
    expect(self.id).not.toBe(second);
  });

  test('is kept where no new one can be made, and asked about again', async () => {
    let fails = true;
    const self = open(async () => {
      if (fails) throw new Error('no cryptography today');
      return memoryIdentity(nextId());
    });
    const first = self.id;
    self.taken(first);
    await settled();
    expect([self.id, told]).toEqual([first, []]);
    fails = false;
    self.taken(first);
    await clock.advance(RENEW_EVERY_MS);
    expect(self.id).not.toBe(first);
  });

  test('matters no more once the peer is closed', async () => {
    const self = open();
    self.taken(self.id);
    self.close();
    await settled();
    expect(told).toEqual([]);
  });
});

describe('[ID2] other tabs of this browser', () => {
  test('are known both ways, under their new names too', async () => {
    const [one, other] = [open(), open()];
    expect([one.ownTabs, other.ownTabs]).toEqual([[other.id], [one.id]]);
    const before = one.id;
    one.taken(before);
    await settled();
    expect(other.ownTabs).toEqual([before, one.id]);
    expect(one.ownTabs).toEqual([other.id, before]);
  });

  test('are forgotten, the oldest first, when there are very many', () => {
    const self = open();
    const others = Array.from({ length: MAX_OWN_TABS + 3 }, () => open().id);
    expect(self.ownTabs).toEqual(others.slice(3));
  });
});
