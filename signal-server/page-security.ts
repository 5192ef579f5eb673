/**
 * The security headers of every answer that a page could be made of ([SV2]), made from what the browser asked with.
 * Knows no files and no addresses of ours.
 */
import type { IncomingHttpHeaders } from 'node:http';

/** What the page may do. `urlSources`: also to fetch from any server by https ([WS6]). Frames of our own are the downloads through the service worker. */
export function pageSecurity(
  headers: IncomingHttpHeaders,
  { https, urlSources }: { readonly https: boolean; readonly urlSources: boolean },
): Record<string, string> {
  const policy = [
    `default-src 'none'`,
    `script-src 'self'`,
    `style-src 'self'`,
    `img-src 'self' data: blob:`,
    `media-src 'self' blob:`,
    `font-src 'self'`,
    ['connect-src', `'self'`, ...socketSources(headers.host), ...(urlSources ? ['https:'] : [])].join(' '),
    `worker-src 'self'`,
    `manifest-src 'self'`,
    `frame-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'self'`,
    `object-src 'none'`,
  ].join('; ');
  return {
    'Content-Security-Policy': policy,
    ...(https || isSecureOrigin(headers) ? { 'Cross-Origin-Opener-Policy': 'same-origin' } : {}),
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=()',
    ...(https ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  };
}

/**
 * A host that a policy can name: `1*host-char *("." 1*host-char) [":" 1*DIGIT]`, a host-char being a letter, a digit
 * or `-` (CSP Level 3, section 2.3.1). Addresses in brackets and names with `_` are none.
 */
const HOST_SOURCE = /^(?=.{1,255}$)[a-z\d-]+(?:\.[a-z\d-]+)*(?::\d{1,5})?$/i;

/**
 * The tracker's socket, named with its scheme because older WebKit does not count `wss:` as 'self'. None where the
 * host is no valid source: browsers complain of it and ignore it, and 'self' is enough for the others.
 */
function socketSources(host: string | undefined): string[] {
  return host !== undefined && HOST_SOURCE.test(host) ? [`ws://${host}`, `wss://${host}`] : [];
}

/**
 * Whether the browser takes this address for a secure one: elsewhere it ignores the opener policy and complains of
 * it. Behind a proxy that holds the certificate only the browser can tell, and does: it sends fetch metadata to
 * secure origins alone (W3C Fetch Metadata, section 2).
 */
function isSecureOrigin(headers: IncomingHttpHeaders): boolean {
  const local = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i;
  return headers['sec-fetch-mode'] !== undefined || local.test(headers.host ?? '');
}
