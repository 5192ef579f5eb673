/** [WS13] Ranges and probes through a real proxy on this machine. */
import * as https from 'node:https';
import { afterEach, describe, expect, test } from 'vitest';
import type { RangeTrouble } from '../../shared/engine/io.ts';
import { anyAddress, publicAddresses } from './address-policy.ts';
import type { AddressPolicy } from './address-policy.ts';
import { NodeProbe } from './node-probe.ts';
import { NodeRanges } from './node-ranges.ts';
import { waysOf } from './proxies.ts';
import type { HttpProxy } from './proxies.ts';
import { CERTIFICATE, LocalServers } from './testing/local-servers.ts';
import type { Handler } from './testing/local-servers.ts';
import { TunnelAgent } from './tunnel-agent.ts';

const local = new LocalServers();
const open: { close(): void }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) one.close();
  await local.close();
});

const sendsRange: Handler = (_, response) => {
  response.writeHead(206, { 'content-range': 'bytes 0-4/5', 'content-length': '5' }).end('hello');
};

type Env = Record<string, string>;

function fetched(url: string, env: Env, policy: AddressPolicy = publicAddresses): Promise<string> {
  const ranges = new NodeRanges(policy, waysOf(env));
  open.push(ranges);
  const parts: Uint8Array[] = [];
  return new Promise((resolve) => {
    const failed = (why: RangeTrouble): void => resolve(why);
    const ended = (): void => resolve(Buffer.concat(parts).toString());
    ranges.fetch({ url, from: 0, length: 5, size: 5 }, { came: (bytes) => parts.push(bytes), ended, failed });
  });
}

function probed(url: string, env: Env, policy: AddressPolicy = publicAddresses) {
  const probe = new NodeProbe(policy, waysOf(env));
  open.push(probe);
  return probe.probe(url);
}

function proxyAt(url: string): HttpProxy {
  const { hostname, port } = new URL(url);
  return { protocol: 'http:', host: hostname, port: Number(port), authorization: null };
}

describe('[WS13] through a proxy', () => {
  test('[WS13] http is asked for by its whole address, which the proxy resolves', async () => {
    const hosts: unknown[] = [];
    const origin = await local.serve((request, response, here) => {
      hosts.push(request.headers.host, request.headers['proxy-authorization']);
      sendsRange(request, response, here);
    });
    const { url, asked } = await local.proxy(origin);
    const env = { http_proxy: url.replace('//', '//me:secret@') };
    expect(await fetched('http://nobody.invalid:81/a?b', env)).toBe('hello');
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(asked).toEqual([{ target: 'http://nobody.invalid:81/a?b', authorization }]);
    expect(hosts[0]).toBe('nobody.invalid:81');
  });

  test('[WS13] https is a tunnel, in which certificates are checked', async () => {
    const origin = await local.serveTls(sendsRange);
    const { url, asked } = await local.proxy(origin);
    const env = { https_proxy: url.replace('//', '//me:secret@') };
    expect(await fetched('https://nobody.invalid/a', env)).toBe('unreachable');
    expect(await probed('https://nobody.invalid/a', env)).toMatchObject({ why: 'unreachable' });
    const authorization = `Basic ${Buffer.from('me:secret').toString('base64')}`;
    expect(asked).toEqual([
      { target: 'nobody.invalid:443', authorization },
      { target: 'nobody.invalid:443', authorization },
    ]);
  });

  test('[WS13] a tunnel carries one request after another', async () => {
    const origin = await local.serveTls((_, response) => response.end('hello'));
    const { url, asked } = await local.proxy(origin);
    const agent = new TunnelAgent(proxyAt(url), 10_000, { keepAlive: true, ca: CERTIFICATE });
    open.push({ close: () => agent.destroy() });
    const text = (): Promise<string> =>
      new Promise((resolve, reject) => {
        const request = https.get(`${origin}/a`, { agent }, (response) => {
          response.setEncoding('utf8');
          let read = '';
          response.on('data', (part: string) => (read += part));
          response.once('end', () => setImmediate(resolve, read));
        });
        request.once('error', reject);
      });
    expect([await text(), await text()]).toEqual(['hello', 'hello']);
    expect(asked).toMatchObject([{ target: new URL(origin).host }]);
  });

  test.each([403, 407, 502])('[WS13] that answers %i to a tunnel nothing comes', async (status) => {
    const { url } = await local.proxy('http://127.0.0.1:9', status);
    expect(await fetched('https://nobody.invalid/a', { https_proxy: url })).toBe('unreachable');
    expect(await probed('https://nobody.invalid/a', { https_proxy: url })).toMatchObject({ why: 'proxy' });
  });

  test('[WS13] that wants to know who asks nothing comes by http', async () => {
    const { url } = await local.proxy('http://127.0.0.1:9', 407);
    expect(await probed('http://nobody.invalid/a', { http_proxy: url })).toMatchObject({
      why: 'proxy',
      status: 407,
    });
  });

  test.each(['http://nobody.invalid/a', 'https://nobody.invalid/a'])(
    '[WS13] that is not there, or cannot be used, %s is not asked for around it',
    async (asked) => {
      const proxies = ['http://127.0.0.1:9', 'socks5://127.0.0.1:9'];
      for (const proxy of proxies) {
        const env = { http_proxy: proxy, https_proxy: proxy };
        expect(await probed(asked, env)).toMatchObject({ kind: 'refused', why: 'proxy' });
        expect(await fetched(asked, env)).toBe('unreachable');
      }
    },
  );

  test('[WS13] that never answers a request is given up with the rest', async () => {
    const silent = await local.serve(() => undefined);
    const agent = new TunnelAgent(proxyAt(silent), 10_000, {});
    const failed = new Promise<Error>((resolve) =>
      https
        .get('https://nobody.invalid/', { agent })
        .once('error', resolve)
        .once('socket', () => undefined),
    );
    setImmediate(() => agent.destroy());
    expect((await failed).name).toBe('ProxyTrouble');
  });

  test.each([
    ...[
      'http://127.0.0.1/',
      'http://[::1]/',
      'https://10.0.0.1/',
      'https://[::ffff:10.0.0.1]/',
      'http://2130706433/',
    ],
    ...['http://localhost/', 'https://printer.local/', 'https://db.internal/'],
  ])('[WS13] [WS5] %s is not asked for, as far as its text says', async (asked) => {
    const { url, asked: came } = await local.proxy('http://127.0.0.1:9');
    const env = { http_proxy: url, https_proxy: url };
    expect(await fetched(asked, env)).toBe('forbidden-address');
    expect(await probed(asked, env)).toMatchObject({ why: 'forbidden-address' });
    expect(came).toEqual([]);
  });

  test('[WS13] [WS5] a redirect into a private network is not followed either', async () => {
    const origin = await local.serve((_, response) =>
      response.writeHead(302, { location: 'http://localhost/' }).end(),
    );
    const { url } = await local.proxy(origin);
    expect(await fetched('http://nobody.invalid/', { http_proxy: url })).toBe('forbidden-address');
  });

  test('[WS13] what is excepted goes straight, and private addresses for who has said so', async () => {
    const origin = await local.serve(sendsRange);
    const { url, asked } = await local.proxy(origin);
    const env = { http_proxy: url, no_proxy: '127.0.0.1' };
    expect(await fetched(`${origin}/a`, env, anyAddress)).toBe('hello');
    expect(asked).toEqual([]);
    expect(await fetched('http://localhost/a', env, anyAddress)).toBe('hello');
    expect(asked).toMatchObject([{ target: 'http://localhost/a' }]);
  });
});
