/** What a person sets, and what follows from it in whole peers. */
import { describe, expect, test } from 'vitest';
import type { InfoHash, PeerId } from '../ids.ts';
import { MemoryActivity } from './activity-store.ts';
import { MemoryLibrary } from './library.ts';
import { MOST_KICKED, NOTE_EVERY_MS } from './limits.ts';
import { Kicked } from './kicked.ts';
import { MemoryStore } from './memory-store.ts';
import { Preferences } from './preferences.ts';
import { FIRST_SETTINGS, MemorySettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { settled } from './testing/fake-clock.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const UNLIMITED = { up: null, down: null, peerUp: null, peerDown: null };
const BYTES = 400_000;

async function shared(sharer: TestPeer, bytes = BYTES): Promise<InfoHash> {
  return infoHashOf(await sharer.peer.share(requestOf([['film.bin', someBytes(bytes)]])));
}

function complete(lab: PeerLab, { snapshots }: TestPeer, infoHash: InfoHash): Promise<void> {
  return lab.clock.until(() => snapshots.get(infoHash)?.phase === 'complete', 'complete');
}

async function downloaded(set: Partial<Settings>) {
  const lab = new PeerLab();
  const [sharer, receiver] = [lab.peer(), lab.peer()];
  await receiver.peer.settings.change(set);
  const infoHash = await shared(sharer);
  await receiver.peer.download(infoHash);
  await complete(lab, receiver, infoHash);
  return { lab, sharer, receiver, infoHash };
}

describe('[LB14] limits of the rate', () => {
  test('[LB14] hold at once, and after a restart', async () => {
    const lab = new PeerLab();
    const settings = new MemorySettings();
    const kept = { settings, store: new MemoryStore(), library: new MemoryLibrary() };
    const [sharer, receiver] = [lab.peer(), lab.peer(kept)];
    const infoHash = await shared(sharer);
    await receiver.peer.settings.change({ downLimit: 20_000 });
    await receiver.peer.download(infoHash);
    await lab.clock.advance(4_000);
    const had = receiver.of(infoHash).receivedBytes;
    expect(had).toBeGreaterThan(40_000);
    expect(had).toBeLessThan(140_000);
    await receiver.peer.close();
    const again = lab.peer(kept);
    await again.peer.restore();
    await lab.clock.advance(4_000);
    expect(again.of(infoHash).receivedBytes - had).toBeLessThan(140_000);
    await again.peer.settings.change({ downLimit: null });
    await complete(lab, again, infoHash);
  });

  test('[LB14] hold for what is sent, too', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    await sharer.peer.settings.change({ upLimit: 20_000 });
    const infoHash = await shared(sharer);
    await receiver.peer.download(infoHash);
    await lab.clock.advance(4_000);
    expect(receiver.of(infoHash).receivedBytes).toBeLessThan(140_000);
  });

  test('[WK6] that the host gives stay when something else is set', async () => {
    const lab = new PeerLab();
    const { peer } = lab.peer();
    peer.preferences.limit({ ...UNLIMITED, up: 7, peerDown: 9 });
    await settled();
    await peer.settings.change({ theme: 'dark' });
    expect(peer.preferences.rates.rates).toEqual({ ...UNLIMITED, up: 7, peerDown: 9 });
    await peer.settings.change({ downLimit: 5 });
    expect(peer.preferences.rates.rates).toEqual({ up: null, down: 5, peerUp: null, peerDown: 9 });
    expect(peer.preferences.limit({ ...UNLIMITED, up: -1 })).toBe('refused');
  });
});

describe('[LB14] connections of one share', () => {
  test('[LB14] are as many as the person wants, at once and for shares that begin later', async () => {
    const lab = new PeerLab();
    const sharer = lab.peer();
    const infoHash = await shared(sharer, 5_000_000);
    const others = [lab.peer(), lab.peer(), lab.peer(), lab.peer()];
    for (const { peer } of [sharer, ...others]) peer.preferences.limit({ ...UNLIMITED, up: 1_000 });
    for (const { peer } of others) await peer.download(infoHash);
    const links = () => sharer.snapshots.get(infoHash)?.peers.length ?? 0;
    await lab.clock.until(() => links() === 4, 'all are connected');
    await sharer.peer.settings.change({ peersPerShare: 2 });
    await lab.clock.advance(300);
    expect(links()).toBe(2);
    await lab.clock.advance(20_000);
    expect(links()).toBeLessThanOrEqual(2);
    const second = infoHashOf(await sharer.peer.share(requestOf([['b', someBytes(5_000_000, 3)]])));
    for (const { peer } of others) await peer.download(second);
    await lab.clock.advance(5_000);
    expect(sharer.of(second).peers).toHaveLength(2);
    await sharer.peer.settings.change({ peersPerShare: null });
    await lab.clock.until(() => links() === 4, 'all are connected again', 300_000);
  });
});

describe('[LB14] a download that was saved', () => {
  test.each([true, 'ask'] as const)('[LB14] is shared on where that is %s', async (keepSharing) => {
    const { lab, receiver, infoHash } = await downloaded({ keepSharing });
    await receiver.peer.saves.saved(infoHash);
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash).phase).toBe('complete');
  });

  test('[LB14] stops where nothing is to be shared on, and not before it was saved', async () => {
    const { lab, receiver, infoHash } = await downloaded({ keepSharing: false });
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash).phase).toBe('complete');
    await receiver.peer.saves.saved(infoHash);
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash)).toMatchObject({ phase: 'stopped', saved: true });
    expect(await receiver.peer.library()).toMatchObject([{ intent: 'stopped' }]);
  });

  test('[LB14] and is started again by the person goes on, also when it is saved once more', async () => {
    const { lab, receiver, infoHash } = await downloaded({ keepSharing: false });
    await receiver.peer.saves.saved(infoHash);
    await receiver.peer.open(infoHash);
    await receiver.peer.saves.saved(infoHash);
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash).phase).toBe('complete');
  });
});

describe('[LB14] what others ask', () => {
  const host = () => {
    const told: unknown[] = [];
    return {
      told,
      tellAll: (input: unknown) => void told.push(input),
      logLevelChanged: () => void told.push('level'),
    };
  };

  test('[LB14] how connections travel is not said before it is known', async () => {
    let read: (settings: Settings) => void = () => undefined;
    const current = () => new Promise<Settings>((resolve) => (read = resolve));
    const preferences = new Preferences({ current }, host());
    const said: boolean[] = [];
    void preferences.relayOnly().then((alone) => said.push(alone));
    await settled();
    expect([said, preferences.logLevel, preferences.keepsSharing]).toEqual([[], null, true]);
    read({ ...FIRST_SETTINGS, relayOnly: true });
    await settled();
    expect([said, preferences.logLevel]).toEqual([[true], 'all']);
  });

  test('[LB14] what was changed before the first were read is not undone by them', async () => {
    let read: (settings: Settings) => void = () => undefined;
    const current = () => new Promise<Settings>((resolve) => (read = resolve));
    const preferences = new Preferences({ current }, host());
    preferences.changed({ ...FIRST_SETTINGS, relayOnly: true });
    read(FIRST_SETTINGS);
    expect(await preferences.relayOnly()).toBe(true);
  });

  test('[LB14] settings as they are at first say nothing, and each change says what it is about', async () => {
    const { told, ...hears } = host();
    const preferences = new Preferences({ current: async () => FIRST_SETTINGS }, hears);
    await preferences.relayOnly();
    expect(told).toEqual([]);
    preferences.changed({ ...FIRST_SETTINGS, peersPerShare: 7 });
    preferences.changed({ ...FIRST_SETTINGS, peersPerShare: 7, logLevel: 'off' });
    expect(told).toEqual([{ kind: 'link-limit-changed', most: 7 }, 'level']);
  });
});

describe('[LB15] a peer that is disconnected', () => {
  test('[LB15] is dropped, gets nothing more and does not come again, also when the share is opened anew', async () => {
    const lab = new PeerLab();
    const [sharer, receiver, other] = [lab.peer(), lab.peer(), lab.peer()];
    const infoHash = await shared(sharer);
    sharer.peer.preferences.limit({ ...UNLIMITED, up: 20_000 });
    await receiver.peer.download(infoHash);
    await lab.clock.advance(2_000);
    await sharer.peer.disconnect(infoHash, receiver.id);
    await lab.clock.advance(1_000);
    const had = receiver.of(infoHash).receivedBytes;
    await lab.clock.advance(60_000);
    expect(sharer.of(infoHash).peers).toEqual([]);
    expect(receiver.of(infoHash).receivedBytes).toBe(had);
    expect(sharer.reports).toContainEqual({
      ...{ kind: 'peer-dropped', peer: receiver.id, why: { kind: 'kicked' } },
    });
    await sharer.peer.stop(infoHash);
    await sharer.peer.open(infoHash);
    await lab.clock.advance(60_000);
    expect(sharer.of(infoHash).peers).toEqual([]);
    // Others are as welcome as before.
    sharer.peer.preferences.limit(UNLIMITED);
    await other.peer.download(infoHash);
    await complete(lab, other, infoHash);
  });

  test('[LB15] is remembered for its share alone, the last thousand of them', () => {
    const kicked = new Kicked();
    const [one, two] = ['a1'.repeat(32), 'b2'.repeat(32)] as [InfoHash, InfoHash];
    const nth = (at: number) => at.toString(16).padStart(64, '0') as PeerId;
    for (let at = 0; at <= MOST_KICKED; at++) kicked.add(one, nth(at));
    expect(kicked.of(two)).toEqual([]);
    expect(kicked.of(one)).toHaveLength(MOST_KICKED);
    expect(kicked.of(one)[0]).toEqual({ kind: 'peer-kicked', peer: nth(1) });
    kicked.forget();
    expect(kicked.of(one)).toEqual([]);
  });
});

describe('[LB11] [LB12] [LB13] what went on between two peers', () => {
  test('[LB11] [LB12] [LB13] is written down on both sides, byte for byte', async () => {
    const lab = new PeerLab();
    const [sent, received] = [new MemoryActivity(), new MemoryActivity()];
    const [sharer, receiver] = [lab.peer({ activity: sent }), lab.peer({ activity: received })];
    const infoHash = await shared(sharer);
    await receiver.peer.download(infoHash);
    await complete(lab, receiver, infoHash);
    await lab.clock.advance(2 * NOTE_EVERY_MS);
    const pieces = Math.ceil(BYTES / 16_384);
    for (const [store, direction, peer] of [
      [sent, 'up', receiver.id],
      [received, 'down', sharer.id],
    ] as const) {
      const rows = await store.transfers({ limit: 1_000 });
      expect(rows).toHaveLength(pieces);
      for (const row of rows) {
        expect(row).toMatchObject({ direction, peer: peer.slice(0, 8), infoHash, name: 'film.bin' });
      }
      expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(BYTES);
    }
    expect(await sharer.peer.activity.totals()).toMatchObject({ up: BYTES, down: 0 });
    expect(await receiver.peer.activity.totals()).toMatchObject({ up: 0, down: BYTES });
    const end = { kind: 'finished' };
    expect(await sharer.peer.activity.history()).toMatchObject([
      { role: 'sharing', name: 'film.bin', totalBytes: BYTES, sentBytes: BYTES, end },
    ]);
    const [entry] = await receiver.peer.activity.history();
    expect(entry).toMatchObject({ role: 'receiving', receivedBytes: BYTES, end });
    expect(entry?.bytesPerSecond).toBeGreaterThan(0);
    await receiver.peer.remove(infoHash);
    expect(await receiver.peer.activity.history()).toHaveLength(1);
  });

  test('[LB12] a clean end writes what was not written yet', async () => {
    const { lab, receiver, infoHash } = await downloaded({});
    const activity = receiver.peer.activity;
    await receiver.peer.close();
    await lab.clock.advance(60_000);
    const rows = await activity.transferLog({ limit: 1_000 });
    expect(new Set(rows.map((row) => row.infoHash))).toEqual(new Set([infoHash]));
    expect(rows.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(BYTES);
  });

  test('[LB11] a share that is refused is none', async () => {
    const { peer } = new PeerLab().peer();
    await peer.share(requestOf([]));
    expect(await peer.activity.history()).toEqual([]);
  });
});

describe('[LB16] everything that is forgotten', () => {
  test('[LB16] is every share, what was noted and what was set; the peer is somebody else and goes on', async () => {
    const { lab, receiver, infoHash } = await downloaded({ theme: 'dark', upLimit: 9_000 });
    const looked = await shared(lab.peer());
    await receiver.peer.join(looked);
    await lab.clock.advance(NOTE_EVERY_MS);
    await receiver.peer.forgetEverything();
    await lab.clock.advance(NOTE_EVERY_MS);
    expect(receiver.gone.sort()).toEqual([infoHash, looked].sort());
    expect(await receiver.peer.library()).toEqual([]);
    expect(await receiver.store.overview()).toEqual([]);
    const { activity, settings, preferences } = receiver.peer;
    expect([await activity.history(), await activity.transferLog({ limit: 9 })]).toEqual([[], []]);
    expect(await activity.totals()).toMatchObject({ down: 0, up: 0 });
    expect(await settings.current()).toEqual(FIRST_SETTINGS);
    expect(preferences.rates.rates).toEqual(UNLIMITED);
    const again = lab.peer();
    const fresh = await shared(receiver);
    await again.peer.download(fresh);
    await lab.clock.until(() => again.snapshots.get(fresh)?.phase === 'complete', 'it can be had');
    expect(again.of(fresh).peers.map(({ id }) => id)).not.toContain(receiver.id);
  });
});
