/** [LB10] Files chosen out of a share, from the host's verb to what is kept. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { askedFiles } from './asked-files.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const PIECE = 16_384;
/** Pieces end with their files; one is empty. */
const FILES = [
  ['Ours/a', someBytes(4 * PIECE, 1)],
  ['Ours/b', someBytes(2 * PIECE + 5_000, 2)],
  ['Ours/c', someBytes(PIECE - 5_000, 3)],
  ['Ours/d', someBytes(0)],
  ['Ours/e', someBytes(6 * PIECE, 4)],
] as const;
const SIZES = FILES.map(([, bytes]) => bytes.length);

function scene() {
  const lab = new PeerLab();
  const [store, library] = [new MemoryStore(), new MemoryLibrary()];
  const tab = (): TestPeer => lab.peer({ store, library });
  return { lab, store, library, tab, sharer: lab.peer(), receiver: tab() };
}

type Scene = ReturnType<typeof scene>;

async function shared({ sharer }: Scene): Promise<InfoHash> {
  return infoHashOf(await sharer.peer.share(requestOf(FILES, { name: 'Ours' })));
}

/** A link that is looked at, and whose list of files is here. */
async function looked(stage: Scene): Promise<InfoHash> {
  const infoHash = await shared(stage);
  await stage.receiver.peer.open(infoHash);
  await isIn(stage, stage.receiver, infoHash, 'ready');
  return infoHash;
}

function isIn({ lab }: Scene, peer: TestPeer, infoHash: InfoHash, phase: string): Promise<void> {
  return lab.clock.until(() => peer.snapshots.get(infoHash)?.phase === phase, phase);
}

describe('[LB10] what a choice of files is', () => {
  test.each([
    ['none', []],
    ['one that the share has not', [0, 5]],
    ['a negative one', [-1]],
    ['half a file', [0.5]],
    ['a text', ['0']],
    ['no list', 3],
    ['nothing', undefined],
    ['more than there are', [0, 1, 2, 3, 4, 0]],
  ])('[LB10] %s is refused', (_, asked) => {
    expect(askedFiles(asked, 5)).toBeNull();
  });

  test('[LB10] is ascending, each once, and all of them are all', () => {
    expect(askedFiles([3, 0, 3], 5)).toEqual({ files: [0, 3] });
    expect(askedFiles([4, 3, 2, 1, 0], 5)).toEqual({ files: null });
    expect(askedFiles(null, 5)).toEqual({ files: null });
  });
});

describe('[LB10] choosing', () => {
  test('[LB10] is refused where there is nothing to choose from', async () => {
    const stage = scene();
    const { sharer, receiver } = stage;
    const infoHash = await shared(stage);
    expect(await receiver.peer.files.choose(infoHash, [0])).toBe('not-open');
    const unknown = 'ee'.repeat(32) as InfoHash;
    await receiver.peer.open(unknown);
    expect(await receiver.peer.files.choose(unknown, [0])).toBe('unknown');
    expect(await receiver.peer.files.rows(unknown)).toBeNull();
    expect(await sharer.peer.files.choose(infoHash, [0])).toBe('own-share');
    await receiver.peer.open(infoHash);
    await isIn(stage, receiver, infoHash, 'ready');
    expect(await receiver.peer.files.choose(infoHash, [])).toBe('no-files');
    expect(receiver.of(infoHash).wanted).toBeNull();
  });

  test('[LB10] before the download, then only that is fetched, and more when more is wanted', async () => {
    const stage = scene();
    const { receiver, library, store, lab } = stage;
    const infoHash = await looked(stage);
    expect(await receiver.peer.files.choose(infoHash, [1])).toBe('chosen');
    expect(await library.entries()).toMatchObject([
      { infoHash, name: 'Ours', files: [1], intent: 'looking' },
    ]);
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    expect(await store.ownedPieces(infoHash)).toEqual([4, 5, 6]);
    expect(receiver.of(infoHash)).toMatchObject({
      ...{ savable: true, saveDue: true, saved: false },
      wanted: { files: 1, onlyFile: 1, pieces: 3, bytes: SIZES[1], storedBytes: SIZES[1] },
    });
    expect(await library.entry(infoHash)).toMatchObject({ files: [1], intent: 'sharing' });
    await receiver.peer.saves.saved(infoHash);
    expect(await receiver.peer.files.choose(infoHash, [1, 4])).toBe('chosen');
    expect(await library.entry(infoHash)).toMatchObject({
      ...{ files: [1, 4], intent: 'downloading', finishedAt: null, savedAt: null },
    });
    const isAllHere = (): boolean => {
      const { phase, wanted } = receiver.of(infoHash);
      return phase === 'complete' && wanted?.files === 2;
    };
    await lab.clock.until(isAllHere, 'complete again');
    expect(await store.ownedPieces(infoHash)).toEqual([4, 5, 6, 8, 9, 10, 11, 12, 13]);
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash)).toMatchObject({ savable: true, saveDue: true, saved: false });
    expect((await library.entry(infoHash))?.finishedAt).not.toBeNull();
  });

  test('[LB10] less: what is left and is here is complete, and what was saved stays so', async () => {
    const stage = scene();
    const { receiver, library } = stage;
    const infoHash = await looked(stage);
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    await receiver.peer.saves.saved(infoHash);
    expect(await receiver.peer.files.choose(infoHash, [0])).toBe('chosen');
    expect((await library.entry(infoHash))?.savedAt).not.toBeNull();
    // Here it is all the same: but what was saved last need not have been that.
    expect(await receiver.peer.files.choose(infoHash, null)).toBe('chosen');
    expect(await library.entry(infoHash)).toMatchObject({ files: null, savedAt: null });
    expect((await library.entry(infoHash))?.finishedAt).not.toBeNull();
  });

  test('[LB10] less of what was stopped: it stays stopped and finished, whatever it had', async () => {
    const stage = scene();
    const { receiver, library, lab } = stage;
    const infoHash = await looked(stage);
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    await receiver.peer.stop(infoHash);
    await receiver.peer.files.choose(infoHash, [0, 1]);
    await lab.clock.advance(1_000);
    expect(receiver.of(infoHash).phase).toBe('stopped');
    const entry = await library.entry(infoHash);
    expect(entry).toMatchObject({ files: [0, 1], intent: 'stopped' });
    expect(entry?.finishedAt).not.toBeNull();
    const again = stage.tab();
    await again.peer.restore();
    await again.peer.join(infoHash);
    await isIn(stage, again, infoHash, 'stopped');
  });

  test('[LB10] more of what was stopped: it stays stopped, is not finished, and waits to be started', async () => {
    const stage = scene();
    const { receiver, library } = stage;
    const infoHash = await looked(stage);
    await receiver.peer.files.choose(infoHash, [0]);
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    await receiver.peer.stop(infoHash);
    await receiver.peer.files.choose(infoHash, null);
    expect(await library.entry(infoHash)).toMatchObject({ intent: 'stopped', finishedAt: null, files: null });
    await isIn(stage, receiver, infoHash, 'stopped');
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    expect(receiver.of(infoHash).wanted).toBeNull();
  });

  test('[LB10] tells how far each file is', async () => {
    const stage = scene();
    const { sharer, receiver } = stage;
    const infoHash = await looked(stage);
    await receiver.peer.files.choose(infoHash, [1]);
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    const rows = await receiver.peer.files.rows(infoHash);
    expect(rows?.map(({ size }) => size)).toEqual(SIZES);
    expect(rows?.map(({ wanted }) => wanted)).toEqual([false, true, false, false, false]);
    expect(rows?.map(({ storedBytes }) => storedBytes)).toEqual([0, SIZES[1], 0, 0, 0]);
    const progress = await receiver.peer.files.progress(infoHash);
    expect([...(progress?.storedBytes ?? [])]).toEqual(rows?.map(({ storedBytes }) => storedBytes));
    expect([...(progress?.wanted ?? [])]).toEqual([0, 1, 0, 0, 0]);
    const own = await sharer.peer.files.rows(infoHash);
    expect(own?.every(({ wanted, storedBytes, size }) => wanted && storedBytes === size)).toBe(true);
  });
});

describe('[LB10] over a restart', () => {
  async function partly(stage: Scene, files: readonly number[]): Promise<InfoHash> {
    const infoHash = await looked(stage);
    await stage.receiver.peer.files.choose(infoHash, files);
    await stage.receiver.peer.download(infoHash);
    return infoHash;
  }

  test('[LB10] [LB2] a download goes on with the files that were wanted', async () => {
    const stage = scene();
    const { sharer, receiver, store, lab } = stage;
    sharer.peer.preferences.limit({ up: 30_000, down: null, peerUp: null, peerDown: null });
    const infoHash = await partly(stage, [1, 4]);
    await lab.clock.until(() => receiver.of(infoHash).storedBytes > PIECE, 'some pieces');
    await receiver.peer.close();
    const again = stage.tab();
    await again.peer.restore();
    await isIn(stage, again, infoHash, 'complete');
    expect(await store.ownedPieces(infoHash)).toEqual([4, 5, 6, 8, 9, 10, 11, 12, 13]);
    expect(again.of(infoHash)).toMatchObject({ saveDue: true, wanted: { files: 2 } });
  });

  test('[LB10] [LB2] a choice is kept before the download is asked for, and asks for none', async () => {
    const stage = scene();
    const { receiver, store, library } = stage;
    const infoHash = await looked(stage);
    await receiver.peer.files.choose(infoHash, null);
    expect(await library.entries()).toEqual([]);
    await receiver.peer.files.choose(infoHash, [1]);
    await receiver.peer.close();
    const again = stage.tab();
    await again.peer.restore();
    await again.peer.join(infoHash);
    await isIn(stage, again, infoHash, 'ready');
    expect(again.of(infoHash)).toMatchObject({ wanted: { files: 1, onlyFile: 1 } });
    expect(await store.ownedPieces(infoHash)).toEqual([]);
    await again.peer.download(infoHash);
    await isIn(stage, again, infoHash, 'complete');
    expect(await store.ownedPieces(infoHash)).toEqual([4, 5, 6]);
    expect(await library.entry(infoHash)).toMatchObject({ files: [1], intent: 'sharing' });
  });

  test('[LB10] what was complete is, and a piece of it that is gone is fetched anew, which completes nothing', async () => {
    const stage = scene();
    const { receiver, store, library } = stage;
    const infoHash = await partly(stage, [1]);
    await isIn(stage, receiver, infoHash, 'complete');
    await receiver.peer.saves.saved(infoHash);
    await receiver.peer.close();
    const again = stage.tab();
    await again.peer.restore();
    await isIn(stage, again, infoHash, 'complete');
    expect(again.of(infoHash)).toMatchObject({ saved: true, saveDue: false, wanted: { onlyFile: 1 } });
    await again.peer.close();
    const entry = await library.entry(infoHash);
    const [manifest] = [await store.share(infoHash)];
    await store.removeShare(infoHash);
    await store.putShare(manifest!);
    const lacking = stage.tab();
    await lacking.peer.restore();
    await isIn(stage, lacking, infoHash, 'complete');
    expect(await store.ownedPieces(infoHash)).toEqual([4, 5, 6]);
    expect(lacking.of(infoHash)).toMatchObject({ saveDue: false, saved: true });
    expect((await library.entry(infoHash))?.finishedAt).toBe(entry?.finishedAt);
  });

  test('[LB10] an entry from before there was a choice wants all', async () => {
    const stage = scene();
    const { receiver, store, library } = stage;
    const infoHash = await shared(stage);
    await receiver.peer.download(infoHash);
    await isIn(stage, receiver, infoHash, 'complete');
    expect(await library.entry(infoHash)).not.toHaveProperty('files');
    await receiver.peer.close();
    const again = stage.tab();
    await again.peer.restore();
    await isIn(stage, again, infoHash, 'complete');
    expect(again.of(infoHash).wanted).toBeNull();
    expect(await store.ownedPieces(infoHash)).toHaveLength(14);
  });
});

test('[LB10] a save that began before more was wanted says nothing of what is wanted now', async () => {
  const stage = scene();
  const { receiver, library } = stage;
  const infoHash = await looked(stage);
  await receiver.peer.files.choose(infoHash, [1]);
  await receiver.peer.download(infoHash);
  await isIn(stage, receiver, infoHash, 'complete');
  receiver.peer.saves.begun(infoHash);
  await receiver.peer.files.choose(infoHash, [1, 4]);
  await receiver.peer.saves.saved(infoHash);
  await stage.lab.clock.until(
    () => receiver.of(infoHash).wanted?.storedBytes === SIZES[1]! + SIZES[4]!,
    'all',
  );
  await stage.lab.clock.advance(1_000);
  expect(receiver.of(infoHash)).toMatchObject({ saved: false, saveDue: true });
  expect((await library.entry(infoHash))?.savedAt ?? null).toBeNull();
  receiver.peer.saves.begun(infoHash);
  await receiver.peer.saves.saved(infoHash);
  await stage.lab.clock.advance(1_000);
  expect(receiver.of(infoHash).saved).toBe(true);
});
