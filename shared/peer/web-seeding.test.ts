/** [WS2] The person's leave to ask the web addresses of a share: how it is told, kept and taken back. */
import { beforeEach, describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import type { RangeOrder, WebRanges } from './ports.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const CONTENT = someBytes(500_000);
const URL = 'https://mirror.example/film.bin';

let lab: PeerLab;
let store: MemoryStore;
let library: MemoryLibrary;
/** What was asked of the web. */
let orders: RangeOrder[];
let infoHash: InfoHash;

/** Takes orders, and says nothing. */
const web: WebRanges = {
  fetch: (order) => {
    orders.push(order);
    return () => undefined;
  },
};

beforeEach(async () => {
  [lab, store, library, orders] = [new PeerLab(), new MemoryStore(), new MemoryLibrary(), []];
  const sharer = lab.peer();
  const request = requestOf([['film.bin', CONTENT]], { urls: [{ url: URL, file: 0 }] });
  infoHash = infoHashOf(await sharer.peer.share(request));
  sharer.peer.preferences.limit({ up: 0, down: null, peerUp: null, peerDown: null });
});

/** A tab of the one browser that receives, once it has the list of files. */
async function tab(): Promise<TestPeer> {
  const one = lab.peer({ store, library, webRanges: web });
  await one.peer.join(infoHash);
  await lab.clock.until(() => one.manifests.length > 0, 'the list of files');
  await lab.clock.advance(1_000);
  return one;
}

const stateOf = (one: TestPeer) => one.of(infoHash).webSeeds.map(({ host, state }) => [host, state]);

describe('[WS2] leave to ask web addresses', () => {
  test('[WS2] is told of each server, is not there at first, and nothing is asked without it', async () => {
    const one = await tab();
    await one.peer.download(infoHash);
    await lab.clock.advance(10_000);
    expect(stateOf(one)).toEqual([['mirror.example', 'not-allowed']]);
    expect(orders).toEqual([]);
  });

  test.each(['before', 'after'])(
    '[WS2] holds over a reload, given %s the download was asked for',
    async (when) => {
      const one = await tab();
      if (when === 'before') await one.peer.web.allow(infoHash, true);
      await one.peer.download(infoHash);
      if (when === 'after') await one.peer.web.allow(infoHash, true);
      await lab.clock.advance(1_000);
      expect(stateOf(one)).toEqual([['mirror.example', 'asked']]);
      one.peer.close();
      orders = [];
      const again = await tab();
      expect(stateOf(again)).toEqual([['mirror.example', 'asked']]);
      expect(orders[0]).toMatchObject({ url: URL });
    },
  );

  test('[WS2] holds over a reload before the download is asked for, and fetches nothing by itself', async () => {
    const one = await tab();
    await one.peer.web.allow(infoHash, true);
    expect(await one.peer.library()).toMatchObject([{ infoHash, intent: 'looking', asksWeb: true }]);
    one.peer.close();
    const again = await tab();
    expect(again.of(infoHash).phase).toBe('ready');
    expect(stateOf(again)).toEqual([['mirror.example', 'idle']]);
    expect(orders).toEqual([]);
    await again.peer.download(infoHash);
    await lab.clock.advance(1_000);
    expect(stateOf(again)).toEqual([['mirror.example', 'asked']]);
    expect(await again.peer.library()).toMatchObject([{ intent: 'downloading', asksWeb: true }]);
  });

  test('[WS2] that was taken back is not there after a reload', async () => {
    const one = await tab();
    await one.peer.web.allow(infoHash, true);
    await one.peer.download(infoHash);
    await one.peer.web.allow(infoHash, false);
    await lab.clock.advance(1_000);
    expect(stateOf(one)).toEqual([['mirror.example', 'not-allowed']]);
    one.peer.close();
    orders = [];
    expect(stateOf(await tab())).toEqual([['mirror.example', 'not-allowed']]);
    expect(orders).toEqual([]);
  });

  test('[WS2] goes with the share that is removed', async () => {
    const one = await tab();
    await one.peer.web.allow(infoHash, true);
    await one.peer.remove(infoHash);
    await one.peer.download(infoHash);
    await lab.clock.advance(2_000);
    expect(stateOf(one)).toEqual([['mirror.example', 'not-allowed']]);
    expect((await one.peer.library())[0]?.asksWeb).not.toBe(true);
    expect(orders).toEqual([]);
  });
});
