/**
 * An unmodified leecher behind a slow uplink of ours: it asks for five pieces a second, gives each request up after a
 * minute and asks anew. It gets each piece once, in the time that the uplink needs, and nothing when it has everything.
 */
import { describe, expect, test } from 'vitest';
import { testPeer } from '../testing/lab.ts';
import { evenPieces, makeShare } from '../testing/share.ts';
import { TimedLab } from '../testing/timed-lab.ts';
import { TorrentInnoPeer } from '../testing/torrentinno-peer.ts';

interface Scene {
  readonly pieces: number;
  readonly pieceBytes: number;
  /** Pieces that our uplink carries in a second. */
  readonly perSecond: number;
  readonly leechers?: number;
}

interface Outcome {
  /** Of the time that the uplink needs, and of the bytes that there are. */
  readonly time: number;
  readonly bytes: number;
  /** Bytes that came when everything was there. */
  readonly afterwards: number;
}

function fetched({ pieces, pieceBytes, perSecond, leechers = 1 }: Scene): Outcome {
  const share = makeShare({ pieces: evenPieces(pieces, pieceBytes), salt: null });
  const lab = new TimedLab(pieces, 20);
  const up = perSecond * (pieceBytes + 17);
  const seed = lab.machine({ id: testPeer(1), share, as: 'seed' }, { up });
  const peers = Array.from({ length: leechers }, (_, nth) => {
    const { random, now } = lab;
    const peer = new TorrentInnoPeer({ id: testPeer(5 + nth), share, random, now });
    lab.add(peer);
    lab.clocked.push(peer);
    lab.join(seed, peer);
    return peer;
  });
  const ideal = (leechers * pieces * 1000) / perSecond;
  while (!peers.every(({ complete }) => complete) && lab.now < 3 * ideal) lab.advance(200);
  const [time, bytes] = [lab.now / ideal, lab.received({ from: seed })];
  lab.advance(300_000);
  return {
    time,
    bytes: bytes / (leechers * share.bytes.length),
    afterwards: lab.received({ from: seed }) - bytes,
  };
}

describe('[UP6] each piece once', () => {
  test.each([
    { pieces: 24, perSecond: 0.2, pieceBytes: 1_000_000 },
    { pieces: 400, perSecond: 1, pieceBytes: 100_000 },
    { pieces: 1_000, perSecond: 2, pieceBytes: 65_536 },
    { pieces: 2_000, perSecond: 4, pieceBytes: 16_384 },
    { pieces: 2_000, perSecond: 4, pieceBytes: 2_000 },
  ])('[UP6] $pieces pieces of $pieceBytes bytes at $perSecond a second', (scene) => {
    const { time, bytes, afterwards } = fetched(scene);
    expect(time).toBeLessThan(1.05);
    expect(bytes).toBeLessThan(1.01);
    expect(afterwards).toBe(0);
  });

  test('[UP6] [CH6] two of them beside each other', () => {
    const { time, bytes, afterwards } = fetched({
      pieces: 150,
      pieceBytes: 100_000,
      perSecond: 1,
      leechers: 2,
    });
    expect(time).toBeLessThan(1.05);
    expect(bytes).toBeLessThan(1.01);
    expect(afterwards).toBe(0);
  });
});
