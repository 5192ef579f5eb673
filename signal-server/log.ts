/**
 * Structured logs through pino (imported here alone). What is logged is chosen so that a log cannot betray anybody
 * ([SV10]): no swarm, peer id or info-hash, no file name, no full address, no URL's query.
 */
import { isIP } from 'node:net';
import { pino } from 'pino';
import type { LogLevel } from './config.ts';
import { ipv6Groups } from './ipv6.ts';

export interface Log {
  debug(fields: object, text: string): void;
  info(fields: object, text: string): void;
  warn(fields: object, text: string): void;
  error(fields: object, text: string): void;
}

export function openLog(level: LogLevel): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime });
}

/** The network that an address belongs to, coarse enough to name nobody: a /16, or a /32 of IPv6. */
export function coarse(address: string): string {
  const family = isIP(address);
  if (family === 4) return `${address.split('.').slice(0, 2).join('.')}.0.0/16`;
  if (family !== 6) return 'unknown';
  const [first = 0, second = 0] = ipv6Groups(address);
  return `${first.toString(16)}:${second.toString(16)}::/32`;
}
