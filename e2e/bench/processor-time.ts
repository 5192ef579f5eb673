/** Processor time of a browser, all its processes together, from /proc (Linux). */
import { familyOf } from './processes.ts';

/** Milliseconds that the process whose command line holds `mark`, and all that it started, have used. */
export function processorMs(mark: string): number {
  return familyOf(mark).reduce((sum, { ms }) => sum + ms, 0);
}
