/**
 * `npm run bench -- link [--size 1GB] [--runs 3] [--json]`: how long the page takes from the choice of a file to its
 * link, against reading and hashing alone of the same file in the same pieces, in a worker of the same browser, in turn.
 */
import type { LaunchOptions } from 'playwright';
import { Folder } from '../files.ts';
import type { MadeFile } from '../files.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import { startShoal } from '../shoal.ts';
import { withBrowser } from './browsers.ts';
import type { Browser } from './browsers.ts';
import { ratio, series } from './figures.ts';
import { inTurn, runPart } from './harness.ts';
import type { Bench, Part } from './harness.ts';
import { ProcessorUse, totalOf } from './processor-use.ts';
import { bytesIn, toldSize } from './sizes.ts';

const GOAL = { most: 1.25 };
/** For a file of many gigabytes. */
const PATIENCE = { timeout: 1_800_000 };

declare global {
  var benchChosenAt: number;
}

interface Took {
  readonly ms: number;
  /** Of the whole browser, in that time. */
  readonly processorMs: number;
}

const PART: Part = {
  name: 'link',
  about: 'How long the page takes to make a link for a file, against reading and hashing it alone.',
  options: { size: '1GB' },
  async measure(bench, { size = '' }) {
    const bytes = bytesIn(size);
    const { alone, page } = await measured(bench, bytes);
    const [aloneMs, pageMs] = [alone, page].map((all) => series(all.map(({ ms }) => ms)));
    const [aloneUse, pageUse] = [alone, page].map((all) =>
      series(all.map(({ processorMs }) => processorMs / (bytes / 1e6))),
    );
    return {
      figures: [
        {
          what: `Link for ${toldSize(bytes)}: time, of reading and SHA-256 alone`,
          value: ratio(pageMs ?? null, aloneMs ?? null),
          unit: 'ratio',
          goal: GOAL,
        },
      ],
      measured: {
        bytes,
        alone: { ms: aloneMs, processorMsPerMB: aloneUse },
        page: { ms: pageMs, processorMsPerMB: pageUse },
      },
    };
  },
};

export const run = (args: string[]): Promise<void> => runPart(PART, args);

async function measured(
  { launch, runs, say }: Bench,
  bytes: number,
): Promise<Readonly<Record<'alone' | 'page', Took[]>>> {
  const folder = await Folder.make();
  const server = await startShoal();
  const bare = await servePages({
    '/': {
      ...SCRIPTED_PAGE,
      body: '<!doctype html><html lang="en"><title>test</title><input type="file" aria-label="File">',
    },
    '/worker.js': { type: 'text/javascript', body: await bundled('link-bench-page.ts') },
  });
  try {
    const file = await folder.largeFile('large.bin', bytes);
    return await inTurn(
      runs,
      {
        alone: () => alone(launch, bare.origin, file),
        page: () => toLink(launch, server.url, file),
      },
      (turn, subject, { ms, processorMs }) =>
        say(
          `run ${turn}: ${subject} ${(ms / 1_000).toFixed(2)} s, ${(processorMs / 1_000).toFixed(2)} s of processor time`,
        ),
    );
  } finally {
    await Promise.all([server.close(), bare.close(), folder.remove()]);
  }
}

function alone(launch: LaunchOptions, address: string, file: MadeFile): Promise<Took> {
  return withBrowser(launch, async ({ context, mark }) => {
    const page = await context.newPage();
    await page.goto(address);
    await page.getByLabel('File').setInputFiles(file.path);
    const use = new ProcessorUse(mark);
    const ms = await page.evaluate(async () => {
      const chosen = document.querySelector('input')?.files?.[0];
      const worker = new Worker('/worker.js', { type: 'module' });
      const answer = await new Promise<{ ms: number } | { error: string }>((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message });
        worker.postMessage(chosen);
      });
      if ('error' in answer) throw new Error(answer.error);
      return answer.ms;
    });
    return { ms, processorMs: totalOf(use.sofar()) };
  });
}

/** On a page that has all it needs to make one. */
function toLink(launch: LaunchOptions, address: string, file: MadeFile): Promise<Took> {
  return withBrowser(launch, async (browser: Browser) => {
    const page = await browser.context.newPage();
    await page.addInitScript(() => {
      addEventListener('change', () => (globalThis.benchChosenAt = performance.now()), { capture: true });
    });
    await page.goto(address, { waitUntil: 'networkidle' });
    const use = new ProcessorUse(browser.mark);
    await page.getByLabel('Choose files').setInputFiles(file.path);
    const ms = await page.waitForFunction(
      () => {
        const link = document.querySelector<HTMLInputElement>('[aria-label="Share link"]');
        return /#[\w-]{43}$/.test(link?.value ?? '') ? performance.now() - globalThis.benchChosenAt : 0;
      },
      undefined,
      PATIENCE,
    );
    return { ms: Number(await ms.jsonValue()), processorMs: totalOf(use.sofar()) };
  });
}
