/** What those who lend their connection and those who ask them say to each other ([WS30] [WS31]), and what strangers try there. */
import { describe, expect, test } from 'vitest';
import { peerId } from '../ids.ts';
import type { PeerId } from '../ids.ts';
import { MAX_WEB_JOBS } from '../limits.ts';
import { encodeWebJob } from '../protocol/web-texts.ts';
import type { WebJob } from '../protocol/web-texts.ts';
import type { LendingRole } from './web/web-jobs.ts';
import { Lab, testPeer } from './testing/lab.ts';
import type { LabMachine } from './testing/lab-machine.ts';
import { ScriptedPeer } from './testing/scripted-peer.ts';
import { evenPieces, makeShare } from './testing/share.ts';

const SHARE = makeShare({ pieces: evenPieces(1, 13) });
const FACTS = { size: 1_000, etag: '"a"', lastModified: null };

function jobOf(nth: number): WebJob {
  return { url: `https://mirror.example/${nth}`, facts: FACTS };
}

function machineOf(lab: Lab, lending: LendingRole | null, nth = 5): LabMachine {
  return lab.machine({
    id: testPeer(nth),
    share: SHARE,
    as: lending === 'asks' ? 'knows' : 'seed',
    ...(lending === null ? {} : { lending }),
  });
}

function stranger(nth: number): ScriptedPeer {
  return new ScriptedPeer(testPeer(nth), SHARE.infoHash, (heard, self) => {
    if (heard.kind === 'handshake') self.say({ kind: 'capability' });
  });
}

function said(machine: LabMachine, kind: 'web-job-asked' | 'web-job-answer') {
  return machine.reports.filter((report) => report.kind === kind);
}

function droppedFor(machine: LabMachine): unknown[] {
  return machine.reports.flatMap((report) =>
    report.kind === 'peer-dropped' && report.why.kind === 'violation' ? [report.why.violation.what] : [],
  );
}

describe('[WS31] who asks', () => {
  test('[WS31] tells each job once to a lender, also to one that comes later, and hears what becomes of it', () => {
    const lab = new Lab(1);
    const asker = machineOf(lab, 'asks');
    asker.tell({ kind: 'web-jobs-wanted', jobs: [jobOf(1)] });
    const [first, second] = [machineOf(lab, 'lends', 8), machineOf(lab, 'lends', 9)];
    lab.join(asker, first);
    lab.settle();
    asker.tell({ kind: 'web-jobs-wanted', jobs: [jobOf(1), jobOf(2)] });
    lab.join(asker, second);
    lab.settle();
    for (const lender of [first, second])
      expect(said(lender, 'web-job-asked')).toMatchObject([
        { peer: asker.id, job: jobOf(1) },
        { peer: asker.id, job: jobOf(2) },
      ]);
    first.tell({ kind: 'web-job-answered', peer: asker.id, url: jobOf(2).url, answer: 'taken', found: null });
    lab.settle();
    second.tell({ kind: 'web-job-answered', peer: asker.id, url: jobOf(1).url, answer: 'full', found: null });
    lab.settle();
    first.tell({ kind: 'web-job-answered', peer: asker.id, url: jobOf(2).url, answer: 'done', found: null });
    lab.settle();
    expect(said(asker, 'web-job-answer')).toMatchObject([
      { peer: first.id, url: jobOf(2).url, answer: 'taken' },
      { peer: second.id, url: jobOf(1).url, answer: 'full' },
      { peer: first.id, url: jobOf(2).url, answer: 'done' },
    ]);
  });

  test('[WS31] counts a lender that had taken a job and is gone as done, and no other', () => {
    const lab = new Lab(1);
    const asker = machineOf(lab, 'asks');
    asker.tell({ kind: 'web-jobs-wanted', jobs: [jobOf(1)] });
    const [taker, silent] = [machineOf(lab, 'lends', 8), machineOf(lab, 'lends', 9)];
    for (const lender of [taker, silent]) lab.join(asker, lender);
    lab.settle();
    taker.tell({ kind: 'web-job-answered', peer: asker.id, url: jobOf(1).url, answer: 'taken', found: null });
    lab.settle();
    for (const lender of [taker, silent]) lender.tell({ kind: 'sharing-stopped' });
    lab.settle();
    expect(said(asker, 'web-job-answer')).toMatchObject([
      { peer: taker.id, answer: 'taken' },
      { peer: taker.id, answer: 'done' },
    ]);
  });

  test('[WS31] tells sixteen lenders of a job, and another one when one of them does not take it', () => {
    const lab = new Lab(1);
    const asker = machineOf(lab, 'asks', 1);
    asker.tell({ kind: 'web-jobs-wanted', jobs: [jobOf(1)] });
    const lenders = Array.from({ length: 18 }, (_, nth) => machineOf(lab, 'lends', nth + 2));
    for (const lender of lenders) lab.join(asker, lender);
    lab.settle();
    const asked = () => lenders.filter((lender) => said(lender, 'web-job-asked').length > 0);
    expect(asked()).toHaveLength(16);
    asked()[0]!.tell({
      kind: 'web-job-answered',
      peer: asker.id,
      url: jobOf(1).url,
      answer: 'full',
      found: null,
    });
    lab.settle();
    expect(asked()).toHaveLength(17);
  });

  test('[WS31] tells no more jobs on a connection than a lender hears', () => {
    const lab = new Lab(1);
    const asker = machineOf(lab, 'asks');
    const lender = machineOf(lab, 'lends', 9);
    lab.join(asker, lender);
    asker.tell({ kind: 'web-jobs-wanted', jobs: Array.from({ length: 20 }, (_, nth) => jobOf(nth)) });
    lab.settle();
    expect(said(lender, 'web-job-asked')).toHaveLength(MAX_WEB_JOBS);
    expect(droppedFor(lender)).toEqual([]);
  });

  test('[WS30] dials those who lend, and nobody else', () => {
    const lab = new Lab(1);
    const asker = machineOf(lab, 'asks', 1);
    const peers = [
      { id: testPeer(8), seed: true },
      { id: testPeer(9), seed: false },
    ];
    asker.tell({ kind: 'tracker-opened' });
    asker.tell({ kind: 'peers-announced', interval: 30, complete: 1, incomplete: 2, peers });
    lab.advance(60_000);
    const dialled = asker.orders.flatMap((order): PeerId[] => (order.kind === 'dial' ? [order.peer] : []));
    expect(new Set(dialled)).toEqual(new Set([testPeer(8)]));
  });
});

describe('[WS31] what strangers say', () => {
  const text = encodeWebJob(jobOf(1));

  test.each(['asks', null] as const)('[WS31] a job is a violation for who does not lend (%s)', (lending) => {
    const lab = new Lab(1);
    const machine = machineOf(lab, lending);
    const other = stranger(9);
    lab.join(machine, other);
    lab.settle();
    other.say({ kind: 'web-job', text });
    lab.settle();
    expect(droppedFor(machine)).toEqual(['out-of-phase']);
  });

  test.each(['lends', null] as const)(
    '[WS31] an answer is a violation for who does not ask (%s)',
    (lending) => {
      const lab = new Lab(1);
      const machine = machineOf(lab, lending);
      const other = stranger(9);
      lab.join(machine, other);
      lab.settle();
      other.say({ kind: 'web-job-answer', job: 0, answer: 'taken', found: new Uint8Array() });
      lab.settle();
      expect(droppedFor(machine)).toEqual(['out-of-phase']);
    },
  );

  test.each([
    ['for a job that was not told', [[1, 'taken']]],
    [
      'twice',
      [
        [0, 'full'],
        [0, 'full'],
      ],
    ],
    ['that it is done with what it has not taken', [[0, 'done']]],
    [
      'that it is done twice',
      [
        [0, 'taken'],
        [0, 'done'],
        [0, 'done'],
      ],
    ],
  ] as const)('[WS31] an answer %s is a violation', (_, answers) => {
    const lab = new Lab(1);
    const asker = machineOf(lab, 'asks');
    asker.tell({ kind: 'web-jobs-wanted', jobs: [jobOf(1)] });
    const other = stranger(9);
    lab.join(asker, other);
    lab.settle();
    for (const [job, answer] of answers)
      other.say({ kind: 'web-job-answer', job, answer, found: new Uint8Array() });
    lab.settle();
    expect(droppedFor(asker)).toEqual(['out-of-phase']);
  });

  test('[WS31] a text that is no job, and one job too many, are violations', () => {
    const lab = new Lab(1);
    const lender = machineOf(lab, 'lends');
    const [vague, greedy] = [stranger(8), stranger(9)];
    for (const other of [vague, greedy]) lab.join(lender, other);
    lab.settle();
    vague.say({ kind: 'web-job', text: new TextEncoder().encode('{"url":1}') });
    for (let nth = 0; nth <= MAX_WEB_JOBS; nth++) greedy.say({ kind: 'web-job', text });
    lab.settle();
    expect(droppedFor(lender)).toEqual(['bad-web-text', 'too-many-requests']);
    expect(said(lender, 'web-job-asked')).toHaveLength(MAX_WEB_JOBS);
  });

  test('[WS31] what a lender says of a job that nobody asked for goes to nobody', () => {
    const lab = new Lab(1);
    const lender = machineOf(lab, 'lends');
    const other = stranger(9);
    lab.join(lender, other);
    lab.settle();
    lender.tell({
      kind: 'web-job-answered',
      peer: other.id,
      url: jobOf(1).url,
      answer: 'taken',
      found: null,
    });
    lender.tell({
      kind: 'web-job-answered',
      peer: peerId('ab'.repeat(32))!,
      url: jobOf(1).url,
      answer: 'full',
      found: null,
    });
    lab.settle();
    expect(other.frames('web-job-answer')).toEqual([]);
  });
});
