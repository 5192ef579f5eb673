/**
 * Magnet text of a share ([LK5]), written and read:
 * `magnet:?xt=urn:torrentinno:<64 hex digits>&dn=<name>&xl=<bytes>&as=<share link>`. Those of BitTorrent are known as
 * such. Total: any text is judged.
 */
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import { findLink } from './find-link.ts';

export interface Magnet {
  readonly infoHash: InfoHash;
  /** As it was told by whoever made the text: it is shown by [MF6], and promises nothing. */
  readonly name: string | null;
  readonly bytes: number | null;
}

export type ReadMagnet =
  | ({ kind: 'magnet' } & Magnet)
  | { kind: 'bittorrent' }
  /** It names several shares. */
  | { kind: 'several' }
  /** It names none, or not wholly. */
  | { kind: 'unknown' }
  | { kind: 'no-magnet' };

const TOPIC = 'urn:torrentinno:';
const BITTORRENT = /^urn:bt[im]h:/i;
/** What brackets, quotes and mail programs put before it is let be. */
const BEGINNING = /^[\s<>"'([`*_]{0,16}magnet:\?/i;
/** No address holds them unescaped: what stands behind is other text. */
const ENDING = /[\s<>"`]/;

/** UTF-16 units of the parameters; what stands behind is not read. */
const MAX_QUERY_LENGTH = 16_384;

export function isMagnet(text: string): boolean {
  return BEGINNING.test(text);
}

/** `link`: the whole share link, by which a browser opens it. */
export function magnetText(magnet: {
  infoHash: InfoHash;
  name: string;
  bytes: number;
  link: string;
}): string {
  const { infoHash: id, name, bytes, link } = magnet;
  return `magnet:?xt=${TOPIC}${id}&dn=${escaped(name)}&xl=${bytes}&as=${escaped(link)}`;
}

/** Also of what ends an address in many a notation, such as `)`. Half a character becomes U+FFFD. */
function escaped(value: string): string {
  const percent = (sign: string): string => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  return encodeURIComponent(value.toWellFormed()).replace(/[!'()*]/g, percent);
}

/** The text begins with the magnet. A line that a mail program broke is put together again where that is needed. */
export function readMagnet(text: string): ReadMagnet {
  const beginning = BEGINNING.exec(text);
  if (beginning === null) return { kind: 'no-magnet' };
  const start = beginning[0].length;
  const query = text.slice(start, start + MAX_QUERY_LENGTH).replaceAll('&amp;', '&');
  const end = query.search(ENDING);
  const whole = readQuery(end < 0 ? query : query.slice(0, end));
  return whole.kind === 'unknown' && end >= 0 ? readQuery(query.replace(/\s+/g, '')) : whole;
}

function readQuery(query: string): ReadMagnet {
  const read = parametersOf(query);
  const valuesOf = (key: string) => read.filter((one) => one.key === key).map(({ value }) => value);
  const topics = valuesOf('xt');
  const named = topics.filter((topic) => topic.toLowerCase().startsWith(TOPIC));
  const ids = new Set(named.flatMap((topic) => infoHash(topic.slice(TOPIC.length).toLowerCase()) ?? []));
  for (const link of valuesOf('as')) {
    const found = findLink(link);
    if (found.kind === 'link') ids.add(found.infoHash);
  }
  const [id] = ids;
  if (ids.size > 1) return { kind: 'several' };
  if (id !== undefined) {
    return { kind: 'magnet', infoHash: id, name: valuesOf('dn')[0] ?? null, bytes: bytesOf(valuesOf('xl')) };
  }
  return {
    kind: named.length === 0 && topics.some((topic) => BITTORRENT.test(topic)) ? 'bittorrent' : 'unknown',
  };
}

/** `xt.1`, `xt.2` … are several of one key; what has no value says nothing. */
function parametersOf(query: string): { key: string; value: string }[] {
  return query.split('&').flatMap((parameter) => {
    const [, key = '', value = ''] = /^([a-z]{1,8})(?:\.\d{1,4})?=(.+)$/is.exec(parameter) ?? [];
    return key === '' ? [] : [{ key: key.toLowerCase(), value: decoded(value) }];
  });
}

/** As forms write it: `+` is a space. What is no encoding stays as it stands. */
function decoded(value: string): string {
  const spaced = value.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    return spaced;
  }
}

/** The first that is a size. */
function bytesOf(values: readonly string[]): number | null {
  const sizes = values.filter((value) => /^\d{1,16}$/.test(value)).map(Number);
  return sizes.find(Number.isSafeInteger) ?? null;
}
