/** [WS11] [WS12] [WS13] Probes and ranges from a real nginx, from servers that are not as they should be, and through a proxy. */
import { rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { anyAddress } from '../cli/web/address-policy.ts';
import { NodeProbe } from '../cli/web/node-probe.ts';
import { NodeRanges } from '../cli/web/node-ranges.ts';
import { LocalServers } from '../cli/web/testing/local-servers.ts';
import type { Handler } from '../cli/web/testing/local-servers.ts';
import { ShoalProcess } from '../cli/testing/shoal-process.ts';
import type { RangeTrouble } from '../shared/engine/io.ts';
import type { RangeOrder } from '../shared/peer/ports.ts';
import type { UrlFacts } from '../shared/url/probe.ts';
import { validatorOf } from '../shared/url/validator.ts';
import { startServer } from '../signal-server/server.ts';
import { Folder, madeBytes, sha256Of } from './files.ts';
import { startNginx } from './services.ts';

const SIZE = 300_000;
const FILE = madeBytes(SIZE, 1);
const folder = await Folder.make();
const local = new LocalServers();
const nginx = await startNginx(`
  root ${folder.path};
  location /whole/ { alias ${folder.path}/; max_ranges 0; }
  location /untagged/ { alias ${folder.path}/; etag off; }
  location /named/ { alias ${folder.path}/; add_header Content-Disposition 'attachment; filename="b.iso"'; }
  location /packed/ { alias ${folder.path}/; gzip on; gzip_types *; gzip_min_length 1; }
  location /moved/ { return 302 /a.iso; }
  location /secret/ { auth_basic "secret"; auth_basic_user_file /dev/null; }
  location /busy/ { return 503; }
`);
if (nginx.kind === 'missing') process.stderr.write(`${nginx.sentence}\n`);
const origin = nginx.kind === 'running' ? nginx.origin : '';

const probe = new NodeProbe(anyAddress);
const ranges = new NodeRanges(anyAddress);

beforeAll(async () => writeFile(join(folder.path, 'a.iso'), FILE));
afterEach(() => local.close());
afterAll(async () => {
  probe.close();
  ranges.close();
  if (nginx.kind === 'running') await nginx.stop();
  await folder.remove();
});

async function factsOf(url: string): Promise<UrlFacts> {
  const outcome = await probe.probe(url);
  if (outcome.kind === 'refused') throw new Error(`${url}: ${outcome.why}`);
  return outcome.facts;
}

interface Fetched {
  readonly end: 'ended' | RangeTrouble;
  readonly retryMs: number;
  readonly bytes: Buffer;
}

function fetched(url: string, order: Partial<RangeOrder> = {}): Promise<Fetched> {
  const parts: Uint8Array[] = [];
  return new Promise((resolve) => {
    const end = (how: Fetched['end'], retryMs: number): void =>
      resolve({ end: how, retryMs, bytes: Buffer.concat(parts) });
    ranges.fetch(
      { url, from: 100_000, length: 50_000, size: SIZE, ...order },
      { came: (bytes) => parts.push(bytes), ended: () => end('ended', 0), failed: end },
    );
  });
}

const PART = FILE.subarray(100_000, 150_000);

describe.skipIf(nginx.kind === 'missing')('[WS11] a real nginx', () => {
  test('[WS11] [WS12] shows size, ranges and which file it is, and sends parts of that one', async () => {
    const facts = await factsOf(`${origin}/a.iso`);
    expect(facts).toMatchObject({ size: SIZE, ranges: true, name: 'a.iso' });
    expect(facts.etag).toMatch(/^"/);
    const part = await fetched(`${origin}/a.iso`, { validator: validatorOf(facts) });
    expect([part.end, part.bytes.equals(PART)]).toEqual(['ended', true]);
  });

  test('[WS11] that sends no ranges shows the size alone, and a part is no part', async () => {
    const facts = await factsOf(`${origin}/whole/a.iso`);
    expect(facts).toMatchObject({ size: SIZE, ranges: false });
    expect(await fetched(facts.url, { validator: validatorOf(facts) })).toMatchObject({ end: 'no-ranges' });
    const whole = await fetched(facts.url, { from: 0, length: SIZE, validator: validatorOf(facts) });
    expect([whole.end, whole.bytes.equals(FILE)]).toEqual(['ended', true]);
  });

  test('[WS12] that has no tags shows a date, and says by it that the file was changed', async () => {
    const path = join(folder.path, 'dated.iso');
    await writeFile(path, FILE);
    await utimes(path, 1_700_000_000, 1_700_000_000);
    const facts = await factsOf(`${origin}/untagged/dated.iso`);
    expect(facts).toMatchObject({ etag: null, lastModified: 'Tue, 14 Nov 2023 22:13:20 GMT' });
    const validator = validatorOf(facts);
    expect(await fetched(facts.url, { validator })).toMatchObject({ end: 'ended' });
    await utimes(path, 1_700_000_001, 1_700_000_001);
    expect(await fetched(facts.url, { validator })).toMatchObject({ end: 'changed', bytes: Buffer.alloc(0) });
  });

  test('[WS12] says by its tag that the file was changed to one of the same size', async () => {
    const path = join(folder.path, 'tagged.iso');
    await writeFile(path, FILE);
    await utimes(path, 1_700_000_000, 1_700_000_000);
    const facts = await factsOf(`${origin}/tagged.iso`);
    await writeFile(`${path}.new`, madeBytes(SIZE, 2));
    await rename(`${path}.new`, path);
    const order = { validator: validatorOf(facts) };
    expect(await fetched(facts.url, order)).toMatchObject({ end: 'changed' });
    expect(await fetched(facts.url, { ...order, from: 0 })).toMatchObject({ end: 'changed' });
  });

  test('[WS11] gives names, leads elsewhere, and does not compress', async () => {
    expect(await factsOf(`${origin}/named/a.iso`)).toMatchObject({ name: 'b.iso', ranges: true });
    expect(await factsOf(`${origin}/moved/`)).toMatchObject({ finalUrl: `${origin}/a.iso`, size: SIZE });
    expect(await factsOf(`${origin}/packed/a.iso`)).toMatchObject({ size: SIZE, ranges: true });
  });

  test('[WS11] has an empty file', async () => {
    await writeFile(join(folder.path, 'empty'), '');
    expect(await factsOf(`${origin}/empty`)).toMatchObject({ size: 0, ranges: false });
  });

  test.each([
    ['/nothing', 'refused', 404],
    ['/secret/a.iso', 'needs-login', 401],
    ['/busy/', 'busy', 503],
  ])('[WS11] refuses %s: %s', async (path, why, status) => {
    expect(await probe.probe(`${origin}${path}`)).toMatchObject({ kind: 'refused', why, status });
  });
});

/** As it should be. */
const good: Handler = (request, response) => {
  const [, first = '0', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const body = FILE.subarray(Number(first), Number(last) + 1);
  const place = `bytes ${first}-${last}/${SIZE}`;
  response.writeHead(206, { 'content-range': place, 'content-length': body.length }).end(body);
};

describe('[WS11] a server that is not as it should be', () => {
  test('[WS11] tells no length: there is a file of any size', async () => {
    const url = await local.serve((_, response) => {
      response.write(FILE.subarray(0, 1_000));
      response.end(FILE.subarray(1_000));
    });
    expect(await factsOf(`${url}/a`)).toMatchObject({ size: null, ranges: false });
  });

  test('[WS12] showed ranges, and sends the whole', async () => {
    let asked = 0;
    const url = await local.serve((request, response, here) => {
      if (asked++ === 0) return good(request, response, here);
      response.writeHead(200, { 'content-length': SIZE }).end(FILE);
    });
    expect(await factsOf(`${url}/a`)).toMatchObject({ size: SIZE, ranges: true });
    expect(await fetched(`${url}/a`)).toMatchObject({ end: 'no-ranges', bytes: Buffer.alloc(0) });
  });

  test('[WS12] sends another place than it was asked for', async () => {
    const url = await local.serve((_, response) =>
      response.writeHead(206, { 'content-range': `bytes 0-49999/${SIZE}` }).end(FILE.subarray(0, 50_000)),
    );
    expect(await fetched(`${url}/a`)).toMatchObject({ end: 'no-ranges' });
  });

  test('[WS11] is busy now and then, and says how long', async () => {
    let asked = 0;
    const url = await local.serve((request, response, here) => {
      if (asked++ % 2 === 1) return good(request, response, here);
      response.writeHead(503, { 'retry-after': '2' }).end();
    });
    expect(await probe.probe(`${url}/a`)).toMatchObject({ why: 'busy', retryMs: 2_000 });
    expect(await factsOf(`${url}/a`)).toMatchObject({ size: SIZE, ranges: true });
    expect(await fetched(`${url}/a`)).toMatchObject({ end: 'busy', retryMs: 2_000 });
    expect(await fetched(`${url}/a`)).toMatchObject({ end: 'ended' });
  });

  test('[WS12] never ends: no more comes than was asked for', async () => {
    const url = await local.serve((_, response) => {
      response.writeHead(206, { 'content-range': `bytes 100000-299999/${SIZE}` });
      const more = (): void => {
        while (response.write(PART));
      };
      response.on('drain', more);
      more();
    });
    const { end, bytes } = await fetched(`${url}/a`);
    expect([end, bytes.equals(PART)]).toEqual(['ended', true]);
  });

  test('[WS11] compresses, although nobody asked for it', async () => {
    const url = await local.serve((_, response) =>
      response
        .writeHead(206, {
          'content-range': `bytes 0-0/${SIZE}`,
          'content-encoding': 'gzip',
        })
        .end('x'),
    );
    expect(await factsOf(`${url}/a`)).toMatchObject({ size: null, ranges: false });
    expect(await fetched(`${url}/a`, { from: 0, length: 1 })).toMatchObject({ end: 'no-ranges' });
  });
});

test('[WS13] the command shoal fetches the addresses of a share through the proxy of its variables', async () => {
  const server = await startServer({ host: '127.0.0.1', port: 0, logLevel: 'silent' });
  const env = { SHOAL_SERVER: `http://127.0.0.1:${server.port}`, XDG_STATE_HOME: join(folder.path, 'state') };
  const proxy = await local.proxy(await local.serve(good));
  const processes: ShoalProcess[] = [];
  const shoal = (words: readonly string[], more: Readonly<Record<string, string>> = {}): ShoalProcess => {
    const one = new ShoalProcess(words, { folder: folder.path, env: { ...env, ...more } });
    processes.push(one);
    return one;
  };
  try {
    const create = shoal(['create', 'a.iso', '-o', 'r.torrentinno', '--url', 'http://nobody.invalid/a.iso']);
    expect([await create.ended, create.err]).toEqual([0, expect.anything()]);
    const get = shoal(['get', 'r.torrentinno', '-o', 'there', '--json'], {
      http_proxy: proxy.url,
      no_proxy: '',
    });
    expect([await get.ended, get.of('error'), get.err]).toEqual([0, [], '']);
    expect(await sha256Of(get.of('saved')[0]?.path ?? '')).toBe(await sha256Of(join(folder.path, 'a.iso')));
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(
      new Set(['http://nobody.invalid/a.iso']),
    );
  } finally {
    await Promise.all(processes.map((one) => one.kill()));
    await server.close();
  }
});
