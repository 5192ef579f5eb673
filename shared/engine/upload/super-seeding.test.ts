/** What a lone seed shows whom, and when it stops to choose: as each of its leechers hears it. */
import { describe, expect, test } from 'vitest';
import { Bitfield } from '../../bitfield.ts';
import { BLOCK_BYTES } from '../../limits.ts';
import { Lab, testPeer } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { bitsOf, ScriptedPeer } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare } from '../testing/share.ts';

const PIECES = 48;
const SHARE = makeShare({ pieces: evenPieces(PIECES, BLOCK_BYTES) });

interface Scene {
  readonly lab: Lab;
  readonly seed: LabMachine;
}

function scene(rng: number): Scene {
  const lab = new Lab(rng);
  const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'seed' });
  return { lab, seed };
}

/** A leecher that says what the test tells it to, and nothing of its own. */
function leecher({ lab, seed }: Scene, nth: number, extended = true): ScriptedPeer {
  const peer = new ScriptedPeer(testPeer(nth), SHARE.infoHash, (heard, self) => {
    if (heard.kind === 'handshake' && extended) self.say({ kind: 'capability' });
  });
  lab.join(seed, peer);
  lab.settle();
  return peer;
}

/** What the peer may believe that we have, in the order of the telling: the last bitfield and what followed it. */
function shown(peer: ScriptedPeer): number[] {
  let told: number[] = [];
  for (const one of peer.heard) {
    if (one.kind === 'bitfield') told = [...Bitfield.parse(one.bits, PIECES)!.members()];
    if (one.kind === 'have') told.push(...one.pieces.filter((piece) => !told.includes(piece)));
  }
  return told;
}

function ask({ lab }: Scene, peer: ScriptedPeer, ...pieces: number[]): void {
  for (const piece of pieces) peer.say({ kind: 'request', piece, offset: 0, length: BLOCK_BYTES });
  // Nobody has an endless rate: what is shown ahead goes by it.
  lab.advance(100);
}

function have({ lab }: Scene, peer: ScriptedPeer, ...pieces: number[]): void {
  peer.say({ kind: 'have', pieces });
  lab.settle();
}

function got(peer: ScriptedPeer): number[] {
  return peer.frames('piece').map(({ piece }) => piece);
}

/** Takes what it is shown, piece by piece, and says that it has it. */
function takeShown(stage: Scene, peer: ScriptedPeer, pieces: number): number[] {
  const taken: number[] = [];
  while (taken.length < pieces) {
    const next = shown(peer).find((piece) => !taken.includes(piece));
    if (next === undefined) break;
    ask(stage, peer, next);
    have(stage, peer, next);
    taken.push(next);
  }
  return taken;
}

describe('[UP1] a request for what is no range of the share', () => {
  test.each([
    ['no bytes', { offset: 0, length: 0 }],
    ['more than the piece has', { offset: 1, length: BLOCK_BYTES }],
    ['too much at once', { offset: 0, length: 1_000_001 }],
  ])('[UP1] is a violation also of a piece that another peer is shown: %s', (_, range) => {
    const stage = scene(1);
    const [asker, other] = [leecher(stage, 2), leecher(stage, 3)];
    const piece = shown(other).find((theirs) => !shown(asker).includes(theirs))!;
    asker.say({ kind: 'request', piece, ...range });
    stage.lab.settle();
    expect(asker.frames('reject')).toEqual([]);
    expect(stage.seed.closes).toMatchObject([{ why: { kind: 'violation' } }]);
    expect([asker.closed, other.closed]).toEqual([true, false]);
  });

  test('[UP1] is left unanswered to an unmodified peer, which stays', () => {
    const stage = scene(1);
    const asker = leecher(stage, 2, false);
    const [piece] = shown(leecher(stage, 3));
    leecher(stage, 4);
    asker.say({ kind: 'request', piece: piece ?? 0, offset: 0, length: 0 });
    stage.lab.settle();
    expect(asker.frames('piece')).toEqual([]);
    expect(asker.closed).toBe(false);
  });
});

describe('[SS1] who is shown pieces one by one', () => {
  test('[SS1] two newcomers see few pieces, and not the same ones', () => {
    const stage = scene(1);
    const first = leecher(stage, 2);
    const second = leecher(stage, 3);
    const [a, b] = [shown(first), shown(second)];
    expect(a.length).toBeLessThan(PIECES / 2);
    expect(b.length).toBeGreaterThan(0);
    expect(a.filter((piece) => b.includes(piece))).toEqual([]);
  });

  test('[SS1] a lone leecher, and an unmodified one, is told of everything', () => {
    const stage = scene(2);
    const alone = leecher(stage, 2);
    expect(shown(alone)).toHaveLength(PIECES);
    const unmodified = leecher(stage, 3, false);
    unmodified.say({ kind: 'bitfield', bits: Bitfield.empty(PIECES).toBytes() });
    stage.lab.advance(2_000);
    expect(shown(unmodified)).toHaveLength(PIECES);
  });

  test.each([1, 2, 3, 4, 5])(
    '[SS1] who was first and was told of everything is shown the rest piece by piece, seed %i',
    (rng) => {
      const stage = scene(rng);
      const first = leecher(stage, 2);
      expect(shown(first)).toHaveLength(PIECES);
      ask(stage, first, 0, 1, 2, 3);
      have(stage, first, 0, 1, 2);
      const others = [leecher(stage, 3), leecher(stage, 4)];
      // What it has, what it was sent, and a little more; nothing of that goes to the others before all the rest.
      expect(shown(first)).toEqual(expect.arrayContaining([0, 1, 2, 3]));
      expect(shown(first).length).toBeLessThan(PIECES / 2);
      for (const other of others) takeShown(stage, other, 16);
      const sent = [first, ...others].flatMap(got);
      expect(sent.length).toBeGreaterThan(30);
      expect(new Set(sent).size).toBe(sent.length);
    },
  );

  test('[SS1] what was asked for on the word of the older bitfield is not sent twice, and is shown again', () => {
    const stage = scene(6);
    const first = leecher(stage, 2);
    const second = leecher(stage, 3);
    const [theirs] = takeShown(stage, second, 1);
    const free = Array.from({ length: PIECES }, (_, piece) => piece).find(
      (piece) => piece !== theirs && !shown(first).includes(piece) && !shown(second).includes(piece),
    )!;
    ask(stage, first, theirs!, free);
    expect(first.frames('reject').map(({ piece }) => piece)).toEqual([theirs]);
    expect(got(first)).toContain(free);
    expect(shown(first)).toContain(free);
  });

  test('[SS1] begins again for a newcomer when the swarm had gone in between', () => {
    const stage = scene(7);
    const first = leecher(stage, 2);
    leecher(stage, 3).close();
    stage.lab.advance(3_000);
    expect(shown(first)).toHaveLength(PIECES);
    const third = leecher(stage, 4);
    expect(shown(third).length).toBeLessThan(PIECES / 2);
    expect(shown(first).length).toBeLessThan(PIECES / 2);
  });
});

/** Pieces that are refused to the peer, in the order of their refusal. */
function refused(peer: ScriptedPeer): number[] {
  return peer.frames('reject').map(({ piece }) => piece);
}

describe('[SS1] peers that keep to no order', () => {
  test('[SS1] [UP1] a request for no piece of the share is a violation, and the seed goes on', () => {
    const stage = scene(20);
    const honest = leecher(stage, 2);
    const stranger = leecher(stage, 3);
    stranger.say({ kind: 'request', piece: PIECES, offset: 0, length: BLOCK_BYTES });
    stage.lab.settle();
    expect(stranger.closed).toBe(true);
    leecher(stage, 4);
    expect(takeShown(stage, honest, 3)).toHaveLength(3);
  });

  test.each([true, false])(
    '[SS1] a capability that comes late counts the peer once; it was greeted: %s',
    (early) => {
      const stage = scene(21);
      const [second, third] = [leecher(stage, 3), leecher(stage, 4)];
      const late = leecher(stage, 2, false);
      const mine = Array.from({ length: PIECES / 2 }, (_, piece) => piece);
      if (early) late.say({ kind: 'bitfield', bits: bitsOf(PIECES, mine) });
      late.say({ kind: 'capability' });
      if (!early) late.say({ kind: 'bitfield', bits: bitsOf(PIECES, mine) });
      stage.lab.settle();
      late.close();
      stage.lab.settle();
      // Nobody has them now: they leave before anything leaves twice.
      const theirs = takeShown(stage, second!, PIECES - 8);
      const next = takeShown(stage, third!, 4);
      expect(theirs.filter((piece) => mine.includes(piece)).length).toBeGreaterThan(8);
      expect(next.filter((piece) => theirs.includes(piece))).toEqual([]);
    },
  );

  test('[SS1] what was to be told to a peer before is not told when pieces are shown one by one', () => {
    const lab = new Lab(25);
    const rest = Array.from({ length: PIECES - 1 }, (_, nth) => nth + 1);
    const seed = lab.machine({ id: testPeer(1), share: SHARE, as: 'knows', owned: rest });
    const stage = { lab, seed };
    seed.tell({ kind: 'download-requested' });
    const first = leecher(stage, 2);
    // Who has it is not told of it at once.
    have(stage, first, 0);
    const giver = leecher(stage, 3);
    lab.pipes[0]!.directions[1].held = true;
    have(stage, giver, 0);
    lab.advance(20_000);
    giver.say({ kind: 'piece', piece: 0, offset: 0, data: SHARE.pieces[0]! });
    lab.settle();
    expect(seed.snapshot.phase).toBe('complete');
    lab.pipes[0]!.directions[1].held = false;
    first.say({ kind: 'bitfield', bits: bitsOf(PIECES, []) });
    giver.close();
    lab.settle();
    leecher(stage, 4);
    expect(shown(first)).not.toContain(0);
    lab.advance(2_000);
    expect(shown(first)).not.toContain(0);
  });

  test('[SS1] [SS2] who is choked is promised nothing by asking, and what it asked for goes to others', () => {
    const stage = scene(22);
    const [other, busy] = [leecher(stage, 2), leecher(stage, 3)];
    // Nothing leaves: our uplink is full for long.
    for (const pipe of stage.lab.pipes) pipe.directions[0].held = true;
    for (let piece = 0; piece < 8; piece++) {
      busy.say({ kind: 'request', piece, offset: 0, length: BLOCK_BYTES });
    }
    stage.lab.settle();
    const choked = leecher(stage, 4);
    expect(choked.heard.at(-1)).toEqual({ kind: 'choke' });
    const free = Array.from({ length: 20 }, (_, nth) => PIECES - 20 + nth);
    for (const piece of free) choked.say({ kind: 'request', piece, offset: 0, length: BLOCK_BYTES });
    stage.lab.settle();
    expect(refused(choked)).toEqual(free);
    expect(choked.frames('have').flatMap(({ pieces }) => pieces)).toEqual([]);
    expect(other.closed).toBe(false);
  });
});

describe('[SS2] what is shown next', () => {
  test.each([1, 2, 3, 4, 5])('[SS2] everything leaves once before anything leaves twice, seed %i', (rng) => {
    const stage = scene(rng);
    const peers = [2, 3, 4].map((nth) => leecher(stage, nth));
    const sent = (): number[] => peers.flatMap(got);
    // What was shown and not asked for stays promised: of the last few a second copy may leave before.
    for (let round = 0; sent().length < PIECES - 12; round++) {
      const peer = peers[round % peers.length]!;
      const next = shown(peer).find((piece) => !got(peer).includes(piece))!;
      ask(stage, peer, next);
      if (got(peer).includes(next)) have(stage, peer, next);
    }
    expect(new Set(sent()).size).toBe(sent().length);
  });

  test('[SS2] the next one is shown on asking, not before', () => {
    const stage = scene(8);
    leecher(stage, 2);
    const peer = leecher(stage, 3);
    const before = shown(peer);
    stage.lab.advance(5_000);
    expect(shown(peer)).toEqual(before);
    ask(stage, peer, before[0]!);
    expect(shown(peer)).toHaveLength(before.length + 1);
  });

  test('[SS2] what a peer that left was given goes to others before second copies', () => {
    const stage = scene(9);
    const [stays, leaves] = [leecher(stage, 2), leecher(stage, 3)];
    const lost = takeShown(stage, leaves, 3);
    leaves.close();
    stage.lab.settle();
    // Another one, so that it stays a swarm.
    leecher(stage, 4);
    const taken = takeShown(stage, stays, PIECES - 1);
    expect(taken).toEqual(expect.arrayContaining(lost));
  });

  test('[SS2] a piece that is seen nowhere else for long is shown again before second copies', () => {
    const stage = scene(10);
    const [keeper, second, witness, third] = [2, 3, 4, 5].map((nth) => leecher(stage, nth));
    const kept = takeShown(stage, keeper!, 1);
    const passed = takeShown(stage, second!, 10);
    have(stage, witness!, ...passed);
    stage.lab.advance(60_000);
    const next = takeShown(stage, third!, PIECES - passed.length);
    expect(next).toEqual(expect.arrayContaining(kept));
    expect(next.filter((piece) => passed.includes(piece))).toEqual([]);
  });

  test.each([1, 2, 3])('[SS2] second copies are first of what is still on its way, seed %i', (rng) => {
    const stage = scene(rng);
    const [slow, second, third] = [leecher(stage, 2), leecher(stage, 3), leecher(stage, 4)];
    // It asks, and never says that it has anything.
    for (let taken = 0; taken < 5; taken++) ask(stage, slow, shown(slow)[taken]!);
    const there = takeShown(stage, second, 20);
    takeShown(stage, third, PIECES);
    const sent = got(third);
    const copies = sent.findIndex((piece) => there.includes(piece));
    expect(sent.slice(0, copies < 0 ? PIECES : copies)).toEqual(expect.arrayContaining(got(slow)));
  });

  test('[SS2] who says again and again that it has a piece leaves it in doubt all the same', () => {
    const stage = scene(23);
    const peers = [2, 3, 4, 5].map((nth) => leecher(stage, nth));
    const [keeper, slow, third, busy] = peers as [ScriptedPeer, ScriptedPeer, ScriptedPeer, ScriptedPeer];
    const [kept] = takeShown(stage, keeper, 1) as [number];
    // So that our uplink is known: what it takes for a piece is no reason to wait.
    takeShown(stage, busy, 20);
    for (let nth = 0; nth < 60; nth++) {
      stage.lab.advance(1_000);
      have(stage, keeper, kept);
    }
    // What it is shown now is on its way, and in no doubt yet.
    ask(stage, slow, shown(slow)[0]!);
    const underway = shown(slow).at(-1)!;
    const next = takeShown(stage, third, PIECES);
    expect(next).toEqual(expect.arrayContaining([kept, underway]));
    expect(next.indexOf(kept)).toBeLessThan(next.indexOf(underway));
  });
});

describe('[SS3] the end', () => {
  test('[SS3] when two others have everything, everybody is told of everything', () => {
    const stage = scene(11);
    const peers = [2, 3, 4].map((nth) => leecher(stage, nth));
    const all = Array.from({ length: PIECES }, (_, piece) => piece);
    have(stage, peers[0]!, ...all.slice(0, 24));
    have(stage, peers[1]!, ...all.slice(0, -1));
    have(stage, peers[2]!, ...all.slice(24));
    stage.lab.advance(3_000);
    expect(shown(peers[0]!).length).toBeLessThan(PIECES / 2);
    have(stage, peers[0]!, PIECES - 1);
    stage.lab.advance(3_000);
    expect(new Set([...shown(peers[0]!), ...all.slice(0, 24), PIECES - 1]).size).toBe(PIECES);
    expect(new Set([...shown(peers[2]!), ...all.slice(24)]).size).toBe(PIECES);
  });

  test('[SS3] [UP3] who lost a piece is no seed: it is told of, once it is here again, to everybody', () => {
    const stage = scene(24);
    const [giver, second] = [leecher(stage, 2), leecher(stage, 3)];
    const [piece] = takeShown(stage, giver!, 1) as [number];
    stage.seed.readTrouble = 'missing';
    ask(stage, giver!, piece);
    stage.seed.readTrouble = null;
    stage.lab.advance(1_000);
    const [asked] = giver!.requests.filter((one) => one.piece === piece);
    giver!.say({ kind: 'piece', piece, offset: asked!.offset, data: SHARE.pieces[piece]! });
    stage.lab.advance(1_000);
    giver!.close();
    leecher(stage, 4);
    stage.lab.advance(5_000);
    ask(stage, second!, piece);
    stage.lab.advance(5_000);
    expect(got(second!)).toContain(piece);
  });
});
