/** An unmodified TorrentInno peer at the other end of the stream: it fetches from us and feeds us. */
import { describe, expect, test } from 'vitest';
import { encodeFrame, encodePiece } from '../protocol/codec.ts';
import { FRAME_TYPES } from '../protocol/frames.ts';
import { Lab, testPeer } from './testing/lab.ts';
import { byteByByte } from './testing/pipe.ts';
import type { Line, PipeEnd } from './testing/pipe.ts';
import { evenPieces, makeShare } from './testing/share.ts';
import type { TestShare } from './testing/share.ts';
import { TorrentInnoPeer } from './testing/torrentinno-peer.ts';
import type { TorrentInnoOptions } from './testing/torrentinno-peer.ts';

const PLAIN = { salt: null } as const;

function stranger(
  lab: Lab,
  nth: number,
  share: TestShare,
  options: Partial<TorrentInnoOptions> = {},
): TorrentInnoPeer {
  const peer = new TorrentInnoPeer({
    id: testPeer(nth),
    share,
    random: lab.random,
    now: lab.now,
    ...options,
  });
  lab.clocked.push(peer);
  return peer;
}

/** It was sent nothing that it cannot read, and lost nothing. */
function expectInStep(peer: TorrentInnoPeer): void {
  expect(new Set(peer.skipped)).toEqual(new Set(peer.skipped.length === 0 ? [] : [FRAME_TYPES.capability]));
  expect(peer.refusals).toBe(0);
  expect(peer.states).not.toContain('received');
}

function expectFile(peer: TorrentInnoPeer, share: TestShare): void {
  expect(Buffer.compare(peer.file, share.bytes)).toBe(0);
}

const shapes: [string, TestShare][] = [
  ['two small pieces', makeShare({ pieces: [5, 6], ...PLAIN })],
  ['pieces of 1,000,000 bytes', makeShare({ pieces: evenPieces(6, 1_000_000, 1), ...PLAIN })],
  ['pieces of odd sizes', makeShare({ pieces: [70_001, 1, 999_999, 65_536, 131_073, 2, 3, 4, 5], ...PLAIN })],
  [
    'a share of our own, with salt and folders',
    makeShare({
      pieces: evenPieces(9, 100_000),
      files: [
        { path: ['a', 'b'], size: 450_000 },
        { path: ['c'], size: 450_000 },
      ],
    }),
  ],
];

describe('[UP2] it fetches from us', () => {
  for (const [what, share] of shapes) {
    test.each([1, 9])(`[UP2] ${what}, we being peer %i of 5`, (ours) => {
      const lab = new Lab(ours + share.bytes.length);
      const seed = lab.machine({ id: testPeer(ours), share, as: 'seed' });
      const peer = stranger(lab, 5, share);
      lab.join(seed, peer);
      lab.until('it has everything', () => peer.complete);
      expectInStep(peer);
      expectFile(peer, share);
      // One answer for one request, of exactly what was asked.
      expect(peer.requested).toBe(share.pieces.length);
      expect(seed.snapshot.uploadedBytes).toBe(share.bytes.length);
      expect(seed.snapshot.peers).toMatchObject([{ extended: false, pieces: share.pieces.length }]);
    });
  }

  test.each([1, 9])('[UP1] 300 requests outstanding, we being peer %i of 5', (ours) => {
    const share = makeShare({ pieces: evenPieces(300, 100_000, 9), ...PLAIN });
    const lab = new Lab(ours);
    const seed = lab.machine({ id: testPeer(ours), share, as: 'seed' });
    seed.held.add('serve-block');
    const peer = stranger(lab, 5, share, { requestsPerTick: 300 });
    lab.join(seed, peer);
    lab.advance(1_000);
    expect(peer.mostOutstanding).toBe(300);
    seed.held.clear();
    lab.until('it has everything', () => peer.complete, 10_000);
    expectInStep(peer);
    expectFile(peer, share);
    expect(peer.requested).toBe(300);
  });

  test('[UP2] so slowly that its bitfields come in between', () => {
    const share = makeShare({ pieces: evenPieces(400, 3_000, 9), ...PLAIN });
    const lab = new Lab(3);
    const seed = lab.machine({ id: testPeer(9), share, as: 'seed' });
    const peer = stranger(lab, 5, share);
    lab.join(seed, peer);
    const from = lab.now;
    lab.until('it has everything', () => peer.complete);
    expect(lab.now - from).toBeGreaterThan(60_000);
    expectInStep(peer);
    expectFile(peer, share);
  });

  test('[WF2] byte by byte', () => {
    const share = makeShare({ pieces: evenPieces(4, 20_000, 9), ...PLAIN });
    const lab = new Lab(3);
    lab.cut = byteByByte;
    const seed = lab.machine({ id: testPeer(9), share, as: 'seed' });
    const peer = stranger(lab, 5, share);
    lab.join(seed, peer);
    lab.until('it has everything', () => peer.complete);
    expectInStep(peer);
  });

  test.each([1, 9])('[BF1] while we are loading ourselves, we being peer %i of 5', (ours) => {
    const share = makeShare({ pieces: evenPieces(20, 150_000, 9), ...PLAIN });
    const lab = new Lab(ours);
    const seed = lab.machine({ id: testPeer(12), share, as: 'seed' });
    const middle = lab.machine({ id: testPeer(ours), share, as: 'newcomer' });
    const peer = stranger(lab, 5, share);
    // It meets us before we have the manifest: then no bitfield of ours may come.
    lab.join(middle, peer);
    lab.advance(5_000);
    expect(middle.snapshot.phase).toBe('looking');
    expect(peer.skipped).toEqual([FRAME_TYPES.capability]);
    middle.tell({ kind: 'download-requested' });
    const pipe = lab.join(middle, seed);
    for (let round = 0; round < 60 && !peer.complete; round++) {
      for (const direction of pipe.directions) direction.held = round % 2 === 0;
      lab.advance(1_000);
    }
    for (const direction of pipe.directions) direction.held = false;
    lab.until('both have everything', () => peer.complete && middle.snapshot.phase === 'complete');
    expectInStep(peer);
    expectFile(peer, share);
  });

  test('[UP3] is shown a narrower bitfield when a piece of our store is gone, and the piece again when it is back', () => {
    const share = makeShare({ pieces: evenPieces(6, 100_000), ...PLAIN });
    const lab = new Lab(4);
    const seed = lab.machine({ id: testPeer(9), share, as: 'seed' });
    const peer = stranger(lab, 5, share);
    seed.store.delete(3);
    lab.join(seed, peer);
    // It asks for everything once, and then knows better than to ask for what is not here.
    lab.advance(300_000);
    expect(peer.states.filter((state) => state === 'saved')).toHaveLength(5);
    expect(peer.requested).toBe(6);
    const other = lab.machine({ id: testPeer(12), share, as: 'seed' });
    lab.join(seed, other);
    lab.until('it has everything', () => peer.complete);
    expect(peer.requested).toBe(7);
    expectInStep(peer);
  });

  test('[CH1] among many peers of ours that all want something, too', () => {
    const share = makeShare({ pieces: evenPieces(30, 300_000, 9), ...PLAIN });
    const lab = new Lab(5);
    const seed = lab.machine({ id: testPeer(20), share, as: 'seed' });
    const leechers = Array.from({ length: 8 }, (_, nth) =>
      lab.machine({ id: testPeer(1 + nth), share, as: 'newcomer' }),
    );
    const peer = stranger(lab, 15, share);
    for (const leecher of leechers) {
      leecher.tell({ kind: 'download-requested' });
      lab.join(seed, leecher);
      lab.join(peer, leecher);
    }
    lab.join(seed, peer);
    lab.until(
      'everybody has everything',
      () => peer.complete && leechers.every((one) => one.snapshot.phase === 'complete'),
    );
    expectInStep(peer);
    expectFile(peer, share);
  });

  test('[UP2] pieces that are larger than it can load are not forced upon it', () => {
    const share = makeShare({ pieces: [1_048_576, 1_048_576], ...PLAIN });
    const lab = new Lab(1);
    const seed = lab.machine({ id: testPeer(9), share, as: 'seed' });
    const peer = stranger(lab, 5, share);
    lab.join(seed, peer);
    lab.advance(70_000);
    expect(peer.refusals).toBe(0);
    expect(peer.complete).toBe(false);
    expect(seed.closes).toEqual([]);
  });
});

describe('[RQ1] it feeds us', () => {
  for (const [what, share] of shapes) {
    test.each([1, 9])(`[RQ1] ${what}, we being peer %i of 5`, (ours) => {
      const lab = new Lab(ours + share.bytes.length);
      const leecher = lab.machine({ id: testPeer(ours), share, as: 'knows' });
      const peer = stranger(lab, 5, share, { owned: 'all' });
      leecher.tell({ kind: 'download-requested' });
      lab.join(leecher, peer);
      lab.until('we have everything', () => leecher.snapshot.phase === 'complete');
      expect(Buffer.compare(leecher.content!, share.bytes)).toBe(0);
      lab.advance(65_000);
      expectInStep(peer);
      expect(leecher.closes).toEqual([]);
    });
  }

  test('[RQ3] what it lacks it would send as zeros: it is asked only for what it shows', () => {
    const share = makeShare({ pieces: evenPieces(10, 100_000, 9), ...PLAIN });
    const lab = new Lab(1);
    const leecher = lab.machine({ id: testPeer(9), share, as: 'knows' });
    const peer = stranger(lab, 5, share, { owned: [1, 4, 5] });
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, peer);
    lab.advance(40_000);
    expect([...leecher.store.keys()].sort()).toEqual([1, 4, 5]);
    expect(leecher.closes).toEqual([]);
    // Another one has the rest, and both get it.
    const other = stranger(lab, 3, share, { owned: [0, 2, 3, 6, 7, 8, 9] });
    lab.join(leecher, other);
    lab.until(
      'all three have everything',
      () => leecher.snapshot.phase === 'complete' && peer.complete && other.complete,
    );
    for (const one of [peer, other]) expectFile(one, share);
  });

  test('[RQ5] it has stopped sharing without saying so: its pieces come from another', () => {
    const share = makeShare({ pieces: evenPieces(10, 100_000, 9), ...PLAIN });
    const lab = new Lab(1);
    const leecher = lab.machine({ id: testPeer(5), share, as: 'knows' });
    const mute = stranger(lab, 9, share, { owned: 'all' });
    mute.sharing = false;
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, mute);
    lab.advance(12_000);
    lab.join(leecher, stranger(lab, 8, share, { owned: 'all' }));
    lab.until('we have everything', () => leecher.snapshot.phase === 'complete');
    expect(Buffer.compare(leecher.content!, share.bytes)).toBe(0);
    // And should it share again, what comes late is no violation.
    mute.sharing = true;
    lab.advance(5_000);
    expect(leecher.closes.filter(({ why }) => why.kind === 'violation')).toEqual([]);
  });

  test('[RQ4] a download that is paused and resumed leaves it in step', () => {
    const share = makeShare({ pieces: evenPieces(60, 70_000, 9), ...PLAIN });
    const lab = new Lab(1);
    const leecher = lab.machine({ id: testPeer(5), share, as: 'knows' });
    const peer = stranger(lab, 9, share, { owned: 'all' });
    leecher.tell({ kind: 'download-requested' });
    lab.join(leecher, peer);
    for (let round = 0; round < 2; round++) {
      const stored = leecher.store.size;
      lab.stopWhen('another piece', () => leecher.store.size > stored);
      leecher.tell({ kind: 'download-paused' });
      lab.settle();
      leecher.tell({ kind: 'download-requested' });
    }
    lab.until('we have everything', () => leecher.snapshot.phase === 'complete');
    expect(Buffer.compare(leecher.content!, share.bytes)).toBe(0);
    expectInStep(peer);
    expect(leecher.closes).toEqual([]);
  });
});

describe('the stand-in itself', () => {
  const share = makeShare({ pieces: [5, 6, 7], ...PLAIN });

  /** Both ends of a connection whose other side the test writes. */
  function reader(peer: TorrentInnoPeer): { end: PipeEnd; wrote: Uint8Array[]; closed: () => boolean } {
    const wrote: Uint8Array[] = [];
    let closed = false;
    const line: Line = { write: (bytes) => wrote.push(bytes), close: () => (closed = true) };
    return { end: peer.attach('acceptor', null, line), wrote, closed: () => closed };
  }

  function greeting(nth: number): Uint8Array {
    return Buffer.concat([
      Buffer.from('TorrentInno', 'latin1'),
      Buffer.from(testPeer(nth), 'hex'),
      Buffer.from(share.infoHash, 'hex'),
    ]);
  }

  test('two of them understand each other, in both orders', () => {
    for (const seedId of [1, 9]) {
      const lab = new Lab(seedId);
      const [from, to] = [stranger(lab, seedId, share, { owned: 'all' }), stranger(lab, 5, share)];
      lab.join(from, to);
      lab.until('it is complete', () => to.complete);
      expectFile(to, share);
      expect(from.skipped).toEqual([]);
    }
  });

  test('it refuses a greater id, lets an equal one in, and does not answer a second connection', () => {
    const lab = new Lab(1);
    const peer = stranger(lab, 5, share);
    for (const [nth, refused] of [
      [6, true],
      [5, false],
      [4, false],
    ] as const) {
      const one = reader(peer);
      one.end.received(greeting(nth));
      expect(one.closed()).toBe(refused);
      expect(one.wrote.length).toBe(refused ? 0 : 2);
    }
    const twin = reader(peer);
    twin.end.received(greeting(4));
    expect(twin.closed()).toBe(false);
    expect(twin.wrote).toEqual([]);
  });

  test('a frame without payload is skipped; one with a payload puts it out of step for good', () => {
    const lab = new Lab(1);
    const peer = stranger(lab, 5, share, { owned: 'all' });
    const one = reader(peer);
    one.end.received(greeting(4));
    one.wrote.length = 0;
    const request = encodeFrame({ kind: 'request', piece: 0, offset: 0, length: 5 });
    one.end.received(Buffer.concat([encodeFrame({ kind: 'capability' }), request]));
    expect(one.wrote).toEqual([encodePiece(0, 0, share.pieces[0]!)]);
    one.end.received(Buffer.concat([encodeFrame({ kind: 'have', pieces: [1] }), request]));
    expect(one.wrote).toHaveLength(1);
  });

  test('a split answer leaves the piece received for ever; a whole one still helps', () => {
    const lab = new Lab(1);
    const peer = stranger(lab, 5, share, { requestsPerTick: 3 });
    const one = reader(peer);
    one.end.received(
      Buffer.concat([greeting(4), encodeFrame({ kind: 'bitfield', bits: Uint8Array.of(0xe0) })]),
    );
    lab.advance(200);
    expect(peer.states).toEqual(['in-progress', 'in-progress', 'in-progress']);
    one.end.received(encodePiece(0, 0, share.pieces[0]!.subarray(0, 2)));
    one.end.received(encodePiece(0, 2, share.pieces[0]!.subarray(2)));
    one.end.received(encodePiece(1, 0, share.pieces[1]!));
    lab.advance(100_000);
    expect(peer.states).toEqual(['received', 'saved', 'in-progress']);
    one.end.received(encodePiece(0, 0, share.pieces[0]!));
    expect(peer.states[0]).toBe('saved');
  });

  test('it drops whoever sends more than a million bytes at once', () => {
    const lab = new Lab(1);
    const one = reader(stranger(lab, 5, share));
    one.end.received(greeting(4));
    const header = encodePiece(0, 0, new Uint8Array(0));
    new DataView(header.buffer).setUint32(13, 1_000_001);
    one.end.received(header);
    expect(one.closed()).toBe(true);
  });
});
