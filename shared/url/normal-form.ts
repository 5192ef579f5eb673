/**
 * What a person typed, as the one text by which its address is known ([WS10]): who typed the same address another way gets
 * the same text (RFC 3986, section 6.2.2), and it may stand in a manifest ([MF2]). Knows no network.
 */
import { MAX_URL_LENGTH } from '../limits.ts';
import { isContentUrl } from '../manifest/content-url.ts';
import { isPublicHost } from './literal-address.ts';
import type { HostPolicy } from './literal-address.ts';
import { parsedUrl } from './parsed-url.ts';
import type { ParsedUrl } from './parsed-url.ts';

/**
 * `not-a-url`: it is none, or one that no share may name; `scheme`: neither http nor https; `sha256`: what stands behind
 * `#sha256=` is not 64 hexadecimal digits.
 */
export type UrlRefusal = 'not-a-url' | 'scheme' | 'credentials' | 'too-long' | 'private-address' | 'sha256';

export type NormalUrl =
  /** `sha256`: of the whole file, 64 digits in lower case, where the address names it. */
  { kind: 'url'; url: string; sha256: string | null } | { kind: 'refused'; why: UrlRefusal };

/** One character may have been typed as nine (`%xx` of three bytes), its fragment aside. */
const MAX_TYPED_LENGTH = 4 * MAX_URL_LENGTH;
const SHA256 = /^#sha256=(.*)$/i;
const UNRESERVED = /[A-Za-z0-9\-._~]/;

/** `isAllowed`: which hosts may be asked. */
export function normalUrl(text: string, isAllowed: HostPolicy = isPublicHost): NormalUrl {
  if (text.length > MAX_TYPED_LENGTH) return refused('too-long');
  const parsed = parsedUrl(text.trim());
  if (parsed === null) return refused('not-a-url');
  const { protocol, username, password, hash } = parsed;
  if (protocol !== 'http:' && protocol !== 'https:') return refused('scheme');
  if (username !== '' || password !== '') return refused('credentials');
  const [, typed] = SHA256.exec(hash) ?? [];
  if (typed !== undefined && !/^[0-9a-f]{64}$/i.test(typed)) return refused('sha256');
  // A host that ends in a dot is the same one.
  const host = parsed.hostname.replace(/\.$/, '');
  if (!isAllowed(host)) return refused('private-address');
  const url = textOf(parsed, host);
  if (url.length > MAX_URL_LENGTH) return refused('too-long');
  return isContentUrl(url)
    ? { kind: 'url', url, sha256: typed?.toLowerCase() ?? null }
    : refused('not-a-url');
}

function refused(why: UrlRefusal): NormalUrl {
  return { kind: 'refused', why };
}

/** The parser has made scheme and host lower case, and removed dot segments and the port that goes without saying. */
function textOf({ protocol, host, pathname, href }: ParsedUrl, hostname: string): string {
  const [whole = ''] = href.split('#');
  const at = whole.indexOf('?');
  // Also the empty one, which `search` does not tell from none.
  const query = at < 0 ? '' : whole.slice(at);
  const port = /:\d+$/.exec(host)?.[0] ?? '';
  return `${protocol}//${hostname}${port}${inUrl(normalPath(pathname))}${inUrl(query)}`;
}

/** A lone `%` is written as what it stands for, so that nothing becomes an escape by what is decoded beside it. */
function normalPath(path: string): string {
  return path.replace(/%(?:[0-9a-f]{2})?/gi, (escape) => {
    if (escape === '%') return '%25';
    const character = String.fromCharCode(parseInt(escape.slice(1), 16));
    return UNRESERVED.test(character) ? character : escape.toUpperCase();
  });
}

/** Parsers leave some characters that no URL may have. */
function inUrl(text: string): string {
  return text.replace(/[\\^`{|}]/g, (character) => encodeURIComponent(character));
}
