/**
 * What the page says of a file at a web address that has no hashes yet ([WS42]): who it comes from, what was looked at a
 * second time, and what that is worth; also later, of the share that it became. Pure.
 */
import { counted, formatBytes } from '../../shared/words/format.ts';
import type { Fact } from './receiving.ts';
import type { FileChange, Lenders, Transfer } from './session.ts';
import { hostsIn, webTroubles } from './web-sentences.ts';

type Looks = NonNullable<Transfer['web']>;

const CHANGED =
  'The file on the server was changed meanwhile. What had come of it is of no use any more, and was removed.';

export function changeSentence(change: FileChange): string {
  if (change === 'refused') return REFUSED;
  return change === 'begins'
    ? `${CHANGED} It is loaded again from its beginning.`
    : `${CHANGED} The server sends the new one only as a whole. To load it, open its address again on the first page.`;
}

const REFUSED =
  'What the server has at this address is another file than the one with the SHA-256 that you gave: all of it came from the server itself. Nothing of it was kept. Check both, or open the address again without the SHA-256.';

/** `lenders`: null where nobody is asked, or it is not known. */
export function webSwarmSentences(transfer: Transfer, lenders: Lenders | null): string[] {
  const { web, manifest, webSeeds } = transfer;
  if (web === null) return [];
  const host = manifest === null ? 'its server' : hostsIn(manifest.web);
  return [
    `This is loaded from ${host}. There is no link to it yet: when all of it is here it becomes a share, which has one.`,
    ...webTroubles(webSeeds),
    ...lenderSentences(lenders),
    ...looksSentence(web),
    wholeSentence(web),
  ];
}

/** Of a share, with the last figures of what it was loaded as. */
export function madeSentences(loaded: Transfer): string[] {
  const { web, manifest, receivedFrom } = loaded;
  if (web === null) return [];
  const host = manifest === null ? 'the web' : hostsIn(manifest.web);
  if (web.sha256 !== null)
    return [
      `This was loaded from ${host} and is, as a whole, the file with the SHA-256 that you gave. From now on it is a share like any other.`,
    ];
  const came = `This was loaded from ${host}, without anybody’s word on what the whole file must be`;
  const rest = 'From now on it is a share like any other, and whoever gets it from you gets exactly this.';
  if (receivedFrom.people === 0)
    return [`${came}. All that came in this page came from the server itself. ${rest}`];
  return [
    `${came}, so it was not verified as a whole. ${rest}`,
    ...looksSentence({ ...web, pending: 0 }, 'was'),
  ];
}

function wholeSentence({ sha256, refused }: Looks): string {
  if (refused)
    return 'All of it was here, and as a whole it was not the file with the SHA-256 that you gave. So what is not known to come from the server is loaded again, from the server alone.';
  return sha256 === null
    ? 'It is not verified as a whole, since nobody has said what the whole file must be. Of what people send, parts drawn by chance are compared with what others or the server send: whoever changes much of it is found, a small change may stay.'
    : 'When all of it is here it is verified as a whole, by the SHA-256 that you gave.';
}

/** Those who lend are people, too, and are not told apart from the others. */
function lenderSentences(lenders: Lenders | null): string[] {
  if (lenders === null) return [];
  const { taken, online } = lenders;
  if (taken > 0)
    return [
      `${counted(taken, 'person lends', 'people lend')} their connection and ${taken === 1 ? 'fetches' : 'fetch'} parts of it for you.`,
    ];
  if (online === null) return [];
  return online === 0
    ? ['Nobody lends their connection right now.']
    : [
        `${counted(online, 'person lends', 'people lend')} their connection, but nobody fetches this for you now.`,
      ];
}

/** Together, since each is short; nothing where there is nothing to tell. */
function looksSentence(looks: Looks, tense: 'is' | 'was' = 'is'): string[] {
  const said = lookSentences(looks, tense);
  return said.length === 0 ? [] : [said.join(' ')];
}

function lookSentences({ right, pending, unseen, liars }: Looks, tense: 'is' | 'was'): string[] {
  const parts = (count: number): string => counted(count, 'part', 'parts');
  return [
    ...(right > 0
      ? [
          `Checked ${parts(right)} again: ${right === 1 ? 'it is' : 'all are'} as the server has ${right === 1 ? 'it' : 'them'}.`,
        ]
      : []),
    ...(pending > 0 ? [`${parts(pending)} ${pending === 1 ? 'is' : 'are'} being checked.`] : []),
    ...(unseen > 0 ? [`${parts(unseen)} could not be checked.`] : []),
    ...(liars > 0
      ? [
          liars === 1
            ? `Somebody sent something else and was dropped. All that came from there ${tense} loaded again.`
            : `${liars} senders sent something else and were dropped. All that came from them ${tense} loaded again.`,
        ]
      : []),
  ];
}

/** Since it was opened in this browser. */
export function webSwarmFacts({ receivedFrom, web }: Pick<Transfer, 'receivedFrom' | 'web'>): Fact[] {
  const lent = web?.fromLenders ?? 0;
  return [
    { name: 'From the server', value: formatBytes(receivedFrom.web) },
    { name: 'From those who lend', value: formatBytes(lent) },
    { name: 'From others', value: formatBytes(receivedFrom.people - lent) },
  ];
}
