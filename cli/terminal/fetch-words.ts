/** What `shoal fetch` says of a file at a web address ([HL67]): what it is, where it stands, and what the result is worth. Pure. */
import { unreachable } from '../../shared/assert.ts';
import { hostOf } from '../../shared/engine/web/mirrors.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { FetchOutcome, TransferSnapshot } from '../../shared/peer/verbs.ts';
import { counted, formatBytes } from '../../shared/words/format.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import {
  NOBODY_LENDS,
  otherFileSentence,
  probeRefusalSentence,
  urlRefusalSentence,
} from '../../shared/words/url-refusals.ts';
import { WEB_TROUBLES_WITHOUT_A_PAGE } from '../../shared/words/web-troubles.ts';
import { people } from './live-text.ts';
import type { FetchVerified, Said } from './said.ts';
import { receivingStanding } from './status-words.ts';
import type { Standing } from './status-words.ts';

export function fetchingWords({ name, size, url, sha256 }: Extract<Said, { type: 'fetching' }>): string {
  const known = sha256 === null ? '' : ' It is compared with the SHA-256 that you gave.';
  return `“${displayName(name)}”, ${formatBytes(size)}, from ${hostOf(url)}. That server, those who want the same and those who lend their connection learn that this machine fetches it.${known}`;
}

export function fetchedWords(said: Extract<Said, { type: 'fetched' }>): string {
  const what = `“${displayName(said.name)}”, ${formatBytes(said.size)}`;
  return `Download complete: ${what}. ${RESULTS[said.verified](said)} Its link, to pass it on: ${said.link}`;
}

type Looks = Pick<Extract<Said, { type: 'fetched' }>, 'right' | 'unseen'>;

const UNVERIFIED = 'was not verified as a whole, since nobody said what that must be (--sha256).';

const RESULTS: Readonly<Record<FetchVerified, (looks: Looks) => string>> = {
  sha256: () => 'As a whole it has the SHA-256 that you gave.',
  server: () => 'All of it came from the server itself.',
  parts: ({ right, unseen }) =>
    `Of what others sent ${counted(right, 'part was', 'parts were')} checked again and right${unseen > 0 ? `, ${counted(unseen, 'part', 'parts')} could not be checked` : ''}; it ${UNVERIFIED}`,
  no: () => `It ${UNVERIFIED}`,
};

/** Of a file without hashes. `lenders`: how many lend their connection for it. */
export function fetchingStanding(snapshot: TransferSnapshot, host: string, lenders: number): Standing {
  const { phase, web } = snapshot;
  if (phase === 'downloading') return loadingStanding(snapshot, host, lenders);
  if (phase !== 'complete') return receivingStanding(snapshot);
  const pending = web?.pending ?? 0;
  const parts = `${counted(pending, 'part', 'parts')} of what others sent ${pending === 1 ? 'is' : 'are'} being checked`;
  return {
    state: 'checking',
    message: `All of it is here. ${pending > 0 ? parts : 'It is being made a share'}.`,
  };
}

const REFUSED =
  'As a whole it was not the file with the SHA-256 that you gave, so what is not known to be the server’s is fetched again, from there alone. ';

function loadingStanding(snapshot: TransferSnapshot, host: string, lenders: number): Standing {
  const { web, webSeeds, peers } = snapshot;
  const { state: asked = 'idle', trouble = null } = webSeeds[0] ?? {};
  const again = web?.refused === true ? REFUSED : '';
  const senders = peopleAmong(peers, ({ down }) => down > 0);
  if (asked === 'asked' || senders > 0) {
    const sources = [...(asked === 'asked' ? [host] : []), ...(senders > 0 ? [people(senders)] : [])];
    const lend = `${counted(lenders, 'person lends', 'people lend')} their connection`;
    const message = `${again}Fetching from ${sources.join(' and ')}.${lenders > 0 ? ` ${lend}.` : ''}`;
    return { state: 'downloading', message };
  }
  if (trouble === null) return { state: 'connecting', message: `${again}Asking ${host}.` };
  const then =
    asked === 'gone'
      ? 'It is asked no more. What has arrived is kept, and the rest can come from others.'
      : 'It is asked again by itself.';
  return { state: 'waiting', message: `${again}${host}: ${WEB_TROUBLES_WITHOUT_A_PAGE[trouble]} ${then}` };
}

type NotFetched = Exclude<FetchOutcome, { kind: 'begun' | 'here' | 'streamed' | 'cancelled' }>;

/** Why nothing was begun, or nothing stays. */
export function notFetchedSentence(outcome: NotFetched, host: string): string {
  switch (outcome.kind) {
    case 'no-address':
      return urlRefusalSentence(outcome.why);
    case 'not-there':
      return probeRefusalSentence(outcome.refusal, host);
    case 'nobody-lends':
      return `${outcome.refusal === null ? '' : `${probeRefusalSentence(outcome.refusal, host)} `}${NOBODY_LENDS}`;
    case 'other-file':
      return otherFileSentence(host);
    case 'too-large':
      return `The file at this address is larger than a share may be, or ${host} sends more than it says. Fetch it with another program.`;
    case 'not-streamed':
      return outcome.why === 'no-room'
        ? 'There is no more room on the disk, and nothing of the file was kept, since its server sends only the whole. Free some space, then try again.'
        : `${host}: ${WEB_TROUBLES_WITHOUT_A_PAGE[outcome.why]} Nothing of the file was kept, since its server sends only the whole. Try again.`;
    case 'no-ranges':
      return `${host} sends this file only as a whole, which cannot be fetched from here. Fetch it with another program.`;
    default:
      return unreachable(outcome);
  }
}
