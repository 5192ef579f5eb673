/** [WS20]–[WS23] The swarm of a web address, of which nobody knows the hashes, through the only door of the machine. */
import { describe, expect, test } from 'vitest';
import { encodeWebWord } from '../protocol/web-texts.ts';
import type { WebFacts } from '../protocol/web-texts.ts';
import { BLOCK_GRID_BYTES, SAMPLE_BYTES } from '../limits.ts';
import { Lab, testPeer } from './testing/lab.ts';
import { ScriptedPeer, seedScript } from './testing/scripted-peer.ts';
import type { Script, SeedScript } from './testing/scripted-peer.ts';
import { sha256 } from './testing/share.ts';
import { begin, FACTS, isDone, isRight, member, originOf, scene, SHARE, SIZE } from './testing/web-scene.ts';

/** Says that it speaks of the same file, and has all of it. */
function lender(
  nth: number,
  script: Partial<SeedScript> = {},
  facts: WebFacts | null = FACTS,
  lends = true,
): ScriptedPeer {
  const seed = seedScript({ share: SHARE, ...script });
  const says: Script = (heard, peer) => {
    seed(heard, peer);
    if (heard.kind === 'capability' && facts !== null)
      peer.say({ kind: 'web-facts', text: encodeWebWord({ facts, lends }) });
  };
  return new ScriptedPeer(testPeer(nth), SHARE.infoHash, says);
}

describe('[WS20] a file without hashes', () => {
  test('[WS20] comes from its server alone, and nothing of that is looked at twice', () => {
    const stage = scene();
    begin(stage);
    stage.lab.until('it is here', () => isDone(stage.machine));
    expect(isRight(stage.machine)).toBe(true);
    expect(stage.origin.ranges.reduce((sum, { length }) => sum + length, 0)).toBe(SIZE);
    expect(stage.machine.snapshot.web).toEqual({
      right: 0,
      pending: 0,
      unseen: 0,
      liars: 0,
      fromLenders: 0,
      refused: false,
    });
  });

  test('[WS20] goes on from what was here, whose hashes it was told', () => {
    const hashes = new Map(SHARE.pieces.slice(0, 9).map((bytes, piece) => [piece, sha256(bytes)] as const));
    const stage = scene(1, {}, { owned: [...hashes.keys()], web: { facts: FACTS, hashes } });
    begin(stage);
    stage.lab.until('it is here', () => isDone(stage.machine));
    expect(isRight(stage.machine)).toBe(true);
    const fetched = stage.origin.ranges.reduce((sum, { length }) => sum + length, 0);
    expect(fetched).toBe(SIZE - SHARE.pieces.slice(0, 9).reduce((sum, { length }) => sum + length, 0));
  });

  test('[WS20] is no manifest to anybody', () => {
    const stage = scene();
    const curious = new ScriptedPeer(testPeer(9), SHARE.infoHash, (heard, peer) => {
      if (heard.kind === 'handshake') peer.say({ kind: 'capability' });
      if (heard.kind === 'capability') peer.say({ kind: 'metadata-request', offset: 0 });
    });
    stage.lab.join(stage.machine, curious);
    stage.lab.advance(1_000);
    expect(curious.frames('metadata').map(({ total }) => total)).toEqual([0]);
  });
});

describe('[WS21] members speak of the same file', () => {
  test('[WS21] tell each other what the server says, and then give each other what they have', () => {
    const lab = new Lab(3);
    const [one, other] = [member(lab, 5), member(lab, 6)];
    originOf(lab, one);
    lab.join(one, other);
    begin({ machine: one });
    begin({ machine: other }, false);
    lab.until('both have it', () => isDone(one) && isDone(other), 300_000);
    expect(isRight(other)).toBe(true);
  });

  test.each<[string, WebFacts]>([
    ['another size', { ...FACTS, size: SIZE + 1 }],
    ['another version', { ...FACTS, etag: '"2"' }],
  ])('[WS21] part where the other one has %s, for good', (_what, facts) => {
    const lab = new Lab(3);
    const machine = member(lab, 5);
    const stranger = lender(9, {}, facts);
    machine.tell({ kind: 'download-requested' });
    lab.join(machine, stranger);
    lab.advance(2_000);
    expect(machine.closes.map(({ why }) => why.kind)).toEqual(['other-file']);
    expect(stranger.requests).toEqual([]);
    expect(machine.engine.welcomes(stranger.id)).toBe(false);
  });

  test('[WS21] one that sees less than the other stays', () => {
    const lab = new Lab(3);
    const machine = member(lab, 5);
    const browser = lender(9, {}, { size: SIZE, etag: null, lastModified: 'x' });
    machine.tell({ kind: 'download-requested' });
    lab.join(machine, browser);
    lab.advance(500);
    expect(browser.requests.length).toBeGreaterThan(0);
  });

  test('[WS21] who says nothing of the file is asked for nothing', () => {
    const lab = new Lab(3);
    const machine = member(lab, 5);
    const silent = lender(9, {}, null);
    machine.tell({ kind: 'download-requested' });
    lab.join(machine, silent);
    lab.advance(5_000);
    expect(silent.requests).toEqual([]);
  });

  test.each(['', '{}', '{"size":-1,"etag":null,"lastModified":null}'])(
    '[WF13] %s as facts is a violation',
    (text) => {
      const lab = new Lab(3);
      const machine = member(lab, 5);
      const peer = new ScriptedPeer(testPeer(9), SHARE.infoHash, (heard, own) => {
        if (heard.kind === 'handshake') own.say({ kind: 'capability' });
        if (heard.kind === 'capability') own.say({ kind: 'web-facts', text: Buffer.from(text) });
      });
      lab.join(machine, peer);
      lab.advance(1_000);
      expect(machine.closes).toMatchObject([
        { why: { kind: 'violation', violation: { what: 'bad-web-text' } } },
      ]);
    },
  );

  test.each(['web-facts', 'web-job', 'web-job-answer'] as const)(
    '[PH1] a %s frame in the swarm of an ordinary share is a violation',
    (kind) => {
      const lab = new Lab(3);
      const machine = lab.machine({ id: testPeer(5), share: SHARE, as: 'seed' });
      const peer = new ScriptedPeer(testPeer(9), SHARE.infoHash, (heard, own) => {
        if (heard.kind === 'handshake') own.say({ kind: 'capability' });
        if (heard.kind !== 'capability') return;
        if (kind === 'web-job-answer') own.say({ kind, job: 0, answer: 'taken', found: new Uint8Array() });
        else own.say({ kind, text: encodeWebWord({ facts: FACTS, lends: false }) });
      });
      lab.join(machine, peer);
      lab.advance(1_000);
      expect(machine.closes).toMatchObject([
        { why: { kind: 'violation', violation: { what: 'out-of-phase' } } },
      ]);
    },
  );
});

describe('[WS24] several who want the same', () => {
  test('[WS24] fetch each piece of the server once, and the rest from each other', () => {
    const lab = new Lab(4);
    const machines = [2, 3, 4, 5].map((nth) => member(lab, nth));
    const origins = machines.map((machine) => originOf(lab, machine));
    for (const [nth, one] of machines.entries())
      for (const other of machines.slice(nth + 1)) lab.join(one, other);
    for (const machine of machines) begin({ machine });
    lab.until('all have it', () => machines.every(isDone), 300_000);
    for (const machine of machines) expect(isRight(machine)).toBe(true);
    const whole = origins.flatMap(({ ranges }) => ranges).filter(({ length }) => length >= BLOCK_GRID_BYTES);
    const copies = whole.reduce((sum, { length }) => sum + length, 0) / SIZE;
    expect(copies).toBeLessThan(1.3);
  });

  test('[WS24] one that is alone again fetches all of it', () => {
    const lab = new Lab(4);
    const [one, other] = [member(lab, 5), member(lab, 6)];
    originOf(lab, one);
    lab.join(one, other);
    begin({ machine: one });
    begin({ machine: other }, false);
    lab.advance(1_000);
    other.tell({ kind: 'sharing-stopped' });
    lab.until('it has it', () => isDone(one), 120_000);
    expect(isRight(one)).toBe(true);
  });
});

describe('[WS22] [WS23] what others send', () => {
  test('[WS22] is looked at a second time in parts, from the server, at most a twentieth', () => {
    const stage = scene(2, { rate: 200_000 });
    const honest = lender(9);
    stage.lab.join(stage.machine, honest);
    begin(stage);
    stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
    expect(isRight(stage.machine)).toBe(true);
    const { web, webSeeds } = stage.machine.snapshot;
    expect(web?.right).toBeGreaterThan(95);
    expect(web).toMatchObject({ unseen: 0, liars: 0 });
    expect(web?.fromLenders).toBe(stage.machine.snapshot.receivedFrom.people);
    expect(web?.fromLenders).toBeGreaterThan(SIZE / 2);
    const looks = stage.origin.ranges.filter(({ length }) => length < BLOCK_GRID_BYTES);
    const looked = looks.reduce((sum, { length }) => sum + length, 0);
    expect(looked / (SIZE - (webSeeds[0]?.receivedBytes ?? 0))).toBeLessThanOrEqual(0.05);
  });

  test.each([1, 2, 3, 4])(
    '[WS23] one that falsifies a tenth is found, and nothing of it stays (%i)',
    (seed) => {
      const stage = scene(seed, { rate: 300_000 });
      let sent = 0;
      const liar = lender(9, {
        answer: (range, good) => {
          const cell = Math.floor((range.piece * 1_000_000 + range.offset) / BLOCK_GRID_BYTES);
          const data = good.slice();
          if (cell % 10 === 0) data.fill(7, 0, Math.min(data.length, BLOCK_GRID_BYTES));
          sent += data.length;
          return { kind: 'piece', piece: range.piece, offset: range.offset, data };
        },
      });
      stage.lab.join(stage.machine, liar);
      begin(stage);
      stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
      expect(sent).toBeGreaterThan(0);
      expect(isRight(stage.machine)).toBe(true);
      expect(stage.machine.snapshot.web).toMatchObject({ liars: 1 });
      expect(liar.closed).toBe(true);
      expect(stage.machine.engine.welcomes(liar.id)).toBe(false);
    },
  );

  test('[SW5] [WS22] two who have everything stay together, for others’ sake', () => {
    const lab = new Lab(2);
    const machine = member(lab, 5);
    const peer = lender(9);
    lab.join(machine, peer);
    begin({ machine }, false);
    lab.until('it is here', () => isDone(machine), 300_000);
    lab.advance(60_000);
    expect(peer.closed).toBe(false);
  });

  test('[WS22] where the server may not be asked, another peer is', () => {
    const lab = new Lab(2);
    const machine = member(lab, 5);
    const lenders = [lender(8), lender(9)];
    for (const one of lenders) lab.join(machine, one);
    begin({ machine }, false);
    lab.until('it is here', () => isDone(machine), 300_000);
    expect(isRight(machine)).toBe(true);
    expect(machine.snapshot.web?.right).toBeGreaterThan(100);
    expect(machine.snapshot.web?.liars).toBe(0);
  });

  test('[WS22] one that is late to say it is not waited for when nothing else is missing', () => {
    const lab = new Lab(2);
    const machine = member(lab, 5);
    const silent = lender(8, {
      answer: ({ piece, offset, length }, data) =>
        length <= SAMPLE_BYTES ? null : { kind: 'piece', piece, offset, data },
    });
    for (const one of [silent, lender(9), lender(10)]) lab.join(machine, one);
    begin({ machine }, false);
    lab.until('it is here', () => machine.snapshot.phase === 'complete', 300_000);
    expect(machine.snapshot.web?.pending).toBeGreaterThan(0);
    lab.until('it was looked at', () => isDone(machine), 2_000);
    expect(machine.snapshot.web).toMatchObject({ unseen: 0, liars: 0 });
  });

  test('[WS23] of two who differ both go, and what both sent comes anew', () => {
    const lab = new Lab(2);
    const machine = member(lab, 5);
    const liar = lender(8, {
      answer: ({ piece, offset }, good) => ({
        kind: 'piece',
        piece,
        offset,
        data: good.map((byte) => byte ^ 1),
      }),
    });
    const honest = [lender(9), lender(10)];
    for (const one of [liar, ...honest]) lab.join(machine, one);
    begin({ machine }, false);
    lab.until('somebody goes', () => (machine.snapshot.web?.liars ?? 0) > 0, 300_000);
    lab.advance(60_000);
    const later = lender(11);
    lab.join(machine, later);
    lab.until('it is here', () => isDone(machine), 300_000);
    expect(liar.closed).toBe(true);
    expect(isRight(machine)).toBe(true);
  });

  test('[WS22] with one peer alone and no server nothing can be looked at, which is told', () => {
    const lab = new Lab(2);
    const machine = member(lab, 5);
    lab.join(machine, lender(9));
    begin({ machine }, false);
    lab.until('it is here', () => isDone(machine), 300_000);
    expect(isRight(machine)).toBe(true);
    const { web } = machine.snapshot;
    expect(web?.right).toBe(0);
    expect(web?.unseen).toBeGreaterThan(95);
  });

  test('[WS22] a server that is busy is asked again, and no honest peer goes for it', () => {
    let busy = true;
    const trouble = () => (busy ? { why: 'busy' as const, retryMs: 3_000 } : null);
    const stage = scene(2, { trouble });
    stage.lab.join(stage.machine, lender(9));
    begin(stage);
    stage.lab.advance(8_000);
    busy = false;
    stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
    expect(stage.machine.snapshot.web).toMatchObject({ liars: 0 });
    expect(stage.machine.snapshot.web?.right).toBeGreaterThan(0);
  });

  describe('[WS26] as a whole it is not the file that is wanted', () => {
    /** Too little of it to be found by looks. */
    function smallLie() {
      const stage = scene(2, { rate: 300_000 });
      const liar = lender(9, {
        answer: ({ piece, offset }, good) => {
          const data = good.slice();
          if (piece === 7 && offset === 0) data[3] = (data[3] ?? 0) ^ 1;
          return { kind: 'piece', piece, offset, data };
        },
      });
      stage.lab.join(stage.machine, liar);
      begin(stage);
      stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
      return { ...stage, liar };
    }

    test('[WS26] what others sent comes again from the server, and nobody else is asked', () => {
      const { lab, machine, origin, liar } = smallLie();
      const asked = liar.requests.length;
      expect(asked).toBeGreaterThan(0);
      const fromServer = machine.snapshot.webSeeds[0]?.receivedBytes ?? 0;
      machine.tell({ kind: 'whole-refused' });
      expect(machine.snapshot).toMatchObject({ phase: 'downloading', web: { refused: true } });
      const later = lender(11);
      lab.join(machine, later);
      lab.until('it is here again', () => isDone(machine), 300_000);
      expect(isRight(machine)).toBe(true);
      expect([liar.requests.length, later.requests.length]).toEqual([asked, 0]);
      // What the server had sent itself is not fetched twice.
      const ranges = origin.ranges.filter(({ length }) => length >= BLOCK_GRID_BYTES);
      expect(ranges.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(
        SIZE + 0.2 * fromServer,
      );
      expect(machine.reports).not.toContainEqual({ kind: 'origin-refused' });
      machine.tell({ kind: 'whole-refused' });
      expect(machine.reports).toContainEqual({ kind: 'origin-refused' });
    });

    test('[WS26] where all came from the server, that is said', () => {
      const stage = scene();
      begin(stage);
      stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
      stage.machine.tell({ kind: 'whole-refused' });
      expect(stage.machine.reports).toContainEqual({ kind: 'origin-refused' });
      expect(stage.machine.snapshot).toMatchObject({ phase: 'complete', web: { refused: false } });
    });

    test('[WS26] of what was here before nobody knows who sent it', () => {
      const hashes = new Map(SHARE.pieces.slice(0, 4).map((bytes, piece) => [piece, sha256(bytes)] as const));
      const stage = scene(1, {}, { owned: [0, 1, 2, 3], web: { facts: FACTS, hashes } });
      begin(stage);
      stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
      stage.machine.tell({ kind: 'whole-refused' });
      expect(stage.machine.reports).toContainEqual({ kind: 'pieces-doubted', pieces: [0, 1, 2, 3] });
      stage.lab.until('it is here again', () => isDone(stage.machine), 300_000);
      stage.machine.tell({ kind: 'whole-refused' });
      expect(stage.machine.reports).toContainEqual({ kind: 'origin-refused' });
    });
  });

  test('[WS2] leave taken back in the middle: nothing more is asked of the server', () => {
    const stage = scene(2, { rate: 50_000 });
    stage.lab.join(stage.machine, lender(9));
    begin(stage);
    stage.lab.advance(1_500);
    stage.machine.tell({ kind: 'web-seeds-allowed', allowed: false });
    const { length } = stage.origin.ranges;
    expect(stage.origin.openRanges).toBe(0);
    stage.lab.until('it is here', () => isDone(stage.machine), 300_000);
    expect(stage.origin.ranges.length).toBe(length);
  });
});
