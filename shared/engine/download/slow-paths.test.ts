/** A path so slow that a block takes many seconds: nothing is asked for twice, and the path is never idle. */
import { describe, expect, test } from 'vitest';
import { testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import type { TestShare } from '../testing/share.ts';
import { TimedLab } from '../testing/timed-lab.ts';
import { TorrentInnoPeer } from '../testing/torrentinno-peer.ts';

const KINDS = ['a peer of ours', 'an unmodified peer'] as const;
const RATES = [20_000, 10_000, 7_000, 5_000, 2_000];
const SHAPES: [string, TestShare][] = [
  ['one piece of 1,000,000 bytes', makeShare({ pieces: [1_000_000], salt: null })],
  ['pieces of 262,144 bytes', makeShare({ pieces: evenPieces(4, 262_144), salt: null })],
  ['pieces of 65,536 bytes', makeShare({ pieces: evenPieces(16, 65_536), salt: null })],
];

interface Scene {
  readonly lab: TimedLab;
  readonly leecher: LabMachine;
}

/** A leecher, and one source with an uplink of so many bytes a second. */
function scene(kind: (typeof KINDS)[number], share: TestShare, up: number, rng: number): Scene {
  const lab = new TimedLab(rng, 40);
  const leecher = lab.machine({ id: testPeer(1), share, as: 'knows' });
  if (kind === 'a peer of ours') {
    lab.join(leecher, lab.machine({ id: testPeer(5), share, as: 'seed' }, { up }));
  } else {
    const { random, now } = lab;
    const peer = new TorrentInnoPeer({ id: testPeer(5), share, owned: 'all', random, now });
    lab.add(peer, { up });
    lab.clocked.push(peer);
    lab.join(leecher, peer);
  }
  leecher.tell({ kind: 'download-requested' });
  return { lab, leecher };
}

/** Lets time pass until the leecher has everything. The ms it took; at most `most`. */
function complete({ lab, leecher }: Scene, most: number): number {
  while (leecher.snapshot.phase !== 'complete' && lab.now < most) lab.advance(1_000);
  return lab.now;
}

describe.each(KINDS)('from %s', (kind) => {
  for (const [what, share] of SHAPES) {
    test.each(RATES)(`[RQ2] [RQ5] ${what} at %i bytes a second: each byte once, and no time lost`, (up) => {
      const stage = scene(kind, share, up, up);
      const ideal = (share.bytes.length * 1000) / up;
      expect(complete(stage, 4 * ideal)).toBeLessThan(1.3 * ideal);
      expect(stage.lab.received({ to: stage.leecher })).toBeLessThan(1.1 * share.bytes.length);
      expect(Buffer.compare(stage.leecher.content!, share.bytes)).toBe(0);
    });
  }
});
