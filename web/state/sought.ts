/**
 * What somebody looks for among the public shares ([UI23]): a name, an id, or a link, which leads to its share without a
 * search. Linear in the text's length. Pure.
 */
import { infoHash as checked } from '../../shared/ids.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { parseLink } from '../../shared/manifest/link.ts';
import { queryOf } from '../../shared/peer/searches.ts';
import { MAX_QUERY_LENGTH } from '../../shared/tracker/limits.ts';
import { openedText } from '../../shared/manifest/opened-text.ts';

export type Sought =
  /** `isCut`: there was more than a search may have. An empty query is everything. */
  | { kind: 'name'; query: string; isCut: boolean }
  | { kind: 'id'; query: string; infoHash: InfoHash }
  /** What stands in a link is not told to the server's directory. */
  | { kind: 'link'; infoHash: InfoHash };

/** No link and no id is longer; of what is, the beginning is looked at as a name. */
const MOST_LOOKED_AT = 10_000;

export function soughtBy(typed: string): Sought {
  const word = typed.trim();
  const infoHash = idIn(word);
  if (infoHash !== null) return { kind: 'id', query: infoHash, infoHash };
  const opened = word.length > MOST_LOOKED_AT ? null : openedText(word);
  if (opened?.kind === 'link' || opened?.kind === 'magnet')
    return { kind: 'link', infoHash: opened.infoHash };
  const query = queryOf(typed);
  return { kind: 'name', query, isCut: word.length > MAX_QUERY_LENGTH };
}

/** 64 digits, or 43 characters and nothing else. */
function idIn(word: string): InfoHash | null {
  const digits = checked(word.toLowerCase());
  if (digits !== null || !/^[\w-]+$/.test(word)) return digits;
  const link = parseLink(word);
  return link.kind === 'link' ? link.infoHash : null;
}
