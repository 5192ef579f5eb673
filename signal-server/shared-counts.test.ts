import { describe, expect, test } from 'vitest';
import { swarmId } from '../shared/ids.ts';
import type { SwarmId } from '../shared/ids.ts';
import type { SwarmCounts } from '../shared/tracker/messages.ts';
import { FRESH_MS, MAX_ASKED, MAX_KNOWN, MAX_WAITING, SharedCounts } from './shared-counts.ts';
import { Told, settled } from './testing/fakes.ts';

const swarm = (serial: number) => swarmId(serial.toString(16).padStart(64, '0'))!;
const counts = (complete: number): SwarmCounts => ({ complete, incomplete: 0, downloaded: 0 });

/** Whoever is asked answers when the test says so. */
function house() {
  const time = { now: 0 };
  const asked: { swarm: SwarmId; told: Told<SwarmCounts | null> }[] = [];
  const shared = new SharedCounts(
    (one) => {
      const told = new Told<SwarmCounts | null>();
      asked.push({ swarm: one, told });
      return told.promise;
    },
    () => time.now,
  );
  return { shared, asked, time };
}

describe('[SV13] [TR6] the counts that several instances share', () => {
  test('are asked for a few at a time, however many are wanted, and each gets its own', async () => {
    const { shared, asked } = house();
    const all = Array.from({ length: 1_000 }, (_, serial) => shared.of(swarm(serial)));
    let told = 0;
    while (told < all.length) {
      await settled();
      expect(asked.length - told).toBeLessThanOrEqual(MAX_ASKED);
      asked[told]?.told.tell(counts(told));
      told += 1;
    }
    expect((await Promise.all(all)).map((one) => one?.complete)).toEqual(all.map((_, at) => at));
  });

  test('are asked for once by all who want the same, and good for a moment', async () => {
    const { shared, asked, time } = house();
    const both = [shared.of(swarm(1)), shared.of(swarm(1))];
    asked[0]?.told.tell(counts(1));
    await Promise.all(both);
    time.now = FRESH_MS - 1;
    expect(await shared.of(swarm(1))).toEqual(counts(1));
    expect(asked).toHaveLength(1);
    time.now = FRESH_MS;
    void shared.of(swarm(1));
    expect(asked).toHaveLength(2);
  });

  test('need not be asked for when somebody was told', async () => {
    const { shared, asked } = house();
    shared.heard(swarm(1), counts(7));
    expect([await shared.of(swarm(1)), shared.last(swarm(1)), asked.length]).toEqual([
      counts(7),
      counts(7),
      0,
    ]);
    expect(shared.last(swarm(2))).toBeNull();
  });

  test('are what was last heard where too many wait, and what nobody says is not remembered', async () => {
    const { shared, asked, time } = house();
    shared.heard(swarm(0), counts(7));
    time.now = FRESH_MS;
    for (let serial = 1; serial <= MAX_ASKED + MAX_WAITING; serial++) void shared.of(swarm(serial));
    expect([await shared.of(swarm(0)), await shared.of(swarm(999_999))]).toEqual([counts(7), null]);
    asked[0]?.told.tell(null);
    await settled();
    expect(shared.last(swarm(1))).toBeNull();
    expect(asked).toHaveLength(MAX_ASKED + 1);
  });

  test('are forgotten of the swarm heard of longest ago where there are too many', () => {
    const { shared } = house();
    for (let serial = 0; serial < MAX_KNOWN; serial++) shared.heard(swarm(serial), counts(serial));
    shared.heard(swarm(0), counts(0));
    shared.heard(swarm(MAX_KNOWN), counts(1));
    expect([0, 1, 2].map((serial) => shared.last(swarm(serial))?.complete)).toEqual([0, undefined, 2]);
  });
});
