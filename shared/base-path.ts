/**
 * Where a Shoal stands on its origin ([UI12]): at the root, or under a path such as `/drop/` that a proxy takes away before
 * it asks the server. Addresses are made from that base path. Texts only.
 */

/** Of the page itself, or of a file beside it: with a slash at both ends. */
export function basePathOf({ pathname }: { readonly pathname: string }): string {
  return pathname.slice(0, pathname.lastIndexOf('/') + 1);
}

/** `page`: the page's address, as `location` and `URL` have it. */
export function trackerAddress(page: {
  readonly protocol: string;
  readonly host: string;
  readonly pathname: string;
}): string {
  return `${page.protocol === 'https:' ? 'wss:' : 'ws:'}//${page.host}${basePathOf(page)}tracker`;
}
