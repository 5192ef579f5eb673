/** What the page Find says ([UI23]), and what is said of listing a share ([LB18]). Pure. */
import { MAX_QUERY_LENGTH } from '../../shared/tracker/limits.ts';
import { counted } from '../../shared/words/format.ts';
import type { ListingState, WhyNoSearch } from './session.ts';
import type { Sought } from './sought.ts';

export interface Findings {
  readonly sought: Sought;
  /** What is looked for now was not answered yet. */
  readonly isSearching: boolean;
  /** Why the last search came to nothing; null: it did not. */
  readonly why: WhyNoSearch | null;
  /** How many there are in all. */
  readonly total: number;
}

const AGAIN = 'Searching again every 10 seconds.';

export function findSentence({ sought, isSearching, why, total }: Findings): string {
  if (sought.kind === 'link') return 'This is a link to one share. Open it to see what is in it.';
  if (why !== null) return troubleSentence(why);
  if (isSearching) return 'Searching…';
  if (total === 0) return nothingSentence(sought);
  if (sought.kind === 'id') return 'The public share with this id:';
  const found = counted(total, 'share', 'shares');
  return sought.query === '' ? `${found} on this server.` : `${found} found.`;
}

/** What is not searched for; empty: nothing. */
export function cutSentence(sought: Sought): string {
  const isCut = sought.kind === 'name' && sought.isCut;
  return isCut ? `Only the first ${MAX_QUERY_LENGTH} characters are searched for.` : '';
}

function nothingSentence(sought: Sought & { kind: 'name' | 'id' }): string {
  if (sought.kind === 'id')
    return 'No public share has this id. If it is right, the share can still be opened: not all are public.';
  return sought.query === ''
    ? 'Nobody lists a share on this server right now. To list yours, check “List publicly” on its page.'
    : 'Nothing found. Try fewer letters of the name. Shares that are not public open by their link alone.';
}

function troubleSentence(why: WhyNoSearch): string {
  switch (why) {
    case 'away':
      return `Can't reach the Shoal server. ${AGAIN}`;
    case 'silent':
      return `The server did not answer. ${AGAIN}`;
    case 'too-often':
      return 'The server is asked too often from your network. Searching again in half a minute.';
    case 'off':
      return 'This server keeps no list of public shares. Ask the sender for the link.';
    default:
      return `The search did not work. ${AGAIN}`;
  }
}

/** Always said where a share can be listed. */
export const LIST_SENTENCE = 'Anyone can find it by its name on this server.';

/** How it stands with that; `isShared`: it is not stopped, and its files are here. */
export function listingSentence(listed: ListingState, isShared: boolean): string {
  switch (listed) {
    case 'no':
      return 'It is not listed now.';
    case 'listed':
      return 'It is listed now.';
    case 'asked':
      return isShared
        ? 'It is listed as soon as the server has taken it.'
        : 'It is listed again when you share it again.';
    case 'name-not-listable':
      return 'It is not listed: its name has characters that are not shown as they are. Share it under a plain name.';
    case 'directory-full':
      return 'It is not listed: the server takes no more shares from you now. It is tried again every half minute.';
    case 'directory-off':
      return 'It is not listed: this server keeps no list of public shares.';
    case 'refused':
      return 'It is not listed: the server did not take it now. It is tried again every half minute.';
  }
}
