/** The store's contract in a real browser, in a worker as in the product. */
import type { Page } from 'playwright/test';
import { pieceStoreRules } from '../shared/peer/contracts/piece-store.ts';
import { expect, test } from './fixtures.ts';
import { bundled, SCRIPTED_PAGE, servePages } from './pages/bundle.ts';
import type { PageServer } from './pages/bundle.ts';

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

for (const { name } of pieceStoreRules) {
  test(`IndexedDB in a worker: ${name}`, async () => {
    const broken = await page.evaluate((rule) => {
      const worker = new Worker('/page.js', { type: 'module' });
      return new Promise<unknown>((resolve) => {
        worker.onmessage = (event) => {
          worker.terminate();
          resolve(event.data);
        };
        worker.onerror = (event) => resolve(event.message);
        worker.postMessage(rule);
      });
    }, name);
    expect(broken).toBeNull();
  });
}
