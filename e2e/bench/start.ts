/**
 * `npm run bench -- start [--runs 3] [--json]`: what a first visit fetches of script and style, and how long the page
 * takes, on a processor of a quarter of the speed, until it can be used; against an empty page of the same server, in
 * turn.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LaunchOptions } from 'playwright';
import { measureFirstLoad } from '../first-load.ts';
import { startShoal } from '../shoal.ts';
import { withBrowser } from './browsers.ts';
import { ratio, series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Part } from './harness.ts';

const SLOWER = 4;
const FIRST_LOAD_GOAL = { most: 70 };
/** The page counts as ready once it has had so little to do for so long. */
const QUIET_MS = 1_000;
/** How often that is asked: the asking is work too. */
const POLLING_MS = 250;
const PATIENCE_MS = 120_000;
const EMPTY_PAGE =
  '<!doctype html><html lang="en"><title>empty</title><body><input type="file" aria-label="Choose files"></body></html>';

declare global {
  var benchStart: { takesFilesAt: number; busyUntil: number };
}

const PART: Part = {
  name: 'start',
  about:
    'What a first visit fetches, and how long it takes until the page can be used, against an empty page.',
  options: {},
  async measure({ launch, runs, say }) {
    const folder = await mkdtemp(join(tmpdir(), 'shoal-bench-'));
    await writeFile(join(folder, 'index.html'), EMPTY_PAGE);
    const [server, bare] = [await startShoal(), await startShoal({ pageFolder: folder })];
    try {
      const { empty, shoal } = await inTurn(
        runs,
        { empty: () => interactiveMs(launch, bare.url), shoal: () => interactiveMs(launch, server.url) },
        (turn, subject, ms) => say(`run ${turn}: ${subject} page ${ms.toFixed(0)} ms`),
      );
      const [emptyMs, shoalMs] = [series(empty), series(shoal)];
      const load = await withBrowser(launch, async ({ context }) =>
        measureFirstLoad(await context.newPage(), server.url),
      );
      const [firstLoadKB, untilLinkKB] = [load.beforeFilesBytes / 1_000, load.untilLinkBytes / 1_000];
      return {
        figures: [
          {
            what: 'First load: script and style after gzip, until the page takes a file',
            value: firstLoadKB,
            unit: 'KB',
            goal: FIRST_LOAD_GOAL,
          },
          { what: 'The same until it has made its first link', value: untilLinkKB, unit: 'KB' },
          {
            what: `Time to interactive, processor ${SLOWER} times slower`,
            value: shoalMs.median,
            unit: 'ms',
          },
          { what: 'The same, of an empty page’s', value: ratio(shoalMs, emptyMs), unit: 'ratio' },
        ],
        measured: { emptyMs, shoalMs, firstLoadKB, untilLinkKB },
      };
    } finally {
      await Promise.all([server.close(), bare.close(), rm(folder, { recursive: true, force: true })]);
    }
  },
};

export const run = (args: string[]): Promise<void> => runPart(PART, args);

/**
 * From the asking for the page until it takes a file and no task of more than 50 ms goes on or follows soon. In a
 * browser that has not been there before.
 */
function interactiveMs(launch: LaunchOptions, address: string): Promise<number> {
  return withBrowser(launch, async ({ context }) => {
    const page = await context.newPage();
    const devtools = await context.newCDPSession(page);
    await devtools.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
    await page.addInitScript(() => {
      const start = { takesFilesAt: 0, busyUntil: 0 };
      globalThis.benchStart = start;
      new MutationObserver((_, observer) => {
        if (document.querySelector('input[type=file]') === null) return;
        start.takesFilesAt = performance.now();
        observer.disconnect();
      }).observe(document, { childList: true, subtree: true });
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) start.busyUntil = startTime + duration;
      }).observe({ type: 'longtask', buffered: true });
    });
    await page.goto(address);
    const ready = await page.waitForFunction(
      (quietMs) => {
        const { takesFilesAt, busyUntil } = globalThis.benchStart;
        if (takesFilesAt === 0) return 0;
        const at = Math.max(takesFilesAt, busyUntil);
        return performance.now() - at > quietMs ? at : 0;
      },
      QUIET_MS,
      { polling: POLLING_MS, timeout: PATIENCE_MS },
    );
    return Number(await ready.jsonValue());
  });
}
