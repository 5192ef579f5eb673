/**
 * Structured logs through pino (imported here alone). What is logged is chosen so that a log cannot betray anybody
 * ([SV10]): no swarm, peer id or info-hash, no file name, no full address, no URL's query.
 */
import { isIP } from 'node:net';
import { pino } from 'pino';
import type { LogLevel } from './config.ts';

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
  if (isIP(address) === 4) return `${address.split('.').slice(0, 2).join('.')}.0.0/16`;
  if (address.includes(':')) return `${address.split(':').slice(0, 2).join(':')}::/32`;
  return 'unknown';
}
