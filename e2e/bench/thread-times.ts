/** Processor time of each thread of a browser's processes, from /proc (Linux). Knows no page. */
import { readdirSync, readFileSync } from 'node:fs';
import { commandLine, familyOf } from './processes.ts';

/** Of a clock tick: 100 a second on every Linux there is. */
const TICK_MS = 10;

/** `process/thread`, as in `renderer/DedicatedWorker` → ms of processor time. */
export type ThreadTimes = ReadonlyMap<string, number>;

/** Of the process whose command line holds `mark`, and all that it started. */
export function threadTimes(mark: string): ThreadTimes {
  const times = new Map<string, number>();
  for (const { pid } of familyOf(mark)) {
    const kind = kindOf(commandLine(pid));
    for (const thread of threadsOf(pid)) {
      const { name, ms } = threadOf(pid, thread);
      const key = `${kind}/${name}`;
      times.set(key, (times.get(key) ?? 0) + ms);
    }
  }
  return times;
}

/** What was used since `before`, largest first; what came to nothing is left out. */
export function usedSince(before: ThreadTimes, after: ThreadTimes): (readonly [string, number])[] {
  return [...after]
    .map(([name, ms]) => [name, ms - (before.get(name) ?? 0)] as const)
    .filter(([, ms]) => ms > 0)
    .sort(([, one], [, other]) => other - one);
}

/** Chromium names its processes by what they do. */
function kindOf(line: string): string {
  const type = /--type=([\w-]+)/.exec(line)?.[1] ?? 'browser';
  const service = /--utility-sub-type=(\w+)/.exec(line)?.[1];
  return service ?? type;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // it has ended meanwhile
  }
}

function threadOf(pid: number, thread: string): { name: string; ms: number } {
  try {
    const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
    const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')).replace(/[\d/:]+$/, '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { name, ms: (Number(fields[11]) + Number(fields[12])) * TICK_MS };
  } catch {
    return { name: 'ended', ms: 0 };
  }
}
