/** [UP7] [PK7] A file of a share that its sharer cannot read any more, from the file to what both sides are told. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';
import { MemoryFile } from './testing/memory-files.ts';

const PIECE = 16_384;

interface Scene {
  readonly lab: PeerLab;
  readonly sharer: TestPeer;
  readonly receiver: TestPeer;
  readonly files: readonly MemoryFile[];
  readonly infoHash: InfoHash;
}

async function scene(sizes: readonly number[] = [3 * PIECE, 4 * PIECE, 2 * PIECE + 5]): Promise<Scene> {
  const lab = new PeerLab();
  const [sharer, receiver] = [lab.peer(), lab.peer()];
  const files = sizes.map((size, nth) => new MemoryFile(someBytes(size, nth)));
  const named = files.map((file, nth) => [`Ours/${'abc'[nth] ?? nth}`, file] as const);
  const infoHash = infoHashOf(await sharer.peer.share(requestOf(named, { name: 'Ours' })));
  return { lab, sharer, receiver, files, infoHash };
}

function isUnreadable(peer: TestPeer, infoHash: InfoHash): boolean {
  return (peer.snapshots.get(infoHash)?.unreadable ?? null) !== null;
}

async function storedOf({ receiver, infoHash }: Scene): Promise<number[]> {
  return [...((await receiver.peer.files.progress(infoHash))?.storedBytes ?? [])];
}

describe('[UP7] a file that cannot be read any more', () => {
  test('[UP7] [PK7] takes only itself along, is named on both sides, and the rest can be finished', async () => {
    const stage = await scene();
    const { lab, sharer, receiver, files, infoHash } = stage;
    files[1]?.becomes('vanished');
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => (receiver.snapshots.get(infoHash)?.lacking ?? null) !== null, 'it is named');
    expect(receiver.of(infoHash)).toMatchObject({
      ...{ phase: 'downloading', trouble: null, senders: 0 },
      lacking: { files: 1, first: ['Ours', 'b'] },
    });
    expect(await storedOf(stage)).toEqual([files[0]?.size, 0, files[2]?.size]);
    expect(sharer.of(infoHash)).toMatchObject({
      ...{ phase: 'complete', trouble: null, storedBytes: 5 * PIECE + 5 },
      unreadable: { why: 'vanished', files: 1, first: ['Ours', 'b'], neighbours: 0 },
    });
    // Who does without it has all there is.
    await receiver.peer.files.choose(infoHash, [0, 2]);
    await lab.clock.until(() => receiver.of(infoHash).phase === 'complete', 'complete');
    expect(receiver.of(infoHash)).toMatchObject({ savable: true, lacking: null });
  });

  test('[UP7] is there again, and goes on when that is asked for', async () => {
    const { lab, sharer, receiver, files, infoHash } = await scene();
    files[1]?.becomes('vanished');
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => isUnreadable(sharer, infoHash), 'the sharer is told');
    files[1]?.isBack();
    await sharer.peer.open(infoHash);
    await lab.clock.until(() => receiver.of(infoHash).phase === 'complete', 'complete');
    expect(sharer.of(infoHash)).toMatchObject({ unreadable: null, wanted: null, phase: 'complete' });
  });

  test('[UP7] is gone again when it is asked for again', async () => {
    const { lab, sharer, receiver, files, infoHash } = await scene();
    files[1]?.becomes('changed');
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => isUnreadable(sharer, infoHash), 'the sharer is told');
    const before = files[1]?.reads ?? 0;
    await sharer.peer.open(infoHash);
    await lab.clock.until(() => (files[1]?.reads ?? 0) > before, 'it is tried');
    await lab.clock.until(() => isUnreadable(sharer, infoHash), 'and gone again');
    expect(receiver.of(infoHash).phase).toBe('downloading');
  });

  test('[UP7] with others in its piece takes them along, and is the one that is named', async () => {
    const sizes = Array.from({ length: 3_000 }, (_, nth) => (nth === 1_500 ? 3 * PIECE : 10));
    const stage = await scene(sizes);
    const { lab, sharer, receiver, files, infoHash } = stage;
    files[7]?.becomes('vanished');
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => (receiver.snapshots.get(infoHash)?.lacking ?? null) !== null, 'it is named');
    const inPiece = 1_500;
    expect(sharer.of(infoHash).unreadable).toEqual({
      ...{ why: 'vanished', files: 1, first: ['Ours', '7'], neighbours: inPiece - 1 },
    });
    expect((await storedOf(stage))[1_500]).toBe(3 * PIECE);
  });

  test('[UP7] [SO4] and is all there is stops the share, by name, until it is there again', async () => {
    const { lab, sharer, receiver, files, infoHash } = await scene([2 * PIECE, 0]);
    files[0]?.becomes('vanished');
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => isUnreadable(sharer, infoHash), 'the sharer is told');
    expect(sharer.of(infoHash)).toMatchObject({
      ...{ phase: 'failed', trouble: { kind: 'source', why: 'vanished' } },
      unreadable: { files: 1, first: ['Ours', 'a'] },
    });
    files[0]?.isBack();
    await sharer.peer.open(infoHash);
    await lab.clock.until(() => receiver.of(infoHash).phase === 'complete', 'complete');
    expect(sharer.of(infoHash)).toMatchObject({ phase: 'complete', unreadable: null, trouble: null });
  });

  test('[PK7] a share that comes in lacks nothing, however long it takes', async () => {
    const { lab, sharer, receiver, infoHash } = await scene();
    sharer.peer.preferences.limit({ up: 1_200, down: null, peerUp: null, peerDown: null });
    await receiver.peer.download(infoHash);
    await lab.clock.until(
      () => {
        expect(receiver.snapshots.get(infoHash)?.lacking ?? null).toBeNull();
        return receiver.snapshots.get(infoHash)?.phase === 'complete';
      },
      'complete',
      200_000,
    );
  });
});
