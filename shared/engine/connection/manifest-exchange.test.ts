/** A newcomer gets the manifest: from whoever has it, in time, and only if it is the link's. */
import { describe, expect, test } from 'vitest';
import { serialiseManifest } from '../../manifest/resource.ts';
import type { Frame, ViolationKind } from '../../protocol/frames.ts';
import { Lab, testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { bitsOf, ScriptedPeer, seedScript } from '../testing/scripted-peer.ts';
import type { Script, SeedScript } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import type { TestShare } from '../testing/share.ts';

/** Its manifest takes six chunks. */
const LARGE = makeShare({ pieces: evenPieces(4_000, 10, 3) });
const SMALL = makeShare({ pieces: evenPieces(3, 70_000, 3) });

function newcomer(lab: Lab, share: TestShare): LabMachine {
  const machine = lab.machine({ id: testPeer(5), share, as: 'newcomer' });
  machine.tell({ kind: 'download-requested' });
  return machine;
}

function liar(share: TestShare, options: Partial<SeedScript>, nth = 7): ScriptedPeer {
  return new ScriptedPeer(testPeer(nth), share.infoHash, seedScript({ share, ...options }));
}

function expectWhole(machine: LabMachine): void {
  expect(Buffer.compare(machine.content ?? new Uint8Array(1), machine.share.bytes)).toBe(0);
}

function violations(machine: LabMachine): ViolationKind[] {
  return machine.closes.flatMap(({ why }) => (why.kind === 'violation' ? [why.violation.what] : []));
}

describe('[MX1] serving and asking', () => {
  test('[MX1] a manifest of many chunks arrives, chunk by chunk in order', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, LARGE);
    const seed = liar(LARGE, {});
    lab.join(machine, seed);
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
    const offsets = seed.frames('metadata-request').map((frame) => frame.offset);
    expect(offsets).toEqual(
      Array.from({ length: Math.ceil(LARGE.manifestBytes.length / 65_536) }, (_, nth) => nth * 65_536),
    );
    expect(machine.manifest).toEqual(LARGE.manifest);
    expect(machine.reports.filter((report) => report.kind === 'manifest-accepted')).toHaveLength(1);
  });

  test('[MX1] our own half serves any offset that is inside', () => {
    const lab = new Lab(1);
    const seed = lab.machine({ id: testPeer(5), share: LARGE, as: 'seed' });
    const asked = [0, 65_536, 1, LARGE.manifestBytes.length - 1, 65_536];
    const peer = new ScriptedPeer(testPeer(7), LARGE.infoHash, (heard, self) => {
      if (heard.kind !== 'handshake') return;
      self.say(
        { kind: 'capability' },
        ...asked.map((offset): Frame => ({ kind: 'metadata-request', offset })),
      );
    });
    lab.join(seed, peer);
    lab.settle();
    const chunks = peer.frames('metadata');
    expect(chunks.map((chunk) => chunk.offset)).toEqual(asked);
    for (const { total, offset, data } of chunks) {
      expect(total).toBe(LARGE.manifestBytes.length);
      expect(Buffer.compare(data, LARGE.manifestBytes.subarray(offset, offset + 65_536))).toBe(0);
    }
  });

  test('[MX1] who asks for it again and again, and reads it, is dropped', () => {
    const lab = new Lab(1);
    const seed = lab.machine({ id: testPeer(5), share: SMALL, as: 'seed' });
    const peer = new ScriptedPeer(testPeer(7), SMALL.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
      if (heard.kind === 'handshake' || heard.kind === 'metadata')
        self.say({ kind: 'metadata-request', offset: 0 });
    });
    lab.join(seed, peer);
    for (let second = 0; second < 200 && !peer.closed; second++) lab.advance(1_000);
    expect(violations(seed)).toEqual(['too-many-requests']);
    expect(peer.frames('metadata').filter(({ total }) => total > 0)).toHaveLength(8 + 128);
  });

  test('[MX2] answers keep the order of asking, also when many ask and the window is full', () => {
    const lab = new Lab(1);
    const seed = lab.machine({ id: testPeer(5), share: LARGE, as: 'seed' });
    const asks =
      (offsets: readonly number[]): Script =>
      (heard, self) => {
        if (heard.kind !== 'handshake') return;
        self.say(
          { kind: 'capability' },
          ...offsets.map((offset): Frame => ({ kind: 'metadata-request', offset })),
        );
      };
    const offsets = [0, 65_536, 131_072, 196_608, 0, 65_536, 131_072, 196_608];
    const first = new ScriptedPeer(testPeer(7), LARGE.infoHash, asks(offsets));
    const pipe = lab.join(seed, first);
    lab.stopWhen('it has greeted', () => first.heard.length > 0);
    pipe.directions[0].held = true;
    lab.settle();
    const crowd = [8, 9, 10].map((nth) => new ScriptedPeer(testPeer(nth), LARGE.infoHash, asks([0])));
    for (const peer of crowd) lab.join(seed, peer);
    lab.settle();
    first.say({ kind: 'metadata-request', offset: 0 });
    lab.settle();
    pipe.directions[0].held = false;
    lab.settle();
    const answers = first.frames('metadata');
    expect(answers.map((answer) => answer.offset)).toEqual([...offsets, 0]);
    expect(answers.at(-1)?.total).toBe(LARGE.manifestBytes.length);
  });

  test('[MX1] a peer that has no manifest says so, and a newcomer sends no bitfield before it has one', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const peer = new ScriptedPeer(testPeer(7), SMALL.infoHash, (heard, self) => {
      if (heard.kind === 'handshake')
        self.say({ kind: 'capability' }, { kind: 'metadata-request', offset: 0 });
    });
    lab.join(machine, peer);
    lab.settle();
    expect(peer.frames('metadata')).toMatchObject([{ total: 0, offset: 0 }]);
    expect(peer.frames('bitfield')).toEqual([]);
    lab.join(machine, liar(SMALL, {}, 8));
    lab.until('the manifest comes', () => machine.manifest !== null);
    lab.settle();
    expect(peer.frames('bitfield').length).toBe(1);
  });

  test('[MX1] an unmodified peer is never asked for a manifest', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const peer = liar(SMALL, { extended: false });
    lab.join(machine, peer);
    lab.advance(60_000);
    expect(peer.heard.map((one) => one.kind)).toEqual(['handshake', 'capability']);
    expect(machine.snapshot.phase).toBe('looking');
    // What it has counts as soon as the manifest comes from elsewhere.
    lab.join(machine, liar(SMALL, { has: [] }, 8));
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
    expect(peer.requests.length).toBeGreaterThan(0);
  });

  test('[BF2] bitfields and haves that came before the manifest count afterwards', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const early: Script = (heard, self) => {
      if (heard.kind === 'handshake') {
        self.say(
          { kind: 'capability' },
          { kind: 'bitfield', bits: Uint8Array.of(0x80) },
          { kind: 'have', pieces: [2] },
        );
      } else seedScript({ share: SMALL, manifest: null })(heard, self);
    };
    const peer = new ScriptedPeer(testPeer(7), SMALL.infoHash, early);
    lab.join(machine, peer);
    lab.settle();
    lab.join(machine, liar(SMALL, { has: [1] }, 8));
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
    expect(new Set(peer.requests.map((request) => request.piece))).toEqual(new Set([0, 2]));
  });

  test('[MX1] two newcomers ask each other in vain and both get it from the seed that comes', () => {
    const lab = new Lab(3);
    const [one, other] = [1, 2].map((nth) =>
      lab.machine({ id: testPeer(nth), share: SMALL, as: 'newcomer' }),
    );
    for (const machine of [one!, other!]) machine.tell({ kind: 'download-requested' });
    lab.join(one!, other!);
    lab.advance(30_000);
    expect(one!.closes).toEqual([]);
    const seed = lab.machine({ id: testPeer(3), share: SMALL, as: 'seed' });
    // The second one knows nobody but the first.
    lab.join(one!, seed);
    lab.until(
      'both complete',
      () => one!.snapshot.phase === 'complete' && other!.snapshot.phase === 'complete',
    );
    expectWhole(one!);
    expectWhole(other!);
  });
});

describe('[MX2] [MX3] manifests that are not', () => {
  const other = makeShare({ pieces: [5], seed: 9 });
  const relabelled = serialiseManifest({ ...SMALL.manifest, name: 'another.bin' })!;
  const broken = SMALL.manifestBytes.slice(0, -1);
  const shoalLie = new TextEncoder().encode(
    new TextDecoder().decode(SMALL.manifestBytes).replace('AAAAAAAAAAAAAAAAAAAAAA', 'AAAAAAAAAAAAAAAAAAAAAQ'),
  );
  const manyPieces = new TextEncoder().encode(`{"pieces":[${'1,'.repeat(1_900_000)}1]}`);

  test.each([
    ['that of another share', other.manifestBytes],
    ['one with another name', relabelled],
    ['one that ends too early', broken],
    ['one whose shoal key is not the one its marker names', shoalLie],
    ['not JSON at all', Uint8Array.of(0xff, 0xfe)],
    ['millions of pieces', manyPieces],
  ])('[MX3] %s: its sender goes, the next one is asked', (_what, manifest) => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const bad = liar(SMALL, { manifest });
    lab.join(machine, bad);
    lab.settle();
    expect(violations(machine)).toEqual(['bad-manifest']);
    expect(bad.closed).toBe(true);
    expect(machine.manifest).toBeNull();
    expect(machine.snapshot).toMatchObject({ phase: 'looking', manifestRefused: true });
    lab.join(machine, liar(SMALL, {}, 8));
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
    expect(machine.snapshot.manifestRefused).toBe(false);
    expectWhole(machine);
  });

  const chunk = (total: number, offset: number, bytes: number): Frame => ({
    kind: 'metadata',
    total,
    offset,
    data: new Uint8Array(bytes),
  });
  test.each([
    ['a claim of more bytes than a manifest may have', [chunk(4_194_305, 0, 65_536)], 'bad-manifest'],
    ['a claim of 4 GiB', [chunk(0xffff_ffff, 0, 65_536)], 'bad-manifest'],
    ['another offset than was asked for', [chunk(100_000, 1, 65_536)], 'unasked-metadata'],
    ['a chunk that is too short', [chunk(100_000, 0, 65_535)], 'unasked-metadata'],
    ['a chunk that goes beyond the end', [chunk(10, 0, 11)], 'unasked-metadata'],
    ['a length that changes', [chunk(100_000, 0, 65_536), chunk(100_001, 65_536, 34_465)], 'bad-manifest'],
    [
      'more chunks than were asked for',
      [chunk(65_537, 0, 65_536), chunk(65_537, 65_536, 1), chunk(65_537, 65_536, 1)],
      'bad-manifest',
    ],
  ] as [string, Frame[], ViolationKind][])('[MX2] %s', (_what, chunks, violation) => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const waiting = [...chunks];
    const bad = new ScriptedPeer(testPeer(7), SMALL.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
      const next = heard.kind === 'metadata-request' ? waiting.shift() : undefined;
      if (next !== undefined) self.say(next);
    });
    lab.join(machine, bad);
    lab.settle();
    expect(violations(machine)).toEqual([violation]);
    lab.join(machine, liar(SMALL, {}, 8));
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
  });

  test('[MX2] metadata that was never asked for', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    // Somebody else is being asked.
    lab.join(
      machine,
      new ScriptedPeer(
        testPeer(8),
        SMALL.infoHash,
        (heard, self) => heard.kind === 'handshake' && self.say({ kind: 'capability' }),
      ),
    );
    lab.settle();
    const bad = new ScriptedPeer(testPeer(7), SMALL.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' }, chunk(10, 0, 10));
    });
    lab.join(machine, bad);
    lab.settle();
    expect(violations(machine)).toEqual(['unasked-metadata']);
  });

  test('[MX3] a peer that goes while its manifest is hashed makes way for the next', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    machine.held.add('hash-manifest');
    const [first, second] = [liar(SMALL, {}), liar(SMALL, {}, 8)];
    lab.join(machine, first);
    lab.settle();
    first.close();
    lab.join(machine, second);
    lab.settle();
    machine.held.clear();
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
    expect(machine.reports.filter((report) => report.kind === 'manifest-accepted')).toHaveLength(1);
  });
});

describe('[MX4] peers that are slow with it', () => {
  /** Answers every metadata request, but only when it is told to. */
  function sluggish(share: TestShare, nth: number): { peer: ScriptedPeer; answer: () => void } {
    const waiting: number[] = [];
    const peer = new ScriptedPeer(testPeer(nth), share.infoHash, (heard, self) => {
      if (heard.kind === 'metadata-request') waiting.push(heard.offset);
      else seedScript({ share })(heard, self);
    });
    const answer = () => {
      for (const offset of waiting.splice(0)) {
        const data = share.manifestBytes.slice(offset, offset + 65_536);
        peer.say({ kind: 'metadata', total: share.manifestBytes.length, offset, data });
      }
    };
    return { peer, answer };
  }

  test('[MX4] the next one is asked after a while', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const slow = sluggish(SMALL, 7);
    lab.join(machine, slow.peer);
    lab.settle();
    const quick = liar(SMALL, {}, 8);
    lab.join(machine, quick);
    lab.settle();
    expect(quick.frames('metadata-request')).toEqual([]);
    lab.until('the quick one is asked', () => quick.frames('metadata-request').length > 0, 15_000);
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
    slow.answer();
    lab.settle();
    expect(slow.peer.closed).toBe(false);
  });

  test('[MX4] the only peer there is may take its time', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, LARGE);
    const slow = sluggish(LARGE, 7);
    lab.join(machine, slow.peer);
    for (let round = 0; round < 40 && machine.manifest === null; round++) {
      lab.advance(12_000);
      slow.answer();
      lab.settle();
    }
    expect(machine.manifest).not.toBeNull();
    expect(slow.peer.closed).toBe(false);
    lab.until('it completes', () => machine.snapshot.phase === 'complete');
  });

  test('[MX4] two that are both slow are both asked again, and what comes late does no harm', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, LARGE);
    const both = [sluggish(LARGE, 7), sluggish(LARGE, 8)];
    for (const { peer } of both) lab.join(machine, peer);
    for (let round = 0; round < 60 && machine.manifest === null; round++) {
      lab.advance(10_000);
      for (const { answer } of both) answer();
      lab.settle();
    }
    expect(machine.manifest).not.toBeNull();
    for (const { peer } of both) expect(peer.closed).toBe(false);
  });

  test('[MX4] a chunk that comes after its peer was passed over, and asked again, is no violation', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, LARGE);
    const slow = sluggish(LARGE, 7);
    lab.join(machine, slow.peer);
    lab.settle();
    const dead = new ScriptedPeer(testPeer(8), LARGE.infoHash, (heard, self) => {
      if (heard.kind === 'handshake') self.say({ kind: 'capability' });
    });
    lab.join(machine, dead);
    lab.advance(20_000);
    expect(dead.frames('metadata-request').length).toBeGreaterThan(0);
    // Now it says something, which makes us ask it again; then all its answers come.
    slow.peer.say({ kind: 'have', pieces: [0] });
    for (let round = 0; round < 30 && machine.manifest === null; round++) {
      slow.answer();
      lab.advance(5_000);
    }
    expect(slow.peer.closed).toBe(false);
    expect(machine.manifest).not.toBeNull();
  });

  /** Says that it is one of ours and that it has everything, and gives nothing, or a chunk now and then. */
  function mute(share: TestShare, nth: number): ScriptedPeer {
    return new ScriptedPeer(testPeer(nth), share.infoHash, (heard, self) => {
      if (heard.kind === 'handshake')
        self.say({ kind: 'capability' }, { kind: 'bitfield', bits: bitsOf(share.pieces.length, []) });
    });
  }

  test.each([4, 8, 40])('[MX4] %i mute peers hold up a newcomer for less than 3 s', (many) => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    for (let nth = 0; nth < many; nth++) lab.join(machine, mute(SMALL, 6 + nth));
    lab.settle();
    const honest = liar(SMALL, {}, 90);
    lab.join(machine, honest);
    lab.settle();
    lab.until('the manifest comes', () => machine.manifest !== null, 3_000);
    expect(machine.closes).toEqual([]);
  });

  test.each([0, 1])(
    '[MX4] %i mute peers and three that drip hold up a newcomer for a few seconds',
    (mutes) => {
      const lab = new Lab(1);
      const machine = newcomer(lab, LARGE);
      const drips = [7, 8, 9].map((nth) => sluggish(LARGE, nth));
      for (const { peer } of drips) lab.join(machine, peer);
      for (let nth = 0; nth < mutes; nth++) lab.join(machine, mute(LARGE, 20 + nth));
      lab.settle();
      lab.join(machine, liar(LARGE, {}, 90));
      for (let second = 0; second < 5 && machine.manifest === null; second++) {
        if (second === 0) for (const { answer } of drips) answer();
        lab.advance(1_000);
      }
      expect(machine.manifest).not.toBeNull();
      // What they still owe does no harm, and nothing more is asked of them.
      for (const { answer } of drips) answer();
      lab.settle();
      expect(machine.closes).toEqual([]);
      for (const { peer } of drips) expect(peer.frames('metadata-request').length).toBeLessThanOrEqual(5);
    },
  );

  test('[MX4] one chunk every 7 s does not hold up a newcomer that could have it from somebody else', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, LARGE);
    const drip = sluggish(LARGE, 7);
    lab.join(machine, drip.peer);
    lab.settle();
    drip.answer();
    lab.join(machine, liar(LARGE, {}, 8));
    lab.settle();
    lab.until('the manifest comes', () => machine.manifest !== null, 2_500);
  });

  test('[MX4] where everybody is quick only one is asked', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, LARGE);
    const seeds = [7, 8, 9, 10].map((nth) => liar(LARGE, {}, nth));
    for (const seed of seeds) lab.join(machine, seed);
    lab.until('the manifest comes', () => machine.manifest !== null, 2_500);
    expect(seeds.filter((seed) => seed.frames('metadata-request').length > 0)).toHaveLength(1);
  });

  test('[MX4] a peer that goes while it is asked gives its turn to the next one at once', () => {
    const lab = new Lab(1);
    const machine = newcomer(lab, SMALL);
    const first = mute(SMALL, 7);
    lab.join(machine, first);
    lab.settle();
    lab.join(machine, liar(SMALL, {}, 8));
    lab.settle();
    expect(machine.manifest).toBeNull();
    first.close();
    lab.settle();
    expect(machine.manifest).not.toBeNull();
  });
});
