/**
 * Asks what is at an address ([WS11]) for its first byte alone, which shows more than HEAD, and is refused by fewer. The
 * body is let go of at once. Knows no files and no peers.
 */
import type { IncomingMessage } from 'node:http';
import { factsOf, refusalOf, refusedFor, seenByFirstByte } from '../../shared/url/probe-answer.ts';
import type { ProbeOutcome, ProbeRefusal, UrlProbe } from '../../shared/url/probe.ts';
import type { AddressPolicy } from './address-policy.ts';
import type { Ways } from './proxies.ts';
import { WebClient, headerOf } from './web-client.ts';
import type { RequestFault } from './web-client.ts';

/** For all redirects together. */
const PATIENCE_MS = 60_000;
const FIRST_BYTE = { range: 'bytes=0-0' };

const REFUSALS: Readonly<Record<RequestFault, ProbeRefusal>> = {
  'not-allowed': 'forbidden-address',
  'forbidden-address': 'forbidden-address',
  'too-many-redirects': 'too-many-redirects',
  'insecure-redirect': 'insecure-redirect',
  silent: 'silent',
  unreachable: 'unreachable',
  proxy: 'proxy',
};

export class NodeProbe implements UrlProbe {
  readonly #client: WebClient;
  readonly #patienceMs: number;

  constructor(mayConnect: AddressPolicy, ways?: Ways, patienceMs = PATIENCE_MS) {
    this.#client = new WebClient(mayConnect, ways);
    this.#patienceMs = patienceMs;
  }

  async probe(url: string): Promise<ProbeOutcome> {
    const outcome = await this.#ask(url, FIRST_BYTE);
    // Some know no ranges, and say so in this way.
    const isForRange = outcome.kind === 'refused' && outcome.status === 416;
    return isForRange ? this.#ask(url, {}) : outcome;
  }

  /** Lets go of connections. */
  close(): void {
    this.#client.close();
  }

  #ask(url: string, headers: Record<string, string>): Promise<ProbeOutcome> {
    return new Promise((resolve) => {
      const giveUp = new AbortController();
      const over = (outcome: ProbeOutcome): void => {
        clearTimeout(silence);
        resolve(outcome);
        giveUp.abort();
      };
      const silence = setTimeout(() => over(refusedFor('silent')), this.#patienceMs);
      this.#client.get(
        { url: new URL(url), headers, signal: giveUp.signal },
        {
          answered: (response, from) => over(outcomeOf(url, from, response)),
          failed: (why) => over(refusedFor(REFUSALS[why])),
        },
      );
    });
  }
}

function outcomeOf(url: string, from: URL, response: IncomingMessage): ProbeOutcome {
  const head = { status: response.statusCode ?? 0, header: headerOf(response) };
  // Given up below, which is nobody's trouble any more.
  response.on('error', () => undefined);
  const asked = { url, finalUrl: withoutFragment(from) };
  return refusalOf(head, Date.now()) ?? { kind: 'facts', facts: factsOf(asked, head, seenByFirstByte(head)) };
}

function withoutFragment({ href }: URL): string {
  return href.split('#')[0] ?? href;
}
