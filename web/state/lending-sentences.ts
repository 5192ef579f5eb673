/** What the settings say of lending the connection ([WS43]), and which hosts a person typed. Pure. */
import { formatBytes } from '../../shared/words/format.ts';
import type { Lending } from './session.ts';

export const LEND_SENTENCE =
  'Others who load a file from a web address can have this browser fetch parts of it for them while this page is open. The servers see this device’s address, and not whom it is for. Only public https addresses are asked, without cookies or logins. Off by default.';

/** `allowed`: whether pages of this server may fetch from web addresses; null: it does not say so now. */
export function lendingSentence(lending: Lending | null, lends: boolean, allowed: boolean | null): string {
  if (allowed === false)
    return 'Not possible on this site: whoever runs it has not allowed pages to load from web addresses. “shoal lend” in a terminal lends a connection.';
  if (lending === null || !lends) return '';
  const today = `Lent today: ${formatBytes(lending.todayBytes)}.`;
  if (allowed === null)
    return `${today} Whether this site allows it is not known, since its server cannot be reached. Nothing is lent meanwhile.`;
  if (lending.metered)
    return `${today} The browser says that this network is metered, or that data is to be saved. Nothing is lent meanwhile.`;
  const { length } = lending.jobs;
  return length === 0
    ? today
    : `${today} Fetching ${length === 1 ? 'a file' : `${length} files`} for others now.`;
}

export type TypedHosts =
  | { readonly kind: 'hosts'; readonly hosts: readonly string[] }
  /** `text`: what is none. */
  | { readonly kind: 'not-a-host'; readonly text: string }
  | { readonly kind: 'too-many' };

/** As the settings keep them ([WS35]): separated by spaces or commas, each also as the address of one. */
export function typedHosts(text: string, most: number): TypedHosts {
  const hosts = new Set<string>();
  for (const typed of text.split(/[\s,;]+/).filter((word) => word !== '')) {
    const host = hostIn(typed);
    if (host === null) return { kind: 'not-a-host', text: typed };
    hosts.add(host);
  }
  return hosts.size > most ? { kind: 'too-many' } : { kind: 'hosts', hosts: [...hosts] };
}

function hostIn(typed: string): string | null {
  const address = /^https?:\/\//i.test(typed) ? typed : `https://${typed.replace(/^\*?\./, '')}`;
  if (!URL.canParse(address)) return null;
  const host = new URL(address).hostname.replace(/\.$/, '');
  return /^[a-z0-9.-]+$/.test(host) ? host : null;
}

export function hostsFlaw(typed: Exclude<TypedHosts, { kind: 'hosts' }>, most: number): string {
  return typed.kind === 'too-many'
    ? `These are more than ${most} hosts. Name fewer.`
    : `“${typed.text}” is no name of a host. One looks like files.example.org.`;
}

export const HOSTS_SENTENCE = 'These and what lies below them, separated by spaces or commas. Empty: all.';
