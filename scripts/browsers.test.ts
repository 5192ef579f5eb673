/** How the browsers are started. No browser runs here. */
import { chromium } from 'playwright';
import { expect, it } from 'vitest';
import { QUIET_CHROMIUM_ARGS } from './browsers.ts';

it('what Playwright switches off in Chromium stays off, although the last list replaces its own', async () => {
  // Node is no browser: the refusal tells what it was started with.
  const refused = chromium.launch({ executablePath: process.execPath, args: [...QUIET_CHROMIUM_ARGS] });
  const words = await refused.then(
    () => '',
    (error: unknown) => String(error),
  );
  const lists = [...words.matchAll(/--disable-features=(\S+)/g)].map(([, list]) => list?.split(',') ?? []);
  const [playwrights, ours] = lists;
  expect(playwrights?.length).toBeGreaterThan(10);
  expect(ours).toEqual(expect.arrayContaining(playwrights ?? []));
});
