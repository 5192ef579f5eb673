/** Blocks that come beside the stream of a link, over further connections. */
import { describe, expect, test } from 'vitest';
import { linkId } from '../ids.ts';
import { encodeFrame, encodePiece } from '../protocol/codec.ts';
import type { Frame } from '../protocol/frames.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import { goodBlock, ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(6, 150_000, 70_001) });
const LINK = linkId(1);

/** A leecher, and a seed that answers nothing by itself: the test answers for it. */
function scene(): { lab: Lab; leecher: LabMachine; seed: ScriptedPeer; comes: Comes } {
  const lab = new Lab(1);
  const leecher = lab.machine({ id: testPeer(5), share: SHARE, as: 'knows' });
  const seed = new ScriptedPeer(
    testPeer(7),
    SHARE.infoHash,
    seedScript({ share: SHARE, answer: () => null }),
  );
  leecher.tell({ kind: 'download-requested' });
  lab.join(leecher, seed);
  lab.settle();
  const comes: Comes = (subflow, bytes) => {
    leecher.tell({ kind: 'bytes-received', link: LINK, bytes, subflow });
    lab.settle();
  };
  return { lab, leecher, seed, comes };
}

type Comes = (subflow: number, bytes: Uint8Array) => void;

function block({ piece, offset, length }: Frame & { kind: 'request' }): Uint8Array<ArrayBuffer> {
  return encodePiece(piece, offset, goodBlock(SHARE, { piece, offset, length }));
}

function whyClosed(leecher: LabMachine): string[] {
  return leecher.closes.map(({ why }) => (why.kind === 'violation' ? why.violation.what : why.kind));
}

describe('[PN14] over further connections', () => {
  test('blocks come in any order, cut anywhere, also in the middle of a frame of the stream', () => {
    const { leecher, seed, comes } = scene();
    let answered = 0;
    const have = encodeFrame({ kind: 'have', pieces: [0] });
    while (answered < seed.requests.length) {
      const open = seed.requests.slice(answered).reverse();
      answered = seed.requests.length;
      comes(0, have.subarray(0, 3));
      for (const [nth, request] of open.entries()) {
        const bytes = block(request);
        const cut = 1 + ((nth * 7_919) % (bytes.length - 1));
        comes(1 + (nth % 3), bytes.slice(0, cut));
        comes(1 + (nth % 3), bytes.slice(cut));
      }
      comes(0, have.subarray(3));
    }
    expect(leecher.snapshot.phase).toBe('complete');
    expect(Buffer.compare(leecher.content!, SHARE.bytes)).toBe(0);
    expect(leecher.closes).toEqual([]);
  });

  test.each<Frame>([
    { kind: 'have', pieces: [0] },
    { kind: 'choke' },
    { kind: 'capability' },
    { kind: 'request', piece: 0, offset: 0, length: 16_384 },
    { kind: 'metadata-request', offset: 0 },
  ])('a $kind frame is a violation', (frame) => {
    const { leecher, comes } = scene();
    comes(1, encodeFrame(frame));
    expect(whyClosed(leecher)).toEqual(['out-of-phase']);
  });

  test('a block that was not asked for is a violation, as in the stream', () => {
    const { leecher, comes } = scene();
    comes(2, encodePiece(0, 16_384 * 7, new Uint8Array(5)));
    expect(whyClosed(leecher)).toHaveLength(1);
  });

  test('nothing comes before both have shaken hands', () => {
    const lab = new Lab(1);
    const leecher = lab.machine({ id: testPeer(5), share: SHARE, as: 'knows' });
    leecher.tell({ kind: 'link-opened', link: LINK, role: 'acceptor', expected: testPeer(3) });
    const bytes = encodePiece(0, 0, new Uint8Array(16_384));
    leecher.tell({ kind: 'bytes-received', link: LINK, bytes, subflow: 1 });
    expect(whyClosed(leecher)).toEqual(['out-of-phase']);
  });

  test('what is lost with one is asked for again at once, and half a frame of it is forgotten', () => {
    const { lab, leecher, seed, comes } = scene();
    const [first, ...others] = seed.requests;
    for (const request of others) comes(2, block(request));
    comes(1, block(first!).slice(0, 1_000));
    const before = seed.requests.length;
    leecher.tell({ kind: 'subflow-ended', link: LINK, subflow: 1, lost: true });
    lab.settle();
    const again = seed.requests.slice(before);
    expect(again).toContainEqual(first);
    // One of the same number would begin with a frame.
    comes(1, block(first!));
    expect(leecher.closes).toEqual([]);
  });

  test('[RQ4] what is lost with one and asked for again is asked of others where that is refused', () => {
    const { lab, leecher, seed, comes } = scene();
    const asked = [...seed.requests];
    leecher.tell({ kind: 'subflow-ended', link: LINK, subflow: 1, lost: true });
    lab.settle();
    // All had been sent when they were cancelled, so that only what was asked again is refused.
    comes(0, encodeFrame({ kind: 'choke' }));
    for (const { piece, offset, length } of seed.requests.slice(asked.length))
      comes(0, encodeFrame({ kind: 'reject', piece, offset, length }));
    const other = new ScriptedPeer(testPeer(8), SHARE.infoHash, seedScript({ share: SHARE }));
    lab.join(leecher, other);
    lab.until('the other one gives all of it', () => leecher.snapshot.phase === 'complete', 10_000);
    expect(leecher.closes).toEqual([]);
  });

  test('with one over which nothing was on its way nothing is asked for again', () => {
    const { lab, leecher, seed, comes } = scene();
    comes(1, block(seed.requests[0]!).slice(0, 1_000));
    const before = seed.requests.length;
    leecher.tell({ kind: 'subflow-ended', link: LINK, subflow: 1, lost: false });
    lab.settle();
    expect(seed.requests.length).toBe(before);
    comes(1, block(seed.requests[0]!));
    expect(leecher.closes).toEqual([]);
  });

  test('one that ends behind its link says nothing', () => {
    const { leecher } = scene();
    expect(leecher.tell({ kind: 'subflow-ended', link: linkId(99), subflow: 1, lost: true })).toEqual([]);
  });
});
