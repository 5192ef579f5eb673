/** Unmodified TorrentInno clients, in processes of their own over real TCP, with a tracker of their kind. */
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { InfoHash, PeerId } from '../shared/ids.ts';
import { readResourceFile } from '../shared/manifest/resource-file.ts';
import { infoHashOf, requestOf } from '../shared/peer/testing/test-peer.ts';
import type { Clock } from '../shared/peer/ports.ts';
import { nodeClock, seededEntropy } from '../shared/peer/testing/node-ports.ts';
import { encodeHandshake } from '../shared/protocol/codec.ts';
import { opened, resourceOf, TcpLab, testId } from '../cli/torrentinno/testing/peers.ts';
import type { MadeResource } from '../cli/torrentinno/testing/peers.ts';
import { standIn, TestTracker } from '../cli/torrentinno/testing/stand-in.ts';
import type { StandIn } from '../cli/torrentinno/testing/stand-in.ts';

const OURS = testId('50');
/** One that dials us, and one that we dial. */
const BELOW = testId('10');
const ABOVE = testId('90');

/** A minute is three seconds. */
const HURRIED: Clock = {
  now: () => nodeClock.now() * 20,
  today: () => nodeClock.today(),
  after: (ms, task) => nodeClock.after(ms / 20, task),
};

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function stage(): Promise<{ lab: TcpLab; tracker: TestTracker; url: string; folder: string }> {
  const [lab, tracker] = [new TcpLab(), new TestTracker()];
  const url = await tracker.start();
  const folder = await mkdtemp(join(tmpdir(), 'shoal-torrentinno-'));
  ends.push(
    () => rm(folder, { recursive: true }),
    () => tracker.stop(),
    () => lab.close(),
  );
  return { lab, tracker, url, folder };
}

function client(
  url: string,
  id: PeerId,
  infoHash: InfoHash,
  pieces: MadeResource['pieces'],
  contentPath: string | null = null,
): StandIn {
  const quick = { tickMs: 20, pieceTimeoutMs: 5_000, bitfieldEveryMs: 2_000, announceEveryMs: 200 };
  const one = standIn({ id, infoHash, pieces, contentPath, tracker: url, ...quick });
  ends.push(() => one.stop());
  return one;
}

function content(size: number, seed = 1): Uint8Array<ArrayBuffer> {
  const some = seededEntropy(seed).bytes(65_536);
  return new Uint8Array(size).map((_, at) => (some[at % 65_536] ?? 0) ^ ((at >> 16) * 37));
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each([
  ['dials us', BELOW, true],
  ['is dialled by us', ABOVE, false],
] as const)('an unmodified client that %s', (_, id, dials) => {
  test('[HL53] [HL54] loads a resource that TorrentInno made from us, and sees nothing that it does not know but the capability', async () => {
    const { lab, tracker, url } = await stage();
    const bytes = content(3_300_000);
    const made = resourceOf(bytes, 1_000_000);
    const { peer } = await lab.withTcp(OURS, url);
    const infoHash = await opened(lab.peer(testId('01')), made);
    const leecher = client(url, id, infoHash, made.pieces);
    await leecher.told('listening');
    await tracker.heard(1);
    await opened(peer, made, bytes);
    await peer.peer.download(infoHash);
    expect(await leecher.told('linked')).toEqual({ kind: 'linked', peer: OURS, dialled: dials });
    expect((await leecher.told('complete')).sha256).toBe(digest(bytes));
    const skipped = leecher.events.filter(({ kind }) => kind === 'skipped');
    expect(skipped).toEqual([{ kind: 'skipped', type: 0x7f }]);
    // [HL60] The end is a reset, also that of the whole peer.
    await lab.close();
    await leecher.told('reset');
    expect(leecher.events.filter(({ kind }) => kind === 'stale')).toEqual([]);
  });

  test('[HL53] [HL54] seeds a resource that TorrentInno made to us', async () => {
    const { lab, tracker, url, folder } = await stage();
    const bytes = content(3_300_000);
    const made = resourceOf(bytes, 1_000_000);
    await writeFile(join(folder, 'film.bin'), bytes);
    const { peer } = await lab.withTcp(OURS, url);
    const infoHash = await opened(lab.peer(testId('01')), made);
    const seed = client(url, id, infoHash, made.pieces, join(folder, 'film.bin'));
    await seed.told('listening');
    await tracker.heard(1);
    await opened(peer, made);
    await peer.peer.download(infoHash);
    await peer.told(infoHash, ({ phase }) => phase === 'complete');
    expect(await peer.holds(infoHash, bytes)).toBe(true);
    const [unmodified] = peer.of(infoHash).peers.filter(({ extended }) => !extended);
    expect(unmodified).toMatchObject({ path: 'lan', pieces: 4, role: dials ? 'acceptor' : 'dialler' });
  });
});

test('[HL61] a share of ours is loaded by TorrentInno as it is', async () => {
  const { lab, tracker, url } = await stage();
  const { peer } = await lab.withTcp(OURS, url);
  const [one, two] = [content(400_000), content(150_000, 2)];
  const infoHash = infoHashOf(
    await peer.peer.share(
      requestOf(
        [
          ['a/one.bin', one],
          ['a/b/two.bin', two],
        ],
        { pieceBytes: 100_000 },
      ),
    ),
  );
  const file = await peer.peer.resources.bytesOf(infoHash);
  const read = readResourceFile(file ?? new Uint8Array());
  if (read.kind === 'refused') throw new Error('our own resource');
  await tracker.heard(1);
  const leecher = client(url, BELOW, infoHash, read.manifest.pieces);
  const { sha256 } = await leecher.told('complete');
  expect([digest(Buffer.concat([one, two])), digest(Buffer.concat([two, one]))]).toContain(sha256);
});

test('[HL61] the bridge: pieces cross both ways while they are still coming in', async () => {
  const { lab, tracker, url } = await stage();
  const bytes = content(6_000_000);
  const made = resourceOf(bytes, 100_000);
  const { peer: bridge } = await lab.withTcp(OURS, url);
  const [sharer, browser] = [lab.peer(testId('60')), lab.peer(testId('70'))];
  // A browser has all of it. The bridge and another browser have nothing, and so has the client behind TCP.
  const infoHash = await opened(sharer, made, bytes);
  const leecher = client(url, BELOW, infoHash, made.pieces);
  await tracker.heard(1);
  await sharer.peer.download(infoHash);
  await sharer.peer.preferences.limit({ up: 1_500_000, down: null, peerUp: null, peerDown: null });
  await opened(bridge, made);
  await bridge.peer.download(infoHash);
  await leecher.told('saved', 3);
  expect(bridge.of(infoHash).phase).toBe('downloading');
  await browser.peer.download(infoHash);
  expect((await leecher.told('complete')).sha256).toBe(digest(bytes));
  await browser.told(infoHash, ({ phase }) => phase === 'complete');
  expect(await browser.holds(infoHash, bytes)).toBe(true);
  await bridge.told(infoHash, ({ phase }) => phase === 'complete');
});

test('[HL61] the bridge: what comes over TCP goes on to browsers that know nothing but the link', async () => {
  const { lab, tracker, url, folder } = await stage();
  const bytes = content(3_000_000);
  const made = resourceOf(bytes, 100_000);
  await writeFile(join(folder, 'film.bin'), bytes);
  const { peer: bridge } = await lab.withTcp(OURS, url);
  const browser = lab.peer(testId('70'));
  const infoHash = await opened(bridge, made);
  const seed = client(url, BELOW, infoHash, made.pieces, join(folder, 'film.bin'));
  await tracker.heard(2);
  await seed.told('linked');
  await bridge.peer.download(infoHash);
  await browser.peer.download(infoHash);
  await browser.told(infoHash, ({ phase }) => phase === 'complete');
  expect(await browser.holds(infoHash, bytes)).toBe(true);
});

test.each([
  ['dials us', BELOW],
  ['is dialled by us', ABOVE],
] as const)('[HL54] one that %s comes back after it has lost its connections', async (_, id) => {
  const { lab, tracker, url } = await stage();
  const bytes = content(500_000);
  const made = resourceOf(bytes, 100_000);
  const { peer } = await lab.withTcp(OURS, url);
  const infoHash = await opened(lab.peer(testId('01')), made);
  const leecher = client(url, id, infoHash, made.pieces);
  await tracker.heard(1);
  await opened(peer, made, bytes);
  await peer.peer.download(infoHash);
  await leecher.told('linked');
  leecher.forget();
  await leecher.told('linked', 2);
  await leecher.told('complete');
});

test('[HL55] one that has us in its table still does not answer: it is met under another id', async () => {
  const { lab, tracker, url } = await stage();
  const bytes = content(500_000);
  const made = resourceOf(bytes, 100_000);
  const infoHash = await opened(lab.peer(testId('01')), made);
  const leecher = client(url, ABOVE, infoHash, made.pieces);
  const { port } = await leecher.told('listening');
  await tracker.heard(1);
  // Somebody who was called as we are has ended its connection in order.
  const before = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  ends.push(async () => before.destroy());
  before.resume().write(encodeHandshake(OURS, infoHash));
  await leecher.told('linked');
  before.end();
  await leecher.told('stale');
  const { peer } = await lab.withTcp(OURS, url, HURRIED);
  await opened(peer, made, bytes);
  await peer.peer.download(infoHash);
  const { peer: id } = await leecher.told('linked', 2);
  expect(id).not.toBe(OURS);
  expect(id < ABOVE).toBe(true);
});
