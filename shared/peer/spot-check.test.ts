/** [LB8] What is looked at after a session that ended without a word. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { marksRules } from './contracts/session-marks.ts';
import { sha256Hex } from './digests.ts';
import { MemoryLibrary } from './library.ts';
import { MemoryStore } from './memory-store.ts';
import { MemoryMarks } from './session-marks.ts';
import { nodeDigest } from './testing/node-ports.ts';
import { PeerLab, infoHashOf, requestOf, someBytes } from './testing/test-peer.ts';
import type { TestPeer } from './testing/test-peer.ts';

const PIECE = 16_384;
const PIECES = 100;
const CONTENT = someBytes(PIECES * PIECE);

/** Counts what is read, and can lose what it was given. */
class FragileStore extends MemoryStore {
  reads = 0;
  readonly gone = new Set<number>();

  override async piece(infoHash: InfoHash, piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    this.reads += 1;
    return this.gone.has(piece) ? null : super.piece(infoHash, piece);
  }
}

/** Of a browser that may be killed: its session says nothing at its end. */
class KillableMarks extends MemoryMarks {
  killed = false;

  override async ended(): Promise<void> {
    if (!this.killed) await super.ended();
  }
}

/** A receiver that has everything, and the browser that it runs in. */
async function scene() {
  const lab = new PeerLab();
  const kept = { store: new FragileStore(), library: new MemoryLibrary(), marks: new KillableMarks() };
  const tab = (): TestPeer => lab.peer(kept);
  const sharer = lab.peer();
  const infoHash = infoHashOf(await sharer.peer.share(requestOf([['film.bin', CONTENT]])));
  const first = tab();
  await first.peer.restore();
  await first.peer.download(infoHash);
  await lab.clock.until(() => first.snapshots.get(infoHash)?.phase === 'complete', 'complete');
  kept.store.reads = 0;

  /** The bytes of these pieces are others now, and the store does not know. */
  async function rot(pieces: readonly number[]): Promise<void> {
    for (const piece of pieces) {
      const bytes = CONTENT.slice(piece * PIECE, (piece + 1) * PIECE);
      const sha256 = await sha256Hex(nodeDigest, bytes);
      await kept.store.dropContent([sha256]);
      await kept.store.putPieces(infoHash, [{ piece, sha256, bytes: bytes.reverse() }]);
    }
  }

  /** The browser is killed, and started again. */
  async function reopened(): Promise<TestPeer> {
    kept.marks.killed = true;
    await first.peer.close();
    kept.marks.killed = false;
    const again = tab();
    await again.peer.restore();
    await lab.clock.advance(100);
    return again;
  }

  return { lab, ...kept, sharer, first, infoHash, rot, reopened, tab };
}

describe('the marks of sessions in memory', () => {
  test.each(marksRules.filter(({ lastingOnly }) => lastingOnly !== true))('$name', ({ check }) => {
    const marks = new MemoryMarks();
    return check(async () => marks);
  });
});

describe('[LB8] a share that is opened', () => {
  test('[LB8] after a clean end is trusted as it is', async () => {
    const { store, first, infoHash, tab, lab } = await scene();
    await first.peer.close();
    const again = tab();
    await again.peer.restore();
    await lab.clock.advance(100);
    expect(again.of(infoHash).phase).toBe('complete');
    expect(store.reads).toBe(0);
  });

  test('[LB8] after an unclean one is looked at in some places, once', async () => {
    const { store, reopened, infoHash, tab, lab } = await scene();
    const again = await reopened();
    expect(again.of(infoHash).phase).toBe('complete');
    expect(store.reads).toBeGreaterThan(15);
    expect(store.reads).toBeLessThan(30);
    await again.peer.close();
    const third = tab();
    const before = store.reads;
    await third.peer.restore();
    await lab.clock.advance(100);
    expect(third.of(infoHash).phase).toBe('complete');
    expect(store.reads).toBe(before);
  });

  test.each([
    ['rotted', true],
    ['cannot be read', false],
  ] as const)('[LB8] all of it where one %s, and what is wrong is fetched anew', async (_, rots) => {
    const { lab, sharer, store, infoHash, rot, reopened } = await scene();
    const wrong = [3, 50, 51, 99];
    if (rots) await rot(wrong);
    else for (const piece of wrong) store.gone.add(piece);
    const put = store.putPieces.bind(store);
    store.putPieces = (share, pieces) => {
      for (const { piece } of pieces) store.gone.delete(piece);
      return put(share, pieces);
    };
    await lab.clock.advance(1_000);
    const sent = sharer.of(infoHash).uploadedBytes;
    const again = await reopened();
    await lab.clock.until(() => again.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    expect(await again.holds(infoHash, CONTENT)).toBe(true);
    await lab.clock.advance(1_000);
    expect(sharer.of(infoHash).uploadedBytes - sent).toBe(wrong.length * PIECE);
    // It was complete before: nothing is saved a second time.
    expect(again.of(infoHash).saveDue).toBe(false);
    expect(again.reports.filter(({ kind }) => kind === 'completed')).toEqual([]);
  });

  test('[LB8] nothing of it is served before it was looked at', async () => {
    const { lab, first, store, infoHash, rot, tab } = await scene();
    await first.peer.stop(infoHash);
    await first.peer.download(infoHash);
    await rot([7, 99]);
    const again = tab();
    const piece = store.piece.bind(store);
    let open: () => void = () => undefined;
    const opened = new Promise<void>((resolve) => (open = resolve));
    store.piece = async (share, index) => {
      await opened;
      return piece(share, index);
    };
    const restored = again.peer.restore();
    await lab.clock.advance(5_000);
    expect(again.snapshots.has(infoHash)).toBe(false);
    open();
    await restored;
    await lab.clock.advance(100);
    expect([7, 99].map((index) => again.of(infoHash).pieces?.[index])).not.toEqual([2, 2]);
  });

  test('[LB8] one that is removed, or was never finished, is none of it', async () => {
    const { lab, first, marks, infoHash, reopened, rot, store } = await scene();
    await rot([0]);
    const again = await reopened();
    await lab.clock.advance(10_000);
    expect(again.of(infoHash).phase).toBe('complete');
    expect(first.broken).toEqual([]);
    await marks.begun([infoHash]);
    expect(await marks.isUnchecked(infoHash)).toBe(true);
    await again.peer.remove(infoHash);
    expect(await marks.isUnchecked(infoHash)).toBe(false);
    expect(await store.ownedPieces(infoHash)).toEqual([]);
  });
});
