/** Peers that break the rules: each is dropped with a typed violation, nothing is lost, and the others go on. */
import { describe, expect, test } from 'vitest';
import { encodeFrame, encodeHandshake } from '../protocol/codec.ts';
import type { Frame, ViolationKind } from '../protocol/frames.ts';
import type { InfoHash } from '../ids.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import { bitsOf, goodBlock, ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import type { Script, SeedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(6, 150_000, 70_001) });

interface Scene {
  readonly lab: Lab;
  readonly leecher: LabMachine;
  /** Lets another, honest peer in. */
  readonly rescue: () => void;
}

function scene(seed = 1, as: 'newcomer' | 'knows' = 'knows'): Scene {
  const lab = new Lab(seed);
  const leecher = lab.machine({ id: testPeer(5), share: SHARE, as });
  leecher.tell({ kind: 'download-requested' });
  const rescue = () => {
    const honest = lab.machine({ id: testPeer(9), share: SHARE, as: 'seed' });
    lab.join(leecher, honest);
    lab.until('the honest peer completes it', () => leecher.snapshot.phase === 'complete');
    expect(Buffer.compare(leecher.content!, SHARE.bytes)).toBe(0);
  };
  return { lab, leecher, rescue };
}

function peerWith(script: Script, nth = 7): ScriptedPeer {
  return new ScriptedPeer(testPeer(nth), SHARE.infoHash, script);
}

function liar(options: Partial<SeedScript>, nth = 7): ScriptedPeer {
  return peerWith(seedScript({ share: SHARE, ...options }), nth);
}

/** Says some frames once the phase is extended. */
function says(...frames: Frame[]): Script {
  return (heard, peer) => {
    if (heard.kind === 'handshake') peer.say({ kind: 'capability' }, ...frames);
  };
}

function expectViolation(machine: LabMachine, what: ViolationKind): void {
  expect(
    machine.closes.map(({ why }) => (why.kind === 'violation' ? why.violation.what : why.kind)),
  ).toContain(what);
}

describe('[HS2] [HS3] [HS4] handshakes', () => {
  test.each([1, 2])('[HS1] another magic, as %s of the two', (role) => {
    const { lab, leecher, rescue } = scene();
    const peer = peerWith(() => undefined, role === 1 ? 3 : 7);
    const bad = encodeHandshake(peer.id, SHARE.infoHash);
    bad[3] = 0x40;
    peer.greet = () => peer.bytes(bad);
    lab.join(leecher, peer);
    lab.settle();
    expectViolation(leecher, 'wrong-magic');
    expect(peer.closed).toBe(true);
    rescue();
  });

  test.each([3, 7])('[HS3] another info-hash, from peer %i', (nth) => {
    const { lab, leecher, rescue } = scene();
    const stranger = new ScriptedPeer(testPeer(nth), 'f'.repeat(64) as InfoHash);
    lab.join(leecher, stranger);
    lab.settle();
    expectViolation(leecher, 'wrong-info-hash');
    // The acceptor closes without a reply.
    if (nth === 3) expect(stranger.heard).toEqual([]);
    rescue();
  });

  test('[HS3] the greater id dialled', () => {
    const { lab, leecher, rescue } = scene();
    const peer = peerWith(() => undefined);
    lab.join(leecher, peer, { dialler: peer });
    lab.settle();
    expectViolation(leecher, 'wrong-id-order');
    expect(peer.heard).toEqual([]);
    rescue();
  });

  test('[HS3] an id that equals our own', () => {
    const { lab, leecher, rescue } = scene();
    const twin = peerWith(() => undefined, 5);
    lab.join(leecher, twin, { dialler: twin });
    lab.settle();
    expectViolation(leecher, 'wrong-id-order');
    rescue();
  });

  test('[HS3] the peer that is dialled turns out to have the smaller id', () => {
    const { lab, leecher, rescue } = scene();
    lab.join(
      leecher,
      peerWith(() => undefined, 3),
      { dialler: leecher, diallerExpects: false },
    );
    lab.settle();
    expectViolation(leecher, 'wrong-id-order');
    rescue();
  });

  test.each([3, 7])('[HS4] another peer than the one that was introduced, at %i', (nth) => {
    const { lab, leecher, rescue } = scene();
    const peer = peerWith(() => undefined, nth);
    const other = testPeer(nth + 1);
    peer.greet = () =>
      peer.bytes(encodeHandshake(other === testPeer(4) ? testPeer(2) : other, SHARE.infoHash));
    lab.join(leecher, peer);
    lab.settle();
    expectViolation(leecher, 'wrong-peer-id');
    rescue();
  });

  test('[HS4] who comes unannounced is let in by its id order alone', () => {
    const { lab, leecher } = scene();
    const seed = liar({}, 3);
    lab.join(seed, leecher, { acceptorExpects: false });
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
  });

  test.each([0, 1, 74])('[HS5] who never ends its handshake (%i bytes) is dropped as silent', (bytes) => {
    const { lab, leecher, rescue } = scene();
    const peer = peerWith(() => undefined, 3);
    peer.greet = () => peer.bytes(encodeHandshake(peer.id, SHARE.infoHash).subarray(0, bytes));
    lab.join(leecher, peer);
    lab.advance(19_000);
    expect(peer.closed).toBe(false);
    lab.advance(3_000);
    expect(leecher.closes).toMatchObject([{ why: { kind: 'silent' } }]);
    expect(peer.closed).toBe(true);
    rescue();
  });
});

describe('[PH1] [WF3] frames that are not allowed', () => {
  const extendedOnly: Frame[] = [
    { kind: 'have', pieces: [0] },
    { kind: 'cancel', piece: 0, offset: 0, length: 1 },
    { kind: 'reject', piece: 0, offset: 0, length: 1 },
    { kind: 'metadata-request', offset: 0 },
    { kind: 'metadata', total: 1, offset: 0, data: Uint8Array.of(1) },
    { kind: 'choke' },
    { kind: 'unchoke' },
  ];
  test.each(extendedOnly)('[PH1] $kind before the capability is out of phase', (frame) => {
    const { lab, leecher, rescue } = scene();
    lab.join(
      leecher,
      peerWith((heard, peer) => heard.kind === 'handshake' && peer.say(frame)),
    );
    lab.settle();
    expectViolation(leecher, 'out-of-phase');
    rescue();
  });

  test.each([
    ['a frame of 4 GiB', 'ffffffff02', 'frame-too-long'],
    ['a frame of an unknown type', '0000000177', 'unknown-type'],
    ['a keep-alive of another protocol', '0000000003', 'frame-length'],
    ['a request that is cut short', '0000000c01', 'frame-length'],
  ] as const)('[WF3] %s', (_what, hex, violation) => {
    const { lab, leecher, rescue } = scene();
    const bytes = Uint8Array.from(Buffer.from(hex, 'hex'));
    lab.join(
      leecher,
      peerWith((heard, peer) => heard.kind === 'handshake' && peer.bytes(bytes)),
    );
    lab.settle();
    expectViolation(leecher, violation);
    rescue();
  });

  test('[WF2] what follows a violation in the same chunk is not heard', () => {
    const { lab, leecher } = scene();
    lab.cut = (waiting) => waiting;
    const peer = peerWith((heard, self) => {
      if (heard.kind !== 'handshake') return;
      const bad = Uint8Array.from(Buffer.from('0000000177', 'hex'));
      self.bytes(Buffer.concat([bad, encodeFrame({ kind: 'bitfield', bits: bitsOf(6, [0, 1]) })]));
    });
    lab.join(leecher, peer);
    lab.settle();
    expectViolation(leecher, 'unknown-type');
    expect(peer.requests).toEqual([]);
  });

  test.each([
    ['a bitfield that is a byte short', { kind: 'bitfield', bits: new Uint8Array(0) }, 'bitfield'],
    ['a bitfield that is a byte long', { kind: 'bitfield', bits: new Uint8Array(2) }, 'bitfield'],
    ['a bitfield with a spare bit', { kind: 'bitfield', bits: Uint8Array.of(0x02) }, 'bitfield'],
    ['a have of a piece that is not there', { kind: 'have', pieces: [0, 6] }, 'no-such-piece'],
    ['a have far out', { kind: 'have', pieces: [0xffff_ffff] }, 'no-such-piece'],
    [
      'a request of a piece that is not there',
      { kind: 'request', piece: 6, offset: 0, length: 1 },
      'no-such-piece',
    ],
    ['a request of no bytes', { kind: 'request', piece: 0, offset: 0, length: 0 }, 'bad-range'],
    ['a request beyond the piece', { kind: 'request', piece: 0, offset: 149_999, length: 2 }, 'bad-range'],
    [
      'a request whose end overflows',
      { kind: 'request', piece: 0, offset: 0xffff_ffff, length: 0xffff_ffff },
      'bad-range',
    ],
    ['a request for manifest bytes beyond it', { kind: 'metadata-request', offset: 4_000_000 }, 'bad-range'],
    [
      'a block before the first request',
      { kind: 'piece', piece: 0, offset: 0, data: Uint8Array.of(1) },
      'unasked-block',
    ],
  ] as [string, Frame, ViolationKind][])('[BF2] [RQ3] [UP1] %s', (_what, frame, violation) => {
    const { lab, leecher, rescue } = scene();
    lab.join(leecher, peerWith(says(frame)));
    lab.settle();
    expectViolation(leecher, violation);
    rescue();
  });

  test.each([
    ['no bytes', 0, 0, 0],
    ['more bytes than any block has', 0, 0, 1_000_001],
    ['a piece that no share has', 16_384, 0, 1],
    ['bytes behind any piece', 0, 67_108_863, 2],
    ['an end that overflows', 0, 0xffff_ffff, 1],
  ])(
    '[UP1] a request for %s is a violation before the manifest is known, too',
    (_what, piece, offset, length) => {
      const { lab, leecher, rescue } = scene(1, 'newcomer');
      lab.join(leecher, peerWith(says({ kind: 'request', piece, offset, length })));
      lab.settle();
      expectViolation(leecher, 'bad-range');
      rescue();
    },
  );

  test('[UP1] the largest that a share could have is rejected before the manifest is known', () => {
    const { lab, leecher } = scene(1, 'newcomer');
    const range = { piece: 16_383, offset: 66_108_864, length: 1_000_000 };
    const peer = peerWith(says({ kind: 'request', ...range }));
    lab.join(leecher, peer);
    lab.settle();
    expect(peer.frames('reject')).toEqual([{ kind: 'reject', ...range }]);
  });

  test.each([
    ['a bitfield', { kind: 'bitfield', bits: new Uint8Array(9) }, 'bitfield'],
    ['a have', { kind: 'have', pieces: [6] }, 'no-such-piece'],
  ] as [string, Frame, ViolationKind][])(
    '[BF2] %s said before the manifest is judged with it',
    (_w, frame, what) => {
      const { lab, leecher, rescue } = scene(1, 'newcomer');
      const early = peerWith(
        (heard, peer) => heard.kind === 'handshake' && peer.say({ kind: 'capability' }, frame),
        3,
      );
      lab.join(leecher, early);
      lab.settle();
      expect(leecher.closes).toEqual([]);
      rescue();
      expectViolation(leecher, what);
      expect(early.closed).toBe(true);
    },
  );
});

describe('[RQ3] blocks that nobody asked for', () => {
  test.each([
    [
      'of another piece',
      (frame: Frame & { kind: 'piece' }) => ({ ...frame, piece: (frame.piece + 1) % 6, offset: 131_072 }),
      'unasked-block',
    ],
    [
      'at another offset',
      (frame: Frame & { kind: 'piece' }) => ({ ...frame, offset: frame.offset + 1 }),
      'unasked-block',
    ],
    [
      'longer than asked',
      (frame: Frame & { kind: 'piece' }) => ({ ...frame, data: new Uint8Array(frame.data.length + 1) }),
      'block-length',
    ],
    [
      'shorter than asked',
      (frame: Frame & { kind: 'piece' }) => ({ ...frame, data: frame.data.subarray(1) }),
      'block-length',
    ],
    [
      'without bytes',
      (frame: Frame & { kind: 'piece' }) => ({ ...frame, data: new Uint8Array(0) }),
      'block-length',
    ],
  ] as [string, (frame: Frame & { kind: 'piece' }) => Frame, ViolationKind][])(
    '[RQ3] %s',
    (_what, change, violation) => {
      const { lab, leecher, rescue } = scene();
      let answers = 0;
      const answer: SeedScript['answer'] = (range, data) => {
        const honest: Frame & { kind: 'piece' } = {
          kind: 'piece',
          piece: range.piece,
          offset: range.offset,
          data,
        };
        // Piece 5 has no block at 131,072: whichever comes second is changed.
        return ++answers === 2 ? change(honest) : honest;
      };
      lab.join(leecher, liar({ answer }));
      lab.settle();
      expectViolation(leecher, violation);
      rescue();
    },
  );
});

describe('[PL2] [PL5] wrong bytes', () => {
  const spoil = (data: Uint8Array) => {
    const bad = data.slice();
    bad[bad.length >> 1] = bad[bad.length >> 1]! ^ 0x10;
    return bad;
  };

  test('[PL5] who alone sent a wrong piece is dropped for the session, and the piece comes from another', () => {
    const { lab, leecher, rescue } = scene();
    const bad = liar({ answer: (range, data) => ({ ...range, kind: 'piece', data: spoil(data) }) });
    lab.join(leecher, bad);
    lab.settle();
    expectViolation(leecher, 'bad-data');
    expect(leecher.reports.some((report) => report.kind === 'piece-refused')).toBe(true);
    // [LB12] It came all the same.
    const [came] = leecher.reports.filter((report) => report.kind === 'piece-came');
    expect(came).toMatchObject({ isRight: false, from: [{ peer: bad.id }] });
    expect(leecher.store.size).toBe(0);
    rescue();
    // It is not let in again.
    const again = liar({});
    lab.join(leecher, again);
    lab.settle();
    expect(again.closed).toBe(true);
    expect(again.requests).toEqual([]);
  });

  test.each(Array.from({ length: 12 }, (_, nth) => nth))(
    '[PL5] of several senders of one wrong piece the culprit is found, and the honest ones stay, seed %i',
    (seed) => {
      const share = makeShare({ pieces: [1_000_000, 1_000_000], seed });
      const lab = new Lab(seed);
      const leecher = lab.machine({ id: testPeer(5), share, as: 'knows' });
      leecher.tell({ kind: 'download-requested' });
      const honest = [7, 8].map(
        (nth) => new ScriptedPeer(testPeer(nth), share.infoHash, seedScript({ share })),
      );
      const bad = new ScriptedPeer(
        testPeer(6),
        share.infoHash,
        seedScript({ share, answer: (range, data) => ({ ...range, kind: 'piece', data: spoil(data) }) }),
      );
      for (const peer of [...honest, bad]) lab.join(leecher, peer);
      lab.until('it completes', () => leecher.snapshot.phase === 'complete');
      expect(Buffer.compare(leecher.content!, share.bytes)).toBe(0);
      for (const peer of honest) expect(peer.closed, `peer ${peer.id.slice(0, 4)}`).toBe(false);
      // With two pieces and three peers the bad one cannot have stayed out of it.
      expect(bad.closed).toBe(true);
      const dropped = leecher.reports.filter((report) => report.kind === 'peer-dropped');
      expect(dropped.map((report) => report.peer)).toEqual([testPeer(6)]);
    },
  );

  test.each([true, false])(
    '[PL5] a piece that is to come from one peer alone is not left to one that is silent, extended %s',
    (extended) => {
      const share = makeShare({ pieces: [150_000] });
      const lab = new Lab(1);
      const leecher = lab.machine({ id: testPeer(5), share, as: 'knows' });
      leecher.tell({ kind: 'download-requested' });
      // It answers once, wrongly, leaves the rest to others, and says nothing for ever after.
      let heard = 0;
      const mute = new ScriptedPeer(
        testPeer(6),
        share.infoHash,
        seedScript({
          share,
          extended,
          answer: (range, data) => (heard++ === 0 ? { ...range, kind: 'piece', data: spoil(data) } : null),
        }),
      );
      lab.join(leecher, mute);
      lab.settle();
      const honest = new ScriptedPeer(testPeer(7), share.infoHash, seedScript({ share }));
      lab.join(leecher, honest);
      lab.until('it completes', () => leecher.snapshot.phase === 'complete', 90_000);
      expect(leecher.reports.some((report) => report.kind === 'piece-refused')).toBe(true);
      expect(mute.closed).toBe(true);
      expect(honest.closed).toBe(false);
    },
  );

  test('[PL5] somebody who lies once in a while is found in time', () => {
    const lab = new Lab(4);
    const share = makeShare({ pieces: evenPieces(40, 200_000, 5) });
    const leecher = lab.machine({ id: testPeer(5), share, as: 'newcomer' });
    leecher.tell({ kind: 'download-requested' });
    const now = () => lab.random.below(10) === 0;
    const answer: SeedScript['answer'] = (range, data) => ({
      ...range,
      kind: 'piece',
      data: now() ? spoil(data) : data,
    });
    const bad = new ScriptedPeer(testPeer(6), share.infoHash, seedScript({ share, answer }));
    const good = lab.machine({ id: testPeer(8), share, as: 'seed' });
    lab.join(leecher, bad);
    lab.join(leecher, good);
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
    expect(Buffer.compare(leecher.content!, share.bytes)).toBe(0);
    expect(bad.closed).toBe(true);
    expect(leecher.snapshot.peers.map((peer) => peer.id)).toContain(good.id);
  });
});

describe('[UP1] [UP2] [UP4] asking too much', () => {
  function seedScene(lab: Lab): LabMachine {
    return lab.machine({ id: testPeer(5), share: SHARE, as: 'knows', owned: [0, 1] });
  }

  test('[UP1] more requests than may wait are a violation', () => {
    const lab = new Lab(1);
    const seed = seedScene(lab);
    seed.held.add('serve-block');
    const flood = Array.from({ length: 2_000 }, (): Frame => ({
      kind: 'request',
      piece: 0,
      offset: 0,
      length: 100_000,
    }));
    const peer = peerWith(says(...flood));
    lab.join(seed, peer);
    lab.settle();
    expectViolation(seed, 'too-many-requests');
    // Held to what the send window lets out.
    expect(seed.jobs.length).toBeLessThan(10);
  });

  test('[UP1] an unmodified peer that asks too much is left unanswered instead', () => {
    const lab = new Lab(1);
    const seed = seedScene(lab);
    const flood = Array.from({ length: 2_000 }, (): Frame => ({
      kind: 'request',
      piece: 0,
      offset: 0,
      length: 100_000,
    }));
    const peer = peerWith((heard, self) => heard.kind === 'handshake' && self.say(...flood));
    lab.join(seed, peer);
    lab.settle();
    expect(peer.closed).toBe(false);
    expect(peer.frames('piece').length).toBeGreaterThanOrEqual(512);
    expect(peer.frames('reject')).toEqual([]);
  });

  test('[UP2] what is not owned is rejected, and never served', () => {
    const lab = new Lab(1);
    const seed = seedScene(lab);
    const wanted = [0, 2, 1, 5].map((piece): Frame => ({ kind: 'request', piece, offset: 5, length: 1_000 }));
    const peer = peerWith(says(...wanted));
    lab.join(seed, peer);
    lab.settle();
    expect(
      peer
        .frames('piece')
        .map((frame) => frame.piece)
        .sort(),
    ).toEqual([0, 1]);
    for (const frame of peer.frames('piece'))
      expect(frame.data).toEqual(goodBlock(SHARE, { ...frame, length: 1_000 }));
    expect(peer.frames('reject').map((frame) => frame.piece)).toEqual([2, 5]);
  });

  test('[UP2] an unmodified peer never hears a reject', () => {
    const lab = new Lab(1);
    const seed = seedScene(lab);
    const wanted: Frame[] = [
      { kind: 'request', piece: 2, offset: 0, length: 10 },
      { kind: 'request', piece: 99, offset: 0, length: 10 },
      { kind: 'request', piece: 0, offset: 0, length: 0 },
      { kind: 'request', piece: 0, offset: 150_000, length: 10 },
      { kind: 'request', piece: 1, offset: 0, length: 150_000 },
    ];
    const peer = peerWith((heard, self) => heard.kind === 'handshake' && self.say(...wanted));
    lab.join(seed, peer);
    lab.settle();
    expect(peer.closed).toBe(false);
    expect(peer.heard.map((frame) => frame.kind)).toEqual(['handshake', 'capability', 'bitfield', 'piece']);
    expect(peer.frames('piece')[0]).toMatchObject({ piece: 1, offset: 0 });
    expect(peer.frames('piece')[0]?.data.length).toBe(150_000);
  });

  test('[UP4] every request is answered once: by its block or by a reject after a cancel', () => {
    for (let seed = 0; seed < 20; seed++) {
      const lab = new Lab(seed);
      const server = lab.machine({ id: testPeer(5), share: SHARE, as: 'seed' });
      const ranges = Array.from({ length: 30 }, (_, nth) => ({
        piece: nth % 5,
        offset: nth * 1_000,
        length: 60_000,
      }));
      const script = says(
        ...ranges.map((range): Frame => ({ kind: 'request', ...range })),
        ...ranges.filter((_, nth) => nth % 3 === 0).map((range): Frame => ({ kind: 'cancel', ...range })),
        { kind: 'cancel', piece: 4, offset: 77, length: 1 },
      );
      const peer = peerWith(script);
      lab.join(server, peer);
      lab.settle();
      const answers = [
        ...peer.frames('piece').map(({ piece, offset, data }) => `${piece}:${offset}:${data.length}`),
        ...peer.frames('reject').map(({ piece, offset, length }) => `${piece}:${offset}:${length}`),
      ];
      const expected = ranges.map(({ piece, offset, length }) => `${piece}:${offset}:${length}`);
      expect(answers.sort(), `seed ${seed}`).toEqual(expected.sort());
      expect(peer.closed).toBe(false);
    }
  });

  test.each([
    ['for pieces that are not here', [{ kind: 'request', piece: 4, offset: 0, length: 1 }]],
    [
      'and takes it back',
      [
        { kind: 'request', piece: 0, offset: 0, length: 150_000 },
        { kind: 'cancel', piece: 0, offset: 0, length: 150_000 },
      ],
    ],
    ['for the manifest', [{ kind: 'metadata-request', offset: 0 }]],
  ] as [string, Frame[]][])(
    '[UP1] who asks on and on %s, and never reads, does not fill our memory',
    (_what, greed) => {
      const lab = new Lab(1);
      const seed = seedScene(lab);
      const peer = peerWith(() => undefined, 3);
      const pipe = lab.join(peer, seed);
      lab.cut = (waiting) => waiting;
      lab.settle();
      peer.say({ kind: 'capability' });
      lab.settle();
      const answers = pipe.directions[1];
      answers.held = true;
      const many = Buffer.concat(
        Array.from({ length: 1_000 }, () => greed.map((frame) => encodeFrame(frame))).flat(),
      );
      for (let round = 0; round < 2_000 && !answers.closing; round++) {
        peer.bytes(many);
        lab.advance(greed.length * 500); // as fast as anybody may ([EN7])
      }
      expectViolation(seed, 'too-many-requests');
      expect(answers.waiting).toBeLessThan(8_000_000);
    },
  );
});

describe('[EN7] very many frames', () => {
  test.each([
    ['nothing new', [{ kind: 'capability' }], 10_000],
    ['choke and unchoke', [{ kind: 'choke' }, { kind: 'unchoke' }], 5_000],
    ['the same piece', [{ kind: 'have', pieces: [0] }], 10_000],
    ['very many pieces', [{ kind: 'have', pieces: Array<number>(1_024).fill(0) }], 100],
    ['rejects of nothing', [{ kind: 'reject', piece: 0, offset: 0, length: 1 }], 10_000],
  ] as [string, Frame[], number][])('[EN7] who says %s on and on is dropped', (_what, frames, times) => {
    const { lab, leecher } = scene();
    const peer = liar({ answer: () => null });
    lab.join(leecher, peer);
    lab.settle();
    peer.bytes(Buffer.concat(Array.from({ length: times }, () => frames.map(encodeFrame)).flat()));
    lab.settle();
    expectViolation(leecher, 'too-many-frames');
  });
});

describe('[RQ4] a peer that rejects', () => {
  test('[RQ4] is not asked again for what it rejected, until it says that it has it', () => {
    const { lab, leecher } = scene();
    const peer = liar({ answer: (range) => ({ ...range, kind: 'reject' }) });
    lab.join(leecher, peer);
    lab.advance(30_000);
    const asked = peer.requests.map(({ piece, offset }) => `${piece}:${offset}`);
    expect(new Set(asked).size).toBe(asked.length);
    expect(peer.closed).toBe(false);
    peer.script = seedScript({ share: SHARE });
    peer.say({ kind: 'have', pieces: [0, 1, 2, 3, 4, 5] });
    lab.until('it completes', () => leecher.snapshot.phase === 'complete');
  });

  test('[RQ4] some rejects cost nothing but the piece at that peer', () => {
    const { lab, leecher, rescue } = scene();
    const answer: SeedScript['answer'] = (range, data) =>
      range.piece === 3 ? { ...range, kind: 'reject' } : { ...range, kind: 'piece', data };
    lab.join(leecher, liar({ answer }));
    lab.settle();
    expect([...leecher.store.keys()].sort()).toEqual([0, 1, 2, 4, 5]);
    rescue();
  });
});

describe('[RQ5] a peer that is silent', () => {
  test('[RQ5] loses its requests to another, and may answer late', () => {
    const { lab, leecher } = scene();
    const waiting: Frame[] = [];
    const slow = liar({
      answer: (range, data) => {
        waiting.push({ kind: 'piece', piece: range.piece, offset: range.offset, data });
        return null;
      },
    });
    lab.join(leecher, slow);
    lab.advance(1_000);
    expect(waiting.length).toBeGreaterThan(0);
    lab.advance(60_000);
    expect(slow.frames('cancel').length).toBeGreaterThan(0);
    expect(slow.closed).toBe(false);
    const honest = lab.machine({ id: testPeer(9), share: SHARE, as: 'seed' });
    lab.join(leecher, honest);
    lab.until('it completes', () => leecher.snapshot.phase === 'complete', 40_000);
    slow.say(...waiting);
    lab.settle();
    expect(slow.closed).toBe(false);
    expect(Buffer.compare(leecher.content!, SHARE.bytes)).toBe(0);
  });

  test('[RQ4] a late block is used where it is still missing', () => {
    const { lab, leecher } = scene();
    const waiting: Frame[] = [];
    const answer: SeedScript['answer'] = (range, data) => {
      waiting.push({ kind: 'piece', piece: range.piece, offset: range.offset, data });
      return null;
    };
    const slow = liar({ answer });
    lab.join(leecher, slow);
    lab.settle();
    leecher.tell({ kind: 'download-paused' });
    lab.settle();
    const before = leecher.snapshot.receivedBytes;
    slow.say(...waiting);
    lab.settle();
    expect(slow.closed).toBe(false);
    expect(leecher.snapshot.receivedBytes).toBeGreaterThan(before);
  });

  test('[RQ5] a peer that never sends does not hold the download up for ever', () => {
    const { lab, leecher } = scene();
    lab.join(leecher, liar({ answer: () => null }, 7));
    lab.join(leecher, liar({ answer: () => null }, 6));
    lab.settle();
    lab.join(leecher, liar({}, 8));
    lab.until('it completes', () => leecher.snapshot.phase === 'complete', 60_000);
  });
});
