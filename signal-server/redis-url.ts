/**
 * Whether a text is an address that the Redis client can work with ([SV7]); it would take anything, and then try in
 * vain for ever. Knows no Redis.
 */
export function isRedisUrl(text: string): boolean {
  if (!/^rediss?:\/\/[^/\s]\S*$/.test(text) || !URL.canParse(text)) return false;
  const { hostname, port, username, password, pathname, hash } = new URL(text);
  const host = decodedOrNull(hostname);
  if (host === null || !/^(?:[a-z0-9_][a-z0-9_.-]*|\[[0-9a-f:.]+\])$/i.test(host) || port === '0')
    return false;
  if (decodedOrNull(username) === null || decodedOrNull(password) === null) return false;
  // The path is the number of a database; a `#` is one in a password that was not written as %23.
  return /^\/?\d{0,5}$/.test(pathname) && hash === '';
}

function decodedOrNull(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
