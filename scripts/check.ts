/**
 * `npm run check`: types, lint and format, in seconds. The compiler goes first because the check of the views reads
 * what it leaves behind; lint and format run beside them. What a tool says is printed only where it found something.
 */
import { join } from 'node:path';
import { cacheFolder, runTool } from './processes.ts';
import type { Finished } from './processes.ts';

const collected = { output: 'collect' } as const;

async function step(name: string, work: () => Promise<Finished>): Promise<boolean> {
  const started = performance.now();
  const { code, output } = await work();
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${name} (${seconds} s)`);
  if (code !== 0) console.log(output.trimEnd());
  return code === 0;
}

async function types(): Promise<boolean> {
  const compiled = await step('types', () => runTool('tsc', ['-b'], collected));
  const views = await step('types of the views', () =>
    runTool(
      'svelte-check',
      ['--tsconfig', 'web/tsconfig.json', '--output', 'human', '--fail-on-warnings'],
      collected,
    ),
  );
  return compiled && views;
}

const results = await Promise.all([
  types(),
  step('lint', () =>
    runTool(
      'eslint',
      [
        '.',
        '--max-warnings',
        '0',
        '--cache',
        '--cache-location',
        join(cacheFolder, 'eslint/'),
        '--cache-strategy',
        'content',
      ],
      collected,
    ),
  ),
  step('format', () =>
    runTool(
      'prettier',
      [
        '--check',
        '.',
        '--cache',
        '--cache-location',
        join(cacheFolder, 'prettier.json'),
        '--log-level',
        'warn',
      ],
      collected,
    ),
  ),
]);
process.exitCode = results.every(Boolean) ? 0 : 1;
