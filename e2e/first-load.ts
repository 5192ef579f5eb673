/**
 * What a first visit fetches of script and style, as gzip makes it: before the page can take a file, until the link of
 * a first share stands there (with the worker, which is loaded behind the page that is already shown), and within its
 * first seconds, while nobody does anything. What the service worker fetches for later does not count.
 */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright/test';

export interface FirstLoad {
  readonly parts: readonly Part[];
  /** Bytes after gzip. */
  readonly beforeFilesBytes: number;
  readonly untilLinkBytes: number;
}

export interface SizedFile {
  readonly path: string;
  readonly gzipBytes: number;
}

interface Part extends SizedFile {
  /** Asked for before the page could take a file. */
  readonly beforeFiles: boolean;
}

declare global {
  var takesFilesAt: number;
}

const FIRST_SECONDS_MS = 3_000;
const FILE = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('a') };

/** With a page that has not been there before. */
export async function measureFirstLoad(page: Page, address: string): Promise<FirstLoad> {
  await page.addInitScript(() => {
    new MutationObserver((_, observer) => {
      if (document.querySelector('input[type=file]') === null) return;
      globalThis.takesFilesAt = performance.now();
      observer.disconnect();
    }).observe(document, { childList: true, subtree: true });
  });
  const asked = new Set<string>();
  page.on('request', (request) => asked.add(new URL(request.url()).pathname));
  await page.goto(address);
  await page.getByLabel('Choose files').setInputFiles(FILE);
  await page.getByRole('textbox', { name: 'Share link' }).waitFor();
  const early = await page.evaluate(() =>
    performance
      .getEntriesByType('resource')
      .filter(({ startTime }) => startTime <= globalThis.takesFilesAt)
      .map(({ name }) => name),
  );
  const before = new Set(early.map((url) => new URL(url).pathname));
  const sized = await sizesOf([...asked], address);
  const parts = sized.map((part) => ({ ...part, beforeFiles: before.has(part.path) }));
  return {
    parts,
    beforeFilesBytes: sumOf(parts.filter(({ beforeFiles }) => beforeFiles)),
    untilLinkBytes: sumOf(parts),
  };
}

/** Of a page that has not been there before, and that nobody touches until then. */
export async function measureFirstSeconds(page: Page, address: string): Promise<readonly SizedFile[]> {
  await page.goto(address);
  const urls = await page.evaluate(async (endMs) => {
    while (performance.now() < endMs) await new Promise(requestAnimationFrame);
    const all = performance.getEntriesByType('resource');
    return all.filter(({ startTime }) => startTime <= endMs).map(({ name }) => name);
  }, FIRST_SECONDS_MS);
  return sizesOf([...new Set(urls.map((url) => new URL(url).pathname))], address);
}

async function sizesOf(paths: readonly string[], address: string): Promise<SizedFile[]> {
  const counted = paths.filter((path) => /\.(?:js|css)$/.test(path) && path !== '/sw.js');
  return Promise.all(
    counted.map(async (path) => ({ path, gzipBytes: await gzipBytesOf(new URL(path, address)) })),
  );
}

async function gzipBytesOf(address: URL): Promise<number> {
  const response = await fetch(address);
  return gzipSync(await response.arrayBuffer(), { level: 9 }).length;
}

export function sumOf(parts: readonly SizedFile[]): number {
  return parts.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
}
