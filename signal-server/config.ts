/**
 * The server's configuration: environment variables, checked when it starts ([SV7]). A variable that is wrong stops
 * the start with a sentence that names it; an empty one counts as not set. The table in `docs/operation.md` lists
 * them all.
 */
import type { BlockList } from 'node:net';
import * as v from 'valibot';
import { addTrusted, trustedProxies } from './client-address.ts';
import { iceServer } from './ice.ts';
import type { IceServer, TurnSecret } from './ice.ts';
import { iceUrlFault } from './ice-url.ts';
import { browserOrigin } from './origins.ts';
import { isRedisUrl } from './redis-url.ts';
import { tlsFault } from './tls-files.ts';
import type { TlsFiles } from './tls-files.ts';

const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export interface Config {
  /** Null: every interface. */
  readonly host: string | null;
  /** 0: any free one. */
  readonly port: number;
  readonly tls: TlsFiles | null;
  readonly iceServers: readonly IceServer[];
  readonly turn: TurnSecret | null;
  readonly redisUrl: string | null;
  /** Where the world finds the page, with a slash at its end; null: previews of links have no picture ([SV17]). */
  readonly publicUrl: string | null;
  /** Null: any. */
  readonly allowedOrigins: ReadonlySet<string> | null;
  readonly trustedProxies: BlockList;
  /** Scales every limit; null: no limits. */
  readonly rateLimit: number | null;
  readonly directory: boolean;
  readonly metrics: boolean;
  /** Whether `GET /peers` tells everything that TorrentInno's clients announced. */
  readonly listPeers: boolean;
  /** Whether pages may fetch from the web addresses that a share names ([WS6]). */
  readonly urlSources: boolean;
  readonly logLevel: LogLevel;
}

/** A sentence for whoever starts the server; it names the variable. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** What is wrong with a variable in particular: it goes behind what is wanted. Repeats nothing of the value. */
class Fault {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** Reads a variable's text; `parse` answers null or a fault where it cannot, and `wanted` says what it wants. */
function read<T>(parse: (text: string) => T | Fault | null, wanted: string) {
  return v.pipe(
    v.string(),
    v.rawTransform<string, T>(({ dataset, addIssue, NEVER }) => {
      const parsed = parse(dataset.value);
      const fault = parsed instanceof Fault ? `; one of them ${parsed.text}` : '';
      if (parsed !== null && !(parsed instanceof Fault)) return parsed;
      addIssue({ message: wanted + fault });
      return NEVER;
    }),
  );
}

const flag = read<boolean>((text) => {
  if (/^(?:on|true|yes|1)$/i.test(text)) return true;
  return /^(?:off|false|no|0)$/i.test(text) ? false : null;
}, '"on" or "off"');

const variables = v.object({
  HOST: v.exactOptional(v.string()),
  PORT: v.optional(
    read((text) => wholeNumber(text, 0, 65_535), 'a whole number from 0 to 65535'),
    '8000',
  ),
  TLS_CERT: v.exactOptional(v.string()),
  TLS_KEY: v.exactOptional(v.string()),
  ICE_SERVERS: v.optional(read(iceServersIn, 'a JSON array of RTCIceServer objects, each with "urls"'), '[]'),
  TURN_URLS: v.exactOptional(read(turnUrlsIn, 'turn: or turns: URLs with commas between them')),
  TURN_SECRET: v.exactOptional(v.string()),
  TURN_TTL: v.optional(
    read((text) => wholeNumber(text, 60, 86_400), 'a number of seconds from 60 to 86400'),
    '3600',
  ),
  REDIS_URL: v.exactOptional(
    read(
      (text) => (isRedisUrl(text) ? text : null),
      'a URL such as redis://host:6379/0 or rediss://user:password@host:6380',
    ),
  ),
  PUBLIC_URL: v.exactOptional(
    read(
      publicUrlIn,
      'the page’s own address, such as https://share.example/ or https://share.example/drop/',
    ),
  ),
  ALLOWED_ORIGINS: v.exactOptional(
    read(originsIn, 'origins such as https://share.example with commas between them'),
  ),
  TRUSTED_PROXIES: v.exactOptional(
    read(proxiesIn, 'addresses, address/prefix ranges, "loopback" or "private" with commas between them'),
  ),
  RATE_LIMIT: v.optional(read(rateLimitIn, '"on", "off" or a factor such as 2.5'), 'on'),
  DIRECTORY: v.optional(flag, 'on'),
  METRICS: v.optional(flag, 'on'),
  LIST_PEERS: v.optional(flag, 'off'),
  URL_SOURCES: v.optional(flag, 'off'),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`), 'info'),
});

export type Environment = Readonly<Record<string, string | undefined>>;

/** `readText` reads a file of text and may throw. Throws `ConfigError`. */
export function configFrom(environment: Environment, readText: (path: string) => string): Config {
  const parsed = v.safeParse(variables, present(environment));
  if (!parsed.success) throw wrong(parsed.issues[0]);
  const set = parsed.output;
  return {
    host: set.HOST ?? null,
    port: set.PORT,
    tls: tlsFrom(set.TLS_CERT, set.TLS_KEY, readText),
    iceServers: set.ICE_SERVERS,
    turn: turnFrom(set.TURN_URLS, set.TURN_SECRET, set.TURN_TTL),
    redisUrl: set.REDIS_URL ?? null,
    publicUrl: set.PUBLIC_URL ?? null,
    allowedOrigins: set.ALLOWED_ORIGINS ?? null,
    trustedProxies: set.TRUSTED_PROXIES ?? trustedProxies(),
    rateLimit: set.RATE_LIMIT.factor,
    directory: set.DIRECTORY,
    metrics: set.METRICS,
    listPeers: set.LIST_PEERS,
    urlSources: set.URL_SOURCES,
    logLevel: set.LOG_LEVEL,
  };
}

export function defaultConfig(): Config {
  return configFrom({}, () => '');
}

function present(environment: Environment): Record<string, string> {
  const set: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    const text = value?.trim();
    if (text) set[name] = text;
  }
  return set;
}

function wrong(issue: v.BaseIssue<unknown>): ConfigError {
  const name = String(issue.path?.[0]?.key);
  // A URL or a secret may hold a password, which has no place on a screen or in a log.
  const hidden = /URL|SECRET|ICE/.test(name) || String(issue.input).includes('@');
  const value = hidden ? '' : `; it is "${String(issue.input).slice(0, 80)}"`;
  return new ConfigError(`${name} must be ${issue.message}${value}.`);
}

function tlsFrom(
  cert: string | undefined,
  key: string | undefined,
  readText: (path: string) => string,
): Config['tls'] {
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined) throw new ConfigError('TLS_KEY is set, but TLS_CERT is not: https needs both.');
  if (key === undefined) throw new ConfigError('TLS_CERT is set, but TLS_KEY is not: https needs both.');
  const text = (name: string, path: string) => {
    try {
      return readText(path);
    } catch (failure) {
      // Not the path: who writes the key itself here instead of its file's name would see it on the screen.
      const { code = 'no more is known' } = failure as NodeJS.ErrnoException;
      throw new ConfigError(`${name} names a file that cannot be read: ${code}.`, { cause: failure });
    }
  };
  const files = { cert: text('TLS_CERT', cert), key: text('TLS_KEY', key) };
  const fault = tlsFault(files);
  if (fault !== null) throw new ConfigError(fault);
  return files;
}

function turnFrom(
  urls: readonly string[] | undefined,
  secret: string | undefined,
  lifeSeconds: number,
): TurnSecret | null {
  if (urls === undefined && secret === undefined) return null;
  if (urls === undefined)
    throw new ConfigError('TURN_SECRET is set, but TURN_URLS is not: relaying needs both.');
  if (secret === undefined)
    throw new ConfigError('TURN_URLS is set, but TURN_SECRET is not: relaying needs both.');
  return { urls, secret, lifeSeconds };
}

function wholeNumber(text: string, least: number, most: number): number | null {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= least && number <= most ? number : null;
}

function list(text: string): string[] {
  return text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function iceServersIn(text: string): readonly IceServer[] | Fault | null {
  try {
    const parsed = v.safeParse(v.array(iceServer), JSON.parse(text));
    if (parsed.success) return parsed.output;
    const [issue] = parsed.issues;
    return issue.path ? new Fault(issue.message) : null;
  } catch {
    return null;
  }
}

function turnUrlsIn(text: string): readonly string[] | Fault | null {
  const urls = list(text);
  if (urls.length === 0 || urls.some((url) => !/^turns?:/.test(url))) return null;
  const [fault] = urls.flatMap((url) => iceUrlFault(url) ?? []);
  return fault === undefined ? urls : new Fault(fault);
}

function originsIn(text: string): ReadonlySet<string> | null {
  const origins = list(text).map(browserOrigin);
  const known = origins.filter((origin) => origin !== null);
  return known.length > 0 && known.length === origins.length ? new Set(known) : null;
}

/** As browsers write it. A link of a page has no query, and what would follow `#` is no address of a page. */
function publicUrlIn(text: string): string | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || /[?#,\s]/.test(text)) return null;
  if (url.username !== '' || url.password !== '') return null;
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

function proxiesIn(text: string): BlockList | null {
  const proxies = trustedProxies();
  const items = list(text);
  return items.length > 0 && items.every((item) => addTrusted(proxies, item)) ? proxies : null;
}

function rateLimitIn(text: string): { readonly factor: number | null } | null {
  if (/^(?:on|true|yes)$/i.test(text)) return { factor: 1 };
  if (/^(?:off|false|no|0)$/i.test(text)) return { factor: null };
  const factor = Number(text);
  return Number.isFinite(factor) && factor > 0 ? { factor } : null;
}
