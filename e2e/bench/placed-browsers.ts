/**
 * Browsers that run each in a network namespace, with a profile on disk and their pages' server as `localhost`, so that
 * a page there may do what it may on https. Fresh for every measurement.
 */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { BrowserContext, LaunchOptions } from 'playwright';
import type { BenchNetwork, Place } from './network-namespaces.ts';

/** As this process's address in the network is called there: what comes from it may do what https may. */
export const PAGES_HOST = 'localhost';
/** What is drawn is not measured: five browsers that draw much have less of the processor for the transfer. */
const SMALL_WINDOW = { width: 320, height: 240 };

export interface PlacedBrowser {
  readonly context: BrowserContext;
  /** Of the browser: its `/proc` shows the namespace's network. */
  readonly pid: number;
}

export async function withPlacedBrowsers<T>(
  network: BenchNetwork,
  launch: LaunchOptions,
  work: (browsers: readonly PlacedBrowser[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-bench-'));
  const browsers: PlacedBrowser[] = [];
  try {
    for (const [at, place] of network.places.entries())
      browsers.push(await placed(join(folder, String(at)), place, network.hostAddress, launch));
    return await work(browsers);
  } finally {
    await Promise.all(browsers.map(({ context }) => context.close()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function placed(
  path: string,
  { namespace }: Place,
  hostAddress: string,
  launch: LaunchOptions,
): Promise<PlacedBrowser> {
  const [script, pidFile] = [`${path}.sh`, `${path}.pid`];
  const browser = launch.executablePath ?? chromium.executablePath();
  // `exec`, so that what Playwright ends is the browser itself.
  await writeFile(
    script,
    `#!/bin/sh\necho $$ > '${pidFile}'\nexec ip netns exec ${namespace} '${browser}' "$@"\n`,
  );
  await chmod(script, 0o755);
  const context = await chromium.launchPersistentContext(path, {
    ...launch,
    executablePath: script,
    acceptDownloads: true,
    viewport: SMALL_WINDOW,
    args: [...(launch.args ?? []), `--host-resolver-rules=MAP ${PAGES_HOST} ${hostAddress}`],
  });
  return { context, pid: Number(await readFile(pidFile, 'utf8')) };
}
