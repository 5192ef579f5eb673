/** [WS22] [WS24] What members of the swarm of a web address try, who do not want others to have the file. */
import { describe, expect, test } from 'vitest';
import { encodeWebWord } from '../protocol/web-texts.ts';
import { BLOCK_GRID_BYTES, SAMPLE_BYTES } from '../limits.ts';
import { Lab, testPeer } from './testing/lab.ts';
import { Origin } from './testing/origin.ts';
import { ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import type { Script, SeedScript } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';
import { begin, FACTS, isDone, isRight, scene, SHARE, URL } from './testing/web-scene.ts';

/** Says that it has all of it, and that it is a member as any, unless `lends`; `facts` false: nothing of the file. */
function seed(
  nth: number,
  script: Partial<SeedScript> = {},
  { facts = true, lends = false, chokes = false } = {},
) {
  const seeds = seedScript({ share: SHARE, ...script });
  const says: Script = (heard, peer) => {
    seeds(heard, peer);
    if (heard.kind !== 'capability') return;
    if (facts) peer.say({ kind: 'web-facts', text: encodeWebWord({ facts: FACTS, lends }) });
    if (chokes) peer.say({ kind: 'choke' });
  };
  return new ScriptedPeer(testPeer(nth), SHARE.infoHash, says);
}

describe('[WS24] one that says it has everything, and gives nothing', () => {
  test.each([
    ['lets nobody ask', { chokes: true }, {}],
    ['says nothing of the file', { facts: false }, {}],
    ['is an unmodified peer', { facts: false }, { extended: false }],
    ['never answers', {}, { answer: () => null }],
  ])('[WS24] and %s: the server is asked all the same', (_how, says, script) => {
    const stage = scene(1, { rate: 2_000_000 });
    stage.lab.join(stage.machine, seed(9, script, says));
    begin(stage);
    stage.lab.until('it is here', () => isDone(stage.machine), 120_000);
    expect(isRight(stage.machine)).toBe(true);
  });
});

describe('[WS22] one that says it could look, and never answers', () => {
  test('[WS22] hides nobody who falsifies a twentieth', () => {
    let found = 0;
    let unseen = 0;
    const SEEDS = 12;
    const pieceBytes = SHARE.pieces[0]?.length ?? 0;
    for (let nth = 1; nth <= SEEDS; nth++) {
      const stage = scene(nth, { rate: 200_000 });
      stage.machine.tell({ kind: 'limits-changed', up: null, down: 50_000, peerUp: null, peerDown: null });
      const liar = seed(
        9,
        {
          answer: ({ piece, offset }, good) => {
            const data = good.map((byte, at) => {
              const cell = Math.floor((piece * pieceBytes + offset + at) / BLOCK_GRID_BYTES);
              return (cell * 7919) % 20 === 3 ? byte ^ 1 : byte;
            });
            return { kind: 'piece', piece, offset, data };
          },
        },
        { lends: true },
      );
      const mute = seed(8, { answer: () => null }, { chokes: true });
      for (const one of [liar, mute]) stage.lab.join(stage.machine, one);
      begin(stage);
      stage.lab.until('it is here', () => isDone(stage.machine), 900_000);
      if ((stage.machine.snapshot.web?.liars ?? 0) > 0) found++;
      unseen += stage.machine.snapshot.web?.unseen ?? 0;
    }
    expect({ found, unseen }).toEqual({ found: SEEDS, unseen: 0 });
  });
});

describe('[WS22] looks', () => {
  test('[RL1] are no way around the person’s limit of upload', () => {
    const lab = new Lab(1);
    const machine = lab.machine({ id: testPeer(5), share: SHARE, as: 'seed', web: { facts: FACTS } });
    machine.tell({ kind: 'limits-changed', up: 10_000, down: null, peerUp: null, peerDown: null });
    let came = 0;
    let next = 0;
    const ask = (peer: ScriptedPeer, count: number): void => {
      for (let nth = 0; nth < count; nth++, next++) {
        const pieceBytes = SHARE.pieces[0]?.length ?? 1;
        const perPiece = Math.floor(pieceBytes / SAMPLE_BYTES);
        const piece = Math.floor(next / perPiece) % SHARE.pieces.length;
        peer.say({ kind: 'request', piece, offset: (next % perPiece) * SAMPLE_BYTES, length: SAMPLE_BYTES });
      }
    };
    const greedy = new ScriptedPeer(testPeer(9), SHARE.infoHash, (heard, peer) => {
      if (heard.kind === 'handshake') peer.say({ kind: 'capability' });
      if (heard.kind === 'capability') {
        peer.say({ kind: 'web-facts', text: encodeWebWord({ facts: FACTS, lends: false }) });
        ask(peer, 100);
      }
      if (heard.kind === 'piece') {
        came += heard.data.length;
        ask(peer, 1);
      }
    });
    lab.join(machine, greedy);
    lab.advance(10_000);
    expect(came).toBeGreaterThan(0);
    expect(came).toBeLessThan(200_000);
  });
});

describe('[WS23] one that says something else when it is asked to look', () => {
  test('[WS23] goes alone where the server can say who of the two is right', () => {
    const stage = scene(3, { rate: 300_000 });
    const honest = seed(9);
    const framer = seed(
      8,
      {
        answer: ({ piece, offset, length }, good) => ({
          kind: 'piece',
          piece,
          offset,
          data: length <= SAMPLE_BYTES ? good.map((byte) => byte ^ 1) : good,
        }),
      },
      { chokes: true },
    );
    for (const one of [honest, framer]) stage.lab.join(stage.machine, one);
    begin(stage);
    stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
    expect(isRight(stage.machine)).toBe(true);
    expect(stage.machine.snapshot.web).toMatchObject({ liars: 1 });
    expect([honest.closed, framer.closed]).toEqual([false, true]);
  });
});

describe('[WS22] a server that begins to answer and says nothing more', () => {
  test('[WS22] of parts: they are let be, and the file is a share at the end', () => {
    class SilentOfParts extends Origin {
      readonly #silent = new Set<number>();

      override asked(...[asker, order]: Parameters<Origin['asked']>): void {
        if (order.length > SAMPLE_BYTES) return super.asked(asker, order);
        this.#silent.add(order.range);
      }

      override aborted(range: number): void {
        if (!this.#silent.delete(range)) super.aborted(range);
      }
    }
    const stage = scene(2, { rate: 200_000 });
    const files = new Map([[URL, SHARE.bytes]]);
    const { lab, machine } = stage;
    const origin = new SilentOfParts({ now: () => lab.now, random: lab.random, files, rate: 200_000 });
    lab.clocked.push(origin);
    machine.origin = origin;
    lab.join(machine, seed(9, {}, { lends: true }));
    begin(stage);
    lab.until('it is here', () => isDone(machine), 300_000);
    expect(machine.snapshot.web?.unseen).toBeGreaterThan(0);
  });
});

describe('[PL2] a manifest whose hashes look like those that nobody knows', () => {
  test('[PL2] binds its content all the same: no bytes are taken for a piece whose hash is all zeros', () => {
    const honest = makeShare({ pieces: evenPieces(4, 100_000) });
    const pieces = honest.manifest.pieces.map((piece, nth) =>
      nth === 1 ? { ...piece, sha256: '0'.repeat(64) } : piece,
    );
    const share = { ...honest, manifest: { ...honest.manifest, pieces } };
    const lab = new Lab(1);
    const machine = lab.machine({ id: testPeer(5), share, as: 'knows' });
    machine.tell({ kind: 'download-requested' });
    const peer = new ScriptedPeer(testPeer(9), share.infoHash, seedScript({ share }));
    lab.join(machine, peer);
    lab.advance(20_000);
    expect([machine.snapshot.phase, machine.store.has(1)]).toEqual(['downloading', false]);
  });
});
