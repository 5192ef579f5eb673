/** What runs before a page's own scripts does so from its next load on: on a page that is open already it may never run. */
import type { Page } from 'playwright';

export function assertNotOpened(page: Page): void {
  if (page.url() !== 'about:blank')
    throw new Error(`the page was opened already, and would not be watched: ${page.url()}`);
}
