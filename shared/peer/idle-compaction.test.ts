/** When the store is compacted: on a clock that the test owns, with a store that counts its steps. */
import { describe, expect, test } from 'vitest';
import { IdleCompaction } from './idle-compaction.ts';
import { COMPACTION_GAP_MS, IDLE_AFTER_REMOVAL_MS, IDLE_BEFORE_COMPACTION_MS } from './limits.ts';
import { MemoryStore } from './memory-store.ts';
import type { CompactOutcome } from './piece-store.ts';
import { FakeClock } from './testing/fake-clock.ts';

/** One with so many steps to do. */
class StoreInDisorder extends MemoryStore {
  steps = 0;
  due: number;

  constructor(due: number) {
    super();
    this.due = due;
  }

  override async compact(): Promise<CompactOutcome> {
    this.steps += 1;
    if (this.due === 0) return { kind: 'done' };
    this.due -= 1;
    return { kind: 'more', freedBytes: 10 };
  }
}

function scene(due = 3) {
  const [clock, store] = [new FakeClock(), new StoreInDisorder(due)];
  const around = { busy: false, freed: 0 };
  const compaction = new IdleCompaction(clock, store, {
    isBusy: () => around.busy,
    freed: () => void around.freed++,
  });
  return { clock, store, around, compaction };
}

describe('[ST10] compaction while there is nothing else to do', () => {
  test('[ST10] begins when nothing has moved for a while, goes on to its end, and then rests', async () => {
    const { clock, store, around, compaction } = scene();
    compaction.moved();
    compaction.stored();
    await clock.advance(IDLE_BEFORE_COMPACTION_MS - 1);
    expect(store.steps).toBe(0);
    await clock.advance(1);
    expect(store.steps).toBe(1);
    await clock.advance(COMPACTION_GAP_MS * 3);
    expect([store.steps, around.freed]).toEqual([4, 3]);
    await clock.advance(3_600_000);
    expect(store.steps).toBe(4);
  });

  test('[ST10] waits while anything moves, and gives way between two steps', async () => {
    const { clock, store, compaction } = scene();
    compaction.stored();
    for (let second = 0; second < 30; second++) {
      compaction.moved();
      compaction.stored();
      await clock.advance(1_000);
    }
    expect(store.steps).toBe(0);
    await clock.advance(IDLE_BEFORE_COMPACTION_MS);
    const before = store.steps;
    expect(before).toBeGreaterThan(0);
    compaction.moved();
    await clock.advance(IDLE_BEFORE_COMPACTION_MS - 1);
    expect(store.steps).toBe(before);
    await clock.advance(1 + COMPACTION_GAP_MS * 5);
    expect(store.due).toBe(0);
  });

  test('[ST10] waits while something is saved', async () => {
    const { clock, store, around, compaction } = scene();
    around.busy = true;
    compaction.stored();
    await clock.advance(60_000);
    expect(store.steps).toBe(0);
    around.busy = false;
    await clock.advance(60_000);
    expect(store.due).toBe(0);
  });

  test('[ST10] comes soon after a removal, also where it was planned for later', async () => {
    const { clock, store, compaction } = scene();
    compaction.stored();
    compaction.removed();
    await clock.advance(IDLE_AFTER_REMOVAL_MS);
    expect(store.steps).toBe(1);
  });

  test('[ST10] a step that fails is not tried again before there is something new', async () => {
    const { clock, store, compaction } = scene();
    store.close();
    store.compact = async () => {
      store.steps += 1;
      return { kind: 'failed', why: 'quota' };
    };
    compaction.removed();
    await clock.advance(600_000);
    expect(store.steps).toBe(1);
    compaction.removed();
    await clock.advance(IDLE_AFTER_REMOVAL_MS);
    expect(store.steps).toBe(2);
  });

  test('[ST10] nothing is done after the end', async () => {
    const { clock, store, compaction } = scene();
    compaction.stored();
    compaction.close();
    compaction.removed();
    await clock.advance(600_000);
    expect(store.steps).toBe(0);
  });
});
