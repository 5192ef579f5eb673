/** The command `shoal` and pages: files and trees both ways, and a sender that closes its page and is not missed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Download } from 'playwright/test';
import { arrivedIn, awkwardTree } from './awkward-tree.ts';
import type { Arrived } from './awkward-tree.ts';
import { sha256Of } from './files.ts';
import { ONE_BROWSER, SENDS } from './fixtures.ts';
import { entriesOf } from './stored-zip.ts';
import { expect, test } from './terminal.ts';

test.describe.configure({ timeout: 180_000 });

const FROM_PAGE_BYTES = 100_000_000;
/** Less: from a process to Chromium a MB takes half a second at present, and all tests together are long enough. */
const TO_PAGE_BYTES = 24_000_000;

async function inZip(download: Download): Promise<Arrived> {
  const entries = entriesOf(await readFile(await download.path()));
  return Object.fromEntries(entries.map(({ path, sha256 }) => [path, sha256]));
}

test(
  '[HL10] [HL21] a page receives a file and a tree with awkward names from the terminal',
  ONE_BROWSER,
  async ({ person, folder, terminal }) => {
    const film = await folder.largeFile('film.bin', TO_PAGE_BYTES);
    const tree = await awkwardTree(folder);
    const shares = [terminal('share', film.path, '--json'), terminal('share', tree.path, '--json')] as const;
    const [one, several] = await Promise.all(shares.map((share) => share.told('shared')));
    const receiver = await person();
    const download = await receiver.receive(one?.link ?? '');
    expect(await sha256Of(await download.path())).toBe(film.sha256);
    await shares[0].told('delivered');
    await receiver.open(several?.link ?? '');
    expect(await inZip(await receiver.downloadSeveral())).toEqual(tree.arrives);
    await shares[1].told('delivered');
  },
);

test(
  '[HL14] [HL21] a file of 100 MB arrives in the terminal from a page',
  ONE_BROWSER,
  async ({ person, shoal, folder, terminal }) => {
    const film = await folder.largeFile('film.bin', FROM_PAGE_BYTES);
    const sender = await person(SENDS);
    const get = terminal('get', await sender.share(shoal.url, film.path), '-o', 'there', '--json');
    expect(await get.ended).toBe(0);
    expect(await sha256Of(get.of('saved')[0]?.path ?? '')).toBe(film.sha256);
  },
);

test(
  '[HL14] [HL31] the page that sends a tree closes, and the terminal that has it serves the next page',
  ONE_BROWSER,
  async ({ person, shoal, folder, terminal }) => {
    const tree = await awkwardTree(folder);
    const [sender, receiver] = [await person(SENDS), await person()];
    const link = await sender.shareFolder(shoal.url, tree.path);
    const get = terminal('get', link, '-o', 'there', '--json', '--seed-for', 'forever');
    await get.told('got');
    expect(await arrivedIn(join(folder.path, 'there'))).toEqual(tree.arrives);
    await sender.leave();
    await get.told('progress', ({ percent, peers }) => percent === 100 && peers === 0);
    await receiver.open(link);
    expect(await inZip(await receiver.downloadSeveral())).toEqual(tree.arrives);
    get.child.kill('SIGINT');
    expect(await get.ended).toBe(130);
  },
);
