/**
 * Asks the server of this machine whether it is well ([SV14]): by the server's own configuration, so with the scheme
 * and at the address that it listens on. Knows nothing of what the server does.
 */
import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP } from 'node:net';
import { text } from 'node:stream/consumers';
import * as v from 'valibot';
import { ConfigError, configFrom } from './config.ts';
import type { Config, Environment } from './config.ts';

export interface Health {
  readonly well: boolean;
  /** For whoever reads the log of the watcher. */
  readonly sentence: string;
}

/** Less than the 5 s that Docker waits, so that the sentence is heard. */
const ANSWER_WITHIN_MS = 4_000;

const answer = v.object({ status: v.literal('ok') });

/** `readText` reads a file of text and may throw. */
export async function healthFrom(
  environment: Environment,
  readText: (path: string) => string,
): Promise<Health> {
  try {
    return await askHealth(configFrom(environment, readText));
  } catch (failure) {
    if (failure instanceof ConfigError) return unwell(failure.message);
    throw failure;
  }
}

/** Settles within that many milliseconds; never rejects because of what it asks. */
export async function askHealth(
  { host, port, tls }: Pick<Config, 'host' | 'port' | 'tls'>,
  withinMs: number = ANSWER_WITHIN_MS,
): Promise<Health> {
  if (port === 0) return unwell('PORT is 0: the server took a free port, which nobody else knows. Set it.');
  const address = reachable(host);
  const shown = `${tls ? 'https' : 'http'}://${address.includes(':') ? `[${address}]` : address}:${port}`;
  const limit = AbortSignal.timeout(withinMs);
  try {
    const response = await asked(tls !== null, address, port, limit);
    const body = await text(response);
    if (response.statusCode !== 200) return unwell(`${shown}/health answers ${response.statusCode}.`);
    if (!v.is(answer, parsed(body))) return unwell(`What answers at ${shown}/health is no Shoal.`);
    return { well: true, sentence: `The server at ${shown} is well.` };
  } catch (failure) {
    return unwell(
      `The server at ${shown} does not answer: ${limit.aborted ? 'it took too long' : reasonOf(failure)}.`,
    );
  }
}

/** Where this machine reaches a server that listens on `host`: of every interface, the loopback. */
function reachable(host: string | null): string {
  if (host === null || host === '0.0.0.0') return '127.0.0.1';
  return isIP(host) === 6 && /^[0:]+$/.test(host) ? '::1' : host;
}

/** Any certificate will do: it is this machine's own server, asked by an address that no certificate names. */
function asked(https: boolean, host: string, port: number, signal: AbortSignal): Promise<IncomingMessage> {
  const options = { host, port, path: '/health', agent: false, signal } as const;
  return new Promise((resolve, reject) => {
    const request = https
      ? requestHttps({ ...options, rejectUnauthorized: false }, resolve)
      : requestHttp(options, resolve);
    request.on('error', reject).end();
  });
}

function unwell(sentence: string): Health {
  return { well: false, sentence };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null; // no JSON is no answer of ours
  }
}

function reasonOf(failure: unknown): string {
  if (!(failure instanceof Error)) return String(failure);
  return 'code' in failure ? String(failure.code) : failure.message;
}
