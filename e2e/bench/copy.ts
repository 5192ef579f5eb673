/**
 * `npm run bench -- copy [--size 1024] [--runs 3] [--json]` (MiB): how fast a share gets content that the browser has
 * already of another one, verified, in a profile on disk ([LB7]).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright';
import { findChromium } from '../../scripts/browsers.ts';
import { chromiumOptions } from '../launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { Job } from '../pages/copy-bench-page.ts';

const PIECE_BYTES = 262_144;
/** MB/s (10^6 bytes). */
const GOAL = 150;

export async function run(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: 'string', default: '1024' },
      runs: { type: 'string', default: '3' },
      json: { type: 'boolean', default: false },
    },
  });
  const pieces = (Number(values.size) * 2 ** 20) / PIECE_BYTES;
  const server = await servePages({
    '/': { ...SCRIPTED_PAGE, body: '<!doctype html>' },
    '/worker.js': { type: 'text/javascript', body: await bundled('copy-bench-page.ts') },
  });
  const speeds: number[] = [];
  try {
    for (let turn = 1; turn <= Number(values.runs); turn++) {
      const speed = await measured(server.origin, pieces);
      if (!values.json) console.log(`run ${turn}: ${speed.toFixed(0)} MB/s`);
      speeds.push(speed);
    }
  } finally {
    await server.close();
  }
  const median = speeds.sort((one, other) => one - other)[Math.floor(speeds.length / 2)] ?? 0;
  if (values.json) console.log(JSON.stringify({ speeds, median }));
  else console.log(`median ${median.toFixed(0)} MB/s (goal: ${GOAL})`);
}

/** In a browser that has just been started again: nothing is in its memory. */
async function measured(origin: string, pieces: number): Promise<number> {
  const profile = await mkdtemp(join(tmpdir(), 'shoal-bench-'));
  try {
    await performed(origin, profile, { kind: 'fill', pieces, pieceBytes: PIECE_BYTES });
    const took = await performed(origin, profile, { kind: 'copy', pieces, pieceBytes: PIECE_BYTES });
    return (pieces * PIECE_BYTES) / 1_000 / took;
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function performed(origin: string, profile: string, job: Job): Promise<number> {
  const found = await findChromium();
  if (found.kind === 'absent') throw new Error(found.sentence);
  const context = await chromium.launchPersistentContext(profile, chromiumOptions(found.path, found.sandbox));
  try {
    const page = await context.newPage();
    await page.goto(origin);
    return await page.evaluate(async (order) => {
      const worker = new Worker('/worker.js', { type: 'module' });
      const answer = await new Promise<{ took: number } | { error: string }>((resolve) => {
        worker.onmessage = ({ data }) => resolve(data);
        worker.onerror = ({ message }) => resolve({ error: message });
        worker.postMessage(order);
      });
      if ('error' in answer) throw new Error(answer.error);
      return answer.took;
    }, job);
  } finally {
    await context.close();
  }
}
