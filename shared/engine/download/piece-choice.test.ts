/** Which piece is begun next with a peer, as the peer hears of it: by the first request for each piece. */
import { describe, expect, test } from 'vitest';
import { BLOCK_BYTES } from '../../limits.ts';
import { Lab, testPeer } from '../testing/lab.ts';
import { ScriptedPeer, seedScript } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare } from '../testing/share.ts';

const PIECES = 24;
const SHARE = makeShare({ pieces: evenPieces(PIECES, BLOCK_BYTES) });
const SEEDS = Array.from({ length: 24 }, (_, nth) => nth + 1);
const ALL = SHARE.pieces.map((_, piece) => piece);

interface Scene {
  /** What the leecher has. */
  readonly owned?: readonly number[];
  /** What others have who say so first and answer nothing, each. */
  readonly others?: readonly (readonly number[])[];
  /** What the peer that is asked has. */
  readonly has?: readonly number[];
}

/** The pieces in the order in which they were begun with the one peer that may be asked. */
function begun(rng: number, { owned = [], others = [], has = ALL }: Scene): number[] {
  const lab = new Lab(rng);
  const leecher = lab.machine({ id: testPeer(50), share: SHARE, as: 'knows', owned });
  others.forEach((pieces, nth) => {
    const script = seedScript({ share: SHARE, has: pieces, answer: () => null });
    const other = new ScriptedPeer(testPeer(nth + 2), SHARE.infoHash, (heard, self) => {
      script(heard, self);
      if (heard.kind === 'handshake') self.say({ kind: 'choke' });
    });
    lab.join(leecher, other);
  });
  const peer = new ScriptedPeer(testPeer(40), SHARE.infoHash, seedScript({ share: SHARE, has }));
  lab.join(leecher, peer);
  lab.settle();
  expect(peer.requests).toEqual([]);
  leecher.tell({ kind: 'download-requested' });
  lab.advance(20_000);
  return [...new Set(peer.requests.map(({ piece }) => piece))];
}

function firsts(scene: Scene): Set<number | undefined> {
  return new Set(SEEDS.map((rng) => begun(rng, scene)[0]));
}

describe('[PK1] the first piece', () => {
  test('[PK1] of who owns nothing is any, by chance, however rare others are', () => {
    // Piece 7 alone is rare: everybody else has everything but that.
    const others = [2, 3, 4].map(() => ALL.filter((piece) => piece !== 7));
    const drawn = firsts({ others });
    expect(drawn.size).toBeGreaterThan(8);
  });

  test('[PK1] of who owns something is the rarest', () => {
    const others = [2, 3, 4].map(() => ALL.filter((piece) => piece !== 7));
    expect(firsts({ others, owned: [0] })).toEqual(new Set([7]));
  });

  test('[PK1] among equally rare ones is any, by chance', () => {
    const rare = [3, 9, 15, 21];
    const others = [2, 3].map(() => ALL.filter((piece) => !rare.includes(piece)));
    expect(firsts({ others, owned: [0] })).toEqual(new Set(rare));
  });
});

describe('[PK1] the next piece', () => {
  test.each(SEEDS.slice(0, 6))(
    '[PK1] of equally rare ones is the one behind the last begun, seed %i',
    (rng) => {
      const order = begun(rng, { owned: [0] });
      expect([...order].sort((a, b) => a - b)).toEqual(ALL.slice(1));
      // One run to the end of the share, and then runs of what is left.
      const breaks = order.filter((piece, nth) => nth > 0 && piece !== order[nth - 1]! + 1);
      const last = order.indexOf(PIECES - 1);
      expect(order.slice(0, last + 1)).toEqual(ALL.slice(order[0]));
      expect(breaks.length).toBeLessThan(6);
    },
  );

  test.each(SEEDS.slice(0, 6))('[PK1] is a rarer one rather than the one behind the last, seed %i', (rng) => {
    const rare = [5, 11, 17];
    const others = [2, 3].map(() => ALL.filter((piece) => !rare.includes(piece)));
    const order = begun(rng, { owned: [0], others });
    expect(order.slice(0, 3).sort((a, b) => a - b)).toEqual(rare);
  });

  test('[PK1] is never one that the peer does not have, however near', () => {
    const even = ALL.filter((piece) => piece % 2 === 0);
    for (const rng of SEEDS.slice(0, 6)) {
      const order = begun(rng, { owned: [0], has: even });
      expect([...order].sort((a, b) => a - b)).toEqual(even.slice(1));
    }
  });
});
