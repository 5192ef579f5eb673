/** Who is in the swarm, as machines are told of it: others only, each once. */
import { describe, expect, test } from 'vitest';
import { peerId } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import { Lab } from '../testing/lab.ts';
import type { LabMachine } from '../testing/lab-machine.ts';
import { bitsOf, ScriptedPeer, seedScript } from '../testing/scripted-peer.ts';
import { evenPieces, makeShare } from '../testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(4, 70_000) });

/** The `nth` of all ids, or one of several that differ in their end alone. */
function tabOf(nth: number, another = 1): PeerId {
  const half = (number: number): string => number.toString(16).padStart(4, '0').repeat(8);
  const id = peerId(half(nth) + half(another));
  if (id === null) throw new Error('an id of a test');
  return id;
}

const OWN = tabOf(50);

function scene(as: 'seed' | 'knows' | 'newcomer' = 'knows'): { lab: Lab; machine: LabMachine } {
  const lab = new Lab(1);
  const machine = lab.machine({ id: OWN, share: SHARE, as });
  machine.tell({ kind: 'tracker-opened' });
  return { lab, machine };
}

/** The tracker answers: so many in all with us, and these by name. */
function answer(
  machine: LabMachine,
  complete: number,
  incomplete: number,
  ...peers: [PeerId, boolean][]
): void {
  machine.tell({
    kind: 'peers-announced',
    interval: 30,
    complete,
    incomplete,
    peers: peers.map(([id, seed]) => ({ id, seed })),
  });
}

function joined(machine: LabMachine, id: PeerId, seed = false): void {
  machine.tell({ kind: 'peer-joined', peer: { id, seed } });
}

/** Somebody connected that shows these pieces. */
function connect(lab: Lab, machine: LabMachine, id: PeerId, has: readonly number[]): ScriptedPeer {
  const peer = new ScriptedPeer(id, SHARE.infoHash, seedScript({ share: SHARE, has, answer: () => null }));
  lab.join(machine, peer);
  lab.settle();
  return peer;
}

describe('[EN6] who is here', () => {
  test('[EN6] one sender and three receivers who have nothing: three others, one of whom can send', () => {
    const { lab, machine } = scene();
    answer(machine, 1, 1, [tabOf(60), true]);
    for (const nth of [61, 62]) joined(machine, tabOf(nth));
    // Each announces again when it has the manifest, and every half minute.
    for (let round = 0; round < 4; round++)
      for (const nth of [61, 62, 60]) joined(machine, tabOf(nth), nth === 60);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 1, leechers: 2 }, senders: 1 });
    connect(lab, machine, tabOf(60), [0, 1, 2, 3]);
    for (const nth of [61, 62]) connect(lab, machine, tabOf(nth), []);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 1, leechers: 2 }, senders: 1 });
  });

  test('[EN6] a peer that reconnects, or that the tracker and a connection tell of, is counted once', () => {
    const { lab, machine } = scene();
    answer(machine, 1, 2, [tabOf(60), true], [tabOf(61), false]);
    connect(lab, machine, tabOf(60), [0]);
    connect(lab, machine, tabOf(60), [0]);
    joined(machine, tabOf(60), true);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 1, leechers: 1 }, senders: 1 });
  });

  test('[EN6] a peer that came again under another id is counted once as soon as its older id has left', () => {
    const { machine } = scene();
    answer(machine, 0, 2, [tabOf(60), false]);
    joined(machine, tabOf(61));
    machine.tell({ kind: 'peer-left', peer: tabOf(60) });
    expect(machine.snapshot.online).toEqual({ seeds: 0, leechers: 1 });
  });

  test("[EN6] [ID2] our own browser's other tabs are nobody else, before and after we heard of them", () => {
    const { lab, machine } = scene();
    answer(machine, 1, 2, [tabOf(51), true], [tabOf(60), false]);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 1, leechers: 1 }, senders: 1 });
    machine.tell({ kind: 'own-tabs-known', peers: [tabOf(51), tabOf(52)] });
    expect(machine.snapshot).toMatchObject({ online: { seeds: 0, leechers: 1 }, senders: 0 });
    connect(lab, machine, tabOf(51), [0, 1, 2, 3]);
    connect(lab, machine, tabOf(60), []);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 0, leechers: 1 }, senders: 0 });
    expect(machine.snapshot.peers.map(({ own }) => own)).toEqual([true, false]);
  });

  test('[EN6] those whom the tracker counts and does not name are counted as well', () => {
    const { machine } = scene();
    answer(machine, 10, 91, [tabOf(60), true], [tabOf(61), false]);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 10, leechers: 90 }, senders: 10 });
    machine.tell({ kind: 'peer-left', peer: tabOf(60) });
    expect(machine.snapshot).toMatchObject({ online: { seeds: 9, leechers: 90 }, senders: 9 });
    machine.tell({ kind: 'peer-left', peer: tabOf(99) });
    expect(machine.snapshot.online).toEqual({ seeds: 9, leechers: 89 });
  });

  test('[EN6] who is in no answer that names everybody is gone, unless we are connected to it', () => {
    const { lab, machine } = scene();
    answer(machine, 1, 3, [tabOf(60), true], [tabOf(61), false], [tabOf(62), false]);
    connect(lab, machine, tabOf(61), []);
    answer(machine, 1, 1, [tabOf(60), true]);
    expect(machine.snapshot.online).toEqual({ seeds: 1, leechers: 1 });
  });

  test('[EN6] nobody is here any more once the share was stopped', () => {
    const { machine } = scene();
    answer(machine, 2, 4, [tabOf(60), true]);
    machine.tell({ kind: 'sharing-stopped' });
    expect(machine.snapshot).toMatchObject({ online: null, senders: 0 });
    machine.tell({ kind: 'sharing-resumed' });
    expect(machine.snapshot).toMatchObject({ online: null, senders: 0 });
  });
});

describe('[EN6] who can send what is missing', () => {
  test('[EN6] is who shows something of it, and no seed that turns out to have nothing new', () => {
    const lab = new Lab(1);
    const machine = lab.machine({ id: OWN, share: SHARE, as: 'knows', owned: [0, 1] });
    machine.tell({ kind: 'tracker-opened' });
    answer(machine, 1, 3, [tabOf(60), true], [tabOf(61), false], [tabOf(62), false]);
    expect(machine.snapshot.senders).toBe(1);
    connect(lab, machine, tabOf(60), [0, 1]);
    expect(machine.snapshot.senders).toBe(0);
    const partial = connect(lab, machine, tabOf(61), [1]);
    expect(machine.snapshot.senders).toBe(0);
    partial.say({ kind: 'have', pieces: [3] });
    lab.settle();
    expect(machine.snapshot.senders).toBe(1);
  });

  test('[EN6] is nobody for a seed, which lacks nothing', () => {
    const { lab, machine } = scene('seed');
    answer(machine, 3, 1, [tabOf(60), true]);
    connect(lab, machine, tabOf(61), [0]);
    expect(machine.snapshot).toMatchObject({ online: { seeds: 2, leechers: 1 }, senders: 0 });
  });

  test('[SS1] two tabs of our own browser are two leechers to a lone seed, which super-seeds', () => {
    const { lab, machine } = scene('seed');
    machine.tell({ kind: 'own-tabs-known', peers: [tabOf(60, 1), tabOf(60, 2)] });
    answer(machine, 1, 2, [tabOf(60, 1), false], [tabOf(60, 2), false]);
    const peer = connect(lab, machine, tabOf(60, 1), []);
    expect(peer.frames('bitfield').map(({ bits }) => [...bits])).toEqual([[...bitsOf(4, [])]]);
  });
});

describe('[EN6] what is heard late, or of somebody who changed', () => {
  test('[EN6] the answer to a goodbye, and pushes behind it, bring nobody back', () => {
    const { machine } = scene();
    answer(machine, 1, 2, [tabOf(60), true], [tabOf(61), false]);
    machine.tell({ kind: 'sharing-stopped' });
    answer(machine, 1, 1);
    answer(machine, 1, 1, [tabOf(60), true]);
    joined(machine, tabOf(62));
    machine.tell({ kind: 'peer-left', peer: tabOf(60) });
    expect(machine.snapshot).toMatchObject({ online: null, senders: 0 });
    machine.tell({ kind: 'sharing-resumed' });
    answer(machine, 1, 1, [tabOf(60), true]);
    expect(machine.snapshot.online).toEqual({ seeds: 1, leechers: 0 });
  });

  test('[EN6] somebody who became a seed and left is gone', () => {
    const { machine } = scene('seed');
    answer(machine, 1, 1, [tabOf(60), false]);
    joined(machine, tabOf(60), true);
    expect(machine.snapshot.online).toEqual({ seeds: 1, leechers: 0 });
    machine.tell({ kind: 'peer-left', peer: tabOf(60) });
    expect(machine.snapshot.online).toEqual({ seeds: 0, leechers: 0 });
  });

  test('[EN6] also where its becoming one was not heard', () => {
    const { machine } = scene('seed');
    answer(machine, 1, 1, [tabOf(60), false]);
    answer(machine, 2, 0);
    machine.tell({ kind: 'peer-left', peer: tabOf(60) });
    expect(machine.snapshot.online).toEqual({ seeds: 0, leechers: 0 });
  });

  test('[EN6] [SW3] who was banned is nobody, and can send nothing', () => {
    const { lab, machine } = scene();
    answer(machine, 1, 1, [tabOf(60), true]);
    const liar = connect(lab, machine, tabOf(60), [0, 1, 2, 3]);
    liar.say({ kind: 'request', piece: 99, offset: 0, length: 1 });
    lab.settle();
    const nobody = { online: { seeds: 0, leechers: 0 }, senders: 0, peers: [] };
    expect(machine.snapshot).toMatchObject(nobody);
    answer(machine, 1, 1, [tabOf(60), true]);
    joined(machine, tabOf(60), true);
    expect(machine.snapshot).toMatchObject(nobody);
    machine.tell({ kind: 'peer-left', peer: tabOf(60) });
    expect(machine.snapshot).toMatchObject(nobody);
  });

  test('[EN6] when the tracker is away and everybody is forgotten, nobody is known', () => {
    const { lab, machine } = scene();
    answer(machine, 1, 1, [tabOf(60), true]);
    machine.tell({ kind: 'tracker-lost' });
    for (let round = 0; round < 10; round++) {
      machine.tell({ kind: 'dial-failed', peer: tabOf(60) });
      lab.advance(130_000);
    }
    expect(machine.snapshot).toMatchObject({ online: null, senders: 0 });
  });
});
