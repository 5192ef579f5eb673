/** What the page says of the web addresses that a share names ([WS7]): whether they may be asked, and how each does. Pure. */
import { formatBytes, formatRate, NOTHING } from '../../shared/words/format.ts';
import { labelsOf } from '../../shared/words/labels.ts';
import { WEB_TROUBLES } from '../../shared/words/web-troubles.ts';
import { receivedPercent } from './receiving.ts';
import type { Fact } from './receiving.ts';
import type { ShownWeb, Transfer } from './session.ts';

type WebSeed = Transfer['webSeeds'][number];
type Hosts = Pick<ShownWeb, 'hosts' | 'hostCount'>;

/** `told`: nothing can be pressed. `troubles`: what is in the way, of each server where something is. */
export type WebOffer =
  | { readonly kind: 'told'; readonly sentence: string }
  | { readonly kind: 'offered'; readonly sentence: string; readonly button: string }
  | {
      readonly kind: 'agreed';
      readonly sentence: string;
      readonly button: string;
      readonly troubles: readonly string[];
    };

const TERMINAL = 'Whoever gets it with Shoal’s command in a terminal can, and passes it on to you.';

/** `allowed`: whether pages of this server may fetch from them; null: that is not known, and nothing is said. */
export function webOffer(transfer: Transfer, allowed: boolean | null): WebOffer | null {
  const { manifest, webSeeds, phase } = transfer;
  if (manifest === null || webSeeds.length === 0 || phase === 'stopped' || allowed === null) return null;
  const agreed = webSeeds.some(({ state }) => state !== 'not-allowed');
  if (!agreed && receivedPercent(transfer) === 100) return null;
  const isAt = `This is also on the web, at ${hostsIn(manifest.web)}`;
  if (!allowed) return told(`${isAt}. This site does not load from web addresses. ${TERMINAL}`);
  const asked = asksOf(manifest.web);
  if (asked.hostCount === 0)
    return told(`${isAt}, but a page can load only from addresses that begin with https://. ${TERMINAL}`);
  const servers = asked.hostCount === 1 ? 'that server' : 'those servers';
  const learns = `Whoever runs ${servers} learns that your internet address fetches it.`;
  if (!agreed) {
    const sentence = `This is also on the web, at ${hostsIn(asked)}. ${learns} Nothing is asked there before you agree.`;
    return { kind: 'offered', sentence, button: `Also load from ${hostsInButton(asked)}` };
  }
  const sentence = `You agreed to load this from the web, too, from ${hostsIn(asked)}. ${learns}`;
  return { kind: 'agreed', sentence, button: "Don't load from the web", troubles: webTroubles(webSeeds) };
}

function told(sentence: string): WebOffer {
  return { kind: 'told', sentence };
}

/** Those that a page can ask. Where more are named than are known here they are all taken for such. */
function asksOf({ hosts, hostCount }: ShownWeb): Hosts {
  const others = hosts.filter(({ https }) => !https).length;
  return { hosts: hosts.filter(({ https }) => https), hostCount: hostCount - others };
}

const MOST_NAMED = 3;

/** Whether the sentences leave some of them out. */
export function namesAll({ hostCount }: Hosts): boolean {
  return hostCount <= MOST_NAMED;
}

export function hostsIn({ hosts, hostCount }: Hosts): string {
  const named = hosts.slice(0, MOST_NAMED).map(({ host }) => host);
  const more = hostCount - named.length;
  if (more > 0) return `${named.join(', ')} and ${more} more`;
  const last = named.at(-1) ?? '';
  return named.length < 2 ? last : `${named.slice(0, -1).join(', ')} and ${last}`;
}

const MOST_SHORT = 40;

/** Of a long one its end, which tells whose it is. */
function shortHost(host: string): string {
  return host.length <= MOST_SHORT ? host : `…${host.slice(1 - MOST_SHORT)}`;
}

function hostsInButton({ hosts, hostCount }: Hosts): string {
  const first = shortHost(hosts[0]?.host ?? '');
  return hostCount === 1 ? first : `${first} and ${hostCount - 1} more`;
}

/** What is in the way, and whether it is tried again. '': nothing is. */
function troubleOf({ state, trouble }: WebSeed): string {
  if (trouble === null) return '';
  const said = WEB_TROUBLES[trouble];
  if (state === 'gone') return `${said} It is asked no more.`;
  if (state === 'waiting') return `${said} It is asked again by itself.`;
  return said;
}

export function webTroubles(webSeeds: readonly WebSeed[]): readonly string[] {
  const stuck = webSeeds.filter(({ state }) => state === 'waiting' || state === 'gone');
  return [...new Set(stuck.map((seed) => `${shortHost(seed.host)}: ${troubleOf(seed)}`))].slice(
    0,
    MOST_NAMED,
  );
}

const STATES: Readonly<Record<WebSeed['state'], string>> = {
  'not-allowed': 'you did not agree to it',
  idle: 'ready',
  asked: 'asked',
  waiting: 'waiting',
  gone: 'given up',
};

/** [UI24] One source of the transfer's page. */
export interface WebRow {
  readonly nth: number;
  /** Its host, a long one cut in front; `host` has all of it. */
  readonly name: string;
  readonly host: string;
  readonly state: string;
  readonly trouble: string;
  readonly down: string;
  readonly received: string;
}

export function webRows({ webSeeds }: Pick<Transfer, 'webSeeds'>): WebRow[] {
  const names = labelsOf(webSeeds.map(({ host }) => shortHost(host)));
  return webSeeds.map((seed, nth) => ({
    nth,
    name: names[nth] ?? seed.host,
    host: seed.host,
    state: seed.state === 'asked' && seed.down > 0 ? 'sends' : STATES[seed.state],
    trouble: troubleOf(seed),
    down: seed.down === 0 ? NOTHING : formatRate(seed.down),
    received: formatBytes(seed.receivedBytes),
  }));
}

/** Who what has come is from, once anything came from the web. */
export function originFacts({ receivedFrom: { people, web } }: Pick<Transfer, 'receivedFrom'>): Fact[] {
  if (web === 0) return [];
  return [
    { name: 'From people', value: formatBytes(people) },
    { name: 'From the web', value: formatBytes(web) },
  ];
}

/** On the page of one's own share. */
export function namedSentence(allowed: boolean | null): string {
  return allowed === false
    ? 'This link names the addresses below. This site does not load from web addresses; whoever uses Shoal’s command in a terminal can, and passes it on.'
    : 'This link names the addresses below. Whoever opens it can load from there, too, when they agree.';
}
