/**
 * Which page stands behind what follows `#` in the address ([UI1]). Everything that is neither a page of ours
 * nor a whole link is a damaged link, with the reason. Knows no browser.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { linkFragment, parseLink } from '../../shared/manifest/link.ts';

export type LinkFault = Extract<ReturnType<typeof parseLink>, { kind: 'bad' }>['why'];

export type Route =
  | { page: 'home' }
  | { page: 'settings' }
  | { page: 'transfers' }
  /** Files were chosen, their link is being made. */
  | { page: 'making' }
  | { page: 'share'; infoHash: InfoHash }
  | { page: 'receive'; infoHash: InfoHash }
  | { page: 'damaged'; why: LinkFault };

export const HOME = '#/';
export const SETTINGS = '#/settings';
export const TRANSFERS = '#/transfers';
export const MAKING = '#/share/new';
const SHARE = '#/share/';

export function shareRoute(infoHash: InfoHash): string {
  return SHARE + linkFragment(infoHash);
}

export function receiveRoute(infoHash: InfoHash): string {
  return `#${linkFragment(infoHash)}`;
}

/** The address that is sent to others: this page's without a query, `#` and the share id. */
export function shareLink(page: { origin: string; pathname: string }, infoHash: InfoHash): string {
  return page.origin + page.pathname + receiveRoute(infoHash);
}

/** `hash` as `location.hash` gives it: empty, or beginning with `#`. Never throws. */
export function routeOf(hash: string): Route {
  if (hash === '' || hash === '#' || hash === HOME) return { page: 'home' };
  if (hash === SETTINGS) return { page: 'settings' };
  if (hash === TRANSFERS) return { page: 'transfers' };
  if (hash === MAKING) return { page: 'making' };
  const shared = hash.startsWith(SHARE);
  const link = parseLink(shared ? hash.slice(SHARE.length) : hash);
  if (link.kind === 'bad') return { page: 'damaged', why: link.why };
  return { page: shared ? 'share' : 'receive', infoHash: link.infoHash };
}
