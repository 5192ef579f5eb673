/** [LB17] What happened to a share, as a person reads it. */
import { describe, expect, test } from 'vitest';
import type { InfoHash } from '../ids.ts';
import { Chronicle } from './chronicle.ts';
import { MOST_EVENTS, SPEED_SAMPLES } from './limits.ts';
import type { LogLevel } from './settings.ts';
import { infoHashOf, PeerLab, requestOf, someBytes } from './testing/test-peer.ts';
import type { TransferSnapshot } from './verbs.ts';

const SHARE = 'e5'.repeat(32) as InfoHash;
const PIECE = 16_384;

function scene(level: LogLevel = 'all') {
  let now = 1_000_000;
  const chronicle = new Chronicle({ today: () => now }, () => level);
  const took = (changes: Partial<TransferSnapshot>): void =>
    chronicle.took({
      ...{ infoHash: SHARE, phase: 'downloading', trouble: null, trackerOnline: true, unreadable: null },
      ...{ peers: [], down: 0, up: 0, ...changes },
    } as TransferSnapshot);
  return { chronicle, took, passes: (ms: number) => (now += ms) };
}

describe('[LB17] what happens to a share', () => {
  test('[LB17] both sides can read it from the first to the last, and only what is new', async () => {
    const lab = new PeerLab();
    const [sharer, receiver] = [lab.peer(), lab.peer()];
    const infoHash = infoHashOf(await sharer.peer.share(requestOf([['a', someBytes(5 * PIECE)]])));
    await receiver.peer.download(infoHash);
    await lab.clock.until(() => receiver.snapshots.get(infoHash)?.phase === 'complete', 'complete');
    await lab.clock.advance(1_000);
    const came = receiver.peer.activity.chronicle.of(infoHash)?.events ?? [];
    const kinds = came.map(({ event }) => (event.kind === 'phase' ? event.phase : event.kind)).reverse();
    expect(kinds.filter((kind) => kind !== 'tracker')).toEqual(['looking', 'peer-connected', 'complete']);
    expect(receiver.peer.activity.chronicle.of(infoHash, came[1]?.id)?.events).toEqual([came[0]]);
    expect(receiver.peer.activity.chronicle.of(infoHash, 1_000)?.events).toEqual(came);
    await receiver.peer.close();
    await lab.clock.advance(5_000);
    const gave = sharer.peer.activity.chronicle.of(infoHash)?.events.map(({ event }) => event.kind);
    expect(gave).toEqual(expect.arrayContaining(['peer-connected', 'peer-completed', 'peer-gone']));
    await sharer.peer.remove(infoHash);
    expect(sharer.peer.activity.chronicle.of(infoHash)).toBeNull();
  });

  test('[LB17] a speed holds until another is told, and the oldest go', () => {
    const { chronicle, took, passes } = scene();
    took({ down: 5 });
    passes(6_000);
    took({ down: 9, up: 1 });
    passes(2_000);
    expect(chronicle.of(SHARE)?.speeds.map(({ down, up }) => [down, up])).toEqual([
      [5, 0],
      [5, 0],
      [5, 0],
      [9, 1],
      [9, 1],
    ]);
    passes(10 * 60_000);
    const speeds = chronicle.of(SHARE)?.speeds ?? [];
    expect(speeds).toHaveLength(SPEED_SAMPLES);
    expect(new Set(speeds.map(({ down }) => down))).toEqual(new Set([9]));
  });

  test('[LB17] remembers the last events, and at a lower level only what went wrong', () => {
    const { chronicle, took } = scene();
    for (let nth = 0; nth < 600; nth++) took({ trackerOnline: nth % 2 === 0 });
    expect(chronicle.of(SHARE)?.events).toHaveLength(MOST_EVENTS);
    const errors = scene('errors');
    errors.took({});
    errors.chronicle.reported(SHARE, { kind: 'piece-refused', piece: 3, peers: [] });
    expect(errors.chronicle.of(SHARE)?.events.map(({ event }) => event.kind)).toEqual(['piece-refused']);
    const off = scene('off');
    off.took({});
    off.chronicle.reported(SHARE, { kind: 'piece-refused', piece: 3, peers: [] });
    expect(off.chronicle.of(SHARE)?.events).toEqual([]);
  });
});
