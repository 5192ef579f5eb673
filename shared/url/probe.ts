/**
 * Types only: what is found out of an address before anything is fetched from it ([WS11]). `web/worker/url-probe.ts` asks
 * as a page can, `cli/web/node-probe.ts` as Node can.
 */

import type { ChangeMarks } from './headers.ts';

export interface UrlFacts extends ChangeMarks {
  /** As it was asked for. */
  readonly url: string;
  /** The same, or where it was redirected to. */
  readonly finalUrl: string;
  /** Bytes; null: the server does not say, or not to a page. */
  readonly size: number | null;
  /** One that a file may have everywhere ([MF6]). */
  readonly name: string;
  /** It was seen that the server sends a part when it is asked for one. */
  readonly ranges: boolean;
}

/**
 * `no-cors`: the browser does not let pages read it, or nobody is there, which looks the same in a page; `unreachable`: the
 * same in Node, where it is the latter; `silent`: it did not answer in time; `mixed-content`: http, asked for by a page that
 * came by https; `not-from-here`: whoever runs the site has its pages ask no servers; `refused`: 4xx; `busy`: it wants to be asked later; `broken-server`: 5xx; `insecure-redirect`: from https to
 * http; `not-a-file`: it answers without content, or with something that is no file; `proxy`: the proxy is not there, cannot
 * be used or does not let it through.
 */
export type ProbeRefusal =
  | 'no-cors'
  | 'unreachable'
  | 'silent'
  | 'mixed-content'
  | 'not-from-here'
  | 'needs-login'
  | 'refused'
  | 'busy'
  | 'broken-server'
  | 'too-many-redirects'
  | 'insecure-redirect'
  | 'forbidden-address'
  | 'not-a-file'
  | 'proxy';

export interface ProbeRefused {
  readonly kind: 'refused';
  readonly why: ProbeRefusal;
  /** Of the server's answer; null: there was none. */
  readonly status: number | null;
  /** How long the server wants to be let be, in ms; 0: it does not say. */
  readonly retryMs: number;
}

export type ProbeOutcome = { readonly kind: 'facts'; readonly facts: UrlFacts } | ProbeRefused;

export interface UrlProbe {
  /** `url`: in its normal form ([WS10]). Never rejects, and takes a bounded time. */
  probe(url: string): Promise<ProbeOutcome>;
}
