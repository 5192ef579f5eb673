/**
 * Which page stands behind what follows `#` in the address ([UI1]). Everything that is neither a page of ours
 * nor a whole link is a damaged link, with the reason. Knows no browser.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { linkFragment, parseLink } from '../../shared/manifest/link.ts';
import { OPEN, RECEIVED } from '../worker/handed/addresses.ts';

export type LinkFault = Extract<ReturnType<typeof parseLink>, { kind: 'bad' }>['why'];

export type Route =
  | { page: 'home' }
  | { page: 'settings' }
  /** Files were chosen, their link is being made. */
  | { page: 'making' }
  | { page: 'share'; infoHash: InfoHash }
  | { page: 'receive'; infoHash: InfoHash }
  /** [AP3] Another app handed something over. */
  | { page: 'received' }
  /** `typed`: what was opened as a text ([AP2]), where it is no link at all. */
  | { page: 'damaged'; why: LinkFault; typed?: string };

export const HOME = '#/';
export const SETTINGS = '#/settings';
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
  if (hash === MAKING) return { page: 'making' };
  if (hash === RECEIVED) return { page: 'received' };
  if (isOpened(hash)) return routeOfText(decoded(hash.slice(OPEN.length)));
  const shared = hash.startsWith(SHARE);
  const link = parseLink(shared ? hash.slice(SHARE.length) : hash);
  if (link.kind === 'bad') return { page: 'damaged', why: link.why };
  return { page: shared ? 'share' : 'receive', infoHash: link.infoHash };
}

/** [AP2] The address that judges a text like a typed link. */
export function openRoute(text: string): string {
  return OPEN + encodeURIComponent(text);
}

export function isOpened(hash: string): boolean {
  return hash.startsWith(OPEN);
}

/** [AP2] Of our own scheme what follows it counts; the rest is what a person could have typed. */
function routeOfText(typed: string): Route {
  const link = parseLink(typed.trim().replace(/^web\+shoal:(?:\/\/)?([^/]*)\/?$/i, '$1'));
  return link.kind === 'link'
    ? { page: 'receive', infoHash: link.infoHash }
    : { page: 'damaged', why: link.why, typed };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded by who made it
  }
}
