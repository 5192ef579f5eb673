/**
 * WebTorrent, what people use today for the same purpose, as a measure beside ours: the npm package, which wants a
 * newer Node than we do and is no dependency of this project, in a folder of its own; the page that runs it in a
 * browser; and the tracker that introduces its pages. No other server, no STUN, no DHT.
 */
import { existsSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright';
import { cacheFolder, run } from '../../scripts/processes.ts';
import { bundled, SCRIPTED_PAGE, servePages } from '../pages/bundle.ts';
import type { WebTorrentPage } from '../pages/webtorrent-page.ts';
import { startBittorrentTracker } from './bittorrent-tracker.ts';

declare const webTorrent: WebTorrentPage;

export const WEBTORRENT_VERSION = '3.0.21';
const FOLDER = join(cacheFolder, 'bench-webtorrent');
const PACKAGE = join(FOLDER, 'node_modules', 'webtorrent');
/** All of it, as its authors bundle it for browsers. */
const BUNDLE = join(PACKAGE, 'dist', 'webtorrent.min.js');
const INSTALL_LIMIT_MS = 180_000;
/** No scripts run and nothing is noted down. It runs in browsers alone, so its Node version does not matter. */
const INSTALL_ARGS = [
  ...[
    'install',
    '--ignore-scripts',
    '--no-engine-strict',
    '--no-save',
    '--no-package-lock',
    '--omit=optional',
  ],
  ...['--no-audit', '--no-fund', '--prefix', FOLDER, `webtorrent@${WEBTORRENT_VERSION}`],
];

export interface WebTorrentService {
  /** Has a page go where WebTorrent is, which it must before anything else. */
  open(page: Page): Promise<void>;
  /** Has the page share a file of this machine. Answers the magnet link, once that can be fetched. */
  seed(page: Page, path: string): Promise<string>;
  /** Milliseconds from the adding of the link until everything is here, verified and stored as the package does it. */
  fetchAll(page: Page, magnet: string): Promise<number>;
  /** Bytes of content that the page has sent. */
  uploaded(page: Page): Promise<number>;
  close(): Promise<void>;
}

/**
 * On that address of this machine, which the pages' browsers know by `name`. Null where the package is not here and
 * cannot be fetched; `say` hears why.
 */
export async function startWebTorrent(
  say: (line: string) => void,
  host = '127.0.0.1',
  name = host,
): Promise<WebTorrentService | null> {
  if (!(await installed(say))) return null;
  const tracker = await startBittorrentTracker(host);
  const address = `ws://${name}:${tracker.port}`;
  const script = (body: string) => ({ type: 'text/javascript', body });
  const pages = await servePages(
    {
      '/': SCRIPTED_PAGE,
      '/page.js': script(await bundled('webtorrent-page.ts', { TRACKER: JSON.stringify(address) })),
      '/webtorrent.js': script(readFileSync(BUNDLE, 'utf8')),
    },
    host,
  );
  return {
    async open(page) {
      await page.goto(pages.origin.replace(host, name));
      await page.getByLabel('File').waitFor();
    },
    async seed(page, path) {
      await page.getByLabel('File').setInputFiles(path);
      return page.evaluate(() => webTorrent.seed());
    },
    fetchAll: (page, magnet) => page.evaluate((link) => webTorrent.fetchAll(link), magnet),
    uploaded: (page) => page.evaluate(() => webTorrent.uploaded()),
    close: async () => void (await Promise.all([pages.close(), tracker.close()])),
  };
}

async function installed(say: (line: string) => void): Promise<boolean> {
  if (isHere()) return true;
  say(`WebTorrent: installing version ${WEBTORRENT_VERSION} into a folder of its own.`);
  await mkdir(FOLDER, { recursive: true });
  // The npm that runs this, where there is one.
  const npm = process.env['npm_execpath'];
  const [program, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const { output } = await run(program, [...first, ...INSTALL_ARGS], {
    output: 'collect',
    limit: INSTALL_LIMIT_MS,
  });
  if (isHere()) return true;
  const why = output.split('\n').find((line) => line.startsWith('npm error')) ?? 'it took too long';
  say(`WebTorrent is left out: npm could not install it. Is there a network? (${why})`);
  return false;
}

function isHere(): boolean {
  const description = join(PACKAGE, 'package.json');
  return (
    existsSync(BUNDLE) &&
    existsSync(description) &&
    readFileSync(description, 'utf8').includes(`"version": "${WEBTORRENT_VERSION}"`)
  );
}
