/** The store's contract in a real browser, in a worker as in the product. */
import { pieceStoreRules } from '../shared/peer/contracts/piece-store.ts';
import { expect, test } from './fixtures.ts';
import { bundled, SCRIPTED_PAGE, servePages } from './pages/bundle.ts';
import type { PageServer } from './pages/bundle.ts';

let server: PageServer;

test.beforeAll(async () => {
  const script = { type: 'text/javascript', body: await bundled('store-page.ts') };
  server = await servePages({ '/': SCRIPTED_PAGE, '/page.js': script });
});
test.afterAll(() => server.close());

for (const { name } of pieceStoreRules) {
  test(`IndexedDB in a worker: ${name}`, async ({ page }) => {
    await page.goto(server.origin);
    const broken = await page.evaluate((rule) => {
      const worker = new Worker('/page.js', { type: 'module' });
      return new Promise<unknown>((resolve) => {
        worker.onmessage = (event) => resolve(event.data);
        worker.onerror = (event) => resolve(event.message);
        worker.postMessage(rule);
      });
    }, name);
    expect(broken).toBeNull();
  });
}
