/** [HL61] `shoal` between a TorrentInno client over TCP and real pages: one share, and pieces cross both ways. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { standIn, TestTracker } from '../cli/torrentinno/testing/stand-in.ts';
import type { StandIn } from '../cli/torrentinno/testing/stand-in.ts';
import { readResourceFile } from '../shared/manifest/resource-file.ts';
import { parseLink } from '../shared/manifest/link.ts';
import { sha256Of } from './files.ts';
import { ONE_BROWSER } from './fixtures.ts';
import { TRANSFER_PATIENCE } from './person.ts';
import type { Person } from './person.ts';
import { expect, test } from './terminal.ts';

test.describe.configure({ timeout: 180_000 });

const BYTES = 8_000_000;
/** So slow that it is seen to give before it has all. */
const RATE = '2MB';

/** The resource file of the share that the page shows. */
async function savedResource({ page }: Person, path: string): Promise<string> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Save resource file' }).click(),
  ]);
  // What a browser has saved by itself goes with it.
  await download.saveAs(path);
  return path;
}

test(
  '[HL61] what a page shares goes to a TorrentInno client, and from that one to another page',
  ONE_BROWSER,
  async ({ person, shoal, folder, afterwards, terminal }) => {
    const film = await folder.largeFile('film.bin', BYTES);
    const sender = await person();
    const link = await sender.share(shoal.url, film.path);
    const resource = await savedResource(sender, join(folder.path, 'film.torrentinno'));
    const [tracker, client] = await torrentInno(link, resource, afterwards);
    const options = ['--torrentinno', '--ti-tracker', tracker, '--public-ip', '127.0.0.1'] as const;
    const bridge = (what: string, to: string) =>
      terminal(
        ...['get', what, '-o', to, '--json', '--seed-for', 'forever', '--limit-down', RATE],
        ...options,
      );

    const outward = bridge(link, 'first');
    await client.told('saved', 3);
    expect(outward.of('got')).toEqual([]);
    expect((await client.told('complete')).sha256).toBe(film.sha256);
    await outward.told('got');
    // Nobody else has it any more.
    await sender.leave();
    outward.child.kill('SIGINT');
    expect(await outward.ended).toBe(130);
    await client.told('reset');

    const receiver = await person();
    await receiver.page.goto(shoal.url);
    await receiver.page.getByLabel('Choose a resource file').setInputFiles(resource);
    await expect(receiver.button('Download')).toBeVisible();
    const download = receiver.download();
    const inward = bridge(resource, 'second');
    await expect.poll(() => receiver.storedPieces(), TRANSFER_PATIENCE).toBeGreaterThan(0);
    expect(inward.of('got')).toEqual([]);
    expect(await sha256Of(await (await download).path())).toBe(film.sha256);
    await inward.told('got');
  },
);

/** A tracker of TorrentInno's kind, and a client of it that wants what the link leads to. */
async function torrentInno(
  link: string,
  resource: string,
  afterwards: (undo: () => Promise<void>) => void,
): Promise<[url: string, client: StandIn]> {
  const tracker = new TestTracker();
  const url = await tracker.start();
  afterwards(() => tracker.stop());
  const parsed = parseLink(link);
  const read = readResourceFile(new Uint8Array(await readFile(resource)));
  if (parsed.kind !== 'link' || read.kind === 'refused') throw new Error('a page made this');
  const client = standIn({
    id: '10'.repeat(32),
    infoHash: parsed.infoHash,
    pieces: read.manifest.pieces,
    contentPath: null,
    tracker: url,
    ...{ tickMs: 20, pieceTimeoutMs: 5_000, bitfieldEveryMs: 2_000, announceEveryMs: 200 },
  });
  afterwards(() => client.stop());
  await tracker.heard(1);
  return [url, client];
}
