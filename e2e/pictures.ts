/**
 * `npm run pictures`: draws the picture of README.md, `docs/picture.png`: the page that sends and the page that
 * receives, side by side, in the middle of a real transfer, which a limit on the sender keeps slow enough.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright';
import type { Browser } from 'playwright';
import { expect } from 'playwright/test';
import { findChromium } from '../scripts/browsers.ts';
import { buildPage } from '../scripts/build.ts';
import { Folder } from './files.ts';
import { chromiumOptions } from './launch.ts';
import { newPerson } from './person.ts';
import type { Person } from './person.ts';
import { startShoal } from './shoal.ts';

const PICTURE = fileURLToPath(new URL('../docs/picture.png', import.meta.url));
const PAGE_SIZE = { width: 640, height: 720 };
const GAP = 8;
const FILE = { name: 'Lofoten in winter.mp4', bytes: 96_000_000 };
const UP_KILOBYTES_PER_SECOND = 4_000;
/** When the picture is taken. */
const PERCENT = 60;
const PATIENCE = { timeout: 120_000 };

async function main(): Promise<void> {
  const found = await findChromium();
  console.log(found.sentence);
  if (found.kind === 'absent') throw new Error(found.sentence);
  await buildPage();
  const folder = await Folder.make();
  const server = await startShoal();
  const browser = await chromium.launch(chromiumOptions(found.path, found.sandbox));
  try {
    const { path } = await folder.file(FILE.name, FILE.bytes);
    const pages = await midwayThrough(browser, server.url, path);
    const picture = await sideBySide(browser, pages);
    await writeFile(PICTURE, picture);
    console.log(`${PICTURE}: ${(picture.length / 1000).toFixed(0)} KB`);
  } finally {
    await browser.close();
    await Promise.all([server.close(), folder.remove()]);
  }
}

/** What both pages look like while the file is on its way. */
async function midwayThrough(browser: Browser, address: string, path: string): Promise<readonly Buffer[]> {
  const [sender, receiver] = [await visitor(browser), await visitor(browser)];
  await sender.page.goto(`${address}/#/settings`);
  const limit = sender.page.getByRole('spinbutton', { name: 'Upload limit' });
  await limit.fill(String(UP_KILOBYTES_PER_SECOND));
  await limit.blur();
  const link = await sender.share(address, path);
  await receiver.open(link);
  await receiver.begin();
  await expect.poll(() => receiver.percent(), PATIENCE).toBeGreaterThanOrEqual(PERCENT);
  return Promise.all([sender, receiver].map(({ page }) => page.screenshot()));
}

async function visitor(browser: Browser): Promise<Person> {
  const context = await browser.newContext({
    viewport: PAGE_SIZE,
    colorScheme: 'light',
    locale: 'en-GB',
    reducedMotion: 'reduce',
  });
  return newPerson(context);
}

async function sideBySide(browser: Browser, pictures: readonly Buffer[]): Promise<Buffer> {
  const width = PAGE_SIZE.width * pictures.length + GAP * (pictures.length - 1);
  const page = await browser.newPage({ viewport: { width, height: PAGE_SIZE.height } });
  const images = pictures.map((png) => `<img src="data:image/png;base64,${png.toString('base64')}">`);
  await page.setContent(
    `<body style="margin: 0; display: flex; gap: ${GAP}px; background: #8a9a9e">${images.join('')}</body>`,
  );
  return page.screenshot();
}

try {
  await main();
} catch (failure) {
  console.error(failure instanceof Error ? failure.message : String(failure));
  process.exitCode = 1;
}
