/**
 * Whether a text is an address that a share may name for its content ([MF2]): http or https, without credentials and
 * without a fragment, of the characters that a URL may have as it is printed. Narrower than the URL standard, so that
 * every parser reads the same in it. Knows no network: whether anybody is there, and may be asked, is not its business.
 */
import { MAX_HOST_LENGTH, MAX_URL_LENGTH } from '../limits.ts';

/** Host, perhaps a port, and a path: printable ASCII without `"#<>\^` and the like, `{|}`. */
const ADDRESS = /^https?:\/\/([^:/?@[\]]+|\[[^\]]*\])(?::([0-9]{1,5}))?\/[!$-;=?-[\]_a-z~]*$/;
/** In lower case, as a URL is printed. A last label that begins with a digit would be read as a number. */
const DOMAIN = /^(?:[a-z0-9_-]+\.)*[a-z_][a-z0-9_-]*$/;
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

export function isContentUrl(text: string): boolean {
  if (text.length > MAX_URL_LENGTH) return false;
  const [, host = '', port = '0'] = ADDRESS.exec(text) ?? [];
  if (host === '' || host.length > MAX_HOST_LENGTH || Number(port) > 65_535) return false;
  if (host.startsWith('[')) return isIpv6(host.slice(1, -1));
  return DOMAIN.test(host) || IPV4.test(host);
}

/** Eight groups of hexadecimal digits, or fewer around one `::`. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : halves.length === 1 && groups.length === 8;
}
