/** [WS20] A file at a bare web address, loaded by whole peers. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { swarmOfUrl } from './web-swarm.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import type { PeerPorts } from './ports.ts';
import { MemoryWeb } from './testing/memory-web.ts';
import type { WebPage } from './testing/memory-web.ts';
import { nodeDigest } from './testing/node-ports.ts';
import { PeerLab, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';
import type { InfoHash } from '../ids.ts';
import type { TransferSnapshot } from './verbs.ts';

const URL = 'https://example.org/files/film.bin';
const BYTES = someBytes(5_000_000);

interface Scene {
  readonly lab: PeerLab;
  readonly web: MemoryWeb;
  readonly member: (more?: Partial<PeerPorts> & { store?: MemoryStore }) => TestPeer;
}

function scene(): Scene {
  const lab = new PeerLab();
  const web = new MemoryWeb(lab.clock);
  web.put(URL, BYTES);
  return {
    lab,
    web,
    member: (more = {}) =>
      lab.peer({ urlProbe: web.probe, webRanges: web.ranges, urlStream: web.stream, ...more }),
  };
}

async function begun({ peer }: TestPeer, text = URL): Promise<InfoHash> {
  const outcome = await peer.webFiles.fetch(text);
  if (outcome.kind !== 'begun') throw new Error(outcome.kind);
  return outcome.infoHash;
}

/** Has room for pieces, and none to say that they are a share; but for the first manifest, which has no hashes. */
class FullForShares extends MemoryStore {
  isFull = true;

  override async adopt(...asked: Parameters<MemoryStore['adopt']>): ReturnType<MemoryStore['adopt']> {
    return this.isFull ? { kind: 'failed', why: 'quota' } : super.adopt(...asked);
  }
}

const until = ({ clock }: PeerLab, holds: () => boolean, ms = 120_000): Promise<void> =>
  clock.until(holds, 'it is here', ms);

const isShare = ({ became }: TestPeer) => became.length > 0;

describe('[WS25] a server that sends only the whole', () => {
  test.each([
    ['and says how much', { ranges: false }],
    ['and does not say how much', { ranges: false, saysSize: false }],
  ])('[WS25] %s: it is a share all the same', async (_how, how) => {
    const { lab, web, member } = scene();
    web.put(URL, BYTES, how);
    const one = member();
    const told: number[] = [];
    const outcome = await one.peer.webFiles.fetch(URL, null, ({ receivedBytes }) => told.push(receivedBytes));
    if (outcome.kind !== 'streamed') throw new Error(outcome.kind);
    expect(told.at(-1)).toBe(BYTES.length);
    await until(lab, () => one.snapshots.get(outcome.infoHash)?.savable === true);
    expect(await one.holds(outcome.infoHash, BYTES)).toBe(true);
    expect((await one.store.overview()).map(({ infoHash }) => infoHash)).toEqual([outcome.infoHash]);
    expect(web.closedStreams).toBe(1);
    expect(await one.peer.activity.history()).toMatchObject([
      {
        ...{ infoHash: outcome.infoHash, role: 'receiving', name: 'film.bin', end: { kind: 'finished' } },
        ...{ totalBytes: BYTES.length, receivedBytes: BYTES.length },
      },
    ]);
    await lab.clock.advance(6_000);
    expect((await one.peer.activity.totals()).down).toBe(BYTES.length);
  });

  test('[WS25] breaks off: nothing stays, and it is said', async () => {
    const { web, member } = scene();
    const page = web.put(URL, BYTES, { ranges: false });
    const one = member();
    const outcome = one.peer.webFiles.fetch(URL, null, ({ receivedBytes }) => {
      if (receivedBytes > 2_000_000) page.trouble = 'cut-short';
    });
    expect(await outcome).toEqual({ kind: 'not-streamed', why: 'cut-short' });
    expect(await one.store.overview()).toEqual([]);
    expect((await one.store.usage()).bytes).toBe(0);
  });

  test('[WS25] more than it said is no more than it said', async () => {
    const { web, member } = scene();
    const page = web.put(URL, BYTES, { ranges: false });
    const one = member();
    const outcome = one.peer.webFiles.fetch(URL, null, () => {
      page.bytes = someBytes(9_000_000);
    });
    expect(await outcome).toEqual({ kind: 'too-large' });
    expect((await one.store.usage()).bytes).toBe(0);
  });

  test('[WS25] is given up when the person thinks better of it', async () => {
    const { web, member } = scene();
    web.put(URL, BYTES, { ranges: false });
    const one = member();
    const outcome = one.peer.webFiles.fetch(URL, null, () => one.peer.webFiles.cancel());
    expect(await outcome).toEqual({ kind: 'cancelled' });
    expect((await one.store.usage()).bytes).toBe(0);
  });
});

const SHA256 = createHash('sha256').update(BYTES).digest('hex');
const OTHER_SHA256 = 'ab'.repeat(32);

describe('[WS26] who knows the SHA-256 of the whole file', () => {
  test.each([
    ['said beside it', (one: TestPeer) => one.peer.webFiles.fetch(URL, SHA256)],
    ['in the address', (one: TestPeer) => one.peer.webFiles.fetch(`${URL}#sha256=${SHA256.toUpperCase()}`)],
  ])('[WS26] %s: gets that file', async (_where, fetch) => {
    const { lab, member } = scene();
    const one = member();
    expect(await fetch(one)).toMatchObject({ kind: 'begun' });
    await until(lab, () => isShare(one));
    expect(await one.holds(one.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
    expect(one.changed).toEqual([]);
  });

  test('[WS26] gets nothing where its server has another one', async () => {
    const { lab, web, member } = scene();
    const one = member();
    const outcome = await one.peer.webFiles.fetch(URL, OTHER_SHA256);
    if (outcome.kind !== 'begun') throw new Error(outcome.kind);
    await until(lab, () => one.snapshots.get(outcome.infoHash)?.web?.sha256 === OTHER_SHA256);
    await until(lab, () => one.changed.length > 0);
    expect(one.changed).toEqual([[outcome.infoHash, 'refused']]);
    await until(lab, () => one.gone.length > 0);
    expect([one.became, await one.peer.library(), (await one.store.usage()).bytes]).toEqual([[], [], 0]);
    expect(web.fetchedBytes).toBeLessThan(1.1 * BYTES.length);
  });

  test('[WS26] [WS40] says so when it is here already: that is compared, and not loaded again', async () => {
    const { lab, web, member } = scene();
    const one = member();
    await begun(one);
    await until(lab, () => isShare(one));
    const { fetchedBytes } = web;
    const share = one.became[0]?.[1];
    expect(await one.peer.webFiles.fetch(URL, SHA256)).toEqual({ kind: 'here', infoHash: share });
    expect((await one.peer.library())[0]?.cameFrom?.sha256).toBe(SHA256);
    expect(web.fetchedBytes).toBe(fetchedBytes);
    expect((await one.peer.webFiles.fetch(URL, OTHER_SHA256)).kind).toBe('begun');
  });

  test('[WS26] says so while it is loaded already', async () => {
    const { lab, web, member } = scene();
    web.rate = 500_000;
    const one = member();
    const file = await begun(one);
    await lab.clock.advance(2_000);
    expect(await one.peer.webFiles.fetch(URL, OTHER_SHA256)).toMatchObject({ kind: 'begun' });
    await until(lab, () => one.snapshots.get(file)?.web?.sha256 === OTHER_SHA256);
    await until(lab, () => one.changed.length > 0);
    expect([one.changed, one.became]).toEqual([[[file, 'refused']], []]);
  });

  test('[WS26] gets it in spite of a small lie that no look finds', async () => {
    const { lab, web, member } = scene();
    const altered = BYTES.slice();
    altered[2_500_000] = (altered[2_500_000] ?? 0) ^ 1;
    const otherWeb = new MemoryWeb(lab.clock);
    otherWeb.put(URL, altered);
    web.rate = 20_000;
    // It stays in the swarm, and has all of it.
    const store = new FullForShares();
    const liar = member({ store, urlProbe: otherWeb.probe, webRanges: otherWeb.ranges });
    const file = await begun(liar);
    await until(lab, () => liar.snapshots.get(file)?.phase === 'complete');
    const one = member();
    const outcome = await one.peer.webFiles.fetch(URL, SHA256);
    if (outcome.kind !== 'begun') throw new Error(outcome.kind);
    await until(lab, () => one.snapshots.get(outcome.infoHash)?.web?.refused === true, 600_000);
    await until(lab, () => isShare(one), 600_000);
    expect(await one.holds(one.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
  });

  test.each([
    ['right', SHA256, 'streamed', BYTES.length],
    ['another', OTHER_SHA256, 'other-file', 0],
  ])('[WS26] [WS25] one stream with %s one', async (_how, sha256, kind, bytes) => {
    const { lab, web, member } = scene();
    web.put(URL, BYTES, { ranges: false });
    const one = member();
    expect((await one.peer.webFiles.fetch(URL, sha256)).kind).toBe(kind);
    await lab.clock.advance(1_000);
    expect((await one.store.usage()).bytes).toBe(bytes);
  });
});

describe('[WS20] a bare web address', () => {
  test('[WS20] becomes an ordinary share with the address as its source', async () => {
    const { lab, web, member } = scene();
    const one = member();
    const file = await begun(one);
    expect(file).toBe(await swarmOfUrl(nodeDigest, URL));
    let isWholeTold = false;
    const hasAll = ({ receivedFrom }: TransferSnapshot): boolean => receivedFrom.web === BYTES.length;
    void one.told(file, hasAll).then(() => (isWholeTold = true));
    await until(lab, () => isShare(one));
    const [[from, share] = []] = one.became;
    expect(from).toBe(file);
    if (share === undefined) throw new Error('it is a share');
    await until(lab, () => one.snapshots.get(share)?.savable === true);
    expect(await one.holds(share, BYTES)).toBe(true);
    expect(one.of(share)).toMatchObject({
      phase: 'complete',
      role: 'receiving',
      saveDue: true,
      web: null,
    });
    const manifest = one.manifests.find(([hash]) => hash === share)?.[1];
    expect(manifest).toMatchObject({ name: 'film.bin', urls: [{ url: URL, file: 0 }] });
    expect(one.gone).toContain(file);
    expect(isWholeTold).toBe(true);
    expect((await one.peer.library()).map(({ infoHash }) => infoHash)).toEqual([share]);
    expect(web.fetchedBytes).toBeLessThan(1.1 * BYTES.length);
  });

  test('[WS20] is the same share to everybody, who take it from each other', async () => {
    const { lab, web, member } = scene();
    web.rate = 500_000;
    const all = [member(), member(), member()];
    for (const one of all) await begun(one);
    await until(lab, () => all.every(isShare), 300_000);
    expect(new Set(all.map(({ became }) => became[0]?.[1])).size).toBe(1);
    expect(web.fetchedBytes).toBeLessThan(2 * BYTES.length);
  });

  test('[WS27] who has it gives it to those who come later, also after a restart, until it is stopped', async () => {
    const { lab, web, member } = scene();
    const kept = { store: new MemoryStore(), library: new MemoryLibrary() };
    const first = member(kept);
    await begun(first);
    await until(lab, () => isShare(first));
    // There is little to be had from the server.
    web.rate = 1_000;
    const { fetchedBytes } = web;
    const second = member();
    await begun(second);
    await until(lab, () => isShare(second));
    expect(await second.holds(second.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
    await second.peer.close();
    await first.peer.close();
    const again = member(kept);
    await again.peer.restore();
    const third = member();
    await begun(third);
    await until(lab, () => isShare(third));
    expect(web.fetchedBytes - fetchedBytes).toBeLessThan(BYTES.length);
    await third.peer.close();
    await again.peer.stop(first.became[0]?.[1] as InfoHash);
    const fourth = member();
    const file = await begun(fourth);
    await lab.clock.advance(60_000);
    expect(fourth.snapshots.get(file)?.receivedFrom.people).toBe(0);
    await again.peer.open(first.became[0]?.[1] as InfoHash);
    await until(lab, () => isShare(fourth));
  });

  test('[WS27] and gives way where its person loads anew what is there by now', async () => {
    const { lab, web, member } = scene();
    const one = member();
    await begun(one);
    await until(lab, () => isShare(one));
    const other = someBytes(5_000_000, 9);
    web.put(URL, other, { etag: '"2"' });
    await begun(one);
    await until(lab, () => one.became.length === 2);
    expect(await one.holds(one.became[1]?.[1] as InfoHash, other)).toBe(true);
    const later = member();
    web.rate = 1_000;
    await begun(later);
    await until(lab, () => isShare(later));
    expect(await later.holds(later.became[0]?.[1] as InfoHash, other)).toBe(true);
  });

  test('[WS20] goes on where it was after a restart', async () => {
    const { lab, web, member } = scene();
    web.rate = 300_000;
    const kept = { store: new MemoryStore(), library: new MemoryLibrary() };
    const before = member(kept);
    const file = await begun(before);
    await until(lab, () => (before.snapshots.get(file)?.storedBytes ?? 0) > 2_000_000);
    await before.peer.close();
    const { fetchedBytes } = web;
    const after = member(kept);
    await after.peer.restore();
    await until(lab, () => isShare(after));
    expect(await after.holds(after.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
    expect(web.fetchedBytes - fetchedBytes).toBeLessThan(BYTES.length - 1_500_000);
  });

  test('[WS12] begins anew where the file changed in the middle, and mixes nothing', async () => {
    const { lab, web, member } = scene();
    web.rate = 300_000;
    const one = member();
    const file = await begun(one);
    await until(lab, () => (one.snapshots.get(file)?.storedBytes ?? 0) > 1_000_000);
    const other = someBytes(5_000_000, 9);
    web.put(URL, other, { etag: '"2"' });
    await until(lab, () => isShare(one), 300_000);
    expect(one.changed).toEqual([[file, 'begins']]);
    expect(await one.holds(one.became[0]?.[1] as InfoHash, other)).toBe(true);
  });

  test('[WS12] begins anew where it changed while nobody looked', async () => {
    const { lab, web, member } = scene();
    web.rate = 300_000;
    const kept = { store: new MemoryStore(), library: new MemoryLibrary() };
    const before = member(kept);
    const file = await begun(before);
    await until(lab, () => (before.snapshots.get(file)?.storedBytes ?? 0) > 1_000_000);
    await before.peer.close();
    const other = someBytes(4_000_000, 9);
    web.put(URL, other, { etag: '"2"' });
    const after = member(kept);
    await after.peer.restore();
    await until(lab, () => isShare(after));
    expect(await after.holds(after.became[0]?.[1] as InfoHash, other)).toBe(true);
  });

  test('[WS20] goes on where all was here and there was no room to say so, also after a restart', async () => {
    const { lab, member } = scene();
    const kept = { store: new FullForShares(), library: new MemoryLibrary() };
    const before = member(kept);
    const file = await begun(before);
    await until(lab, () => before.snapshots.get(file)?.phase === 'complete');
    await lab.clock.advance(30_000);
    expect(before.became).toEqual([]);
    await before.peer.close();
    const after = member(kept);
    await after.peer.restore();
    await lab.clock.advance(30_000);
    expect(after.became).toEqual([]);
    kept.store.isFull = false;
    await until(lab, () => isShare(after));
    expect(await after.holds(after.became[0]?.[1] as InfoHash, BYTES)).toBe(true);
  });

  test.each([
    ['file:///etc/passwd', { kind: 'no-address', why: 'scheme' }],
    ['http://127.0.0.1/a', { kind: 'no-address', why: 'private-address' }],
    ['https://user:secret@example.org/a', { kind: 'no-address', why: 'credentials' }],
    ['https://example.org/none', { kind: 'not-there', refusal: { why: 'refused', status: 404 } }],
  ])('[WS10] %s is refused, and nothing is asked of anybody', async (text, outcome) => {
    const { web, member } = scene();
    expect(await member().peer.webFiles.fetch(text)).toMatchObject(outcome);
    expect(web.orders).toEqual([]);
  });

  test('[WS20] asked for twice is one, also in the history', async () => {
    const { lab, web, member } = scene();
    web.rate = 500_000;
    const one = member();
    const first = await begun(one);
    await until(lab, () => (one.snapshots.get(first)?.storedBytes ?? 0) > 1_000_000);
    expect(await begun(one, 'HTTPS://Example.org:443/files/./film.bin#x')).toBe(first);
    await until(lab, () => isShare(one));
    expect(web.fetchedBytes).toBeLessThan(1.1 * BYTES.length);
    expect(await one.peer.activity.history()).toHaveLength(1);
  });
});

describe('[WS41] [LB11] in the history', () => {
  test('[LB11] it is one download, which leads to the share that it became', async () => {
    const { lab, member } = scene();
    const one = member();
    await begun(one);
    await until(lab, () => isShare(one));
    const share = one.became[0]?.[1];
    await lab.clock.advance(1_000);
    const rows = await one.peer.activity.history();
    expect(rows).toMatchObject([
      { infoHash: share, role: 'receiving', name: 'film.bin', end: { kind: 'finished' } },
    ]);
    expect(rows[0]?.receivedBytes).toBeGreaterThanOrEqual(BYTES.length);
    expect(rows[0]?.receivedBytes).toBeLessThan(1.1 * BYTES.length);
  });
});

describe('[WS40] an address that was loaded here before', () => {
  async function loadedBefore(more: Partial<WebPage> = {}) {
    const all = scene();
    all.web.put(URL, BYTES, more);
    const one = all.member();
    const outcome = await one.peer.webFiles.fetch(URL);
    if (outcome.kind !== 'streamed') await until(all.lab, () => isShare(one));
    await all.lab.clock.advance(1_000);
    const share = outcome.kind === 'streamed' ? outcome.infoHash : one.became[0]?.[1];
    return { ...all, one, share, fetched: all.web.fetchedBytes };
  }

  test.each([{}, { ranges: false }])(
    '[WS40] leads to its share, and is not loaded again: %j',
    async (how) => {
      const { web, one, share, fetched } = await loadedBefore(how);
      expect(await one.peer.webFiles.fetch(`${URL}#x`)).toEqual({ kind: 'here', infoHash: share });
      expect([web.fetchedBytes, web.closedStreams]).toEqual([fetched, 'ranges' in how ? 1 : 0]);
      expect((await one.peer.library()).map(({ infoHash }) => infoHash)).toEqual([share]);
      expect(await one.peer.activity.history()).toHaveLength(1);
    },
  );

  test('[WS40] leads there also where its server is gone', async () => {
    const { web, one, share } = await loadedBefore();
    web.pages.delete(URL);
    expect(await one.peer.webFiles.fetch(URL)).toEqual({ kind: 'here', infoHash: share });
  });

  test.each([
    ['of another size', someBytes(4_000_000, 9), {}],
    ['of another state', someBytes(5_000_000, 9), { etag: '"2"' }],
  ])('[WS40] is loaded anew where there is a file %s now', async (_which, other, more) => {
    const { lab, web, one, share } = await loadedBefore();
    web.put(URL, other, more);
    await begun(one);
    await until(lab, () => one.became.length === 2);
    const newer = one.became[1]?.[1] as InfoHash;
    expect(newer).not.toBe(share);
    expect(await one.holds(newer, other)).toBe(true);
    await lab.clock.advance(1_000);
    // Either is what it was.
    expect(await one.peer.webFiles.fetch(URL)).toEqual({ kind: 'here', infoHash: newer });
  });

  test('[WS40] is loaded anew where the share is gone, or is not what is asked for by its SHA-256', async () => {
    const { lab, one, share } = await loadedBefore();
    expect((await one.peer.webFiles.fetch(`${URL}#sha256=${OTHER_SHA256}`)).kind).toBe('begun');
    await until(lab, () => one.changed.length === 1);
    for (const { infoHash } of await one.peer.library()) await one.peer.remove(infoHash);
    expect(one.gone).toContain(share);
    expect((await one.peer.webFiles.fetch(URL)).kind).toBe('begun');
  });
});
