/** One seed and one leecher, and some more: whatever the shape of a share, it arrives, however its stream is cut. */
import { describe, expect, test } from 'vitest';
import { MAX_BLOCK_BYTES } from '../limits.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import { byteByByte, whole } from './testing/pipe.ts';
import { evenPieces, makeShare } from './testing/share.ts';
import type { TestShare } from './testing/share.ts';

function pair(lab: Lab, share: TestShare, seedId = 2): { seed: LabMachine; leecher: LabMachine } {
  const seed = lab.machine({ id: testPeer(seedId), share, as: 'seed' });
  const leecher = lab.machine({ id: testPeer(seedId === 2 ? 1 : 2), share, as: 'newcomer' });
  return { seed, leecher };
}

function expectComplete(lab: Lab, leecher: LabMachine): void {
  lab.until('the download is complete', () => leecher.snapshot.phase === 'complete');
  lab.settle();
  expect(Buffer.compare(leecher.content ?? new Uint8Array(1), leecher.share.bytes)).toBe(0);
  expect(leecher.manifest).toEqual(leecher.share.manifest);
  expect(leecher.reports.filter((report) => report.kind === 'completed')).toHaveLength(1);
  expect(leecher.snapshot).toMatchObject({
    phase: 'complete',
    trouble: null,
    storedBytes: leecher.share.bytes.length,
    receivedBytes: leecher.share.bytes.length,
    eta: null,
    stalled: false,
  });
}

const shapes: [string, TestShare][] = [
  ['no piece at all', makeShare({ pieces: [] })],
  ['one piece of one byte', makeShare({ pieces: [1] })],
  ['one piece of one block', makeShare({ pieces: [65_536] })],
  ['one byte more than a block', makeShare({ pieces: [65_537] })],
  ['pieces of odd sizes', makeShare({ pieces: [1, 65_535, 3, 131_073, 999_999, 16_384, 7] })],
  ['pieces of 1,000,000 bytes', makeShare({ pieces: evenPieces(4, 1_000_000, 12_345) })],
  ['a piece larger than any block may be', makeShare({ pieces: [3 * MAX_BLOCK_BYTES + 17, 5] })],
  ['a plain resource without salt', makeShare({ pieces: evenPieces(3, 70_000), salt: null })],
  [
    'several files, some of them empty',
    makeShare({
      pieces: evenPieces(3, 100_000, 50_001),
      files: [
        { path: ['a', 'empty'], size: 0 },
        { path: ['a', 'Ünïcode — π 100%.txt'], size: 150_000 },
        { path: ['b'], size: 100_001 },
        { path: ['c', 'last'], size: 0 },
      ],
    }),
  ],
];

describe('[EN1] one seed and one leecher', () => {
  for (const [what, share] of shapes) {
    for (const seedId of [1, 2]) {
      test(`[EN1] ${what}, the ${seedId === 1 ? 'seed' : 'leecher'} dials`, () => {
        const lab = new Lab(seedId * 1000 + share.bytes.length);
        const { seed, leecher } = pair(lab, share, seedId);
        leecher.tell({ kind: 'download-requested' });
        lab.join(seed, leecher);
        expectComplete(lab, leecher);
        expect(seed.snapshot).toMatchObject({ phase: 'complete', uploadedBytes: share.bytes.length });
      });
    }
  }

  test('[EN1] 10,000 pieces', () => {
    const lab = new Lab(7);
    const { seed, leecher } = pair(lab, makeShare({ pieces: evenPieces(10_000, 200, 77) }));
    lab.cut = whole;
    leecher.tell({ kind: 'download-requested' });
    lab.join(seed, leecher);
    expectComplete(lab, leecher);
  });

  test('[WF2] a stream that comes byte by byte', () => {
    const lab = new Lab(8);
    const { seed, leecher } = pair(lab, makeShare({ pieces: [5_000, 70_000, 1] }));
    lab.cut = byteByByte;
    leecher.tell({ kind: 'download-requested' });
    lab.join(seed, leecher);
    expectComplete(lab, leecher);
  });

  test.each(Array.from({ length: 30 }, (_, nth) => nth))(
    '[WF2] cut and ordered by chance, seed %i',
    (nth) => {
      const lab = new Lab(90_000 + nth);
      const sizes = Array.from({ length: 1 + lab.random.below(12) }, () => 1 + lab.random.below(200_000));
      const { seed, leecher } = pair(lab, makeShare({ pieces: sizes, seed: nth }), 1 + (nth % 2));
      leecher.tell({ kind: 'download-requested' });
      lab.join(seed, leecher);
      expectComplete(lab, leecher);
    },
  );
});

describe('[EN1] more than two', () => {
  test.each([1, 2, 3, 4, 5, 6])('[EN3] three leechers that know each other and one seed, seed %i', (nth) => {
    const lab = new Lab(nth);
    const share = makeShare({ pieces: evenPieces(40, 70_000, 9), seed: nth });
    const seed = lab.machine({ id: testPeer(3), share, as: 'seed' });
    const leechers = [1, 2, 4].map((id) => lab.machine({ id: testPeer(id), share, as: 'newcomer' }));
    const everybody = [seed, ...leechers];
    for (const leecher of leechers) leecher.tell({ kind: 'download-requested' });
    everybody.forEach((one, at) => everybody.slice(at + 1).forEach((other) => lab.join(one, other)));
    for (const leecher of leechers) expectComplete(lab, leecher);
    const uploaded = everybody.map((one) => one.snapshot.uploadedBytes);
    const total = uploaded.reduce((sum, bytes) => sum + bytes, 0);
    expect(total).toBeGreaterThanOrEqual(3 * share.bytes.length);
    expect(total).toBeLessThan(3.5 * share.bytes.length);
  });

  test('[EN1] who has received serves the next one after the seed has left', () => {
    const lab = new Lab(11);
    const share = makeShare({ pieces: evenPieces(5, 100_000, 1) });
    const { seed, leecher } = pair(lab, share);
    leecher.tell({ kind: 'download-requested' });
    const first = lab.join(seed, leecher);
    expectComplete(lab, leecher);
    seed.tell({ kind: 'sharing-stopped' });
    lab.settle();
    expect(first.closed).toBe(true);
    const third = lab.machine({ id: testPeer(9), share, as: 'newcomer' });
    third.tell({ kind: 'download-requested' });
    lab.join(leecher, third);
    expectComplete(lab, third);
  });
});
