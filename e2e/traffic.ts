/** What comes and goes over a page's data channels, and how soon after a press. */
import type { Page } from 'playwright';
import type { Traffic } from './pages/traffic-script.ts';
import { assertNotOpened } from './not-opened.ts';
import { bundled } from './pages/bundle.ts';

declare const shoalTraffic: Traffic;

export class TrafficWatch {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Before the page goes anywhere. */
  static async of(page: Page): Promise<TrafficWatch> {
    assertNotOpened(page);
    await page.addInitScript(`{${await bundled('traffic-script.ts')}}`);
    return new TrafficWatch(page);
  }

  /** Since the page was loaded. */
  arrivedBytes(): Promise<number> {
    return this.#page.evaluate(() => shoalTraffic.arrivedBytes);
  }

  sentBytes(): Promise<number> {
    return this.#page.evaluate(() => shoalTraffic.sentBytes);
  }

  /** When somebody last clicked, in milliseconds since 1970. */
  async pressedAt(): Promise<number> {
    const at = await this.#page.evaluate(() =>
      shoalTraffic.pressedAt === null ? null : performance.timeOrigin + shoalTraffic.pressedAt,
    );
    if (at === null) throw new Error('nobody has clicked');
    return at;
  }

  /** Milliseconds from the last click to the first content behind it; null where none was seen on the page. */
  firstContentMs(): Promise<number | null> {
    return this.#page.evaluate(() => {
      const { pressedAt, contentAt } = shoalTraffic;
      return pressedAt === null || contentAt === null ? null : contentAt - pressedAt;
    });
  }
}
