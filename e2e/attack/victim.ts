/**
 * A browser whose page is attacked, and what is felt there: how late its event loop comes to its work, and how much
 * memory all the browser's processes hold.
 */
import { chromium, firefox } from 'playwright/test';
import type { Browser, LaunchOptions, Page } from 'playwright/test';
import { newPerson } from '../person.ts';
import type { Person } from '../person.ts';
import { FIREFOX_CHANNEL } from '../launch.ts';
import { childrenOf, memoryOfTree } from './memory.ts';

/** The heart beats so often, in ms. */
const BEAT_MS = 10;
/** [PN7] No message's handling may take longer. */
const LONG_MS = 50;
const MEMORY_EVERY_MS = 250;

export type BrowserName = 'Chromium' | 'Firefox';

/** In the page. */
interface Heart {
  worst: number;
  long: number;
}
declare const heart: Heart;

export interface Felt {
  /** The worst lateness of the page's event loop, ms. */
  readonly lagMs: number;
  /** How often it was later than 50 ms. */
  readonly long: number;
  /** Bytes of all the browser's processes over what they had before. */
  readonly growth: number;
}

export class Victims {
  readonly name: BrowserName;
  readonly #browser: Browser;
  readonly #pid: number;

  private constructor(name: BrowserName, browser: Browser, pid: number) {
    this.name = name;
    this.#browser = browser;
    this.#pid = pid;
  }

  static async start(name: BrowserName, launch: LaunchOptions): Promise<Victims> {
    const before = new Set(await childrenOf(process.pid));
    const browser =
      name === 'Chromium'
        ? await chromium.launch(launch)
        : await firefox.launch({ channel: FIREFOX_CHANNEL, ...launch });
    const pid = (await childrenOf(process.pid)).find((child) => !before.has(child));
    return new Victims(name, browser, pid ?? NaN);
  }

  close(): Promise<void> {
    return this.#browser.close();
  }

  /** Somebody new, whose page is watched from its first moment on. */
  async person(): Promise<Person> {
    const context = await this.#browser.newContext({ acceptDownloads: true });
    const person = await newPerson(context);
    await person.page.addInitScript(BEAT);
    return person;
  }

  /** A page in a context of its own. */
  async page(): Promise<Page> {
    return (await this.#browser.newContext()).newPage();
  }

  /** From now on until the answer is called. */
  async watch(page: Page): Promise<() => Promise<Felt>> {
    const idle = await memoryOfTree(this.#pid);
    let most = idle;
    const look = async (): Promise<void> => {
      most = Math.max(most, await memoryOfTree(this.#pid));
    };
    const timer = setInterval(() => void look(), MEMORY_EVERY_MS);
    await page.evaluate(() => Object.assign(heart, { worst: 0, long: 0 }));
    return async () => {
      clearInterval(timer);
      await look();
      const { worst, long } = await page.evaluate(() => ({ ...heart }));
      return { lagMs: worst, long, growth: most - idle };
    };
  }
}

/** A text: what compiles this file leaves traces in functions that a page does not know. */
const BEAT = `
  const heart = { worst: 0, long: 0 };
  globalThis.heart = heart;
  let due = performance.now() + ${BEAT_MS};
  const next = () => {
    const late = performance.now() - due;
    heart.worst = Math.max(heart.worst, late);
    if (late > ${LONG_MS}) heart.long++;
    due = performance.now() + ${BEAT_MS};
    setTimeout(next, ${BEAT_MS});
  };
  setTimeout(next, ${BEAT_MS});
`;
