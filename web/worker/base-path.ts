/**
 * Names of what a whole origin shares ([ST8]): others may live beside us, other Shoals among them, so each name has our
 * base path in it ([UI12]). Texts only; the page, the worker and the service worker use it.
 */
export { basePathOf, trackerAddress } from '../../shared/base-path.ts';

/** The name of a database, a lock, a channel or a key. `part` tells them apart and does not begin with a slash. */
export function nameOnOrigin(basePath: string, part = ''): string {
  return basePath === '/' ? `shoal${part}` : `shoal${basePath}${part}`;
}
