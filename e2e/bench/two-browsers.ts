/**
 * Two browsers with a profile on disk each, as two people have: a context in memory would flatter storage. Fresh for
 * every measurement, so that none inherits another's memory or storage.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { BrowserContext, LaunchOptions } from 'playwright';

export async function withTwoBrowsers<T>(
  launch: LaunchOptions,
  /** `marks`: what stands in the command line of the one and of the other alone. */
  work: (one: BrowserContext, other: BrowserContext, marks: readonly string[]) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'shoal-bench-'));
  const profiles = ['one', 'other'].map((name) => join(folder, name));
  const contexts: BrowserContext[] = [];
  try {
    for (const profile of profiles) {
      contexts.push(await chromium.launchPersistentContext(profile, { ...launch, acceptDownloads: true }));
    }
    return await work(...(contexts as [BrowserContext, BrowserContext]), profiles);
  } finally {
    await Promise.all(contexts.map((context) => context.close()));
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
