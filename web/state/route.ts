/**
 * Which page stands behind what follows `#` in the address ([UI1]). What is no page of ours leads to
 * the share whose id is in it ([LK4]); what has none is a damaged link, with the reason. Knows no browser.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { findLink } from '../../shared/manifest/find-link.ts';
import { linkFragment } from '../../shared/manifest/link.ts';
import type { AddressFault } from '../../shared/words/link-faults.ts';
import { OPEN, RECEIVED } from '../worker/handed/addresses.ts';
import { openedText } from '../../shared/manifest/opened-text.ts';

export type Route =
  | { page: 'home' }
  | { page: 'settings' }
  | { page: 'transfers' }
  /** One transfer in depth. */
  | { page: 'transfer'; infoHash: InfoHash }
  | { page: 'find' }
  | { page: 'activity' }
  /** Files were chosen, their link is being made. */
  | { page: 'making' }
  | { page: 'share'; infoHash: InfoHash }
  | { page: 'receive'; infoHash: InfoHash }
  /** [AP3] Another app handed something over. */
  | { page: 'received' }
  /** `typed`: what was opened as a text ([AP2]), where it is no link at all. */
  | { page: 'damaged'; why: AddressFault; typed?: string };

export const HOME = '#/';
export const SETTINGS = '#/settings';
export const TRANSFERS = '#/transfers';
export const FIND = '#/find';
export const ACTIVITY = '#/activity';
export const MAKING = '#/share/new';
const SHARE = '#/share/';
/** Also without its first slash. */
const SHARE_PAGE = /^#\/?share\//i;
const TRANSFER = `${TRANSFERS}/`;
const TRANSFER_PAGE = /^#\/?transfers\//i;
/** Perhaps more than once. */
const ENCODED_HASH = /%(?:25)*23/;

export function shareRoute(infoHash: InfoHash): string {
  return SHARE + linkFragment(infoHash);
}

/** The page that shows one transfer in depth. */
export function transferRoute(infoHash: InfoHash): string {
  return TRANSFER + linkFragment(infoHash);
}

export function receiveRoute(infoHash: InfoHash): string {
  return `#${linkFragment(infoHash)}`;
}

/** The page of a share of this browser: where its link is, or where it comes in. */
export function pageRoute(role: 'sharing' | 'receiving', infoHash: InfoHash): string {
  return role === 'sharing' ? shareRoute(infoHash) : receiveRoute(infoHash);
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
  if (hash === FIND) return { page: 'find' };
  if (hash === ACTIVITY) return { page: 'activity' };
  if (hash === MAKING) return { page: 'making' };
  if (hash === RECEIVED) return { page: 'received' };
  if (isOpened(hash)) return routeOfText(decoded(hash.slice(OPEN.length)));
  const found = findLink(hash);
  if (found.kind === 'several') return { page: 'damaged', why: 'several' };
  if (found.kind !== 'link') return { page: 'damaged', why: found.why };
  return { page: pageOfShare(hash), infoHash: found.infoHash };
}

function pageOfShare(hash: string): 'share' | 'transfer' | 'receive' {
  if (SHARE_PAGE.test(hash)) return 'share';
  return TRANSFER_PAGE.test(hash) ? 'transfer' : 'receive';
}

/** How the address of a share's page is written, whatever led there; null: of another page, which has only one. */
export function addressOf(route: Route): string | null {
  if (route.page === 'share') return shareRoute(route.infoHash);
  if (route.page === 'transfer') return transferRoute(route.infoHash);
  return route.page === 'receive' ? receiveRoute(route.infoHash) : null;
}

/**
 * Where the page must be opened anew, as an address on its origin; null: nowhere. A `#` that was encoded is in the query
 * with what stands behind it, and slashes that are doubled before the `#` would make it another Shoal ([ST8]).
 */
export function betterAddress(page: Pick<URL, 'pathname' | 'search' | 'hash'>): string | null {
  const { search, hash } = page;
  const pathname = page.pathname.replace(/\/{2,}/g, '/');
  const encoded = hash === '' && ENCODED_HASH.test(search) ? findLink(search) : null;
  if (encoded?.kind === 'link') return pathname + receiveRoute(encoded.infoHash);
  return pathname === page.pathname ? null : pathname + search + hash;
}

/** [AP2] The address that judges a text like a typed link. */
export function openRoute(text: string): string {
  return OPEN + encodeURIComponent(text);
}

function isOpened(hash: string): boolean {
  return hash.startsWith(OPEN);
}

/** [AP2] Of our own scheme what follows it counts; the rest is what a person could have typed. */
function routeOfText(typed: string): Route {
  const opened = openedText(typed.trim().replace(/^web\+shoal:(?:\/\/)?([^/]*)\/?$/i, '$1'));
  if (opened.kind === 'link' || opened.kind === 'magnet')
    return { page: 'receive', infoHash: opened.infoHash };
  return { page: 'damaged', why: 'why' in opened ? opened.why : 'alphabet', typed };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // not encoded by who made it
  }
}
