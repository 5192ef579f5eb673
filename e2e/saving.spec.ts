/** Saving in a real browser: what is in storage becomes a download, through the real service worker and without it. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from 'playwright/test';
import type { Download, Page } from 'playwright/test';
import { pieceSizes } from '../shared/geometry.ts';
import { bundled, SCRIPTED_PAGE, servePages } from './pages/bundle.ts';
import type { PageServer } from './pages/bundle.ts';
import { madePiece } from './pages/made-share.ts';
import type { MadeShare } from './pages/made-share.ts';
import type { SavingPage } from './pages/saving-page.ts';

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
  expect(unzipped(await readFile(await download.path()))).toEqual(expected);
  expect(end).toEqual({ kind: 'saved' });
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

  for (const made of [oneFile('Ünïcode — π 100%.txt', 3_000_000, 9), oneFile('empty.txt', 0, 10)]) {
    test(`[SA6] ${made.name} is saved as a Blob of stored pieces`, async ({ page }) => {
      const { download, end } = await saved(page, made);
      expect(download.suggestedFilename()).toBe(made.name);
      expect(sha256(await readFile(await download.path()))).toBe(sha256(contentOf(made)));
      expect(end).toEqual({ kind: 'saved' });
    });
  }
});

/** The entries of a zip whose files are stored, in the order of its directory. */
function unzipped(zip: Buffer): { path: string; sha256: string }[] {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const entries = [];
  let at = zip.readUInt32LE(end + 16);
  for (let entry = 0; entry < zip.readUInt16LE(end + 10); entry++) {
    const [size, nameBytes, extraBytes] = [
      zip.readUInt32LE(at + 20),
      zip.readUInt16LE(at + 28),
      zip.readUInt16LE(at + 30),
    ];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    expect(zip.readUInt16LE(at + 10)).toBe(0);
    entries.push({
      path: zip.toString('utf8', at + 46, at + 46 + nameBytes),
      sha256: sha256(zip.subarray(start, start + size)),
    });
    at += 46 + nameBytes + extraBytes + zip.readUInt16LE(at + 32);
  }
  return entries;
}
