/**
 * Browsers with a profile on disk each, as people have them: a context in memory would flatter storage. Fresh for
 * every measurement, so that none inherits another's memory or storage.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { BrowserContext, LaunchOptions } from 'playwright';

export interface Browser {
  readonly context: BrowserContext;
  /** What stands in the command line of this one alone. */
  readonly mark: string;
}

export async function withBrowsers<T>(
  launch: LaunchOptions,
  count: number,
  work: (browsers: readonly Browser[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-bench-'));
  const browsers: Browser[] = [];
  try {
    for (let nth = 1; nth <= count; nth++) {
      const mark = join(folder, `browser-${nth}`);
      const context = await chromium.launchPersistentContext(mark, { ...launch, acceptDownloads: true });
      browsers.push({ context, mark });
    }
    return await work(browsers);
  } finally {
    // One that has ended by itself has made the work fail, and that is what should be told.
    await Promise.allSettled(browsers.map(({ context }) => context.close()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

export function withBrowser<T>(launch: LaunchOptions, work: (browser: Browser) => Promise<T>): Promise<T> {
  return withBrowsers(launch, 1, ([browser]) => work(there(browser)));
}

export function withTwoBrowsers<T>(
  launch: LaunchOptions,
  work: (one: Browser, other: Browser) => Promise<T>,
): Promise<T> {
  return withBrowsers(launch, 2, ([one, other]) => work(there(one), there(other)));
}

function there(browser: Browser | undefined): Browser {
  if (browser === undefined) throw new Error('a browser is missing');
  return browser;
}
