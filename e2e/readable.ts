/** What every page keeps ([UI9]), whatever it shows: nothing is beyond its edge, and axe finds nothing. */
import AxeBuilder from '@axe-core/playwright';
import { expect } from 'playwright/test';
import type { Page } from 'playwright/test';

export const NARROWEST = 360;
const WIDEST = 1_600;
const WIDTHS = [NARROWEST, 768, 1_280, WIDEST];
const HEIGHT = 800;

/** Nothing has to be pushed aside to be read. Leaves the page at its widest. */
export async function expectFits(page: Page, what: string): Promise<void> {
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: HEIGHT });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    expect(wide, `${what}: how wide it is at ${width} px`).toBeLessThanOrEqual(width);
  }
}

/** And nothing is in the way of a person, narrow and dark, wide and light. Leaves the page at its widest. */
export async function expectReadable(page: Page, what: string): Promise<void> {
  await page.setViewportSize({ width: NARROWEST, height: HEIGHT });
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await expectAccessible(page, `${what}, narrow and dark`);
  await expectFits(page, what);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expectAccessible(page, `${what}, wide and light`);
}

/** Nothing that a machine can find is in the way of a person, as the page is now. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // Legacy: by itself, without a page of its own that is opened for each answer. There are no foreign frames here.
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  expect(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
    what,
  ).toEqual([]);
}
