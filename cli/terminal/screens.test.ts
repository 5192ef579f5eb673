/** What people and machines see of what commands say. */
import { setTimeout as waited } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Captured } from '../commands/testing/terminal-lab.ts';
import { HumanScreen } from './human-screen.ts';
import { JsonScreen, jsonLine } from './json-screen.ts';
import { cut, liveText, width } from './live-text.ts';
import type { Progress, Said, Status } from './said.ts';

const ESC = '\u001b';
const ID = '0'.repeat(64);

function progress(change: Partial<Progress> = {}): Progress {
  return {
    type: 'progress',
    infoHash: ID,
    receivedBytes: 45_000_000,
    totalBytes: 100_000_000,
    percent: 45,
    down: 3_210_000,
    up: 0,
    uploadedBytes: 0,
    eta: 17,
    peers: 3,
    ...change,
  };
}

const waiting: Status = {
  type: 'status',
  infoHash: ID,
  state: 'waiting',
  message: 'Nobody is sharing this right now.',
};

describe('[HL6] the line that moves', () => {
  test('[HL6] has a bar, percent, speed, time and people', () => {
    const line = liveText({ moving: progress(), status: null }, { columns: 120, blocks: true });
    expect(line).toBe(
      ` 45 %  ${'█'.repeat(18)}${'░'.repeat(22)}  3.21 MB/s  17 seconds left  3 people  45.0 MB of 100 MB`,
    );
    expect(liveText({ moving: progress(), status: null }, { columns: 50, blocks: false })).toMatch(
      /^ 45 % {2}#+-+ {2}3\.21 MB\/s {2}17 seconds left$/,
    );
  });

  test('[HL6] says what is waited for, and how far it is', () => {
    const live = { moving: progress({ down: 0 }), status: waiting };
    expect(liveText(live, { columns: 80, blocks: true })).toBe('45 %  Nobody is sharing this right now.');
    expect(liveText(live, { columns: 20, blocks: true })).toBe('45 %  Nobody is sh…');
    expect(liveText({ moving: null, status: waiting }, { columns: 80, blocks: true })).toBe(waiting.message);
  });

  test('[HL6] is never wider than the terminal, whatever it says', () => {
    const numbers = fc.record({
      percent: fc.integer({ min: 0, max: 100 }),
      down: fc.double({ min: 0, max: 1e15, noNaN: true }),
      up: fc.double({ min: 0, max: 1e15, noNaN: true }),
      eta: fc.option(fc.integer({ min: 0, max: 1e9 })),
      peers: fc.integer({ min: 0, max: 1e6 }),
      receivedBytes: fc.integer({ min: 0, max: 1e15 }),
    });
    const columns = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(
        numbers,
        fc.string({ unit: 'grapheme' }),
        columns,
        fc.boolean(),
        (change, message, wide, isWaiting) => {
          const live = {
            moving: progress(change),
            status: isWaiting ? { state: 'waiting' as const, message } : null,
          };
          const line = liveText(live, { columns: wide, blocks: true });
          // Block characters are as wide as letters.
          expect(width(line.replace(/[█░]/g, '#'))).toBeLessThanOrEqual(Math.max(1, wide - 1));
          expect(line).not.toMatch(/\n/);
        },
      ),
    );
  });

  test('[HL6] wide characters count twice', () => {
    expect(cut('日本語のファイル', 9)).toBe('日本語の…');
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abcd', 1)).toBe('a');
  });

  test('[HL6] each drawing is one write, and lines above it stay whole', async () => {
    const [out, err] = [new Captured(true), new Captured(true)];
    const screen = new HumanScreen({ out, err, now: () => 0, blocks: true, orders: true });
    screen.tell(progress());
    expect(err.writes).toBe(1);
    expect(err.text).toContain('45 %');
    // What shows and hides the cursor is there; what saves its place is not.
    expect(err.text).toContain(`${ESC}[?25l`);
    expect(err.text).not.toContain(`${ESC}7`);
    screen.tell({ type: 'note', message: 'Something else.' });
    expect(err.text).toMatch(new RegExp(`${ESC}\\[2KSomething else\\.\\n`.replaceAll(ESC, '\\u001b')));
    screen.tell(progress({ percent: 46 }));
    screen.close();
    expect(err.text.endsWith(`${ESC}[1G${ESC}[2K`) || err.text.includes(`${ESC}[?25h`)).toBe(true);
    const { writes } = err;
    await waited(0);
    expect(err.writes).toBe(writes);
    expect(out.text).toBe('');
  });
});

describe('[HL4] for people', () => {
  const plain = () => {
    const [out, err, clock] = [new Captured(), new Captured(), { now: 0 }];
    return {
      out,
      err,
      clock,
      screen: new HumanScreen({ out, err, now: () => clock.now, blocks: true, orders: true }),
    };
  };

  test('[HL6] without a terminal there is a line at most every five seconds, and one at changes', () => {
    const { screen, err, clock } = plain();
    screen.tell(progress());
    clock.now = 5_000;
    screen.tell(progress({ percent: 46 }));
    screen.tell(progress({ percent: 47 }));
    clock.now = 10_000;
    screen.tell(progress({ percent: 50 }));
    screen.tell(waiting);
    expect(err.lines).toEqual([
      '46 %, 3.21 MB/s, 17 seconds left, 3 people, 45.0 MB of 100 MB.',
      '50 %, 3.21 MB/s, 17 seconds left, 3 people, 45.0 MB of 100 MB.',
      'Nobody is sharing this right now.',
    ]);
    expect(err.text).not.toContain(ESC);
  });

  test('[HL6] a terminal that understands no orders gets plain lines', () => {
    const [out, err] = [new Captured(true), new Captured(true)];
    const screen = new HumanScreen({ out, err, now: () => 0, blocks: true, orders: false });
    screen.tell(progress());
    screen.tell(waiting);
    screen.close();
    expect(err.text).toBe(`${waiting.message}\n`);
  });

  test('[HL4] names give a terminal no orders', () => {
    const { screen, out, err } = plain();
    const evil = `${ESC}]0;gone\u0007\u202egpj.exe\r\nmore\u009b31m`;
    screen.tell({ type: 'renamed', infoHash: ID, from: [evil], to: ['a', evil] });
    screen.tell({ type: 'got', infoHash: ID, name: evil, files: 1, size: 1 });
    screen.tell({
      type: 'result',
      infoHash: ID,
      link: 'l',
      name: evil,
      size: 1,
      files: 1,
      comment: evil,
      seeds: 0,
      leechers: 0,
    });
    screen.tell({ type: 'file', path: [evil], state: 'wrong' });
    screen.tell({ type: 'note', message: `There is no ${evil}.` });
    screen.tell({
      type: 'skipped',
      resource: evil,
      why: 'same-share',
      message: `the same share as ${evil}.`,
    });
    screen.tell({ type: 'error', exit: 1, message: evil });
    for (const sign of ['\u001b', '\u0007', '\r', '\u009b', '\u202e'])
      expect(out.text + err.text).not.toContain(sign);
  });

  test('[HL4] a path goes to a pipe as it is, and to a terminal as it can be shown', () => {
    const said: Said = { type: 'saved', infoHash: ID, path: `/a/${ESC}[2Jb` };
    const { screen, out } = plain();
    screen.tell(said);
    expect(out.text).toBe(`/a/${ESC}[2Jb\n`);
    const [shown, err] = [new Captured(true), new Captured()];
    new HumanScreen({ out: shown, err, now: () => 0, blocks: true, orders: true }).tell(said);
    expect(shown.text).toBe('/a/\ufffd[2Jb\n');
  });
});

describe('[HL5] for machines', () => {
  test('[HL5] one object a line, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 0x30ff })), (codes) => {
        const message = String.fromCharCode(...codes);
        const line = jsonLine({ type: 'note', message });
        // eslint-disable-next-line no-control-regex
        expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e]/);
        expect(JSON.parse(line)).toEqual({ type: 'note', message });
      }),
    );
  });

  test('[HL5] what moves is told once a second, and its end always', () => {
    const [out, err, clock] = [new Captured(true), new Captured(true), { now: 0 }];
    const waiting = new Set<() => void>();
    const later = (_: number, run: () => void): (() => void) => {
      waiting.add(run);
      return () => void waiting.delete(run);
    };
    const screen = new JsonScreen({ out, err }, () => clock.now, later);
    for (let percent = 0; percent < 10; percent++) screen.tell(progress({ percent }));
    clock.now = 1_000;
    screen.tell(progress({ percent: 50 }));
    screen.tell(progress({ percent: 100 }));
    screen.tell(progress({ percent: 100 }));
    expect(out.lines.map((line) => (JSON.parse(line) as Progress).percent)).toEqual([0, 50, 100]);
    // It may be passed on for long.
    clock.now = 2_000;
    for (const up of [1, 2, 3]) screen.tell(progress({ percent: 100, up }));
    const ups = (): number[] => out.lines.map((line) => (JSON.parse(line) as Progress).up).slice(3);
    expect(ups()).toEqual([1]);
    for (const run of waiting) run();
    expect(ups()).toEqual([1, 3]);
    screen.tell(progress({ percent: 100, up: 4 }));
    screen.close();
    expect(ups()).toEqual([1, 3, 4]);
    // Also where it is a terminal, nothing is drawn.
    expect(out.text + err.text).not.toContain(ESC);
  });
});
