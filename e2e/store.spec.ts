/** The store's contract in a real browser, in a worker as in the product, and its files. */
import { chromium } from 'playwright/test';
import type { Page } from 'playwright/test';
import { pieceStoreRules } from '../shared/peer/contracts/piece-store.ts';
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { chromiumLaunch } from './launch.ts';
import { bundled, SCRIPTED_PAGE, servePages } from './pages/bundle.ts';
import type { PageServer } from './pages/bundle.ts';
import { storedFileRules } from './pages/stored-files.ts';

let server: PageServer;
/** One for all rules: each has a worker and databases of its own. */
let page: Page;

test.beforeAll(async ({ browser }) => {
  const script = { type: 'text/javascript', body: await bundled('store-page.ts') };
  server = await servePages({ '/': SCRIPTED_PAGE, '/page.js': script });
  page = await browser.newPage();
  await page.goto(server.origin);
});
test.afterAll(async () => {
  await page.close();
  await server.close();
});

/** What a worker answers that stays until then, or as long as the page. */
function told(kind: 'rule' | 'hold' | 'overfill' | 'collect', name: string, by = page): Promise<unknown> {
  return by.evaluate(
    (job) => {
      const worker = new Worker('/page.js', { type: 'module' });
      return new Promise<unknown>((resolve) => {
        worker.onmessage = (event) => {
          if (job.kind !== 'hold') worker.terminate();
          resolve(event.data);
        };
        worker.onerror = (event) => resolve(event.message);
        worker.postMessage(job);
      });
    },
    { kind, name },
  );
}

for (const { name } of [...pieceStoreRules, ...storedFileRules]) {
  test(`IndexedDB in a worker: ${name}`, async () => {
    expect(await told('rule', name)).toBeNull();
  });
}

test('[ST17] a file that the worker has open is read where files have no such handles', async () => {
  await told('hold', 'held');
  expect(await page.evaluate(() => globalThis.isReadable('held'))).toBe(true);
});

test('[ST16] [ST5] a put that finds no room for its files says so', ONE_BROWSER, async () => {
  const protocol = await page.context().newCDPSession(page);
  const used = await page.evaluate(async () => (await navigator.storage.estimate()).usage ?? 0);
  await protocol.send('Storage.overrideQuotaForOrigin', {
    origin: server.origin,
    quotaSize: used + 8_000_000,
  });
  expect(await told('overfill', 'full')).toEqual({
    outcome: { kind: 'failed', why: 'quota' },
    still: 1_500_000,
  });
  await protocol.send('Storage.overrideQuotaForOrigin', { origin: server.origin });
});

test(
  '[ST16] garbage is collected while a file is opened, and it is written and read',
  ONE_BROWSER,
  async ({ folder, afterwards }) => {
    const args = [...(chromiumLaunch.args ?? []), '--js-flags=--expose-gc'];
    const collecting = await chromium.launchPersistentContext(folder.path, { ...chromiumLaunch, args });
    afterwards(() => collecting.close());
    const other = await collecting.newPage();
    await other.goto(server.origin);
    expect(await other.evaluate(() => typeof globalThis.gc)).toBe('function');
    expect(await told('collect', 'collected', other)).toEqual({
      writes: Array(30).fill('written'),
      read: 1_000,
    });
  },
);
