/**
 * What a first visit fetches of script and style, as gzip makes it: before the page can take a file, and until the
 * link of a first share stands there (with the worker, which is loaded behind the page that is already shown). What
 * the service worker fetches for later does not count.
 */
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright/test';

export interface FirstLoad {
  readonly parts: readonly Part[];
  /** Bytes after gzip. */
  readonly beforeFilesBytes: number;
  readonly untilLinkBytes: number;
}

interface Part {
  readonly path: string;
  readonly gzipBytes: number;
  /** Asked for before the page could take a file. */
  readonly beforeFiles: boolean;
}

declare global {
  var takesFilesAt: number;
}

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
  const paths = [...asked].filter((path) => /\.(?:js|css)$/.test(path) && path !== '/sw.js');
  const parts = await Promise.all(
    paths.map(async (path) => ({
      path,
      gzipBytes: await gzipBytesOf(new URL(path, address)),
      beforeFiles: before.has(path),
    })),
  );
  return {
    parts,
    beforeFilesBytes: sumOf(parts.filter(({ beforeFiles }) => beforeFiles)),
    untilLinkBytes: sumOf(parts),
  };
}

async function gzipBytesOf(address: URL): Promise<number> {
  const response = await fetch(address);
  return gzipSync(await response.arrayBuffer(), { level: 9 }).length;
}

function sumOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { gzipBytes }) => sum + gzipBytes, 0);
}
