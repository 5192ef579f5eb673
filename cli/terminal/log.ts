/**
 * What is written down for who looks for a fault ([HL7]): pino, loaded where anything is logged. One JSON object a line, on
 * the standard error. No name of a file or share is in it unless that is asked for, and of ids only their beginnings.
 */
import { pino } from 'pino';
import type { Log } from '../commands/command.ts';
import type { LogLevel } from '../commands/log-level.ts';

/** `write` takes whole lines. */
export function openLog(level: LogLevel, write: (line: string) => void): Log {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime }, { write });
}
