/** What happens to a share while another verb or the clean-up is in its middle: the last word of the person counts. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { DAY_MS } from './limits.ts';
import type { RemoveOutcome } from './piece-store.ts';
import { littleRoom, someBytes } from './testing/little-room.ts';

/** Two shares that may go by the rules; `meanwhile` happens as the first of them goes. */
async function twoOld(meanwhile: (second: InfoHash) => Promise<unknown>) {
  const all = await littleRoom();
  const { receiver, store, skip, shared, received } = all;
  const [first, second] = [await shared(9_000, 1), await shared(9_000, 2)];
  await received(first);
  await received(second);
  await receiver.peer.settings.change({ keepDays: 1 });
  skip(2 * DAY_MS);
  await all.lab.clock.advance(60_000); // nothing moves any more
  const remove = store.removeShare.bind(store);
  store.removeShare = async (infoHash): Promise<RemoveOutcome> => {
    store.removeShare = remove;
    // Not waited for: what is noted waits for the removal.
    void meanwhile(infoHash === first ? second : first);
    return remove(infoHash);
  };
  return { ...all, first, second };
}

describe('[LB9] a clean-up', () => {
  test('[LB9] leaves what is pinned while another share goes', async () => {
    const all = await twoOld((other) => all.receiver.peer.house.pin(other, true));
    expect(await all.receiver.peer.house.makesRoom()).toBe(true);
    expect(await all.kept()).toHaveLength(1);
  });

  test('[LB9] leaves what is opened while another share goes', async () => {
    const all = await twoOld((other) => all.receiver.peer.join(other));
    await all.receiver.peer.house.makesRoom();
    expect(await all.kept()).toHaveLength(1);
  });

  test('[LB9] ends with its peer', async () => {
    const all = await twoOld(() => all.receiver.peer.close());
    await all.receiver.peer.house.makesRoom();
    expect(await all.kept()).toHaveLength(1);
  });

  test('[LB9] goes on with the next one where one cannot be removed', async () => {
    const { lab, skip, receiver, store, shared, received, kept } = await littleRoom();
    const [stuck, other] = [await shared(98_000, 1), await shared(90_000, 2)];
    await received(stuck);
    skip(DAY_MS);
    await received(other);
    skip(2 * DAY_MS);
    await lab.clock.advance(60_000);
    await receiver.peer.settings.change({ mostBytes: 150_000 });
    const remove = store.removeShare.bind(store);
    store.removeShare = async (infoHash) =>
      infoHash === stuck ? { kind: 'failed', why: 'unavailable' } : remove(infoHash);
    expect(await receiver.peer.house.makesRoom()).toBe(true);
    expect(await kept()).toEqual([stuck]);
    expect(await receiver.peer.house.makesRoom()).toBe(false);
  });

  test('[LB9] a clock that was ahead once leaves the order of uses, and the last one alone', async () => {
    const { lab, skip, receiver, shared, received, kept } = await littleRoom();
    const [early, middle, last] = [await shared(9_000, 1), await shared(9_000, 2), await shared(9_000, 3)];
    await received(early);
    skip(365 * DAY_MS);
    await receiver.peer.join(early);
    skip(-365 * DAY_MS);
    await received(middle);
    skip(10 * DAY_MS);
    await received(last);
    await lab.clock.advance(60_000);
    await receiver.peer.settings.change({ mostBytes: 10_000 });
    await receiver.peer.house.makesRoom();
    expect(await kept()).toEqual([last]);
  });
});

describe('a share that is removed', () => {
  test('[ST14] while the store is looked after stays removed', async () => {
    const { lab, receiver, store, library, shared } = await littleRoom();
    const [gone, stays] = [await shared(200_000, 1), await shared(200_000, 2)];
    receiver.peer.preferences.limit({ up: null, down: 20_000, peerUp: null, peerDown: null });
    for (const infoHash of [gone, stays]) await receiver.peer.download(infoHash);
    await lab.clock.until(() => (receiver.snapshots.get(gone)?.storedBytes ?? 0) > 0, 'some of it');
    const share = store.share.bind(store);
    store.share = async (infoHash) => {
      store.share = share;
      await receiver.peer.remove(gone);
      return share(infoHash);
    };
    await store.lose(library);
    await lab.clock.advance(5_000);
    expect((await library.entries()).map(({ infoHash }) => infoHash)).toEqual([stays]);
    expect(await store.share(gone)).toBeNull();
  });

  test('[LB1] while a piece of it is being written leaves nothing behind', async () => {
    const { lab, receiver, store, shared } = await littleRoom();
    const infoHash = await shared(200_000, 1);
    const put = store.putPieces.bind(store);
    let removed: Promise<void> | null = null;
    store.putPieces = async (...order) => {
      removed ??= Promise.resolve().then(() => receiver.peer.remove(infoHash));
      for (let turn = 0; turn < 50; turn++) await Promise.resolve();
      return put(...order);
    };
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => removed !== null, 'a piece is written');
    await removed;
    await lab.clock.advance(5_000);
    expect(await store.ownedPieces(infoHash)).toEqual([]);
    expect(await receiver.peer.house.usage()).toEqual({ bytes: 0, shares: [] });
  });

  test('[ST14] [LB9] what was complete when the store was cleared is finished again when it is saved', async () => {
    const { lab, receiver, store, library, shared } = await littleRoom();
    const infoHash = await shared(50_000, 1);
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    await store.lose(library);
    await lab.clock.advance(5_000);
    expect(await receiver.holds(infoHash, someBytes(50_000, 1))).toBe(true);
    await receiver.peer.saves.saved(infoHash);
    expect(await library.entry(infoHash)).toMatchObject({
      finishedAt: expect.any(Number),
      savedAt: expect.any(Number),
    });
  });
});
