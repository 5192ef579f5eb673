/** A whole peer with little room: what waits, what is cleaned up and when, and what stays. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { CLEAN_UP_EVERY_MS, DAY_MS } from './limits.ts';
import { littleRoom, someBytes } from './testing/little-room.ts';
import { infoHashOf, requestOf } from './testing/test-peer.ts';

describe('[UI17] a peer whose disk is full', () => {
  test('[UI17] pauses the share that finds no room, finishes a smaller one, and goes on after a removal', async () => {
    const { lab, receiver, store, shared, received } = await littleRoom();
    const [old, large, small] = [await shared(100_000, 1), await shared(200_000, 2), await shared(30_000, 3)];
    await received(old);
    store.quotaBytes = 240_000;
    await receiver.peer.download(large);
    await lab.clock.until(() => receiver.snapshots.get(large)?.phase === 'full', 'it waits');
    store.quotaBytes = 290_000;
    await received(small);
    expect(receiver.of(large).phase).toBe('full');
    await receiver.peer.remove(old);
    await lab.clock.until(() => receiver.snapshots.get(large)?.phase === 'complete', 'it goes on');
    expect(await receiver.holds(large, someBytes(200_000, 2))).toBe(true);
    expect(receiver.broken).toEqual([]);
  });

  test('[UI17] with no room at all nothing is lost: list of files, entry and pieces are kept as soon as there is some', async () => {
    const { lab, receiver, store, library, shared, again } = await littleRoom();
    const infoHash = await shared(100_000, 1);
    store.quotaBytes = 0;
    library.put = async () => undefined;
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'full', 'it waits');
    expect(await store.share(infoHash)).toBeNull();
    Reflect.deleteProperty(library, 'put');
    store.quotaBytes = Infinity;
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'complete', 'it goes on');
    await lab.clock.advance(1_000);
    expect((await library.entry(infoHash))?.finishedAt).not.toBeNull();
    const later = again();
    await later.peer.join(infoHash);
    await lab.clock.until(() => later.snapshots.get(infoHash)?.phase === 'complete', 'it is there');
  });

  test('[LB9] [UI17] cleans up by the rules before a share has to wait', async () => {
    const { skip, receiver, store, shared, received, kept } = await littleRoom();
    const [old, fresh] = [await shared(100_000, 1), await shared(100_000, 2)];
    await received(old);
    await receiver.peer.settings.change({ keepDays: 1 });
    skip(2 * DAY_MS);
    store.quotaBytes = 120_000;
    await received(fresh);
    expect(await kept()).toEqual([fresh]);
    expect(receiver.gone).toEqual([old]);
  });
});

describe('[ST14] a store that the browser ends in the middle', () => {
  test('[ST14] what runs fetches anew what is gone, is listed again, and is there after a reload', async () => {
    const { lab, receiver, store, library, shared, again } = await littleRoom();
    const infoHash = await shared(200_000, 1);
    receiver.peer.preferences.limit({ up: null, down: 50_000, peerUp: null, peerDown: null });
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => (receiver.snapshots.get(infoHash)?.storedBytes ?? 0) > 50_000, 'some of it');
    expect(receiver.of(infoHash).phase).toBe('downloading');
    await store.lose(library);
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    expect(await receiver.holds(infoHash, someBytes(200_000, 1))).toBe(true);
    expect(await library.entry(infoHash)).toMatchObject({ role: 'receiving', intent: 'sharing' });
    expect(receiver.of(infoHash).saveDue).toBe(true);
    const later = again();
    await later.peer.join(infoHash);
    await lab.clock.until(() => later.snapshots.get(infoHash)?.phase === 'complete', 'it is there');
  });

  for (const when of ['before', 'behind'] as const) {
    test(`[ST14] a put that fails for it, ${when} it is told, does not end the download`, async () => {
      const { lab, receiver, store, library, shared } = await littleRoom();
      const infoHash = await shared(200_000, 1);
      receiver.peer.preferences.limit({ up: null, down: 50_000, peerUp: null, peerDown: null });
      await receiver.peer.download(infoHash);
      await lab.clock.until(
        () => (receiver.snapshots.get(infoHash)?.storedBytes ?? 0) > 50_000,
        'some of it',
      );
      const put = store.putPieces.bind(store);
      let failures = 0;
      store.putPieces = async (...order) => {
        if (++failures > 2) return put(...order);
        return { kind: 'failed', why: 'unavailable' };
      };
      if (when === 'before') {
        await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'failed', 'it fails');
      }
      await store.lose(library);
      await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'complete', 'complete');
      expect(failures).toBeGreaterThan(2);
      expect(await receiver.holds(infoHash, someBytes(200_000, 1))).toBe(true);
    });
  }

  test('[ST14] what was saved is paused without its pieces, and comes when it is asked for', async () => {
    const { lab, receiver, store, library, shared, received, kept } = await littleRoom();
    const infoHash = await shared(100_000, 1);
    await received(infoHash);
    await store.lose(library);
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'paused', 'paused');
    await lab.clock.advance(10_000);
    expect(receiver.of(infoHash)).toMatchObject({ phase: 'paused', storedBytes: 0 });
    expect(await kept()).toEqual([]);
    await received(infoHash);
    expect(await receiver.holds(infoHash, someBytes(100_000, 1))).toBe(true);
  });

  test('[ST14] one’s own link lives on, and is listed again', async () => {
    const { lab, receiver, store, library, sharer } = await littleRoom();
    const content = someBytes(50_000, 9);
    const infoHash = infoHashOf(await receiver.peer.share(requestOf([['mine.bin', content]])));
    await receiver.peer.directory.list(infoHash, true);
    await store.lose(library);
    await sharer.peer.download(infoHash);
    await lab.clock.until(() => sharer.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    expect(await library.entry(infoHash)).toMatchObject({
      ...{ role: 'sharing', intent: 'sharing', listed: true },
    });
    expect(await store.share(infoHash)).not.toBeNull();
  });

  test('[ST14] one that was only started again loses nothing', async () => {
    const { lab, receiver, store, library, shared, received } = await littleRoom();
    const infoHash = await shared(100_000, 1);
    await received(infoHash);
    const entry = await library.entry(infoHash);
    store.startAgain();
    await lab.clock.advance(10_000);
    expect(receiver.of(infoHash)).toMatchObject({ phase: 'complete', storedBytes: 100_000 });
    expect(await library.entry(infoHash)).toEqual(entry);
  });
});

describe('[LB9] clean-up', () => {
  test('[LB9] runs when a peer restores, and every hour, and tells of what is gone', async () => {
    const { lab, skip, receiver, shared, received, again, kept } = await littleRoom();
    const [one, two] = [await shared(50_000, 1), await shared(50_000, 2)];
    await received(one);
    skip(DAY_MS);
    await received(two);
    await receiver.peer.settings.change({ keepDays: 1 });
    await lab.clock.advance(60_000);
    const later = again();
    await later.peer.restore();
    expect(await kept()).toEqual([two]);
    skip(DAY_MS);
    await lab.clock.advance(CLEAN_UP_EVERY_MS);
    expect(await kept()).toEqual([]);
    expect(later.gone.sort()).toEqual([one, two].sort());
    expect((await later.peer.house.usage()).bytes).toBe(0);
  });

  test('[LB9] leaves alone what is pinned, saved just now, or used since', async () => {
    const { lab, skip, receiver, shared, received, again, kept } = await littleRoom();
    const all = [
      await shared(9_000, 1),
      await shared(9_000, 2),
      await shared(9_000, 3),
      await shared(9_000, 4),
    ];
    const [pinned, saving, used, gone] = all as [InfoHash, InfoHash, InfoHash, InfoHash];
    for (const infoHash of all) await received(infoHash);
    await receiver.peer.house.pin(pinned, true);
    await receiver.peer.settings.change({ keepDays: 1 });
    skip(2 * DAY_MS);
    const later = again();
    await later.peer.join(used);
    await later.peer.house.saving(saving, true);
    await later.peer.restore();
    expect(await kept()).toEqual([pinned, saving, used].sort());
    expect(later.gone).toEqual([gone]);
    await later.peer.house.pin(pinned, false);
    await later.peer.house.saving(saving, false);
    skip(3 * DAY_MS);
    await lab.clock.advance(CLEAN_UP_EVERY_MS);
    expect(await kept()).toEqual([]);
  });

  test('[LB9] [LB7] leaves alone what another download finds its pieces in, until that has them', async () => {
    const { lab, skip, sharer, receiver, store, received, kept } = await littleRoom();
    const [common, rest] = [someBytes(6 * 16_384, 1), someBytes(40_000, 2)];
    const whole = new Uint8Array([...common, ...rest]);
    const old = infoHashOf(await sharer.peer.share(requestOf([['common.bin', common]])));
    const fresh = infoHashOf(await sharer.peer.share(requestOf([['whole.bin', whole]])));
    await received(old);
    await receiver.peer.settings.change({ keepDays: 1 });
    skip(2 * DAY_MS);
    let go = (): void => undefined;
    store.held = new Promise((resolve) => (go = resolve));
    await receiver.peer.download(fresh);
    await lab.clock.until(() => (receiver.snapshots.get(fresh)?.foundBytes ?? 0) > 0, 'they are found');
    expect(await receiver.peer.house.makesRoom()).toBe(false);
    expect(await kept()).toEqual([old, fresh].sort());
    go();
    await lab.clock.until(() => receiver.snapshots.get(fresh)?.phase === 'complete', 'complete');
    await lab.clock.advance(60_000); // nothing moves any more
    expect(await receiver.peer.house.makesRoom()).toBe(true);
    expect(await kept()).toEqual([fresh]);
    expect(await receiver.holds(fresh, whole)).toBe(true);
  });

  test('[LB9] what is used while the clock is a year behind is not old when that is right again', async () => {
    const { skip, library, shared, received } = await littleRoom();
    const [one, two] = [await shared(9_000, 1), await shared(9_000, 2)];
    await received(one);
    const usedAt = (await library.entry(one))?.usedAt ?? 0;
    skip(-365 * DAY_MS);
    await received(two);
    expect((await library.entry(two))?.usedAt).toBeGreaterThan(usedAt);
  });

  test('[UI16] a share that the store cannot remove now is listed until it can be', async () => {
    const { receiver, store, shared, received, kept } = await littleRoom();
    const infoHash = await shared(9_000, 1);
    await received(infoHash);
    store.removeShare = async () => ({ kind: 'failed', why: 'quota' });
    await receiver.peer.remove(infoHash);
    expect(await kept()).toEqual([infoHash]);
    Reflect.deleteProperty(store, 'removeShare');
    await receiver.peer.remove(infoHash);
    expect(await kept()).toEqual([]);
  });
});
