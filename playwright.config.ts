/** Browser tests in Chromium, and in Firefox where there is one; `npm run e2e` finds them. */
import { availableParallelism } from 'node:os';
import { defineConfig } from 'playwright/test';
import type { PlaywrightTestConfig } from 'playwright/test';
import { chromiumLaunch, FIREFOX_CHANNEL, firefoxLaunch } from './e2e/launch.ts';

type Project = NonNullable<PlaywrightTestConfig['projects']>[number];

const chromium: Project = {
  name: 'chromium',
  use: { browserName: 'chromium', launchOptions: chromiumLaunch },
};

/** They bring their Firefox themselves, ask what only Chromium does for a test, or are about something else than the browser. */
const CHROMIUM_ALONE = [
  'adoption',
  'app',
  'crossing',
  'disk',
  'identity',
  'instances',
  'links',
  'sleep',
  'sub-path',
  'swarm',
].map((name) => `**/${name}.spec.ts`);

function firefox(launchOptions: NonNullable<typeof firefoxLaunch>): Project {
  return {
    name: 'firefox',
    testIgnore: CHROMIUM_ALONE,
    grepInvert: /@one-browser/,
    use: { browserName: 'firefox', channel: FIREFOX_CHANNEL, launchOptions },
  };
}

const MOST_WORKERS = 2;

export default defineConfig({
  testDir: 'e2e',
  testMatch: '**/*.spec.ts', // *.test.ts beside them are unit tests
  outputDir: 'test-results',
  // Each test has its own people, folder, ports and services. A browser needs a core, and people wait for two of them.
  workers: Math.min(MOST_WORKERS, availableParallelism()),
  fullyParallel: true,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 15_000 },
  forbidOnly: process.env['CI'] !== undefined,
  reporter: 'list',
  use: { acceptDownloads: true, trace: 'off', video: 'off', screenshot: 'off' },
  projects: firefoxLaunch === null ? [chromium] : [chromium, firefox(firefoxLaunch)],
});
