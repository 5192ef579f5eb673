/** The main job: files go from one browser to another through their link, whole and under their names. */
import { mkdir, open, readFile, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Download } from 'playwright/test';
import { sha256Of } from './files.ts';
import type { Folder, MadeFile } from './files.ts';
import { expect, ONE_BROWSER, SENDS, test } from './fixtures.ts';
import { datesOf, entriesOf } from './stored-zip.ts';

/** Tens of thousands of frames on a machine that may be busy. */
test.describe.configure({ timeout: 300_000 });

async function expectContent(download: Download, { sha256 }: Pick<MadeFile, 'sha256'>): Promise<void> {
  expect(await sha256Of(await download.path())).toBe(sha256);
}

const BINARY_BYTES = 16_000_000;

/** The first bytes of a large file, as a file of the same name. */
async function beginningOf(path: string, bytes: number, folder: Folder): Promise<string> {
  const part = join(folder.path, basename(path));
  const whole = await open(path);
  const { buffer, bytesRead } = await whole.read(Buffer.alloc(bytes), 0, bytes, 0);
  await whole.close();
  await writeFile(part, buffer.subarray(0, bytesRead));
  return part;
}

// The first 16 MB of it: sixty pieces, and no more than a run of all tests has time for.
test(
  '[SA1] the beginning of the running Node binary arrives whole; its receiver serves a third when the sender has left',
  ONE_BROWSER,
  async ({ person, shoal, folder }) => {
    const path = await beginningOf(process.execPath, BINARY_BYTES, folder);
    const binary = { sha256: await sha256Of(path) };
    const [sender, receiver, third] = [await person(SENDS), await person(), await person()];
    const link = await sender.share(shoal.url, path);
    for (const one of [receiver, third]) {
      const download = await one.receive(link);
      // Firefox puts both into one folder: the second gets a number.
      if (one === receiver) expect(download.suggestedFilename()).toBe(basename(path));
      await expectContent(download, binary);
      await expect(one.status).toContainText('Saved to your downloads');
      await sender.leave();
    }
  },
);

/** `saved`: where a browser writes another name, whoever names it and however. */
const names: readonly { name: string; size: number; saved?: Readonly<Record<string, string>> }[] = [
  { name: 'empty.bin', size: 0 },
  { name: 'one byte', size: 1 },
  { name: 'Ünïcode — π 100%.txt', size: 300_000, saved: { firefox: 'Ünïcode — π 100_.txt' } },
  { name: '#?&.txt', size: 20, saved: { chromium: '#_&.txt', firefox: '#_&.txt' } },
  { name: '.profile', size: 5, saved: { chromium: 'profile', firefox: 'profile' } },
  { name: `${'x'.repeat(196)}.txt`, size: 200 },
  { name: '🐟 אבג 文件.tar.gz', size: 7 },
  { name: 'Cafe\u0301.txt', size: 9, saved: { chromium: 'Caf\u00e9.txt' } },
  { name: 'it’s (a), b; c=d!.txt', size: 262_145 },
];

test(
  '[SA1] [SA4] files of awkward names and sizes arrive under their names',
  ONE_BROWSER,
  async ({ person, shoal, folder, browserName }) => {
    const [sender, receiver] = [await person(SENDS), await person()];
    for (const { name, size, saved } of names) {
      await test.step(name, async () => {
        const file = await folder.file(name, size, size + 1);
        const link = await sender.share(shoal.url, file.path);
        await receiver.open(link);
        await expect(receiver.heading).toHaveText(name);
        const download = await receiver.download();
        expect(download.suggestedFilename()).toBe(saved?.[browserName] ?? name);
        await expectContent(download, file);
      });
    }
  },
);

test('[SA1] [SA8] two files arrive as one zip after Save, under their exact names and with their dates', async ({
  person,
  shoal,
  folder,
}) => {
  const made = [await folder.file('.Cafe\u0301 #?&%41.txt', 700_001, 1), await folder.file('🏳️‍🌈', 3, 2)];
  const old = new Date(Date.UTC(1999, 11, 31, 1, 2, 4));
  await utimes(made[1]!.path, old, old);
  const [sender, receiver] = [await person(SENDS), await person()];
  const link = await sender.share(
    shoal.url,
    made.map(({ path }) => path),
  );
  await receiver.open(link);
  const zip = await receiver.downloadSeveral();
  expect(zip.suggestedFilename()).toMatch(/\.zip$/);
  const bytes = await readFile(await zip.path());
  expect(entriesOf(bytes)).toEqual(made.map(({ name, sha256 }) => ({ path: name, sha256 })));
  expect(datesOf(bytes)['🏳️‍🌈']).toEqual(old);
});

test('[UI3] a folder arrives with its tree', async ({ person, shoal, folder, browserName }) => {
  test.skip(browserName === 'firefox', 'Playwright cannot choose a folder in an unpatched Firefox.');
  const made = [
    await folder.file('Ferien/leer', 0, 1),
    await folder.file('Ferien/Bilder/π.jpg', 1_300_000, 2),
    await folder.file('Ferien/Bilder/1999/2.jpg', 3, 3),
  ];
  const [sender, receiver] = [await person(SENDS), await person()];
  const link = await sender.shareFolder(shoal.url, join(folder.path, 'Ferien'));
  await expect(sender.heading).toHaveText('Ferien');
  await receiver.open(link);
  const zip = await receiver.downloadSeveral();
  expect(zip.suggestedFilename()).toBe('Ferien.zip');
  const arrived = entriesOf(await readFile(await zip.path())).sort(byPath);
  const sent = made.map(({ path, sha256 }) => ({ path: path.slice(folder.path.length + 1), sha256 }));
  expect(arrived).toEqual(sent.sort(byPath));
});

test('[UI3] [SA1] a folder with one file arrives with its folder', async ({
  person,
  shoal,
  folder,
  browserName,
}) => {
  test.skip(browserName === 'firefox', 'Playwright cannot choose a folder in an unpatched Firefox.');
  const { sha256 } = await folder.file('Ferien/Bilder/1.jpg', 70_000, 1);
  const [sender, receiver] = [await person(SENDS), await person()];
  const link = await sender.shareFolder(shoal.url, join(folder.path, 'Ferien'));
  await expect(sender.heading).toHaveText('Ferien');
  await receiver.open(link);
  const zip = await receiver.downloadSeveral();
  expect(zip.suggestedFilename()).toBe('Ferien.zip');
  expect(entriesOf(await readFile(await zip.path()))).toEqual([{ path: 'Ferien/Bilder/1.jpg', sha256 }]);
});

test('[UI3] [SA8] a folder that is dropped arrives with its empty folders and the dates of its files', async ({
  person,
  shoal,
  folder,
  browserName,
}) => {
  test.skip(browserName === 'firefox', 'Only Chromium lets a test drop a real folder.');
  const { path, sha256 } = await folder.file('Ferien/1.jpg', 70_000, 1);
  await mkdir(join(folder.path, 'Ferien/Bilder/leer'), { recursive: true });
  const old = new Date(Date.UTC(1999, 11, 31, 1, 2, 4));
  await utimes(path, old, old);
  const [sender, receiver] = [await person(SENDS), await person()];
  await receiver.open(await sender.drop(shoal.url, join(folder.path, 'Ferien')));
  const bytes = await readFile(await (await receiver.downloadSeveral()).path());
  expect(entriesOf(bytes).map((entry) => entry.path)).toEqual(['Ferien/1.jpg', 'Ferien/Bilder/leer/']);
  expect(entriesOf(bytes)[0]).toEqual({ path: 'Ferien/1.jpg', sha256 });
  expect(datesOf(bytes)['Ferien/1.jpg']).toEqual(old);
});

function byPath(one: { readonly path: string }, other: { readonly path: string }): number {
  return one.path < other.path ? -1 : 1;
}
