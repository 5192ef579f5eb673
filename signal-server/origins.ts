/**
 * Origins as browsers write them into the `Origin` header (RFC 6454, section 6.1; the URL Standard's serialisation):
 * lower case, punycode, without the scheme's own port and without a slash. What an operator writes is brought into
 * that form, or refused where no browser would ever send it ([SV7]).
 */
const WEB = /^https?:$/i;
const HOST = /^(?:[a-z0-9_](?:[a-z0-9_.-]*)|\[[0-9a-f:]+\])$/;
/** Extensions' and apps' pages: `chrome-extension://…`, `tauri://localhost`. Their origins are no URL's. */
const OTHER = /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.-]+(?::\d{1,5})?$/;

/** Null: no browser sends such an origin. */
export function browserOrigin(written: string): string | null {
  const scheme = /^[a-z][a-z0-9+.-]*:(?=\/\/[^/])/i.exec(written)?.[0];
  if (scheme === undefined) return null;
  if (!WEB.test(scheme)) {
    const origin = written.toLowerCase().replace(/\/$/, '');
    return OTHER.test(origin) && !/^(?:wss?|file|ftp):/.test(origin) ? origin : null;
  }
  // A path, a query or a password says that something else than an origin was meant; URL would take `\` for `/`.
  if (!URL.canParse(written) || /[?#@\\\s]/.test(written)) return null;
  const url = new URL(written);
  const bare = /^https?:\/\/[^/]*\/?$/i.test(written);
  return bare && HOST.test(url.hostname) && url.port !== '0' ? url.origin : null;
}
