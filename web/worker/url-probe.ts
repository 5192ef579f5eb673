/**
 * Asks what is at an address as a page can ([WS11]): of the headers it sees few, and it may add none beside `Range`, or the
 * browser would ask the server for leave first, which most do not give. So all from the first byte on is asked for, and let
 * go of as soon as its length is told; then the first byte alone, which has to come alone. Knows no files and no peers.
 */
import { byteCountOf, contentRangeOf, isEncoded } from '../../shared/url/headers.ts';
import { isPublicHost } from '../../shared/url/literal-address.ts';
import type { HostPolicy } from '../../shared/url/literal-address.ts';
import { factsOf, refusalOf, refusedFor, seenByWhole } from '../../shared/url/probe-answer.ts';
import type { ProbeHead, Seen } from '../../shared/url/probe-answer.ts';
import type { ProbeOutcome, ProbeRefused, UrlProbe } from '../../shared/url/probe.ts';

/** For each answer, with all its redirects. */
const PATIENCE_MS = 30_000;

export interface PageOptions {
  /** It came by https: browsers let it ask nobody by http. */
  readonly isSecure: boolean;
  /** Which hosts may be asked. */
  readonly isAllowed?: HostPolicy;
  readonly patienceMs?: number;
}

interface Answer extends ProbeHead {
  readonly kind: 'answer';
  readonly finalUrl: string;
  /** That were read: one more than were wanted where more came, or fewer. */
  readonly bytes: number;
}

export class PageProbe implements UrlProbe {
  readonly #isSecure: boolean;
  readonly #isAllowed: HostPolicy;
  readonly #patienceMs: number;

  constructor({ isSecure, isAllowed = isPublicHost, patienceMs = PATIENCE_MS }: PageOptions) {
    this.#isSecure = isSecure;
    this.#isAllowed = isAllowed;
    this.#patienceMs = patienceMs;
  }

  async probe(url: string): Promise<ProbeOutcome> {
    const { hostname, protocol } = new URL(url);
    if (!this.#isAllowed(hostname)) return refusedFor('forbidden-address');
    if (this.#isSecure && protocol === 'http:') return refusedFor('mixed-content');
    const open = await this.#ask(url, 'bytes=0-', 0);
    // An empty file has no first byte, and some servers know no ranges and say so in this way.
    const whole = open.kind === 'answer' && open.status === 416 ? await this.#ask(url, null, 0) : open;
    if (whole.kind === 'refused') return whole;
    const why = this.#misled(protocol, whole.finalUrl) ?? refusalOf(whole, Date.now());
    if (why !== null) return why;
    const seen = whole === open ? await this.#seen(url, whole) : seenUnasked(whole);
    return { kind: 'facts', facts: factsOf({ url, finalUrl: whole.finalUrl }, whole, seen) };
  }

  async #seen(url: string, whole: Answer): Promise<Seen> {
    const seen = seenByWhole(whole);
    if (seen.size === 0) return seen;
    const first = await this.#ask(url, 'bytes=0-0', 1);
    return { size: seen.size, ranges: first.kind === 'answer' && isFirstByte(first, whole) };
  }

  /** It has been asked by now, but nothing is fetched from there. */
  #misled(protocol: string, finalUrl: string): ProbeRefused | null {
    const end = new URL(finalUrl);
    if (!this.#isAllowed(end.hostname)) return refusedFor('forbidden-address');
    return protocol === 'https:' && end.protocol === 'http:' ? refusedFor('insecure-redirect') : null;
  }

  /** `wanted`: bytes that are read; what else there is is let go of. */
  async #ask(url: string, range: string | null, wanted: number): Promise<Answer | ProbeRefused> {
    const giveUp = new AbortController();
    let isSilent = false;
    const silence = setTimeout(() => {
      isSilent = true;
      giveUp.abort();
    }, this.#patienceMs);
    try {
      const response = await fetch(url, {
        ...(range === null ? {} : { headers: { range } }),
        signal: giveUp.signal,
        mode: 'cors',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        redirect: 'follow',
        cache: 'no-store',
      });
      const bytes = wanted === 0 ? 0 : await bytesIn(response, wanted);
      const header = (name: string): string | null => response.headers.get(name);
      const finalUrl = response.url.split('#')[0] ?? response.url;
      return { kind: 'answer', status: response.status, header, finalUrl, bytes };
    } catch {
      // A browser does not say what is in the way.
      return refusedFor(isSilent ? 'silent' : 'no-cors');
    } finally {
      clearTimeout(silence);
      giveUp.abort();
    }
  }
}

/** Without a range a browser lets the server compress, and does not tell: no length is the file's then, unless it is none. */
function seenUnasked({ header }: Answer): Seen {
  return { size: byteCountOf(header('content-length')) === 0 ? 0 : null, ranges: false };
}

function isFirstByte({ status, header, bytes }: Answer, whole: Answer): boolean {
  const place = header('content-range');
  const isThere = place === null || contentRangeOf(place)?.first === 0;
  const isSame = header('last-modified') === whole.header('last-modified');
  return status === 206 && bytes === 1 && isThere && isSame && !isEncoded(header);
}

/** Of the body, until there are more than that. */
async function bytesIn(response: Response, wanted: number): Promise<number> {
  const reader = response.body?.getReader();
  let bytes = 0;
  while (reader !== undefined && bytes <= wanted) {
    const part = await reader.read();
    if (part.done) break;
    bytes += part.value.length;
  }
  return bytes;
}
