/**
 * `npm test`: everything a contributor must pass. Goes on after a failed step, so that one run tells all; the last
 * line of its output is the sum over all tests, `N passed, N failed, N skipped`. A step that fails without failing
 * a test (types, lint, format, build, a runner that broke) counts as one failed test.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { cacheFolder, runTool } from './processes.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const unitReport = v.pipe(
  v.object({ numPassedTests: count, numFailedTests: count, numPendingTests: count, numTodoTests: count }),
  v.transform((report): Counts => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  })),
);

const browserReport = v.pipe(
  v.object({ stats: v.object({ expected: count, unexpected: count, flaky: count, skipped: count }) }),
  v.transform(({ stats }): Counts => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  })),
);

/** A step counts its failure as one failed test, and nothing when it goes well. */
async function plainStep(title: string, script: string, ...words: readonly string[]): Promise<Counts> {
  console.log(`\n== ${title}`);
  const { code } = await runTool('tsx', [script, ...words]);
  return { passed: 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

async function countedStep(
  title: string,
  work: (reportFile: string) => Promise<{ code: number }>,
  schema: v.GenericSchema<unknown, Counts>,
): Promise<Counts> {
  console.log(`\n== ${title}`);
  const reportFile = join(cacheFolder, `${title.replaceAll(' ', '-')}.json`);
  await rm(reportFile, { force: true });
  const { code } = await work(reportFile);
  const counts = await readCounts(reportFile, schema);
  const unexplained = code !== 0 && counts.failed === 0;
  return unexplained ? { ...counts, failed: 1 } : counts;
}

async function readCounts(file: string, schema: v.GenericSchema<unknown, Counts>): Promise<Counts> {
  try {
    return v.parse(schema, JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    console.log(`The report of this step cannot be read: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

const steps: Counts[] = [];
steps.push(await plainStep('types, lint, format', 'scripts/check.ts'));
steps.push(
  await countedStep(
    'unit tests',
    (file) =>
      runTool('vitest', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]),
    unitReport,
  ),
);
const built = await plainStep('build', 'scripts/build.ts');
steps.push(built);
if (built.failed === 0) {
  steps.push(
    await countedStep(
      'browser tests',
      (file) =>
        runTool('tsx', ['scripts/e2e.ts', '--reporter=list,json'], {
          env: { PLAYWRIGHT_JSON_OUTPUT_FILE: file },
        }),
      browserReport,
    ),
  );
  steps.push(await plainStep('attacks', 'e2e/attack/main.ts', '--short'));
}

const sum = (key: keyof Counts): number => steps.reduce((total, step) => total + step[key], 0);
process.exitCode = sum('failed') === 0 ? 0 : 1;
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed, ${sum('skipped')} skipped`);
