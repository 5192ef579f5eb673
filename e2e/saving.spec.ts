/** Saving in a real browser: what is in storage becomes a download, through the real service worker and without it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Download, Page } from 'playwright/test';
import { pieceSizes } from '../shared/geometry.ts';
import { expect, test } from './fixtures.ts';
import { bundled, SCRIPTED_PAGE, servePages } from './pages/bundle.ts';
import type { PageServer } from './pages/bundle.ts';
import { madePiece } from './pages/made-share.ts';
import type { MadeShare } from './pages/made-share.ts';
import type { SavingPage } from './pages/saving-page.ts';
import { datesOf, entriesOf } from './stored-zip.ts';

declare const saving: SavingPage;

let server: PageServer;

test.beforeAll(async () => {
  const [page, worker] = await Promise.all([
    bundled('saving-page.ts'),
    bundled('../../web/sw/sw.ts', { 'self.__WB_MANIFEST': '[]' }),
  ]);
  const type = 'text/javascript';
  server = await servePages({
    '/': SCRIPTED_PAGE,
    '/page.js': { type, body: page },
    '/sw.js': { type, body: worker },
  });
});
test.afterAll(() => server.close());

function contentOf(made: MadeShare): Buffer {
  const total = made.files.reduce((sum, { size }) => sum + size, 0);
  return Buffer.concat(pieceSizes(total, made.pieceBytes).map((size, piece) => madePiece(made, piece, size)));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function oneFile(name: string, size: number, seed: number): MadeShare {
  return { name, files: [{ path: [name], size }], pieceBytes: 262_144, seed };
}

/** Firefox writes `_` for every percent sign in a download's name, whoever names it and however. */
function nameIn(browserName: string, name: string): string {
  return browserName === 'firefox' ? name.replaceAll('%', '_') : name;
}

/** Opens the page for the first time, puts the share into storage and saves it. */
async function saved(page: Page, made: MadeShare): Promise<{ download: Download; end: unknown }> {
  await page.goto(server.origin);
  const downloading = page.waitForEvent('download');
  const end = page.evaluate(async (share) => {
    // Registered, and maybe still being installed: a page registers long before it has anything to save.
    await saving.registerServiceWorker();
    const report = await saving.save(await saving.seed(share));
    return report.outcome.kind === 'started' ? report.end : report.outcome;
  }, made);
  return { download: await downloading, end: await end };
}

const files: readonly MadeShare[] = [
  oneFile('film.bin', 5_000_001, 1),
  oneFile('one piece.txt', 262_144, 2),
  oneFile('Ünïcode — π 100%.txt', 300_000, 3),
  oneFile('it\'s (a) *star*; "no"! 文件 🐟.tar.gz'.replaceAll(/[*"]/g, ''), 10, 4),
  oneFile('empty.txt', 0, 5),
];

for (const made of files) {
  test(`[SA1] [SA4] ${made.name} of ${made.files[0]?.size} bytes is saved whole and with its name`, async ({
    page,
    browserName,
  }) => {
    const { download, end } = await saved(page, made);
    expect(download.suggestedFilename()).toBe(nameIn(browserName, made.name));
    expect(sha256(await readFile(await download.path()))).toBe(sha256(contentOf(made)));
    expect(end).toEqual({ kind: 'saved' });
  });
}

test('[SA1] several files are saved as one zip with their paths', async ({ page }) => {
  const made: MadeShare = {
    name: 'Ferien 2026',
    files: [
      { path: ['Ferien', 'Übersicht.txt'], size: 1_000 },
      { path: ['Ferien', 'leer'], size: 0 },
      { path: ['Ferien', 'Bilder', 'π.jpg'], size: 700_000 },
      { path: ['Ferien', 'Bilder', '2.jpg'], size: 3 },
    ],
    pieceBytes: 262_144,
    seed: 6,
  };
  const { download, end } = await saved(page, made);
  expect(download.suggestedFilename()).toBe('Ferien 2026.zip');
  const content = contentOf(made);
  let at = 0;
  const expected = made.files.map(({ path, size }) => {
    at += size;
    return { path: path.join('/'), sha256: sha256(content.subarray(at - size, at)) };
  });
  expect(entriesOf(await readFile(await download.path()))).toEqual(expected);
  expect(end).toEqual({ kind: 'saved' });
});

const OLD = Date.UTC(1999, 11, 31, 1, 2, 4);
/** A folder with one file in it, an empty one, and nothing plain about their names and dates. */
const oneInFolder: MadeShare = {
  name: 'Fer\u202eien',
  files: [{ path: ['Ferien', 'CO\u200eN', 'a\u202egpj.exe'], size: 300_000, modified: OLD }],
  folders: [['Ferien', 'leer\u200f']],
  pieceBytes: 262_144,
  seed: 11,
};

/** [SA1] [SA8] [MF9] */
async function expectOneInFolder(download: Download): Promise<void> {
  expect(download.suggestedFilename()).toBe('Ferien.zip');
  const zip = await readFile(await download.path());
  expect(entriesOf(zip)).toEqual([
    { path: 'Ferien/_CON/agpj.exe', sha256: sha256(contentOf(oneInFolder)) },
    { path: 'Ferien/leer/', sha256: sha256(new Uint8Array(0)) },
  ]);
  expect(datesOf(zip)['Ferien/_CON/agpj.exe']).toEqual(new Date(OLD));
}

test('[SA1] [SA8] [MF9] a folder with one file is a zip with its folders and date, and no mark in any name', async ({
  page,
}) => {
  const { download, end } = await saved(page, oneInFolder);
  await expectOneInFolder(download);
  expect(end).toEqual({ kind: 'saved' });
});

test('[SA4] [MF9] a plain file is saved without its marks', async ({ page }) => {
  const { download } = await saved(page, oneFile('photo\u202egpj.exe', 10, 12));
  expect(download.suggestedFilename()).toBe('photogpj.exe');
});

test('[SA3] a share that lacks a piece is not saved, and the page says why', async ({ page }) => {
  await page.goto(server.origin);
  const outcome = await page.evaluate(
    async (share) => {
      await saving.registerServiceWorker();
      return (await saving.save(await saving.seed(share, [3]))).outcome;
    },
    oneFile('cut.bin', 1_500_000, 7),
  );
  expect(outcome).toEqual({
    kind: 'failed',
    why: expect.stringContaining('no longer in this browser’s storage'),
  });
});

test('[SA3] a piece that turns out to be short fails the download, the file is never silently short', async ({
  page,
}) => {
  await page.goto(server.origin);
  const downloading = page.waitForEvent('download');
  const end = page.evaluate(
    async (share) => {
      await saving.registerServiceWorker();
      const infoHash = await saving.seed(share);
      await saving.damage(infoHash, 40);
      return (await saving.save(infoHash)).end;
    },
    oneFile('damaged.bin', 20_000_000, 8),
  );
  expect(await (await downloading).failure()).not.toBeNull();
  expect(await end).toMatchObject({ kind: 'failed' });
});

test.describe('without a service worker', () => {
  test.use({ serviceWorkers: 'block' });
  test.skip(
    ({ browserName }) => browserName === 'firefox',
    'Firefox under Playwright does not tell of blob downloads',
  );

  test('[SA6] [SA8] [MF9] a folder with one file is the same zip', async ({ page }) => {
    const { download, end } = await saved(page, oneInFolder);
    await expectOneInFolder(download);
    expect(end).toEqual({ kind: 'saved' });
  });

  for (const made of [oneFile('Ünïcode — π 100%.txt', 3_000_000, 9), oneFile('empty.txt', 0, 10)]) {
    test(`[SA6] ${made.name} is saved as a Blob of stored pieces`, async ({ page }) => {
      const { download, end } = await saved(page, made);
      expect(download.suggestedFilename()).toBe(made.name);
      expect(sha256(await readFile(await download.path()))).toBe(sha256(contentOf(made)));
      expect(end).toEqual({ kind: 'saved' });
    });
  }
});
