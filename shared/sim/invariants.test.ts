import { describe, expect, test } from 'vitest';
import type { LinkId } from '../ids.ts';
import {
  BLOCK_BYTES,
  BLOCK_GRID_BYTES,
  MAX_BLOCK_BYTES,
  MAX_LINKS,
  MAX_OUTSTANDING_BYTES,
  SEND_WINDOW_BYTES,
} from '../limits.ts';
import { encodeFrame, encodePiece } from '../protocol/codec.ts';
import type { Frame } from '../protocol/frames.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import { seededRandom } from '../random.ts';
import { Watch } from './invariants.ts';
import { SyntheticShare } from './share.ts';

const PIECE_BYTES = 4 * BLOCK_BYTES;
const PIECES = 400;
const A = 1 as LinkId;
const B = 2 as LinkId;

/** A watch of a leecher with two open links whose peers have everything. */
function setUp(seed = false, files: ChosenFiles = null) {
  const share = new SyntheticShare(PIECES * PIECE_BYTES, PIECE_BYTES, seededRandom(3), { files: 4 });
  const watch = new Watch(share, 'somebody', { seed, files });
  const hear = (link: LinkId, frame: Frame): void =>
    watch.before({ kind: 'bytes-received', link, bytes: encodeFrame(frame) });
  const say = (link: LinkId, frame: Frame, now = 0): void =>
    watch.ordered({ kind: 'send', link, bytes: encodeFrame(frame) }, now);
  for (const link of [A, B]) {
    watch.before({ kind: 'link-opened', link, role: 'dialler', expected: null });
    hear(link, { kind: 'bitfield', bits: share.everything() });
  }
  const block = (piece: number, nth: number) => ({ piece, offset: nth * BLOCK_BYTES, length: BLOCK_BYTES });
  const ask = (link: LinkId, piece: number, nth: number, now = 0): void =>
    say(link, { kind: 'request', ...block(piece, nth) }, now);
  const bring = (link: LinkId, piece: number, nth: number): void =>
    watch.before({
      kind: 'bytes-received',
      link,
      bytes: encodePiece(piece, nth * BLOCK_BYTES, new Uint8Array(BLOCK_BYTES)),
    });
  const hash = (piece: number, right = true): void => {
    const sha256 = right ? share.manifest.pieces[piece]!.sha256 : 'f'.repeat(64);
    watch.before({ kind: 'piece-hashed', piece, sha256 });
  };
  const store = (piece: number, bytes = share.allocate(PIECE_BYTES)): void => {
    watch.ordered(
      {
        kind: 'store-piece',
        awaitedBytes: 0,
        piece,
        sha256: share.manifest.pieces[piece]?.sha256 ?? '',
        bytes,
      },
      0,
    );
    watch.before({ kind: 'piece-stored', piece });
  };
  return { share, watch, hear, say, ask, bring, hash, store, block };
}

describe('[SM5] the watch refuses', () => {
  test('a piece that is stored before it was verified', () => {
    const { hash, store } = setUp();
    hash(1);
    store(1);
    expect(() => store(2)).toThrow('piece 2 is verified before it is stored');
  });

  test('[PK4] a piece that is asked for and is not wanted', () => {
    const { ask } = setUp(false, [1]);
    ask(A, 100, 0);
    expect(() => ask(A, 99, 0)).toThrow('piece 99, which is asked for, is wanted');
    expect(() => ask(A, 200, 0)).toThrow('is wanted');
  });

  test('[PK5] less that is missing than is announced, and a part that is said to be all', () => {
    const { watch, hash, store } = setUp(false, [0]);
    const announce = (event: 'update' | 'completed', left: number | null): void =>
      watch.ordered({ kind: 'announce', event, left, want: 50 }, 0);
    announce('update', null);
    announce('update', PIECES * PIECE_BYTES);
    expect(() => announce('update', 0)).toThrow('0 bytes are announced');
    hash(0);
    store(0);
    announce('update', (PIECES - 1) * PIECE_BYTES);
    expect(() => announce('completed', (PIECES - 1) * PIECE_BYTES)).toThrow('only who has everything');
  });

  test('a wrong byte that is stored', () => {
    const { share, hash, store } = setUp();
    const bytes = share.allocate(PIECE_BYTES);
    bytes.set(new Uint8Array(BLOCK_BYTES).fill(1), BLOCK_BYTES);
    hash(1);
    expect(() => store(1, bytes)).toThrow('is right');
  });

  test('a block served of a piece that is not stored, and one beyond its piece', () => {
    const { watch, hash, store } = setUp();
    const serve = (piece: number, offset: number): void =>
      watch.ordered({ kind: 'serve-block', link: A, piece, offset, length: BLOCK_BYTES, sha256: '' }, 0);
    hash(1);
    expect(() => serve(1, 0)).toThrow('verified and stored');
    store(1);
    serve(1, PIECE_BYTES - BLOCK_BYTES);
    expect(() => serve(1, PIECE_BYTES - 1)).toThrow('lies in its piece');
  });

  test('a block served beyond the send window', () => {
    const { watch } = setUp(true);
    const serve = (): void =>
      watch.ordered(
        { kind: 'serve-block', link: A, piece: 0, offset: 0, length: BLOCK_BYTES, sha256: '' },
        0,
      );
    for (let bytes = 0; bytes < SEND_WINDOW_BYTES; bytes += BLOCK_BYTES) serve();
    expect(serve).toThrow('send window');
    watch.before({ kind: 'bytes-sent', link: A, bytes: 2 * BLOCK_BYTES });
    serve();
  });

  test('a have and a bitfield that name what is not stored', () => {
    const { say, hash, store, share } = setUp();
    hash(1);
    store(1);
    say(A, { kind: 'have', pieces: [1] });
    expect(() => say(A, { kind: 'have', pieces: [1, 2] })).toThrow('piece 2 is stored before');
    expect(() => say(A, { kind: 'bitfield', bits: share.everything() })).toThrow('bitfield');
    // A super-seed shows less than it has.
    say(A, { kind: 'bitfield', bits: share.nothing().toBytes() });
  });

  test('a block asked of two peers while others are free', () => {
    const { ask } = setUp();
    ask(A, 0, 0);
    expect(() => ask(B, 0, 0)).toThrow('asked of two peers');
  });

  test('a block asked twice of one peer, or asked for when it is here', () => {
    const { ask, bring } = setUp();
    ask(A, 0, 0);
    expect(() => ask(A, 0, 0)).toThrow('not repeated');
    ask(A, 0, 1);
    bring(A, 0, 1);
    expect(() => ask(B, 0, 1)).toThrow('once it is here');
  });

  test('more outstanding bytes, held bytes and links than the limits', () => {
    const { ask, hear, watch } = setUp();
    const perLink = (MAX_OUTSTANDING_BYTES + MAX_BLOCK_BYTES) / BLOCK_BYTES;
    for (let nth = 1; nth <= perLink; nth++) ask(A, Math.floor(nth / 4), nth % 4);
    expect(() => ask(A, 300, 0)).toThrow('bounded');
    const begin = (): void => {
      for (let piece = 70; piece < PIECES; piece++) {
        ask(B, piece, 0);
        hear(B, { kind: 'reject', piece, offset: 0, length: BLOCK_BYTES });
        hear(B, { kind: 'have', pieces: [piece] });
      }
    };
    expect(begin).toThrow('bytes of pieces under way');
    watch.after(MAX_LINKS);
    expect(() => watch.after(MAX_LINKS + 1)).toThrow('links');
  });
});

describe('[SM5] the watch allows a second owner', () => {
  test('of a block whose first one was too late, rejected it, or closed', () => {
    const { ask, hear, watch, block } = setUp();
    ask(A, 0, 0, 0);
    ask(B, 0, 0, 1_000);
    ask(A, 0, 1);
    hear(A, { kind: 'reject', ...block(0, 1) });
    ask(B, 0, 1);
    watch.before({ kind: 'link-closed', link: B });
    ask(A, 0, 1);
  });

  test('of a block that was cancelled', () => {
    const { ask, say, block } = setUp();
    ask(A, 0, 0);
    say(A, { kind: 'cancel', ...block(0, 0) });
    ask(B, 0, 0);
  });

  test('in the end game also where a slow source sent the whole of a block that it was asked a part of', () => {
    const { share, hear, say, ask, bring } = setUp();
    hear(B, { kind: 'bitfield', bits: share.nothing().toBytes() });
    hear(B, { kind: 'have', pieces: [0] });
    ask(A, 0, 0);
    say(A, { kind: 'cancel', piece: 0, offset: 0, length: BLOCK_BYTES });
    say(A, { kind: 'request', piece: 0, offset: 0, length: BLOCK_GRID_BYTES });
    // It answers what was cancelled, not the request for a part of it.
    bring(A, 0, 0);
    for (let nth = 1; nth < 3; nth++) ask(A, 0, nth);
    expect(() => ask(B, 0, 1)).toThrow('asked of two peers');
    ask(A, 0, 3);
    ask(B, 0, 2);
  });

  test('in the end game, which begins when nothing else is left to ask of that peer', () => {
    const { share, watch, hear, ask } = setUp();
    for (let piece = 2; piece < PIECES; piece++) {
      hear(B, { kind: 'bitfield', bits: share.nothing().toBytes() });
    }
    hear(B, { kind: 'have', pieces: [0] });
    for (let nth = 0; nth < 3; nth++) ask(A, 0, nth);
    expect(() => ask(B, 0, 0)).toThrow('asked of two peers');
    watch.before({ kind: 'link-closed', link: B });
    watch.before({ kind: 'link-opened', link: B, role: 'dialler', expected: null });
    hear(B, { kind: 'have', pieces: [0] });
    ask(A, 0, 3);
    ask(B, 0, 1);
  });

  test('[PK4] at the end of what is wanted, whatever else is left', () => {
    const { ask, bring, hash, store } = setUp(false, [0]);
    for (let piece = 0; piece < 100; piece++) {
      for (let nth = 0; nth < 4; nth++) {
        ask(A, piece, nth);
        if (piece < 99) bring(A, piece, nth);
      }
      if (piece === 99) continue;
      hash(piece);
      store(piece);
    }
    ask(B, 99, 0);
  });

  test('of a piece that was corrupt', () => {
    const { ask, bring, hash } = setUp();
    for (let nth = 0; nth < 4; nth++) {
      ask(A, 0, nth);
      bring(A, 0, nth);
    }
    hash(0, false);
    ask(A, 0, 0);
    ask(B, 0, 0);
  });
});

test('[SM5] the watch tells blocks that came twice', () => {
  const { watch, ask, bring } = setUp();
  ask(A, 0, 0);
  ask(B, 0, 0, 2_000);
  bring(A, 0, 0);
  bring(B, 0, 0);
  expect([watch.receivedPayload, watch.uselessPayload]).toEqual([2 * BLOCK_BYTES, BLOCK_BYTES]);
});
