/** [MF10] Resource files: given out as TorrentInno loads them, and opened as a share whose manifest is known. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import vectors from '../vectors/torrentinno.json';
import { infoHash as checked } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { MAX_MANIFEST_BYTES } from '../limits.ts';
import { infoHashPreimage } from '../manifest/info-hash.ts';
import { readResourceFile } from '../manifest/resource-file.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { SmallStore } from './testing/little-room.ts';
import { MemoryKept } from './testing/memory-kept.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const CONTENT = someBytes(100_000);
const text = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? new Uint8Array());
const bytes = (of: string | object): Uint8Array<ArrayBuffer> =>
  new TextEncoder().encode(typeof of === 'string' ? of : JSON.stringify(of));
const [plain] = vectors.info_hash;
if (plain === undefined) throw new Error('there is no vector');

function scene() {
  const lab = new PeerLab();
  const [store, library] = [new MemoryStore(), new MemoryLibrary()];
  const tab = (): TestPeer => lab.peer({ store, library });
  return { lab, store, library, tab, sharer: lab.peer(), receiver: tab() };
}

type Scene = ReturnType<typeof scene>;

async function shared({ sharer }: Scene): Promise<{ infoHash: InfoHash; file: Uint8Array<ArrayBuffer> }> {
  const infoHash = infoHashOf(
    await sharer.peer.share(requestOf([['film.bin', CONTENT]], { comment: 'Ours' })),
  );
  const file = await sharer.peer.resources.bytesOf(infoHash);
  if (file === null) throw new Error('a share that was made has none');
  return { infoHash, file };
}

function isIn({ lab }: Scene, peer: TestPeer, infoHash: InfoHash, phase: string): Promise<void> {
  return lab.clock.until(() => peer.snapshots.get(infoHash)?.phase === phase, phase);
}

describe('[MF10] the resource file of a share', () => {
  test('is what TorrentInno loads, under the info-hash of the link', async () => {
    const { infoHash, file } = await shared(scene());
    const resource: unknown = JSON.parse(text(file));
    expect(resource).toMatchObject({ name: 'film.bin', trackerIp: 'localhost', trackerPort: '8000' });
    const preimage = infoHashPreimage(resource as Parameters<typeof infoHashPreimage>[0]);
    expect(
      createHash('sha256')
        .update(preimage ?? '')
        .digest('hex'),
    ).toBe(infoHash);
  });

  test('is the same for whoever has the manifest, also where the share is not open any more', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    await stage.receiver.peer.open(infoHash);
    expect(await stage.receiver.peer.resources.bytesOf(infoHash)).toBeNull();
    await isIn(stage, stage.receiver, infoHash, 'ready');
    expect(await stage.receiver.peer.resources.bytesOf(infoHash)).toEqual(file);
    await stage.receiver.peer.close();
    expect(await stage.tab().peer.resources.bytesOf(infoHash)).toEqual(file);
  });
});

describe('[MF10] a resource file that is opened', () => {
  test('shows what is in it before anybody is online, and is fetched when somebody comes', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    await stage.sharer.peer.stop(infoHash);
    expect(await stage.receiver.peer.resources.open(file)).toEqual({ kind: 'opened', infoHash });
    await isIn(stage, stage.receiver, infoHash, 'ready');
    expect(stage.receiver.manifests.map(([, { name }]) => name)).toEqual(['film.bin']);
    expect(stage.receiver.of(infoHash)).toMatchObject({ role: 'receiving', totalBytes: 100_000 });
    await stage.receiver.peer.download(infoHash);
    await stage.sharer.peer.open(infoHash);
    await isIn(stage, stage.receiver, infoHash, 'complete');
    expect(await stage.receiver.holds(infoHash, CONTENT)).toBe(true);
  });

  test('[LB1] is kept as a link that was looked at: its manifest, and no entry', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    await stage.receiver.peer.resources.open(file);
    expect((await stage.store.share(infoHash))?.manifest).toEqual(file);
    expect(await stage.library.entry(infoHash)).toBeNull();
  });

  test('ends the looking of a share whose link was opened, which goes on as it was left', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    await stage.sharer.peer.stop(infoHash);
    await stage.receiver.peer.open(infoHash);
    await isIn(stage, stage.receiver, infoHash, 'looking');
    await stage.receiver.peer.download(infoHash);
    await stage.receiver.peer.resources.open(file);
    await isIn(stage, stage.receiver, infoHash, 'downloading');
    await stage.sharer.peer.open(infoHash);
    await isIn(stage, stage.receiver, infoHash, 'complete');
  });

  test('of a share that is here leads there and changes nothing', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    expect(await stage.sharer.peer.resources.open(file)).toEqual({ kind: 'opened', infoHash });
    await isIn(stage, stage.sharer, infoHash, 'complete');
    expect(stage.sharer.of(infoHash)).toMatchObject({ role: 'sharing', filesMissing: null });
    await stage.receiver.peer.open(infoHash);
    await stage.receiver.peer.download(infoHash);
    await isIn(stage, stage.receiver, infoHash, 'complete');
    await stage.receiver.peer.resources.open(file);
    await stage.lab.clock.advance(1_000);
    expect(stage.receiver.of(infoHash).phase).toBe('complete');
  });

  test('of one that is not open any more opens it as it was left', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    await stage.receiver.peer.open(infoHash);
    await stage.receiver.peer.download(infoHash);
    await isIn(stage, stage.receiver, infoHash, 'complete');
    await stage.receiver.peer.stop(infoHash);
    await stage.receiver.peer.close();
    const later = stage.tab();
    await later.peer.resources.open(file);
    await isIn(stage, later, infoHash, 'stopped');
    expect(later.of(infoHash).storedBytes).toBe(100_000);
  });

  test('[UI17] finds no room, and is stored with the first piece that does', async () => {
    const stage = scene();
    const { infoHash, file } = await shared(stage);
    const store = new SmallStore();
    store.quotaBytes = 0;
    const receiver = stage.lab.peer({ store });
    expect(await receiver.peer.resources.open(file)).toEqual({ kind: 'opened', infoHash });
    expect(await store.share(infoHash)).toBeNull();
    store.quotaBytes = Infinity;
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    expect((await store.share(infoHash))?.manifest).toEqual(file);
  });
});

describe('[MF10] files of TorrentInno’s own client', () => {
  // Pieces whose digests have capitals cannot be verified there either.
  const loadable = vectors.info_hash.filter(
    ({ name, resource_json: { comment } }) => !comment.includes(';') && name !== 'upper_hex',
  );

  test.each(loadable)('open under its own info-hash: $name', async ({ resource_json, info_hash }) => {
    const { receiver } = scene();
    // As its client writes them: with blanks, the port as a number.
    const file = bytes(JSON.stringify(resource_json, null, 4));
    expect(await receiver.peer.resources.open(file)).toEqual({
      kind: 'opened',
      infoHash: checked(info_hash),
    });
  });

  test('may begin with the mark that some editors put there', async () => {
    const file = bytes(`\ufeff${JSON.stringify(plain.resource_json)}`);
    expect((await scene().receiver.peer.resources.open(file)).kind).toBe('opened');
  });
});

describe('[MF10] what is no resource file is refused as what it is', () => {
  const small = plain.resource_json;
  const garbage = new Uint8Array(4_000_000).map((_, at) => (at * 7 + (at >> 8)) & 255);
  test.each<[string, Uint8Array, object]>([
    ['nothing', bytes(''), { why: 'empty' }],
    ['blanks', bytes(' \n'), { why: 'empty' }],
    ['a BitTorrent file', bytes('d8:announce35:https://t.example/announce4:infod'), { why: 'bittorrent' }],
    ['4 MB of garbage', garbage, { why: 'other-file' }],
    ['4 MB of text', bytes('Fish swim. '.repeat(370_000)), { why: 'other-file' }],
    ['an archive', Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0), { why: 'other-file' }],
    ['another program’s JSON', bytes({ name: 'a', version: 1 }), { why: 'other-file' }],
    ['a list', bytes('[{"pieces":[]}]'), { why: 'other-file' }],
    ['more than a manifest may have', new Uint8Array(MAX_MANIFEST_BYTES + 1), { why: 'too-large' }],
    ['half a resource', bytes(JSON.stringify(small).slice(0, -9)), { why: 'damaged' }],
    [
      'too many pieces',
      bytes({ ...small, pieces: Array(16_385).fill(small.pieces[0]) }),
      { why: 'too-large' },
    ],
    [
      'a resource without a name',
      bytes({ ...small, name: undefined }),
      { why: 'not-allowed', reason: 'shape' },
    ],
    ['a way out of the folder', bytes({ ...small, name: '../a' }), { why: 'not-allowed', reason: 'name' }],
    ['no date', bytes({ ...small, creationDate: 'soon' }), { why: 'not-allowed', reason: 'date' }],
  ])('[MF10] %s', (_, file, refusal) => {
    expect(readResourceFile(file)).toEqual({ kind: 'refused', ...refusal });
  });

  test('a shoal key that is not the one its marker names, and nothing is opened', async () => {
    const stage = scene();
    const { file } = await shared(stage);
    const resource = JSON.parse(text(file)) as { shoal: string };
    const changed = bytes({ ...resource, shoal: resource.shoal.replace('"modified":0', '"modified":1') });
    expect(changed).not.toEqual(file);
    expect(await stage.receiver.peer.resources.open(changed)).toEqual({
      ...{ kind: 'refused', why: 'not-allowed', reason: 'marker' },
    });
    await stage.lab.clock.advance(1_000);
    expect(stage.receiver.snapshots.size).toBe(0);
  });
});

describe('[LB19] files that are shared by a resource file', () => {
  test('[LB19] have its link, go on after a restart, and reach who has only that', async () => {
    const all = scene();
    const { infoHash, file } = await shared(all);
    await all.sharer.peer.close();
    const kept = new MemoryKept();
    const [store, library] = [new MemoryStore(), new MemoryLibrary()];
    const seeder = all.lab.peer({ store, library, kept });
    const { files } = requestOf([['film.bin', CONTENT]]);
    expect(await seeder.peer.resources.seed(file, files)).toEqual({ kind: 'seeded', infoHash });
    // Once more says nothing new.
    expect(await seeder.peer.resources.seed(file, files)).toEqual({ kind: 'seeded', infoHash });
    await seeder.peer.close();
    const again = all.lab.peer({ store, library, kept });
    await again.peer.restore();
    await all.receiver.peer.download(infoHash);
    await isIn(all, all.receiver, infoHash, 'complete');
    expect(await all.receiver.holds(infoHash, CONTENT)).toBe(true);
    expect(again.of(infoHash)).toMatchObject({ role: 'sharing' });
  });

  test('[LB19] are refused where they are others, and so is what is no resource file', async () => {
    const all = scene();
    const { infoHash, file } = await shared(all);
    const { peer } = all.lab.peer();
    const given = (content: Uint8Array<ArrayBuffer>) => requestOf([['film.bin', content]]).files;
    const changed = { kind: 'refused', why: 'changed', infoHash };
    expect(await peer.resources.seed(file, given(someBytes(100_000, 7)))).toEqual(changed);
    expect(await peer.resources.seed(file, given(CONTENT.slice(1)))).toEqual(changed);
    expect(await peer.resources.seed(file, [])).toEqual({ ...changed, why: 'other-files' });
    expect(await peer.resources.seed(bytes('hello'), given(CONTENT))).toMatchObject({ kind: 'no-resource' });
    expect(await peer.library()).toEqual([]);
  });
});
