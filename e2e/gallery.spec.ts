/**
 * Every page in every state ([UI9]), as pictures in `test-results/pictures/`, by axe, and by its measures: narrow, wide,
 * light, dark, with text of twice the size and in forced colours. The states are those of `web/testing/gallery`, whose
 * page has no peer behind it, so that each is there at once.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delayed } from 'node:timers/promises';
import AxeBuilder from '@axe-core/playwright';
import type { CDPSession, Page } from 'playwright/test';
import type { Gallery } from '../web/testing/gallery/gallery.ts';
import { expect, ONE_BROWSER, test } from './fixtures.ts';
import { bundledViews, servePages } from './pages/bundle.ts';
import type { PageServer } from './pages/bundle.ts';
import { PAGE_FOLDER } from './shoal.ts';

type Scheme = 'light' | 'dark';
type Found = Awaited<ReturnType<AxeBuilder['analyze']>>;
declare const gallery: Gallery;
declare const axe: {
  run(root: Document, options: { resultTypes: ['violations'] }): Promise<Pick<Found, 'violations'>>;
};

const PAGES = ['home', 'making', 'share', 'receive', 'transfers', 'transfer', 'find', 'activity', 'settings'];
const SCHEMES: readonly Scheme[] = ['light', 'dark'];
const NARROW = 360;
const WIDE = 1_440;
const WIDTHS = [NARROW, 768, WIDE];
const HEIGHT = 800;
/**
 * A picture costs more than all else that is done. Each state is pictured in these two; with `ALL_PICTURES=1` each scheme
 * is looked at in each width, and there are pictures of all of it, of large text and of forced colours.
 */
const isAll = process.env['ALL_PICTURES'] === '1';
const LOOKED_AT: ReadonlyMap<number, Scheme> = new Map([
  [NARROW, 'light'],
  [WIDE, 'dark'],
]);
const schemesAt = (width: number): readonly Scheme[] =>
  SCHEMES.filter((scheme) => isAll || LOOKED_AT.get(width) === scheme);
/** A page that is longer than this is cut in its picture. */
const LARGEST = 6_000;
/** Of axe; what is between differs from these in nothing that they look at. */
const HELD_AGAINST_RULES = [NARROW, WIDE];
const USUAL_TEXT = 16;
const CAPTURE_PATIENCE_MS = 30_000;

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
  <title>Shoal</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/page.css"></head>
  <body><div id="app"></div><script type="module" src="/page.js"></script></body></html>`;

test.describe('[UI9] every page in every state', ONE_BROWSER, () => {
  // One after another by one worker: the page is bundled once.
  test.describe.configure({ mode: 'default', timeout: 300_000 });
  let server: PageServer;

  test.beforeAll(async () => {
    test.setTimeout(180_000);
    const { script, style } = await bundledViews('../../web/testing/gallery/gallery.ts');
    server = await servePages({
      '/': { type: 'text/html; charset=utf-8', body: PAGE },
      '/page.js': { type: 'text/javascript', body: script },
      '/page.css': { type: 'text/css', body: style },
    });
  });
  test.afterAll(() => server.close());

  for (const name of PAGES) {
    test(name, async ({ page }, { project }) => {
      const folder = join(project.outputDir, 'pictures', name);
      await mkdir(folder, { recursive: true });
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', ({ message }) => complaints.push(message));
      const viewer = await Viewer.of(page, server.origin);
      const states = await page.evaluate((of) => gallery.states.filter((one) => one.page === of), name);
      expect(states.length).toBeGreaterThan(0);
      for (const { state } of states) {
        await page.evaluate(([of, what]) => gallery.show(of, what), [name, state] as const);
        await viewer.look(`${name}, ${state}`, join(folder, state.replaceAll(' ', '-')));
      }
      expect(viewer.faults).toEqual([]);
      expect(complaints).toEqual([]);
    });
  }
});

test('[UI9] [UI10] nothing of these pictures is in the product', ONE_BROWSER, async () => {
  const files = (await readdir(PAGE_FOLDER, { recursive: true })).filter((name) =>
    /\.(?:js|html|css)$/.test(name),
  );
  expect(files.length).toBeGreaterThan(10);
  const texts = await Promise.all(files.map((name) => readFile(join(PAGE_FOLDER, name), 'utf8')));
  expect(files.filter((_, nth) => /there is no picture|gallery/.test(texts[nth] ?? ''))).toEqual([]);
});

/** Looks at whatever state is shown in every way; what is wrong with it is gathered, so that one run tells of all. */
class Viewer {
  readonly faults: string[] = [];
  readonly #page: Page;
  readonly #session: CDPSession;

  static async of(page: Page, address: string): Promise<Viewer> {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.goto(address);
    // It leaves axe in the page, where each look after this one takes it from.
    await new AxeBuilder({ page }).setLegacyMode().include('title').analyze();
    return new Viewer(page, await page.context().newCDPSession(page));
  }

  private constructor(page: Page, session: CDPSession) {
    this.#page = page;
    this.#session = session;
  }

  async look(what: string, path: string): Promise<void> {
    for (const width of WIDTHS) {
      await this.#page.setViewportSize({ width, height: HEIGHT });
      await this.#expectInside(`${what}, ${width} px`);
      for (const colorScheme of schemesAt(width)) {
        await this.#page.emulateMedia({ colorScheme });
        if (HELD_AGAINST_RULES.includes(width))
          await this.#expectAccessible(`${what}, ${width} px, ${colorScheme}`);
        await this.#take(`${path}-${width}-${colorScheme}`);
      }
    }
    await this.#page.setViewportSize({ width: NARROW, height: HEIGHT });
    await this.#page.emulateMedia({ colorScheme: 'light', forcedColors: 'active' });
    await this.#expectMarks(`${what}, forced colours`);
    if (isAll) await this.#take(`${path}-${NARROW}-forced`);
    await this.#page.emulateMedia({ forcedColors: null });
    await this.#enlargeText();
    await this.#expectInside(`${what}, large text`);
    if (isAll) await this.#take(`${path}-${NARROW}-text-200`);
    await this.#setText(USUAL_TEXT);
  }

  /** A picture beyond the viewport would be one of usual text, so that is made as high as the page. */
  async #enlargeText(): Promise<void> {
    await this.#setText(2 * USUAL_TEXT);
    const high = await this.#page.evaluate(() => document.documentElement.scrollHeight);
    await this.#page.setViewportSize({ width: NARROW, height: Math.min(high, LARGEST) });
    await this.#setText(2 * USUAL_TEXT);
  }

  /** As a person sets it in the browser; until the next change of what is emulated. */
  async #setText(standard: number): Promise<void> {
    await this.#session.send('Page.setFontSizes', { fontSizes: { standard, fixed: standard } });
  }

  async #take(path: string): Promise<void> {
    const clip = await this.#page.evaluate((most) => {
      const bottom = document.querySelector('footer')?.getBoundingClientRect().bottom ?? 0;
      const { clientWidth: width, scrollHeight } = document.documentElement;
      return { x: 0, y: 0, width, height: Math.min(bottom + scrollY, scrollHeight, most), scale: 1 };
    }, LARGEST);
    const viewport = this.#page.viewportSize()?.height ?? 0;
    const captureBeyondViewport = clip.height > viewport;
    const picture = { format: 'png', optimizeForSpeed: true, captureBeyondViewport, clip } as const;
    const ask = (): Promise<{ data: string }> => this.#session.send('Page.captureScreenshot', picture);
    // On a busy machine Chromium at times waits for a frame that never comes.
    const { data } = (await Promise.race([ask(), delayed(CAPTURE_PATIENCE_MS, null)])) ?? (await ask());
    await writeFile(`${path}.png`, Buffer.from(data, 'base64'));
  }

  /** Nothing has to be pushed aside to be read, and nothing stands out of its column. */
  async #expectInside(what: string): Promise<void> {
    const beyond = await this.#page.evaluate(beyondColumn);
    if (beyond.length > 0) this.faults.push(`${what}: beyond the page: ${beyond.slice(0, 6).join(' ')}`);
  }

  async #expectAccessible(what: string): Promise<void> {
    const found = await this.#page.evaluate(async () => {
      const { violations } = await axe.run(document, { resultTypes: ['violations'] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
    });
    this.faults.push(...found.map((one) => `${what}: ${one.slice(0, 500)}`));
  }

  /** What is told by colour alone elsewhere can still be seen: how far the bar is, and the mark beside the status. */
  async #expectMarks(what: string): Promise<void> {
    const unseen = await this.#page.evaluate(unseenMarks);
    if (unseen.length > 0) this.faults.push(`${what}: not to be seen: ${unseen.join(' ')}`);
  }
}

/** In the page: what is wider than it, or than the column in which everything stands. */
function beyondColumn(): string[] {
  const { scrollWidth, clientWidth } = document.documentElement;
  const main = document.querySelector('main');
  if (main === null) return ['there is no main'];
  const limit =
    main.getBoundingClientRect().right - Number.parseFloat(getComputedStyle(main).paddingRight) + 1;
  const isCut = (one: Element): boolean => {
    for (let above: Element | null = one; above !== null && above !== main; above = above.parentElement) {
      if (getComputedStyle(above).overflowX !== 'visible' || above.matches('[popover], dialog')) return true;
    }
    return false;
  };
  const out = [...main.querySelectorAll('*')].filter((one) => one.getBoundingClientRect().right > limit);
  const told = out
    .filter((one) => one.checkVisibility() && !isCut(one))
    .map((one) => one.outerHTML.slice(0, 120));
  return scrollWidth > clientWidth ? [`${scrollWidth} of ${clientWidth} px`, ...told] : told;
}

/** In the page, in forced colours: bars and marks that look like what is behind them. */
function unseenMarks(): string[] {
  const { backgroundColor: canvas } = getComputedStyle(document.documentElement);
  const isBare = ({ borderTopWidth }: CSSStyleDeclaration): boolean => borderTopWidth === '0px';
  const isSame = ({ backgroundColor }: CSSStyleDeclaration): boolean =>
    [canvas, 'rgba(0, 0, 0, 0)'].includes(backgroundColor);
  const of = (selector: string, isUnseen: (style: CSSStyleDeclaration) => boolean): string[] =>
    [...document.querySelectorAll(selector)]
      .filter((one) => isUnseen(getComputedStyle(one)))
      .map((one) => one.outerHTML.slice(0, 120));
  return [
    ...of('[role=progressbar]', isBare),
    ...of('[role=progressbar] > *', isSame),
    ...of('.mark', (style) => isBare(style) && isSame(style)),
  ];
}
