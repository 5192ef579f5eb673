/** The built page without its server: what the service worker keeps is enough to start. */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright/test';
import { startServer } from '../signal-server/server.ts';
import { expect, test } from './fixtures.ts';

/** Each takes time to keep, whatever its size. */
const MOST_KEPT_FILES = 30;
/** Pages that are loaded when they are first opened. */
const ON_USE = ['Transfers', 'Find', 'Activity', 'Settings'];

const pageFolder = fileURLToPath(new URL('../dist', import.meta.url));

function keptFiles(page: Page): Promise<number> {
  return page.evaluate(async () => {
    const kept = await Promise.all(
      (await caches.keys()).map(async (name) => (await caches.open(name)).keys()),
    );
    return kept.flat().length;
  });
}

/** Opens the page for the first time and waits until the service worker has taken it over. */
async function installed(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.keyboard.press('Shift'); // a first use
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller !== null) return;
    await new Promise((taken) => navigator.serviceWorker.addEventListener('controllerchange', taken));
  });
}

test('[SA7] the first visit is taken over without a reload, and the next starts without a network', async ({
  page,
}) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, pageFolder, logLevel: 'silent' });
  try {
    await installed(page, server.url.replace('localhost', '127.0.0.1'));
    const start = page.getByLabel('Choose files');
    await expect(start).toBeAttached();
    const kept = await keptFiles(page);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThanOrEqual(MOST_KEPT_FILES);
    await server.close();
    await page.reload();
    await expect(start).toBeAttached();
    // Parts that load when they are first used are there as well.
    for (const name of ON_USE) {
      await page.getByRole('navigation').getByRole('link', { name }).click();
      await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    }
    expect(await page.evaluate(async () => (await fetch('/manifest.webmanifest')).ok)).toBe(true);
  } finally {
    await server.close();
  }
});

test('[SA7] a page comes from the network where there is one, never stale from the cache', async ({
  page,
}) => {
  const server = await startServer({ host: '127.0.0.1', port: 0, pageFolder, logLevel: 'silent' });
  try {
    await installed(page, server.url.replace('localhost', '127.0.0.1'));
    const [answered] = await Promise.all([
      page.waitForResponse(
        (response) => new URL(response.url()).pathname === '/' && response.status() === 200,
      ),
      page.reload(),
    ]);
    expect(await answered.text()).toContain('<title>');
    expect(await page.evaluate(async () => (await fetch('/save/unknown/0')).status)).toBe(404);
  } finally {
    await server.close();
  }
});
