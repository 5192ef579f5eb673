/** [HL24] Which Shoal a person means by `--server`, and what lies where on it. Texts only. */
import { basePathOf, trackerAddress } from '../../shared/base-path.ts';

export interface ServerAddress {
  /** Where its page is; links begin with it. Ends with a slash. */
  readonly page: string;
  /** Of its WebSocket. */
  readonly tracker: string;
  /** Where it says which ICE servers to use. */
  readonly config: string;
  /** As they stand in a resource as its tracker. */
  readonly host: string;
  readonly port: string;
}

export type ServerOutcome =
  { kind: 'server'; address: ServerAddress } | { kind: 'refused'; sentence: string };

/** Without a scheme it is `https`, or `http` for this machine itself. */
export function serverAddress(text: string): ServerOutcome {
  const url = urlOf(text.trim());
  if (url === null) {
    const sentence = `"${text}" is no address of a Shoal server. Give one such as https://share.example or http://localhost:8000.`;
    return { kind: 'refused', sentence };
  }
  // Whoever types a folder means what lies in it; whoever copies a page's address or a link means where it lies.
  if (!/\/[^/]*\.[^/]*$/.test(url.pathname) && !url.pathname.endsWith('/')) url.pathname += '/';
  const page = `${url.origin}${basePathOf(url)}`;
  return {
    kind: 'server',
    address: {
      page,
      tracker: trackerAddress(url),
      config: `${page}config`,
      host: url.hostname,
      port: url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port,
    },
  };
}

const SCHEMES: ReadonlyMap<string, string> = new Map([
  ['http:', 'http:'],
  ['https:', 'https:'],
  ['ws:', 'http:'],
  ['wss:', 'https:'],
]);

function urlOf(text: string): URL | null {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
    ? text
    : `${/^(localhost|127\.|\[::1\])/i.test(text) ? 'http' : 'https'}://${text}`;
  if (!URL.canParse(whole)) return null;
  const given = new URL(whole);
  const scheme = SCHEMES.get(given.protocol);
  if (scheme === undefined || given.username !== '' || given.password !== '') return null;
  return new URL(`${scheme}//${given.host}${given.pathname}`);
}
