/**
 * Addresses that mean the page and miss it ([LK6]): whoever passed a link on encoded its `#`, doubled a slash, or named
 * the file. Knows no files. What such a path holds came here against the person's will, and is told to nobody.
 */

/** Slashes, perhaps the page's file, perhaps `#`, encoded once or again, and what stands behind it. */
const MISPLACED = /^\/+(?:index\.html)?(?:%(?:25)*23([!-~]{0,1024}))?$/;

/**
 * Where the page is, as an address beside the one that was asked for (a proxy's path before it stays), with what stood
 * behind the `#`; null: something else was meant. It begins with dots, so it never leads to another host.
 */
export function pageBeside(path: string): string | null {
  const found = MISPLACED.exec(path);
  if (path === '/' || found === null) return null;
  const [, fragment] = found;
  const up = '../'.repeat(path.split('/').length - 2) || './';
  // Without a fragment the browser keeps its own.
  return fragment === undefined ? up : `${up}#${fragment}`;
}
