/** How much is logged ([HL7]). Pure. */
import { wrongCall } from './exit.ts';

export const LOG_LEVELS = ['silent', 'error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function logLevelOf(text: string | null): LogLevel {
  if (text === null) return 'warn';
  const level = LOG_LEVELS.find((one) => one === text);
  if (level === undefined)
    throw wrongCall(`--log-level takes one of ${LOG_LEVELS.join(', ')}: ${JSON.stringify(text)} is none.`);
  return level;
}
