/** What the page says of a bare web address that is typed ([WS40]): who learns of it, and why it does not come. Pure. */
import { unreachable } from '../../shared/assert.ts';
import { hostOf } from '../../shared/engine/web/mirrors.ts';
import { normalUrl } from '../../shared/url/normal-form.ts';
import { formatBytes, percentOf } from '../../shared/words/format.ts';
import {
  NOBODY_LENDS,
  otherFileSentence,
  probeRefusalSentence,
  urlRefusalSentence,
} from '../../shared/words/url-refusals.ts';
import type { FetchOutcome, StreamProgress } from './session.ts';
import { WEB_TROUBLES } from '../../shared/words/web-troubles.ts';
import { BROKE } from './sentences.ts';

const TOO_LARGE =
  'The file at this address is larger than a share may be. Download it with the browser itself.';
const WHOLE_ALONE =
  'The server sends only the whole file, or does not say how long it is, and this browser cannot load it so. Download it with the browser itself, and share the file.';

/** `told`: it cannot be begun. */
export interface FetchOffer {
  readonly kind: 'told' | 'offered';
  readonly sentence: string;
}

/** `allowed`: whether pages of this server may fetch; null: that is not known. */
export function fetchOffer(text: string, allowed: boolean | null): FetchOffer {
  const normal = normalUrl(text);
  if (normal.kind === 'refused') return { kind: 'told', sentence: urlRefusalSentence(normal.why) };
  const host = hostOf(normal.url);
  const checked =
    normal.sha256 === null ? '' : ' What comes is compared with the SHA-256 in this address, as a whole.';
  if (allowed === false || normal.url.startsWith('http:')) {
    const why =
      allowed === false
        ? 'This site does not load from web addresses itself'
        : 'Browsers do not let this page load what begins with http://';
    return {
      kind: 'offered',
      sentence: `${why}. People who lend their connection can fetch the file from ${host} for you: they learn your internet address and what you want, and that server does not.${checked} Press Open to ask them.`,
    };
  }
  return {
    kind: 'offered',
    sentence: `This loads the file at this address from ${host}, together with others who want it and with people who lend their connection. Whoever runs that server, and all of them, learn that your internet address asks for it.${checked} Press Open to begin.`,
  };
}

/** With its port; of what is no address the text itself. */
export function hostOfAddress(text: string): string {
  const normal = normalUrl(text);
  return normal.kind === 'url' ? hostOf(normal.url) : text;
}

/** `outcome`: null where there was no answer. */
export function fetchFailure(
  outcome: Exclude<FetchOutcome, { kind: 'begun' | 'here' | 'streamed' | 'cancelled' }> | null,
  host: string,
): string {
  switch (outcome?.kind) {
    case undefined:
      return `${BROKE}. Reload the page and open the address again.`;
    case 'no-address':
      return urlRefusalSentence(outcome.why);
    case 'not-there':
      return probeRefusalSentence(outcome.refusal, host);
    case 'no-ranges':
      return WHOLE_ALONE;
    case 'too-large':
      return TOO_LARGE;
    case 'nobody-lends':
      return `${outcome.refusal === null ? '' : `${probeRefusalSentence(outcome.refusal, host)} `}${NOBODY_LENDS}`;
    case 'other-file':
      return otherFileSentence(host);
    case 'not-streamed':
      return outcome.why === 'no-room'
        ? 'There is no room for this file in this browser, and nothing of it was kept. Remove something in the settings, and press Open again.'
        : `${WEB_TROUBLES[outcome.why]} Nothing of the file was kept, since its server sends only the whole. Press Open to try again.`;
    default:
      return unreachable(outcome);
  }
}

export function askingSentence(host: string): string {
  return `Finding out what is at this address of ${host}.`;
}

export function streamingSentence(host: string): string {
  return `${host} sends this file only as a whole, so it comes from there alone. It is a share when all of it is here. Keep this page open: after a reload it would begin anew.`;
}

export const ONE_AT_A_TIME = 'One such file comes at a time. Wait for this one, or press Cancel.';

/** Null: how much there is nobody knows. */
export function streamedPercent({ receivedBytes, totalBytes }: StreamProgress): number | null {
  return totalBytes === null ? null : Math.min(99, percentOf(receivedBytes, totalBytes));
}

export function streamedFigure({ receivedBytes, totalBytes }: StreamProgress): string {
  const here = formatBytes(receivedBytes);
  return totalBytes === null
    ? `${here}; the server does not say of how much`
    : `${here} of ${formatBytes(totalBytes)}`;
}
