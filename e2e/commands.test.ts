/** The command `shoal` as processes: what arrives from one to the other, what outlives SIGKILL, and a world in the way. */
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { smallDisk } from '../cli/disk/testing/mounts.ts';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { arrivedIn, awkwardTree } from './awkward-tree.ts';
import { Folder, sha256Of } from './files.ts';
import type { MadeFile } from './files.ts';

const FILM_BYTES = 100_000_000;

let films: Folder;
let film: MadeFile;
let folder: Folder;
let server: RunningServer;
const running: ShoalProcess[] = [];
const undoings: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  films = await Folder.make();
  film = await films.largeFile('film.bin', FILM_BYTES);
});
afterAll(() => films.remove());
beforeEach(async () => {
  folder = await Folder.make();
  server = await startServer({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
  for (const undo of undoings.splice(0)) await undo();
  await server.close();
  await folder.remove();
});

function shoal(...words: string[]): ShoalProcess {
  const env = { SHOAL_SERVER: `http://127.0.0.1:${server.port}`, XDG_STATE_HOME: join(folder.path, 'state') };
  const one = new ShoalProcess(words, { folder: folder.path, env });
  running.push(one);
  return one;
}

/** To its end. */
async function outcomeOf(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const one = shoal(...words);
  const code = await one.ended;
  return { code, out: one.out, err: one.err };
}

/** In which nobody may write. For root that takes a disk; null: there is none to be had. */
async function lockedFolder(): Promise<string | null> {
  if (process.getuid?.() !== 0) {
    const path = join(folder.path, 'locked');
    await mkdir(path, { mode: 0o555 });
    return path;
  }
  const mount = await smallDisk(folder.path, 4);
  if (mount === null) return null;
  undoings.push(() => mount.unmount());
  await mount.remount('ro');
  return mount.folder;
}

describe('[HL10] [HL14] from one process to another', () => {
  test('[HL14] [HL33] a file of 100 MB arrives as it is', async () => {
    const share = shoal('share', film.path, '--json');
    const { link } = await share.told('shared');
    const get = shoal('get', link, '-o', 'there', '--json');
    expect([await get.ended, get.of('note')]).toEqual([0, []]);
    expect(await sha256Of(get.of('saved')[0]?.path ?? '')).toBe(film.sha256);
    await share.told('delivered', ({ receivers }) => receivers === 1);
  });

  test('[HL14] [HL31] [MF9] a tree with awkward names arrives, and each name that is another one is said', async () => {
    const tree = await awkwardTree(folder);
    await mkdir(join(tree.path, 'empty'));
    const share = shoal('share', tree.path, '--json');
    const { link } = await share.told('shared');
    const get = shoal('get', link, '-o', 'there', '--json');
    expect(await get.ended).toBe(0);
    const there = join(folder.path, 'there');
    expect(await arrivedIn(there)).toEqual(tree.arrives);
    const [saved] = get.of('saved');
    expect(saved?.path).toBe(join(there, tree.path.split('/').at(-1) ?? ''));
    expect((await stat(join(saved?.path ?? '', 'empty'))).isDirectory()).toBe(true);
    expect(get.of('renamed').map(({ to }) => to.at(-1))).toEqual(['reversed gpj.exe']);
  });
});

test('[HL36] [HL14] killed at half and started again, it fetches what was missing and no more', async () => {
  const share = shoal('share', film.path, '--json');
  const { link } = await share.told('shared');
  const get = ['get', link, '-o', 'there', '--json'] as const;
  // What two cores carry beside other tests: a sender that is ahead of its receiver is not what is measured.
  const killed = shoal(...get, '--limit-down', '10MB');
  const { receivedBytes } = await killed.told('progress', (said) => said.receivedBytes >= FILM_BYTES * 0.4);
  await killed.kill();
  expect(receivedBytes).toBeLessThan(FILM_BYTES * 0.9);
  const again = shoal(...get);
  expect(await again.ended).toBe(0);
  expect(await sha256Of(again.of('saved')[0]?.path ?? '')).toBe(film.sha256);
  // Counted where it was sent: what was on its way when it was killed is among it.
  const { uploadedBytes } = await share.told('sending', ({ delivered }) => delivered === 1);
  expect(uploadedBytes).toBeGreaterThanOrEqual(FILM_BYTES);
  expect(uploadedBytes).toBeLessThanOrEqual(FILM_BYTES * 1.02);
});

describe('[HL17] the world in the way', () => {
  test('[HL22] a server that is away is waited for, and what was asked for is done when it is back', async () => {
    const { path, sha256 } = await folder.file('film.bin', 300_000);
    const share = shoal('share', path, '--json');
    const { link } = await share.told('shared');
    const { port } = server;
    await server.close();
    await share.told('status', ({ state }) => state === 'server-away');
    const get = shoal('get', link, '-o', 'there', '--json');
    await get.told('status', ({ state }) => state === 'server-away');
    server = await startServer({ host: '127.0.0.1', port, logLevel: 'silent' });
    expect(await get.ended).toBe(0);
    expect(await sha256Of(get.of('saved')[0]?.path ?? '')).toBe(sha256);
  });

  test('[HL3] [HL9] what leads to no share is refused before anything is asked or written', async () => {
    const { path } = await folder.file('a.txt', 10);
    expect((await outcomeOf('create', path, '-o', 'good.torrentinno')).code).toBe(0);
    const good = await readFile(join(folder.path, 'good.torrentinno'), 'utf8');
    await writeFile(join(folder.path, 'evil.torrentinno'), good.replace('"name":"a.txt"', '"name":"../a"'));
    const [none, short, evil] = await Promise.all([
      outcomeOf('get', 'hello', '-o', 'there'),
      outcomeOf('get', `http://127.0.0.1:${server.port}/#AAAA`, '-o', 'there'),
      outcomeOf('get', 'evil.torrentinno', '-o', 'there'),
    ]);
    expect(none).toEqual({ code: 2, out: '', err: expect.stringContaining('hello is no link and no file') });
    expect(short).toEqual({ code: 2, out: '', err: expect.stringContaining('link') });
    expect(evil).toEqual({ code: 1, out: '', err: expect.stringContaining('its name is not one') });
    await expect(stat(join(folder.path, 'there'))).rejects.toThrow('ENOENT');
  });

  test('[HL17] a folder that may not be written ends it with the reason', async ({ skip }) => {
    const locked = await lockedFolder();
    if (locked === null) return skip('no file system can be mounted here');
    const link = `http://127.0.0.1:${server.port}/#${'A'.repeat(42)}E`;
    const outcomes = await Promise.all([
      outcomeOf('get', link, '-o', locked),
      outcomeOf('get', link, '-o', join(locked, 'new')),
      outcomeOf('seed', locked),
    ]);
    const refused = { code: 1, out: '', err: expect.stringMatching(/is read-only|have no right/) };
    expect(outcomes).toEqual([refused, refused, refused]);
  });

  test('[HL17] [HL52] a port that is taken ends it with the reason', async () => {
    const taken = createServer().listen(0);
    undoings.push(async () => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    await mkdir(join(folder.path, 'served'));
    const outcomes = await Promise.all([
      outcomeOf('seed', 'served', '--health', String(port)),
      outcomeOf('seed', 'served', '--state', 'other', '--torrentinno', String(port)),
    ]);
    const refused = { code: 1, out: '', err: expect.stringContaining(`ort ${port} is taken`) };
    expect(outcomes).toEqual([refused, refused]);
  });

  test('[HL31] a path that this system cannot hold gets a plain name, which is said', async () => {
    const deep = Array.from({ length: 4 }, (_, depth) => `${depth}${'e'.repeat(240)}`).join('/');
    const { sha256 } = await folder.file(`share/${deep}/ö*.bin`, 400_000);
    await folder.file('share/b.bin', 10);
    const share = shoal('share', join(folder.path, 'share'), '--json');
    const { link } = await share.told('shared');
    // It fits into a path itself, and the share's deepest file does not any more.
    const target = join(folder.path, ...Array.from({ length: 13 }, () => 'd'.repeat(250)));
    const get = shoal('get', link, '-o', target, '--json', '--select', '*ö*');
    expect(await get.ended).toBe(0);
    const [renamed] = get.of('renamed');
    expect(renamed).toMatchObject({ from: ['share', ...deep.split('/'), 'ö*.bin'] });
    expect(await sha256Of(join(target, ...(renamed?.to ?? [])))).toBe(sha256);
    expect(get.of('note')).toMatchObject([{ message: expect.stringContaining('cannot hold the name') }]);
  });

  test('[HL10] [HL11] 10,000 files are made a share and compared, and one more is refused', async () => {
    const many = join(folder.path, 'many');
    await mkdir(many);
    await Promise.all(
      Array.from({ length: 10_000 }, (_, nth) => writeFile(join(many, `${nth}.txt`), `file ${nth}`)),
    );
    expect(await outcomeOf('create', many, '-o', 'many.torrentinno')).toMatchObject({ code: 0 });
    const right = await outcomeOf('verify', 'many.torrentinno', many, '--json');
    expect([right.code, JSON.parse(right.out.trim().split('\n').at(-1) ?? '')]).toEqual([
      0,
      expect.objectContaining({ type: 'verified', right: true, files: 10_000 }),
    ]);
    await writeFile(join(many, 'one more'), '');
    const more = await outcomeOf('create', many, '-o', 'more.torrentinno');
    expect(more).toEqual({ code: 1, out: '', err: expect.stringContaining('more than 10,000 files') });
  });
});
