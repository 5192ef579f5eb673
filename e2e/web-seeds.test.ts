/** [WS1] The command `shoal` as processes, and a web server that has the files of a share. */
import { createReadStream } from 'node:fs';
import { mkdir, rename, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { arrivedIn, awkwardTree } from './awkward-tree.ts';
import { Folder, sha256Of } from './files.ts';

let folder: Folder;
let server: RunningServer;
let web: Server;
let origin: string;
/** What was asked for, in bytes. */
let sentBytes: number;
const running: ShoalProcess[] = [];

beforeEach(async () => {
  folder = await Folder.make();
  server = await startServer({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
  sentBytes = 0;
  web = createServer((request, response) => {
    const path = join(folder.path, decodeURIComponent(request.url ?? '/'));
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    void stat(path).then(
      ({ size }) => {
        const [start, end] = [Number(first), Number(last)];
        sentBytes += end + 1 - start;
        response.writeHead(206, { 'content-range': `bytes ${start}-${end}/${size}` });
        createReadStream(path, { start, end }).pipe(response);
      },
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((listening) => web.listen(0, '127.0.0.1', listening));
  origin = `http://127.0.0.1:${(web.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
  web.closeAllConnections();
  await new Promise((closed) => web.close(closed));
  await server.close();
  await folder.remove();
});

function shoal(words: readonly string[], more: Readonly<Record<string, string>> = {}): ShoalProcess {
  const env = { SHOAL_SERVER: `http://127.0.0.1:${server.port}`, XDG_STATE_HOME: join(folder.path, 'state') };
  const one = new ShoalProcess(words, { folder: folder.path, env: { ...env, ...more } });
  running.push(one);
  return one;
}

const HERE = { SHOAL_WEB_PRIVATE: 'on' };

describe('[HL65] a share that names web addresses', () => {
  test('[HL65] [WS1] comes from there where nobody else has it, each byte once', async () => {
    const film = await folder.largeFile('film one.bin', 30_000_001);
    const url = `${origin}/film%20one.bin`;
    expect(await shoal(['create', film.path, '-o', 'r.torrentinno', '--url', url]).ended).toBe(0);
    const get = shoal(['get', 'r.torrentinno', '-o', 'there', '--json'], HERE);
    expect([await get.ended, get.err]).toEqual([0, '']);
    expect(await sha256Of(get.of('saved')[0]?.path ?? '')).toBe(film.sha256);
    expect(sentBytes).toBe(30_000_001);
    expect(get.of('note').map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Fetching from the web, too: 127\.0\.0\.1:/),
    );
  });

  test('[HL65] of a folder comes file by file, with all its names', async () => {
    const tree = await awkwardTree(folder);
    await mkdir(join(folder.path, 'pub'));
    const name = tree.path.split('/').at(-1) ?? '';
    const shared = ['create', tree.path, '-o', 'r.torrentinno', '--url', `${origin}/pub/`];
    expect(await shoal(shared).ended).toBe(0);
    await rename(tree.path, join(folder.path, 'pub', name));
    const get = shoal(['get', 'r.torrentinno', '-o', 'there', '--json'], HERE);
    expect([await get.ended, get.err]).toEqual([0, '']);
    expect(await arrivedIn(join(folder.path, 'there'))).toEqual(tree.arrives);
  });

  test('[HL65] [WS5] is not fetched from a private network, nor with --no-web', async () => {
    const film = await folder.largeFile('film.bin', 1_000_000);
    const url = `${origin}/film.bin`;
    expect(await shoal(['create', film.path, '-o', 'r.torrentinno', '--url', url]).ended).toBe(0);
    const get = ['get', 'r.torrentinno', '-o', 'there', '--give-up-after', '2s'];
    expect(await shoal(get).ended).toBe(1);
    expect(await shoal([...get, '--no-web'], HERE).ended).toBe(1);
    expect(sentBytes).toBe(0);
  });

  test.each([
    ['ftp://mirror.example/film.bin', /no web address/],
    ['https://me:secret@mirror.example/film.bin', /no web address/],
    ['https://mirror.example/film.bin#part', /no web address/],
    ['mirror.example/film.bin', /no web address/],
  ])('[HL65] %s is refused with the reason', async (url, why) => {
    const film = await folder.largeFile('film.bin', 1_000);
    const create = shoal(['create', film.path, '-o', 'r.torrentinno', '--url', url]);
    expect(await create.ended).toBe(2);
    expect(create.err).toMatch(why);
  });
});
