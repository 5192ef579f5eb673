/**
 * Where this Shoal stands on its origin ([UI12]): at the root, or under a path such as `/drop/` that a proxy takes away
 * before it asks the server. Addresses are made from that base path, and so are the names of what a whole origin
 * shares ([ST8]): others may live beside us, other Shoals among them. Texts only; the page, the worker and the service
 * worker use it.
 */

/** Of the page itself, or of a file beside it: with a slash at both ends. */
export function basePathOf({ pathname }: { readonly pathname: string }): string {
  return pathname.slice(0, pathname.lastIndexOf('/') + 1);
}

/** The name of a database, a lock, a channel or a key. `part` tells them apart and does not begin with a slash. */
export function nameOnOrigin(basePath: string, part = ''): string {
  return basePath === '/' ? `shoal${part}` : `shoal${basePath}${part}`;
}

export function trackerAddress(page: Pick<URL, 'protocol' | 'host' | 'pathname'>): string {
  return `${page.protocol === 'https:' ? 'wss:' : 'ws:'}//${page.host}${basePathOf(page)}tracker`;
}
