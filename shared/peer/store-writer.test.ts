import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { madeUpSha256 } from './contracts/filled-piece.ts';
import { MemoryStore } from './memory-store.ts';
import type { PutOutcome, StoredPiece } from './piece-store.ts';
import { StoreWriter } from './store-writer.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';

const SHARE = 'd4'.repeat(32) as InfoHash;

/** A memory store whose transactions end when the test says so. */
class HeldStore extends MemoryStore {
  readonly batches: number[][] = [];
  readonly held: (() => void)[] = [];
  failing: PutOutcome | null = null;

  override async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
    this.batches.push(pieces.map(({ piece }) => piece));
    await new Promise<void>((release) => this.held.push(release));
    return this.failing ?? super.putPieces(infoHash, pieces);
  }

  release(): void {
    this.held.shift()?.();
  }
}

const piece = (index: number, size: number): StoredPiece => ({
  piece: index,
  sha256: madeUpSha256(index, size),
  bytes: new Uint8Array(size),
});

describe('batching writer', () => {
  test('[ST3] pieces that arrive during a transaction share the next one, 64 at most, in order', async () => {
    const store = new HeldStore();
    const writer = new StoreWriter(store, SHARE);
    const puts = Array.from({ length: 140 }, (_, index) => writer.put(piece(index, 10)));
    for (let transaction = 0; transaction < 4; transaction++) {
      store.release();
      await puts[[0, 64, 128, 139][transaction] ?? 0];
    }
    expect(store.batches.map((batch) => batch.length)).toEqual([1, 64, 64, 11]);
    expect(store.batches.flat()).toEqual(Array.from({ length: 140 }, (_, index) => index));
    expect(await Promise.all(puts)).toEqual(Array(140).fill({ kind: 'stored' }));
    expect((await store.ownedPieces(SHARE)).length).toBe(140);
  });

  test('[ST3] a transaction takes 16 MiB at most, a larger piece goes alone', async () => {
    const store = new HeldStore();
    const writer = new StoreWriter(store, SHARE);
    const puts = [1, 6, 6, 6, 20, 1].map((mebibytes, index) =>
      writer.put(piece(index, mebibytes * 1_048_576)),
    );
    for (const last of [0, 2, 3, 4, 5]) {
      store.release();
      await puts[last];
    }
    expect(store.batches).toEqual([[0], [1, 2], [3], [4], [5]]);
  });

  test('[ST3] a failed transaction fails its own pieces only', async () => {
    const store = new HeldStore();
    const writer = new StoreWriter(store, SHARE);
    store.failing = { kind: 'failed', why: 'quota' };
    const first = writer.put(piece(0, 1));
    const second = writer.put(piece(1, 1));
    store.release();
    expect(await first).toEqual({ kind: 'failed', why: 'quota' });
    store.failing = null;
    store.release();
    expect(await second).toEqual({ kind: 'stored' });
    const third = writer.put(piece(2, 1));
    store.release();
    expect(await third).toEqual({ kind: 'stored' });
  });
});

describe('gathering', () => {
  const MIB = 1_048_576;
  /** Bytes that still come, of which no part is too little. */
  const MUCH = 1_000 * MIB;

  /** Stores at once, and has 2 MiB to be worth a wait. */
  class GatheringStore extends MemoryStore {
    readonly gatheredBytes = 2 * MIB;
    readonly batches: number[][] = [];

    override async putPieces(infoHash: InfoHash, pieces: readonly StoredPiece[]): Promise<PutOutcome> {
      this.batches.push(pieces.map(({ piece }) => piece));
      return super.putPieces(infoHash, pieces);
    }
  }

  /** After the first piece, which waits for nothing. */
  async function begun() {
    const [store, clock] = [new GatheringStore(), new FakeClock()];
    const writer = new StoreWriter(store, SHARE, clock);
    await writer.put(piece(0, MIB / 4), MUCH);
    const batches = (): number[][] => store.batches.slice(1);
    return { clock, writer, batches };
  }

  test('[ST3] pieces that come fast are gathered until 2 MiB are here', async () => {
    const { clock, writer, batches } = await begun();
    await clock.advance(10);
    const puts = [1, 2, 3, 4, 5, 6, 7].map((index) => writer.put(piece(index, MIB / 4), MUCH));
    await settled();
    expect(batches()).toEqual([]);
    puts.push(writer.put(piece(8, MIB / 4), MUCH));
    await Promise.all(puts);
    expect(batches()).toEqual([[1, 2, 3, 4, 5, 6, 7, 8]]);
  });

  test('[ST3] no more is gathered than a 32nd of what still comes: a browser that is killed loses it', async () => {
    const { clock, writer, batches } = await begun();
    await clock.advance(10);
    const puts = [1, 2].map((index) => writer.put(piece(index, MIB / 4), 24 * MIB));
    await settled();
    expect(batches()).toEqual([]);
    puts.push(writer.put(piece(3, MIB / 4), 24 * MIB));
    await Promise.all(puts);
    expect(batches()).toEqual([[1, 2, 3]]);
  });

  test('[ST3] they wait for 200 ms at most', async () => {
    const { clock, writer, batches } = await begun();
    await clock.advance(10);
    const put = writer.put(piece(1, MIB / 4), MUCH);
    await clock.advance(199);
    await settled();
    expect(batches()).toEqual([]);
    await clock.advance(1);
    await put;
    expect(batches()).toEqual([[1]]);
  });

  test('[ST3] the last piece ends the wait', async () => {
    const { clock, writer, batches } = await begun();
    await clock.advance(10);
    const puts = [writer.put(piece(1, MIB / 4), MUCH)];
    await settled();
    puts.push(writer.put(piece(2, MIB / 4), 0));
    await Promise.all(puts);
    expect(batches()).toEqual([[1, 2]]);
  });

  test('[ST3] pieces that come slowly wait for nothing', async () => {
    const { clock, writer, batches } = await begun();
    await clock.advance(100);
    await writer.put(piece(1, MIB / 4), MUCH);
    expect(batches()).toEqual([[1]]);
  });

  test('[ST3] what is gathered when the share is closed is not written, and nothing is waited for', async () => {
    const { clock, writer, batches } = await begun();
    await clock.advance(10);
    void writer.put(piece(1, MIB / 4), MUCH);
    await writer.close();
    await clock.advance(1_000);
    await settled();
    expect(batches()).toEqual([]);
  });
});
