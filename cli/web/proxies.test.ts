import { describe, expect, test } from 'vitest';
import { straight, waysOf } from './proxies.ts';

type Env = Record<string, string>;

/** `host:port` of the proxy. */
function wayTo(url: string, env: Env): string {
  const way = waysOf(env)(new URL(url));
  return way.kind === 'proxy' ? `${way.proxy.protocol}//${way.proxy.host}:${way.proxy.port}` : way.kind;
}

const BOTH = { http_proxy: 'http://plain.example:3128', https_proxy: 'http://tunnel.example:3128' };

describe('[WS13] the way to an address', () => {
  test('[WS13] is straight where nothing is said', () => {
    expect([wayTo('https://a.example/', {}), straight(new URL('https://a.example/')).kind]).toEqual([
      'straight',
      'straight',
    ]);
    expect(wayTo('https://a.example/', { https_proxy: '' })).toBe('straight');
  });

  test.each<[string, Env, string, string]>([
    ['http goes by its own', BOTH, 'http://a.example/', 'http://plain.example:3128'],
    ['https goes by its own', BOTH, 'https://a.example/', 'http://tunnel.example:3128'],
    [
      'https does not go by that of http',
      { http_proxy: 'http://p.example' },
      'https://a.example/',
      'straight',
    ],
    ['upper case counts', { HTTPS_PROXY: 'http://p.example:1' }, 'https://a.example/', 'http://p.example:1'],
    [
      'lower case counts more',
      { ...BOTH, HTTPS_PROXY: 'http://p.example:1' },
      'https://a.example/',
      'http://tunnel.example:3128',
    ],
    [
      'upper case counts for http',
      { HTTP_PROXY: 'http://p.example:1' },
      'http://a.example/',
      'http://p.example:1',
    ],
    [
      'but not in a CGI program',
      { HTTP_PROXY: 'http://p.example:1', REQUEST_METHOD: 'GET' },
      'http://a.example/',
      'straight',
    ],
    [
      'where lower case does',
      { ...BOTH, REQUEST_METHOD: 'GET' },
      'http://a.example/',
      'http://plain.example:3128',
    ],
    ['no scheme is http', { http_proxy: 'p.example:3128' }, 'http://a.example/', 'http://p.example:3128'],
    ['no port is the usual one', { http_proxy: 'p.example' }, 'http://a.example/', 'http://p.example:80'],
    ['a proxy by https', { https_proxy: 'https://p.example' }, 'https://a.example/', 'https://p.example:443'],
    ['by IPv6', { http_proxy: 'http://[::1]:3128' }, 'http://a.example/', 'http://::1:3128'],
    ['of another protocol is none', { http_proxy: 'socks5://p.example' }, 'http://a.example/', 'unusable'],
    ['nonsense is none', { https_proxy: 'http://' }, 'https://a.example/', 'unusable'],
  ])('[WS13] %s', (_, env, url, way) => expect(wayTo(url, env)).toBe(way));

  test.each([
    ['me:secret', 'me:secret'],
    ['me', 'me:'],
    ['m%65:s%3Acret%20%C3%A4', 'me:s:cret ä'],
    ['me:100%', 'me:100%'],
  ])('[WS13] %s in a proxy’s address is said to it', (typed, said) => {
    const way = waysOf({ http_proxy: `http://${typed}@p.example` })(new URL('http://a.example/'));
    const authorization = `Basic ${Buffer.from(said).toString('base64')}`;
    expect(way).toMatchObject({ kind: 'proxy', proxy: { host: 'p.example', authorization } });
  });

  test.each([
    ['a.example', 'https://a.example/'],
    ['a.example', 'https://b.a.example/'],
    ['.a.example', 'https://b.a.example/'],
    ['*.a.example', 'https://b.a.example/'],
    ['A.EXAMPLE', 'https://a.example./'],
    ['x.example, a.example', 'https://a.example/'],
    ['x.example a.example', 'https://a.example/'],
    ['a.example:443', 'https://a.example/'],
    ['a.example:8080', 'http://a.example:8080/'],
    ['*', 'https://a.example/'],
    ['93.184.216.34', 'https://93.184.216.34/'],
    ['93.184.0.0/16', 'https://93.184.216.34/'],
    ['93.184.216.34:443', 'https://93.184.216.34/'],
    ['2606:2800:0220:0001::1', 'https://[2606:2800:220:1::1]/'],
    ['[2606:2800:220:1::1]:443', 'https://[2606:2800:220:1::1]/'],
    ['2606:2800::/32', 'https://[2606:2800:220:1::1]/'],
  ])('[WS13] no_proxy %s excepts %s', (no_proxy, url) => {
    expect(wayTo(url, { ...BOTH, no_proxy })).toBe('straight');
    expect(wayTo(url, { ...BOTH, NO_PROXY: no_proxy })).toBe('straight');
  });

  test.each([
    ['a.example', 'https://ba.example/'],
    ['b.a.example', 'https://a.example/'],
    ['a.example:80', 'https://a.example/'],
    ['93.184.0.0/16', 'https://93.185.216.34/'],
    ['93.184.216.34/99', 'https://93.184.216.34/'],
    ['0.0.0.0/0', 'https://a.example/'],
    [',', 'https://a.example/'],
  ])('[WS13] no_proxy %s does not except %s', (no_proxy, url) => {
    expect(wayTo(url, { ...BOTH, no_proxy })).toBe('http://tunnel.example:3128');
  });
});
