/** [WS1]–[WS4] A share whose content can be had by address, through the only door of the machine. */
import { describe, expect, test } from 'vitest';
import type { RangeTrouble } from './io.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine, MachineOptions } from './testing/lab-machine.ts';
import { Origin } from './testing/origin.ts';
import type { OriginOptions } from './testing/origin.ts';
import { ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';
import type { TestShare } from './testing/share.ts';

const MIRROR = 'https://mirror.example/files/share.bin';
const OTHER = 'http://other.example:8080/share.bin';

/** Forty pieces of 300,000 bytes, but for the last one. */
const SHARE = makeShare({
  pieces: evenPieces(40, 300_000, 7),
  urls: [{ url: MIRROR, file: 0 }],
});

/** Files whose borders lie inside pieces, one of them empty, each at an address of its own. */
const SIZES = [100_000, 0, 30_000, 150_000, 200_001];
const urlOf = (nth: number): string => `https://mirror.example/tree/${nth}`;
const treeOf = (urls: readonly number[]): TestShare =>
  makeShare({
    pieces: evenPieces(13, 40_000, 1),
    files: SIZES.map((size, nth) => ({ path: ['share.bin', `${nth}`], size })),
    urls: urls.map((file) => ({ url: urlOf(file), file })),
  });

/** The share's files by their addresses. */
function filesOf({ manifest, bytes }: TestShare): Map<string, Uint8Array> {
  const starts = manifest.files.map((_, nth) =>
    manifest.files.slice(0, nth).reduce((sum, { size }) => sum + size, 0),
  );
  return new Map(
    manifest.urls.map(({ url, file }) => {
      const start = starts[file] ?? 0;
      return [url, bytes.subarray(start, start + (manifest.files[file]?.size ?? 0))];
    }),
  );
}

interface Scene {
  readonly lab: Lab;
  readonly machine: LabMachine;
  readonly origin: Origin;
}

function scene(
  share: TestShare,
  origin: Partial<OriginOptions> = {},
  more: Partial<MachineOptions> = {},
): Scene {
  const lab = new Lab(1);
  const machine = lab.machine({ id: testPeer(5), share, as: 'knows', ...more });
  const server = new Origin({
    now: () => lab.now,
    random: lab.random,
    files: filesOf(share),
    rate: 4_000_000,
    ...origin,
  });
  lab.clocked.push(server);
  machine.origin = server;
  return { lab, machine, origin: server };
}

function allowed(stage: Scene): Scene {
  stage.machine.tell({ kind: 'web-seeds-allowed', allowed: true });
  stage.machine.tell({ kind: 'download-requested' });
  return stage;
}

const isWhole = ({ machine }: Pick<Scene, 'machine'>) => machine.snapshot.phase === 'complete';
/** Compared as bytes: what tests print of a difference would be as large as they. */
const isRight = ({ machine }: Scene, { bytes }: TestShare) =>
  machine.content !== null && Buffer.compare(machine.content, bytes) === 0;
const stateOf = ({ machine }: Scene) => machine.snapshot.webSeeds.map(({ state }) => state);

describe('[WS1] a share without any peer', () => {
  test('[WS1] comes whole from its address, every byte once', () => {
    const stage = allowed(scene(SHARE));
    stage.lab.until('it is whole', () => isWhole(stage));
    expect(isRight(stage, SHARE)).toBe(true);
    expect(stage.origin.ranges.reduce((sum, { length }) => sum + length, 0)).toBe(SHARE.bytes.length);
    expect(stage.machine.snapshot.webSeeds).toMatchObject([
      { host: 'mirror.example', state: 'idle', trouble: null, receivedBytes: SHARE.bytes.length },
    ]);
  });

  test('[WS1] is asked for in a few ranges at a time, which grow with the pace', () => {
    const stage = allowed(scene(SHARE, { rate: 20_000_000 }));
    let most = 0;
    stage.lab.until('it is whole', () => {
      most = Math.max(most, stage.origin.openRanges);
      return isWhole(stage);
    });
    expect(most).toBeLessThanOrEqual(4);
    const { ranges } = stage.origin;
    expect(ranges.length).toBeLessThan(SHARE.bytes.length / 150_000);
    expect(Math.max(...ranges.map(({ length }) => length))).toBeGreaterThan(500_000);
    for (const { url, from, length, size } of ranges) {
      expect([url, size]).toEqual([MIRROR, SHARE.bytes.length]);
      expect(from + length).toBeLessThanOrEqual(size);
    }
  });

  test('[WS1] of several files each has its own address, also where one piece lies in three of them', () => {
    const share = treeOf([0, 2, 3, 4]);
    const stage = allowed(scene(share));
    stage.lab.until('it is whole', () => isWhole(stage));
    expect(isRight(stage, share)).toBe(true);
    for (const { url, from, length, size } of stage.origin.ranges) {
      expect(size).toBe(filesOf(share).get(url)?.length);
      expect(from + length).toBeLessThanOrEqual(size);
    }
  });

  test('[WS1] of which some files have no address gets the pieces that lie in the others alone', () => {
    const share = treeOf([0, 3]);
    const stage = allowed(scene(share));
    stage.lab.advance(30_000);
    // Bytes 0–100,000 and 130,000–280,000.
    expect([...stage.machine.store.keys()].sort((one, other) => one - other)).toEqual([0, 1, 4, 5, 6]);
  });

  test('[WS1] [PK4] fetches what is wanted alone', () => {
    const share = treeOf([0, 2, 3, 4]);
    const stage = allowed(scene(share, {}, { files: [3] }));
    stage.lab.until('it is complete', () => isWhole(stage));
    expect([...stage.machine.store.keys()].sort((one, other) => one - other)).toEqual([3, 4, 5, 6]);
  });
});

describe('[WS1] beside peers', () => {
  test('[WS1] both are asked, and nothing comes twice', () => {
    const stage = scene(SHARE, { rate: 1_000_000 });
    const sender = stage.lab.machine({ id: testPeer(9), share: SHARE, as: 'seed' });
    sender.tell({ kind: 'limits-changed', up: 1_000_000, down: null, peerUp: null, peerDown: null });
    stage.lab.join(stage.machine, sender);
    allowed(stage);
    stage.lab.until('it is whole', () => isWhole(stage));
    expect(isRight(stage, SHARE)).toBe(true);
    const byAddress = stage.machine.snapshot.webSeeds[0]?.receivedBytes ?? 0;
    expect(byAddress).toBeGreaterThan(0);
    expect(byAddress / SHARE.bytes.length).toBeGreaterThan(0.3);
    const { people, web } = stage.machine.snapshot.receivedFrom;
    expect([web, people]).toEqual([byAddress, sender.snapshot.uploadedBytes]);
    stage.machine.tell({ kind: 'web-seeds-allowed', allowed: false });
    expect(stage.machine.snapshot.receivedFrom.web).toBe(byAddress);
    expect(byAddress + sender.snapshot.uploadedBytes).toBeLessThan(SHARE.bytes.length + 600_000);
  });

  test('[WS1] two mirrors share the work', () => {
    const share = makeShare({
      pieces: evenPieces(40, 300_000, 7),
      urls: [
        { url: MIRROR, file: 0 },
        { url: OTHER, file: 0 },
        { url: MIRROR, file: 0 },
      ],
    });
    const stage = allowed(scene(share, { rate: 2_000_000 }));
    stage.lab.until('it is whole', () => isWhole(stage));
    const seeds = stage.machine.snapshot.webSeeds;
    expect(seeds.map(({ host }) => host)).toEqual(['mirror.example', 'other.example:8080']);
    for (const { receivedBytes } of seeds) expect(receivedBytes).toBeGreaterThan(SHARE.bytes.length / 4);
  });
});

describe('[WS1] ten thousand addresses of one file', () => {
  test('[WS1] are sixteen sources', () => {
    const urls = Array.from({ length: 10_000 }, (_, nth) => ({ url: `https://${nth}.example/a`, file: 0 }));
    const stage = scene(makeShare({ pieces: [10], urls }));
    const hosts = stage.machine.snapshot.webSeeds.map(({ host }) => host);
    expect(hosts).toEqual(Array.from({ length: 16 }, (_, nth) => `${nth}.example`));
  });
});

describe('[WS2] leave', () => {
  test('[WS2] nobody is asked before the person agrees, and each host is named', () => {
    const stage = scene(SHARE);
    stage.machine.tell({ kind: 'download-requested' });
    stage.lab.advance(60_000);
    expect(stage.origin.ranges).toEqual([]);
    expect(stage.machine.snapshot.webSeeds).toMatchObject([{ host: 'mirror.example', state: 'not-allowed' }]);
    allowed(stage);
    stage.lab.until('it is whole', () => isWhole(stage));
  });

  test('[WS2] taken back, what is out is given up, and nothing is asked any more', () => {
    const stage = allowed(scene(SHARE, { rate: 500_000 }));
    stage.lab.advance(3_000);
    expect(stage.origin.openRanges).toBeGreaterThan(0);
    stage.machine.tell({ kind: 'web-seeds-allowed', allowed: false });
    expect(stage.origin.openRanges).toBe(0);
    const before = stage.origin.ranges.length;
    stage.lab.advance(60_000);
    expect(stage.origin.ranges.length).toBe(before);
    allowed(stage);
    stage.lab.until('it is whole', () => isWhole(stage));
    expect(isRight(stage, SHARE)).toBe(true);
  });

  test.each(['download-paused', 'sharing-stopped'] as const)(
    '[WS2] %s gives up what is out; it goes on where it was',
    (kind) => {
      const stage = allowed(scene(SHARE, { rate: 500_000 }));
      stage.lab.advance(5_000);
      stage.machine.tell({ kind });
      expect(stage.origin.openRanges).toBe(0);
      const kept = stage.machine.snapshot.storedBytes;
      const asked = stage.origin.ranges.length;
      stage.lab.advance(60_000);
      expect(stage.origin.ranges.length).toBe(asked);
      stage.machine.tell({ kind: 'download-requested' });
      stage.lab.until('it is whole', () => isWhole(stage));
      expect(kept).toBeGreaterThan(0);
      const twice = stage.origin.ranges.reduce((sum, { length }) => sum + length, 0) - SHARE.bytes.length;
      expect(twice).toBeLessThan(2_000_000);
    },
  );
});

describe('[WS3] what is in the way', () => {
  test.each(['busy', 'unreachable', 'cut-short'] as const)(
    '[WS3] %s: it is asked again, after a second and then ever later',
    (why) => {
      const stage = scene(SHARE, { trouble: () => ({ why }) });
      allowed(stage);
      stage.lab.advance(500);
      expect(stateOf(stage)).toEqual(['waiting']);
      stage.lab.advance(3_600_000);
      expect(stage.origin.ranges.length).toBeGreaterThan(10);
      expect(stage.origin.ranges.length).toBeLessThan(60);
    },
  );

  test.each([1, 2, 3])('[WS3] a server that lets %i ranges out at a time is asked for as many', (most) => {
    const stage = allowed(scene(SHARE, { mostAtOnce: most, rate: 2_000_000 }));
    const began = stage.lab.now;
    stage.lab.until('it is whole', () => isWhole(stage));
    // It never stood still: all of it came at the server's pace.
    expect(stage.lab.now - began).toBeLessThan(1.15 * (SHARE.bytes.length / 2_000));
    expect(stage.machine.snapshot.webSeeds).toMatchObject([{ trouble: null }]);
  });

  test('[WS3] a server that names a time is let be for so long', () => {
    const stage = allowed(scene(SHARE, { trouble: () => ({ why: 'busy', retryMs: 40_000 }) }));
    stage.lab.advance(1_000);
    const asked = stage.origin.ranges.length;
    stage.lab.advance(38_000);
    expect(stage.origin.ranges.length).toBe(asked);
    stage.lab.advance(3_000);
    expect(stage.origin.ranges.length).toBeGreaterThan(asked);
  });

  test.each(['no-ranges', 'other-size', 'changed', 'refused', 'needs-login', 'forbidden-address'] as const)(
    '[WS3] %s: it is asked no more',
    (why: RangeTrouble) => {
      const stage = allowed(scene(SHARE, { trouble: () => ({ why }) }));
      stage.lab.advance(3_600_000);
      expect(stage.origin.ranges.length).toBeLessThanOrEqual(4);
      expect(stage.machine.snapshot.webSeeds).toMatchObject([{ state: 'gone', trouble: why }]);
    },
  );

  test('[WS3] one file that is gone costs the others nothing', () => {
    const share = treeOf([0, 2, 3, 4]);
    const stage = allowed(
      scene(share, { trouble: ({ url }) => (url === urlOf(3) ? { why: 'refused' } : null) }),
    );
    stage.lab.advance(30_000);
    expect([...stage.machine.store.keys()].sort((one, other) => one - other)).toEqual([
      0, 1, 2, 7, 8, 9, 10, 11, 12,
    ]);
  });

  test('[WS3] answers that end too soon still bring the file, piece by piece', () => {
    const stage = allowed(scene(SHARE));
    stage.origin.cutAfter = 200_000;
    stage.lab.until('a good part is here', () => stage.machine.snapshot.storedBytes > 1_000_000, 600_000);
    stage.origin.cutAfter = Infinity;
    stage.lab.until('it is whole', () => isWhole(stage), 600_000);
    expect(isRight(stage, SHARE)).toBe(true);
  });

  test('[WS3] [RQ5] one that says nothing is given up, and what it was asked for comes from a peer', () => {
    const stage = scene(SHARE);
    stage.origin.silent = true;
    allowed(stage);
    stage.lab.advance(1_000);
    expect(stage.origin.openRanges).toBeGreaterThan(0);
    const sender = new ScriptedPeer(testPeer(9), SHARE.infoHash, seedScript({ share: SHARE }));
    stage.machine.tell({ kind: 'tracker-opened' });
    stage.lab.join(stage.machine, sender);
    stage.lab.until('it is whole', () => isWhole(stage));
    expect(isRight(stage, SHARE)).toBe(true);
  });
});

describe('[WS4] another file', () => {
  test('[WS4] [PL5] whose bytes are not the share’s is asked no more, and nothing of it is kept', () => {
    const files = new Map([[MIRROR, SHARE.bytes.map((byte) => byte ^ 1)]]);
    const stage = allowed(scene(SHARE, { files }));
    stage.lab.advance(60_000);
    expect(stage.machine.store.size).toBe(0);
    expect(stage.machine.snapshot.webSeeds).toMatchObject([{ state: 'gone', trouble: 'other-content' }]);
    const asked = stage.origin.ranges.length;
    stage.lab.advance(3_600_000);
    expect(stage.origin.ranges.length).toBe(asked);
  });
});
