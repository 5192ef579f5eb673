/** [HL67] The command `shoal fetch` as processes, and a web server on this machine that is as good or bad as real ones are. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import { LocalServers } from '../cli/web/testing/local-servers.ts';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer } from '../signal-server/server.ts';
import { Folder, madeBytes } from './files.ts';

const SIZE = 12_000_000;
const FILE = madeBytes(SIZE, 1);
const OTHER = madeBytes(SIZE, 2);
const OTHER_SHA256 = 'ab'.repeat(32);
const PART_MS = 20;

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What it sends, and how. Each answer comes at a pace of its own. */
class Origin {
  url = '';
  bytes: Buffer = FILE;
  etag = '"1"';
  /** Bytes a second of each answer. */
  pace = 2_000_000;
  /** Told in `Content-Range` and `Content-Length`. */
  says = { ranges: true, length: true, rightPlace: true };
  disposition: string | null = null;
  /** Null: it answers; else this status, with `Retry-After: 1`. */
  refuses: (nth: number) => number | null = () => null;
  sent = 0;
  #requests = 0;

  readonly answer = (request: IncomingMessage, response: ServerResponse): void => {
    const status = this.refuses(++this.#requests);
    if (status !== null) return void response.writeHead(status, { 'retry-after': '1' }).end();
    const [, from = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const condition = request.headers['if-range'] ?? this.etag;
    const isPart = request.headers.range !== undefined && this.says.ranges && condition === this.etag;
    const [first, end] = isPart ? [Number(from), last === '' ? SIZE : Number(last) + 1] : [0, SIZE];
    const place = this.says.rightPlace ? first : first + 1;
    response.writeHead(isPart ? 206 : 200, {
      ...(this.etag === '' ? {} : { etag: this.etag }),
      ...(this.says.length ? { 'content-length': end - first } : {}),
      ...(isPart ? { 'content-range': `bytes ${place}-${end - 1}/${SIZE}` } : {}),
      ...(this.disposition === null ? {} : { 'content-disposition': this.disposition }),
    });
    this.#send(response, this.bytes, first, end);
  };

  #send(response: ServerResponse, bytes: Buffer, from: number, end: number): void {
    if (response.destroyed) return;
    if (from >= end) return void response.end();
    const to = Math.min(end, from + (this.pace * PART_MS) / 1_000);
    this.sent += to - from;
    response.write(bytes.subarray(from, to));
    setTimeout(() => this.#send(response, bytes, to, end), PART_MS);
  }
}

let folder: Folder;
let server: RunningServer;
let origin: Origin;
const local = new LocalServers();
const running: ShoalProcess[] = [];

beforeEach(async () => {
  [folder, origin] = [await Folder.make(), new Origin()];
  server = await startServer({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
  origin.url = `${await local.serve(origin.answer)}/files/film.bin`;
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.kill()));
  await local.close();
  await server.close();
  await folder.remove();
});

function shoal(...words: readonly string[]): ShoalProcess {
  const env = { SHOAL_SERVER: `http://127.0.0.1:${server.port}`, SHOAL_WEB_PRIVATE: 'on' };
  const one = new ShoalProcess(words, { folder: folder.path, env });
  running.push(one);
  return one;
}

const contentOf = async (...path: readonly string[]): Promise<string> =>
  sha256Of(await readFile(join(folder.path, ...path)));
/** What a person sees there. */
const filesIn = async (path: string): Promise<string[]> =>
  (await readdir(join(folder.path, path))).filter((name) => name !== '.shoal');

describe('[HL67] shoal fetch', () => {
  test('[HL67] gets the file, and a link by which others get it', async () => {
    const fetch = shoal('fetch', origin.url, '-o', 'a', '--json', '--seed-for', 'forever', '--with-resource');
    const { link } = await fetch.told('fetched');
    expect(fetch.of('fetching')).toMatchObject([{ name: 'film.bin', size: SIZE, url: origin.url }]);
    expect(fetch.of('saved')).toMatchObject([{ path: join(folder.path, 'a/film.bin') }]);
    expect(fetch.of('fetched')).toMatchObject([{ name: 'film.bin', size: SIZE, verified: 'server' }]);
    expect(fetch.of('progress').at(-1)).toMatchObject({ percent: 100 });
    expect(await contentOf('a/film.bin')).toBe(sha256Of(FILE));
    expect(origin.sent).toBeLessThan(1.02 * SIZE);
    const get = shoal('get', link, '-o', 'b', '--no-web', '--json');
    expect(await get.ended).toBe(0);
    expect(await contentOf('b/film.bin')).toBe(sha256Of(FILE));
    fetch.child.kill('SIGINT');
    expect(await fetch.ended).toBe(130);
    expect((await filesIn('a')).sort()).toEqual(['film.bin', 'film.bin.torrentinno']);
  });

  test('[HL67] goes on where it was killed, and where it was interrupted', async () => {
    origin.pace = 700_000;
    const killed = shoal('fetch', origin.url, '-o', 'a', '--json');
    await killed.told('progress', ({ receivedBytes }) => receivedBytes > 3_000_000);
    await killed.kill();
    const interrupted = shoal('fetch', origin.url, '-o', 'a', '--json');
    const first = await interrupted.told('progress', ({ receivedBytes }) => receivedBytes > 0);
    expect(first.receivedBytes).toBeGreaterThan(2_500_000);
    await interrupted.told('progress', ({ receivedBytes }) => receivedBytes > 6_000_000);
    interrupted.child.kill('SIGINT');
    expect(await interrupted.ended).toBe(130);
    expect(interrupted.of('interrupted')[0]?.message).toContain(`To go on: shoal fetch ${origin.url} -o a`);
    expect(await filesIn('a')).toEqual([]);
    origin.pace = 5_000_000;
    expect(await shoal('fetch', origin.url, '-o', 'a').ended).toBe(0);
    expect(await contentOf('a/film.bin')).toBe(sha256Of(FILE));
    expect(origin.sent).toBeLessThan(1.25 * SIZE);
    // It is here: nothing is fetched for one who asks again.
    const { sent } = origin;
    expect(await shoal('fetch', origin.url, '-o', 'a').ended).toBe(0);
    expect([await filesIn('a'), origin.sent - sent < 1_000_000]).toEqual([['film.bin'], true]);
  });

  test('[HL67] [WS20] two at the same time take it from each other', async () => {
    origin.pace = 400_000;
    const both = ['a', 'b'].map((name) => shoal('fetch', origin.url, '-o', name, '--seed-for', '5s'));
    for (const one of both) expect(await one.ended).toBe(0);
    for (const name of ['a', 'b']) expect(await contentOf(name, 'film.bin')).toBe(sha256Of(FILE));
    expect(origin.sent).toBeLessThan(1.7 * SIZE);
  });

  test('[HL67] [WS27] one that has it serves one that comes later', async () => {
    const first = shoal('fetch', origin.url, '-o', 'a', '--json', '--seed-for', 'forever');
    await first.told('fetched');
    const { sent } = origin;
    origin.pace = 20_000;
    const second = shoal('fetch', origin.url, '-o', 'b', '--json');
    expect(await second.ended).toBe(0);
    expect(await contentOf('b/film.bin')).toBe(sha256Of(FILE));
    expect(second.of('fetched')).toMatchObject([{ verified: 'parts' }]);
    expect(origin.sent - sent).toBeLessThan(0.2 * SIZE);
  });

  test('[HL67] [WS12] the file changes in the middle: it is said, and nothing is mixed', async () => {
    origin.pace = 700_000;
    const fetch = shoal('fetch', origin.url, '-o', 'a', '--json');
    await fetch.told('progress', ({ receivedBytes }) => receivedBytes > 2_000_000);
    Object.assign(origin, { bytes: OTHER, etag: '"2"', pace: 5_000_000 });
    expect(await fetch.ended).toBe(0);
    expect(await contentOf('a/film.bin')).toBe(sha256Of(OTHER));
    expect(fetch.of('note').map(({ message }) => message)).toContainEqual(
      expect.stringContaining('was changed meanwhile'),
    );
  });

  test('[HL67] [WS3] a server that is busy now and then is asked again', async () => {
    origin.pace = 20_000_000;
    origin.refuses = (nth) => (nth % 6 === 5 ? 503 : null);
    const fetch = shoal('fetch', origin.url, '-o', 'a', '--json');
    expect(await fetch.ended).toBe(0);
    expect(await contentOf('a/film.bin')).toBe(sha256Of(FILE));
  });

  test.each([
    ['no ranges', { ranges: false, length: true, rightPlace: true }],
    ['no ranges and no length', { ranges: false, length: false, rightPlace: true }],
    ['parts of another place than it is asked for', { ranges: true, length: true, rightPlace: false }],
  ])('[HL67] [WS25] a server that sends %s', async (_what, says) => {
    origin.says = says;
    origin.pace = 20_000_000;
    const fetch = shoal('fetch', origin.url, '-o', 'a', '--json');
    expect(await fetch.ended).toBe(0);
    expect(await contentOf('a/film.bin')).toBe(sha256Of(FILE));
    expect(fetch.of('fetched')).toMatchObject([{ verified: 'server' }]);
  });

  test.each([
    ['../../evil.sh', 'evil.sh'],
    ['/etc/cron.d/evil', 'evil'],
    ['.shoal', '.shoal (2)'],
    ['a\u202egnp.exe', 'agnp.exe'],
  ])('[HL67] [MF6] a server that calls it %j writes to no other place', async (name, saved) => {
    origin.disposition = `attachment; filename*=UTF-8''${encodeURIComponent(name)}`;
    origin.pace = 50_000_000;
    expect(await shoal('fetch', origin.url, '-o', 'a/b').ended).toBe(0);
    expect([await filesIn('a'), await filesIn('a/b')]).toEqual([['b'], [saved]]);
  });

  test('[HL67] [WS26] keeps only what has the SHA-256 that is given', async () => {
    origin.pace = 20_000_000;
    const wrong = shoal('fetch', origin.url, '-o', 'a', '--sha256', OTHER_SHA256, '--json');
    expect(await wrong.ended).toBe(1);
    expect(wrong.of('error')[0]?.message).toContain('is another file than the one with the SHA-256');
    expect(await filesIn('a')).toEqual([]);
    const right = shoal('fetch', `${origin.url}#sha256=${sha256Of(FILE)}`, '-o', 'a', '--json');
    expect(await right.ended).toBe(0);
    expect(right.of('fetched')).toMatchObject([{ verified: 'sha256' }]);
    expect(await contentOf('a/film.bin')).toBe(sha256Of(FILE));
  });

  test.each([
    [404, /has no file at this address \(404\)/],
    [401, /wants a login/],
    [503, /is busy \(it answers 503\)/],
    [500, /has a fault of its own/],
  ])('[HL67] [WS11] says what a server that answers %i means', async (status, sentence) => {
    origin.refuses = () => status;
    const fetch = shoal('fetch', origin.url, '-o', 'a');
    expect(await fetch.ended).toBe(1);
    expect(fetch.err).toMatch(sentence);
  });
});
