/**
 * Through which HTTP proxy an address is asked, by the variables that other programs go by, too ([WS13]): `https_proxy`,
 * `http_proxy` and `no_proxy`, also in upper case. Knows no connections.
 */
import { BlockList, isIP } from 'node:net';

export interface HttpProxy {
  readonly protocol: 'http:' | 'https:';
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** What `Proxy-Authorization` is to say; null: nothing. */
  readonly authorization: string | null;
}

/** `unusable`: a proxy is named that is none, or is spoken to by another protocol; nothing goes around it unasked. */
export type Way = { kind: 'straight' } | { kind: 'proxy'; proxy: HttpProxy } | { kind: 'unusable' };

export type Ways = (url: URL) => Way;

type Env = Readonly<Record<string, string | undefined>>;

const STRAIGHT: Way = { kind: 'straight' };

export const straight: Ways = () => STRAIGHT;

export function waysOf(env: Env): Ways {
  // A CGI program's HTTP_PROXY is a header that a stranger may have sent.
  const upperHttp = env['REQUEST_METHOD'] === undefined ? env['HTTP_PROXY'] : undefined;
  const ways = {
    'http:': wayBy(env['http_proxy'] ?? upperHttp),
    'https:': wayBy(env['https_proxy'] ?? env['HTTPS_PROXY']),
  };
  const isExcepted = exceptions(env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  return (url) => {
    const way = url.protocol === 'https:' ? ways['https:'] : ways['http:'];
    return way.kind === 'straight' || isExcepted(url) ? STRAIGHT : way;
  };
}

function wayBy(text: string | undefined): Way {
  const named = text?.trim() ?? '';
  if (named === '') return STRAIGHT;
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(named) ? named : `http://${named}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return { kind: 'unusable' };
  const { protocol } = url;
  const port = Number(url.port) || (protocol === 'https:' ? 443 : 80);
  return {
    kind: 'proxy',
    proxy: { protocol, host: bareHost(url), port, authorization: authorizationOf(url) },
  };
}

function authorizationOf({ username, password }: URL): string | null {
  if (username === '' && password === '') return null;
  return `Basic ${Buffer.from(`${unescaped(username)}:${unescaped(password)}`).toString('base64')}`;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** As what connects wants it: an IPv6 address without its brackets. */
export function bareHost({ hostname }: Pick<URL, 'hostname'>): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Hosts with all below them, addresses and networks (`10.0.0.0/8`), perhaps with a port; `*`: all. */
function exceptions(text: string): (url: URL) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '');
  if (entries.includes('*')) return () => true;
  const tests = entries.map(exception);
  return (url) => {
    const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
    return tests.some((excepts) => excepts(bareHost(url).replace(/\.$/, ''), port));
  };
}

function exception(entry: string): (host: string, port: number) => boolean {
  const [, bracketed, plain, only] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const named = (bracketed ?? plain ?? entry).replace(/^\*?\./, '');
  const isNamed = networkTest(named) ?? ((host: string) => host === named || host.endsWith(`.${named}`));
  return (host, port) => (only === undefined || Number(only) === port) && isNamed(host);
}

/** Null: it is a name. */
function networkTest(text: string): ((host: string) => boolean) | null {
  const [address = '', bits] = text.split('/');
  const version = isIP(address);
  if (version === 0) return null;
  const most = version === 4 ? 32 : 128;
  if (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most)) return () => false;
  const list = new BlockList();
  list.addSubnet(address, Number(bits ?? most), version === 4 ? 'ipv4' : 'ipv6');
  return (host) => isIP(host) !== 0 && list.check(host, isIP(host) === 4 ? 'ipv4' : 'ipv6');
}
