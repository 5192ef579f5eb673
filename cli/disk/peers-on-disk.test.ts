/** Whole peers whose storage is a disk: received, resumed, gone on with by others, and shared again after a restart. */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { InfoHash } from '../../shared/ids.ts';
import { infoHashOf, PeerLab } from '../../shared/peer/testing/test-peer.ts';
import type { TestPeer } from '../../shared/peer/testing/test-peer.ts';
import type { ShareRequest } from '../../shared/peer/verbs.ts';
import { chosenPaths } from './chosen-paths.ts';
import { openDisk } from './open-disk.ts';
import type { DiskOptions, OpenedDisk } from './open-disk.ts';
import { someBytes } from './testing/made-share.ts';
import { tempFolders } from './testing/temp-folder.ts';

const newFolder = tempFolders();

interface OnDisk {
  readonly disk: OpenedDisk;
  readonly peer: TestPeer;
  end(): Promise<void>;
}

class Scene {
  readonly lab = new PeerLab();

  async peer(folder: string, more: Partial<DiskOptions> = {}): Promise<OnDisk> {
    const options = { stateFolder: join(folder, '.shoal'), targetFolder: folder, ...more };
    const disk = await openDisk({ ...options, after: () => () => undefined });
    const { store, library, marks, settings, activity, kept, files } = disk;
    const peer = this.lab.peer({ store, library, marks, settings, activity, kept, files });
    await peer.peer.restore();
    const end = async (): Promise<void> => {
      await peer.peer.close();
      await disk.close();
    };
    onTestFinished(end);
    return { disk, peer, end };
  }

  /** The clock moves a little for each answer of the disk. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    for (let turn = 0; turn < 20_000; turn++) {
      if (isSo()) return;
      await this.lab.clock.advance(2);
      await stat('.');
    }
    throw new Error(`did not come: ${what}`);
  }

  async received({ peer }: OnDisk, infoHash: InfoHash): Promise<void> {
    await peer.peer.download(infoHash);
    await this.until(() => peer.snapshots.get(infoHash)?.phase === 'complete', 'complete');
  }
}

async function tree(folder: string): Promise<ShareRequest> {
  const files: [string, number][] = [
    ['Trip/a.bin', 700_000],
    ['Trip/day/b.txt', 10],
    ['Trip/day/none', 0],
    ['Trip/c.bin', 300_000],
  ];
  for (const [path, size] of files) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), someBytes(size, size));
  }
  await mkdir(join(folder, 'Trip/empty'));
  const chosen = await chosenPaths([join(folder, 'Trip')]);
  if (chosen.kind === 'refused') throw new Error(chosen.why);
  const { files: found, folders, name } = chosen;
  return {
    ...{ files: found, folders, name, comment: '', pieceBytes: 16_384, salted: true },
    ...{ trackerHost: 'localhost', trackerPort: '8000' },
  };
}

async function isSame(one: string, other: string): Promise<void> {
  for (const path of ['Trip/a.bin', 'Trip/day/b.txt', 'Trip/day/none', 'Trip/c.bin']) {
    const [a, b] = [await readFile(join(one, path)), await readFile(join(other, path))];
    expect(Buffer.compare(a, b), path).toBe(0);
  }
  expect((await stat(join(other, 'Trip/empty'))).isDirectory()).toBe(true);
}

describe('[HL30] peers on disk', () => {
  test('a tree goes from one folder to the other, and on from there when the sender is gone', async () => {
    const scene = new Scene();
    const [from, to, further] = [await newFolder(), await newFolder(), await newFolder()];
    const sharer = await scene.peer(await newFolder());
    const infoHash = infoHashOf(await sharer.peer.peer.share(await tree(from)));
    const receiver = await scene.peer(to);
    await scene.received(receiver, infoHash);
    const outcome = await receiver.disk.finish(infoHash);
    expect([outcome?.path, outcome?.changedNames]).toEqual([join(to, 'Trip'), []]);
    await isSame(from, to);
    await sharer.end();
    const third = await scene.peer(further);
    await scene.received(third, infoHash);
    await third.disk.finish(infoHash);
    await isSame(from, further);
  });

  test('[LB2] both go on after a restart: the sender with its files, the receiver where it was', async () => {
    const scene = new Scene();
    const [from, to, own] = [await newFolder(), await newFolder(), await newFolder()];
    const first = await scene.peer(own);
    const infoHash = infoHashOf(await first.peer.peer.share(await tree(from)));
    const receiver = await scene.peer(to);
    receiver.peer.peer.preferences.limit({ up: null, down: 400_000, peerUp: null, peerDown: null });
    await receiver.peer.peer.download(infoHash);
    const part = (): number => receiver.peer.snapshots.get(infoHash)?.storedBytes ?? 0;
    await scene.until(() => part() > 300_000, 'a part');
    await first.end();
    await receiver.end();
    const stored = part();
    const sharer = await scene.peer(own);
    const again = await scene.peer(to);
    await scene.until(() => again.peer.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    expect((await again.peer.peer.activity.history())[0]?.receivedBytes).toBeLessThanOrEqual(1_000_010 * 1.1);
    expect(stored).toBeGreaterThan(300_000);
    await again.disk.finish(infoHash);
    await isSame(from, to);
    expect(sharer.peer.of(infoHash)).toMatchObject({
      role: 'sharing',
      phase: 'complete',
      filesMissing: null,
    });
  });

  test('[HL38] what is in the folder already is not fetched, and nobody is asked for it', async () => {
    const scene = new Scene();
    const [from, to] = [await newFolder(), await newFolder()];
    const sharer = await scene.peer(await newFolder());
    const infoHash = infoHashOf(await sharer.peer.peer.share(await tree(from)));
    await tree(to);
    await rm(join(to, 'Trip/c.bin'));
    const receiver = await scene.peer(to);
    await scene.received(receiver, infoHash);
    await receiver.disk.finish(infoHash);
    await isSame(from, to);
    const received = (await receiver.peer.peer.activity.history())[0]?.receivedBytes ?? 0;
    // The pieces that c.bin lies in, and no other.
    expect(received).toBeLessThan(340_000);
  });

  test('[HL38] a resource file whose content lies beside it is shared without a byte being fetched', async () => {
    const scene = new Scene();
    const from = await newFolder();
    const sharer = await scene.peer(await newFolder());
    const infoHash = infoHashOf(await sharer.peer.peer.share(await tree(from)));
    const resource = await sharer.peer.peer.resources.bytesOf(infoHash);
    await sharer.end();
    const seed = await scene.peer(from);
    if (resource === null) throw new Error('no resource');
    expect(await seed.disk.gather(infoHash, new Uint8Array(resource))).toBeGreaterThan(60);
    await seed.peer.peer.resources.open(new Uint8Array(resource));
    await scene.received(seed, infoHash);
    const to = await newFolder();
    const receiver = await scene.peer(to);
    await scene.received(receiver, infoHash);
    await receiver.disk.finish(infoHash);
    await isSame(from, to);
  });

  test('[HL37] what was complete and is deleted is paused, and not fetched again by itself', async () => {
    const scene = new Scene();
    const [from, to] = [await newFolder(), await newFolder()];
    const sharer = await scene.peer(await newFolder());
    const infoHash = infoHashOf(await sharer.peer.peer.share(await tree(from)));
    const receiver = await scene.peer(to);
    await scene.received(receiver, infoHash);
    await receiver.disk.finish(infoHash);
    receiver.peer.peer.saves.byItself(infoHash);
    await rm(join(to, 'Trip/a.bin'));
    expect(await receiver.disk.store.piece(infoHash, 0)).toBeNull();
    await scene.until(() => receiver.peer.of(infoHash).phase === 'paused', 'paused');
    await scene.received(receiver, infoHash);
    await receiver.disk.finish(infoHash);
    await isSame(from, to);
  });
});
