/** Waiting for code that a page loads later. */
import { expect } from 'playwright/test';
import type { Page } from 'playwright/test';

/**
 * Waits until the page has loaded the chunk whose name begins so, with everything that the chunk itself needs: what it
 * imports is asked for behind it, and a server that goes away in between takes that with it. Importing it once more
 * ends where the page's own import does. Asks from here, since `waitForFunction` takes the promise of a function for its yes.
 */
export async function codeHere(page: Page, name: string): Promise<void> {
  const isHere = (): Promise<boolean> =>
    page.evaluate(async (part) => {
      const loaded = performance.getEntriesByType('resource').find((entry) => entry.name.includes(part));
      if (loaded === undefined) return false;
      await import(loaded.name);
      return true;
    }, `/assets/${name}-`);
  await expect.poll(isHere, { timeout: 45_000, message: `the page's ${name} is here` }).toBe(true);
}
