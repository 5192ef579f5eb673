/** [WS11] What is found out of real servers on this machine, good ones and others. */
import { afterEach, describe, expect, test } from 'vitest';
import type { ProbeOutcome } from '../../shared/url/probe.ts';
import { publicAddresses } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import { NodeProbe } from './node-probe.ts';
import { LocalServers } from './testing/local-servers.ts';
import type { Handler } from './testing/local-servers.ts';

const SIZE = 300_000;
const HERE: AddressPolicy = (address) => address === '127.0.0.1';
const local = new LocalServers();
const probes: NodeProbe[] = [];

afterEach(async () => {
  for (const probe of probes.splice(0)) probe.close();
  await local.close();
});

function probed(url: string, { policy = HERE, patienceMs = 60_000 } = {}): Promise<ProbeOutcome> {
  const probe = new NodeProbe(policy, undefined, patienceMs);
  probes.push(probe);
  return probe.probe(url);
}

/** With a body that never ends. */
function endless(status: number, headers: Record<string, string>): Handler {
  return (_, response) => {
    response.writeHead(status, headers);
    const more = (): void => {
      while (response.write(Buffer.alloc(65_536)));
    };
    response.on('drain', more);
    more();
  };
}

const first = { 'content-range': `bytes 0-0/${SIZE}`, 'content-length': '1' };

describe('[WS11] a probe', () => {
  test('[WS11] asks plainly for the first byte, and knows the file then', async () => {
    const heads: unknown[] = [];
    const origin = await local.serve((request, response) => {
      heads.push({ method: request.method, ...request.headers });
      const marks = { etag: '"a"', 'last-modified': 'Mon, 23 Nov 2026 08:00:00 GMT' };
      response.writeHead(206, { ...first, ...marks, 'content-disposition': 'attachment; filename="b.iso"' });
      response.end('x');
    });
    expect(await probed(`${origin}/a.iso`)).toEqual({
      kind: 'facts',
      facts: {
        url: `${origin}/a.iso`,
        finalUrl: `${origin}/a.iso`,
        size: SIZE,
        ranges: true,
        name: 'b.iso',
        etag: '"a"',
        lastModified: 'Mon, 23 Nov 2026 08:00:00 GMT',
      },
    });
    expect(heads).toMatchObject([{ method: 'GET', range: 'bytes=0-0', 'accept-encoding': 'identity' }]);
    for (const name of ['cookie', 'authorization', 'referer']) expect(heads[0]).not.toHaveProperty(name);
  });

  test.each<
    [what: string, status: number, headers: Record<string, string>, size: number | null, ranges: boolean]
  >([
    ['sends ranges without saying so', 206, first, SIZE, true],
    [
      'says that it sends ranges, and does not',
      200,
      { 'accept-ranges': 'bytes', 'content-length': `${SIZE}` },
      SIZE,
      false,
    ],
    ['knows no ranges', 200, { 'content-length': `${SIZE}` }, SIZE, false],
    ['tells no length', 200, {}, null, false],
    ['tells no length of the whole', 206, { 'content-range': 'bytes 0-0/*' }, null, true],
    ['sends another place', 206, { 'content-range': `bytes 7-7/${SIZE}` }, null, false],
    ['tells more than can be counted', 206, { 'content-range': 'bytes 0-0/9007199254740993' }, null, false],
    ['compresses all the same', 200, { 'content-encoding': 'gzip', 'content-length': '99' }, null, false],
    ['compresses a part', 206, { ...first, 'content-encoding': 'gzip' }, null, false],
    ['has an empty file', 416, { 'content-range': 'bytes */0' }, 0, false],
    ['has an empty file, and sends it', 200, { 'content-length': '0' }, 0, false],
  ])('[WS11] of a server that %s', async (_, status, headers, size, ranges) => {
    const origin = await local.serve((__, response) => response.writeHead(status, headers).flushHeaders());
    expect(await probed(`${origin}/a`)).toMatchObject({ kind: 'facts', facts: { size, ranges } });
  });

  test('[WS11] lets go of a body that never ends', async () => {
    const origin = await local.serve(endless(200, {}));
    expect(await probed(`${origin}/a`)).toMatchObject({ facts: { size: null, ranges: false } });
  });

  test('[WS11] asks for all where a range is what the server does not want', async () => {
    const origin = await local.serve((request, response) => {
      if (request.headers.range !== undefined) response.writeHead(416).end();
      else response.writeHead(200, { 'content-length': `${SIZE}` }).end(Buffer.alloc(SIZE));
    });
    expect(await probed(`${origin}/a`)).toMatchObject({ facts: { size: SIZE, ranges: false } });
  });

  test('[WS11] keeps apart what was asked for and where it is, which gives the name', async () => {
    const origin = await local.serve((request, response, here) => {
      if (request.url === '/latest') response.writeHead(302, { location: `${here}/a-1.2.iso#x` }).end();
      else response.writeHead(206, first).end('x');
    });
    expect(await probed(`${origin}/latest`)).toMatchObject({
      facts: { url: `${origin}/latest`, finalUrl: `${origin}/a-1.2.iso`, name: 'a-1.2.iso' },
    });
  });

  test.each<[number, Record<string, string>, string, number]>([
    [204, {}, 'not-a-file', 0],
    [302, {}, 'not-a-file', 0],
    [401, { 'www-authenticate': 'Basic' }, 'needs-login', 0],
    [403, {}, 'refused', 0],
    [404, {}, 'refused', 0],
    [416, {}, 'refused', 0],
    [429, { 'retry-after': '3' }, 'busy', 3_000],
    [500, {}, 'broken-server', 0],
    [503, { 'retry-after': '7' }, 'busy', 7_000],
  ])('[WS11] answered with %i %j is refused: %s', async (status, headers, why, retryMs) => {
    const origin = await local.serve((_, response) => response.writeHead(status, headers).end());
    expect(await probed(`${origin}/a`)).toEqual({ kind: 'refused', why, status, retryMs });
  });

  test('[WS11] follows a few redirects, none without end, and none with a body without end', async () => {
    const origin = await local.serve((request, response, here) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) return void response.writeHead(206, first).end('x');
      endless(302, { location: `${here}/${left - 1}` })(request, response, here);
    });
    expect(await probed(`${origin}/5`)).toMatchObject({ kind: 'facts' });
    expect(await probed(`${origin}/6`)).toMatchObject({ why: 'too-many-redirects', status: null });
  });

  test.each([
    ['file:///etc/passwd', 'forbidden-address'],
    ['http://me:secret@127.0.0.1/', 'forbidden-address'],
    ['http://[::1]/', 'forbidden-address'],
  ])('[WS11] is not led to %s', async (location, why) => {
    const origin = await local.serve((_, response) => response.writeHead(302, { location }).end());
    expect(await probed(`${origin}/a`)).toMatchObject({ kind: 'refused', why });
  });

  test.each([
    'http://127.0.0.1/',
    'http://localhost/',
    'http://169.254.169.254/',
    'http://[::ffff:10.0.0.1]/',
  ])('[WS11] [WS5] of %s is not made', async (url) => {
    expect(await probed(url, { policy: publicAddresses })).toMatchObject({ why: 'forbidden-address' });
  });

  test('[WS11] [WS5] of a name that stands for another address by then is not made', async () => {
    const origin = await local.serve((_, response) => response.writeHead(302, { location: '/b' }).end());
    let looked = 0;
    const policy: AddressPolicy = (address) => HERE(address) && ++looked === 1;
    const url = origin.replace('127.0.0.1', 'localhost');
    expect(await probed(url, { policy })).toMatchObject({ why: 'forbidden-address' });
  });

  test('[WS11] of nobody is told', async () => {
    expect(await probed('http://127.0.0.1:9/')).toMatchObject({ why: 'unreachable', status: null });
    expect(await probed('http://nobody.invalid/')).toMatchObject({ why: 'unreachable' });
  });

  test('[WS11] does not wait for ever', async () => {
    const origin = await local.serve(() => undefined);
    expect(await probed(`${origin}/a`, { patienceMs: 20 })).toMatchObject({ why: 'silent', status: null });
  });
});
