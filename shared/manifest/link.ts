/**
 * The share link ([LK1]–[LK3]): the page's address, `#`, and the info-hash in 43 characters of base64url. What
 * stands after `#` never reaches a server. Knows no addresses and no page: it reads and writes what follows `#`.
 */
import { encodeBase64url, readBase64url } from '../base64url.ts';
import { assert } from '../assert.ts';
import { bytesToHex, hexToBytes } from '../hex.ts';
import { infoHash as checkedInfoHash, swarmId } from '../ids.ts';
import type { InfoHash, SwarmId } from '../ids.ts';

/** 256 bits in base64url without padding. */
export const LINK_LENGTH = 43;

/**
 * `empty`: nothing after `#`, or an address without one. `short` and `long`: not 43 characters. `not-canonical`: the
 * last character was mistyped.
 */
export type LinkFault = 'empty' | 'alphabet' | 'short' | 'long' | 'not-canonical';

export type ParsedLink = { kind: 'link'; infoHash: InfoHash } | { kind: 'bad'; why: LinkFault };

/** What follows `#` in the link of a share. */
export function linkFragment(infoHash: InfoHash): string {
  const bytes = hexToBytes(infoHash);
  assert(bytes !== null && bytes.length === 32, 'an info-hash has 32 bytes');
  return encodeBase64url(bytes);
}

/**
 * Takes a whole link, a fragment with its `#`, or the 43 characters alone; white space around it is let be. A link in
 * other text, or one that was mangled on its way, is found by `findLink`.
 */
export function parseLink(text: string): ParsedLink {
  const fragment = fragmentOf(text.trim());
  if (fragment === '') return { kind: 'bad', why: 'empty' };
  const bytes = readBase64url(fragment);
  if (bytes === 'alphabet') return { kind: 'bad', why: 'alphabet' };
  if (fragment.length < LINK_LENGTH) return { kind: 'bad', why: 'short' };
  if (fragment.length > LINK_LENGTH || bytes === 'length') return { kind: 'bad', why: 'long' };
  if (bytes === 'not-canonical') return { kind: 'bad', why: 'not-canonical' };
  const infoHash = checkedInfoHash(bytesToHex(bytes));
  assert(infoHash !== null, '43 characters make 32 bytes');
  return { kind: 'link', infoHash };
}

function fragmentOf(text: string): string {
  const hash = text.indexOf('#');
  if (hash >= 0) return text.slice(hash + 1);
  return text.includes('://') ? '' : text;
}

/**
 * [LK3] What the tracker knows the share by. Today the info-hash itself; the one place that decides it. A promise,
 * because deriving it is work for a platform's cryptography.
 */
export function swarmOf(infoHash: InfoHash): Promise<SwarmId> {
  const swarm = swarmId(infoHash);
  assert(swarm !== null, 'an info-hash is a swarm id');
  return Promise.resolve(swarm);
}
