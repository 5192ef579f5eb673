import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { bytesToHex } from '../../hex.ts';
import type { PeerId } from '../../ids.ts';
import { seededRandom } from '../../random.ts';
import { Turns } from './turns.ts';
import type { TurnsView } from './turns.ts';

const PIECES = 1_000;
const chance = seededRandom(1);
const IDS = Array.from({ length: 40 }, () => {
  const bytes = Uint8Array.from({ length: 32 }, () => chance.below(256));
  return bytesToHex(bytes) as PeerId;
});
const [OWN, ...OTHERS] = IDS as [PeerId, ...PeerId[]];

function view(changes: Partial<TurnsView> = {}): TurnsView {
  const idle = { isBusy: false, fromServer: 0, fromOthers: 0 };
  return { own: OWN, pieces: PIECES, members: OTHERS, holdings: [], ...idle, ...changes };
}

const viewOf = (own: PeerId, changes: Partial<TurnsView> = {}): TurnsView =>
  view({ own, members: IDS.filter((id) => id !== own), ...changes });

describe('[WS24] whose turn it is', () => {
  test('[WS24] alone everything is ours', () => {
    expect(new Turns().allowed(view({ members: [] }), 0)).toBeNull();
  });

  test('[WS24] each piece is one member’s, and each has about as many', () => {
    const turns = IDS.map((own) => new Turns().allowed(viewOf(own), 0));
    for (let piece = 0; piece < PIECES; piece++)
      expect(turns.filter((allowed) => allowed?.has(piece) === true).length).toBe(1);
    for (const allowed of turns) {
      expect(allowed?.count).toBeGreaterThan(8);
      expect(allowed?.count).toBeLessThan(50);
    }
  });

  test('[WS24] what a member has comes from it', () => {
    const has = Bitfield.full(PIECES);
    expect(new Turns().allowed(view({ members: [], holdings: [has] }), 0)?.count).toBe(0);
  });

  test('[WS24] another’s turn is taken after five seconds, and one more after each five', () => {
    const turns = new Turns();
    const counts = [0, 4_999, 5_000, 10_000, 15_000].map(
      (now) => turns.allowed(view({ fromOthers: 1 }), now)?.count ?? 0,
    );
    expect(counts[1]).toBe(counts[0]);
    expect(counts[2]).toBeGreaterThan(1.3 * (counts[1] ?? 0));
    expect(counts[3]).toBeGreaterThan(counts[2] ?? 0);
    expect(counts[4]).toBeGreaterThan(counts[3] ?? 0);
  });

  test('[WS24] where others give nothing for ten seconds the server is asked for everything', () => {
    const turns = new Turns();
    expect(turns.allowed(view(), 0)).not.toBeNull();
    expect(turns.allowed(view(), 10_000)).toBeNull();
  });

  test('[WS24] who is being served waits for nobody, and keeps the turns it took', () => {
    const turns = new Turns();
    const first = turns.allowed(view({ isBusy: true }), 0)?.count;
    expect(turns.allowed(view({ isBusy: true, fromOthers: 1 }), 60_000)?.count).toBe(first);
    turns.allowed(view({ fromOthers: 1 }), 60_000);
    const second = turns.allowed(view({ fromOthers: 1 }), 65_000)?.count;
    expect(second).toBeGreaterThan(first ?? 0);
    expect(turns.allowed(view({ isBusy: true, fromOthers: 1 }), 90_000)?.count).toBe(second);
  });

  test('[WS24] others who give less than an eighth of what the server gave are no reason to spare it', () => {
    const turns = new Turns();
    const slow = view({ holdings: [Bitfield.full(PIECES)], fromOthers: 100_000 });
    turns.allowed({ ...slow, isBusy: true, fromServer: 1_000_000 }, 0);
    expect(turns.allowed(slow, 1_000)?.count).toBe(0);
    expect(turns.allowed(slow, 11_000)).toBeNull();
    expect(turns.allowed({ ...slow, fromOthers: 200_000 }, 12_000)?.count).toBe(0);
  });
});
