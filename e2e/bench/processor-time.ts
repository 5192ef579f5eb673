/** Processor time of a browser, all its processes together, from /proc (Linux). */
import { readdirSync, readFileSync } from 'node:fs';

/** Of a clock tick: 100 a second on every Linux there is. */
const TICK_MS = 10;

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Its own and its ended children's. */
  readonly ms: number;
}

/** Milliseconds that the process whose command line holds `mark`, and all that it started, have used. */
export function processorMs(mark: string): number {
  const all = processes();
  const family = new Set(all.filter(({ pid }) => commandLine(pid).includes(mark)).map(({ pid }) => pid));
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.reduce((sum, { pid, ms }) => (family.has(pid) ? sum + ms : sum), 0);
}

function processes(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid)) return [];
    const stat = textOf(`/proc/${pid}/stat`);
    // The name, in parentheses, may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = [11, 12, 13, 14].reduce((sum, at) => sum + Number(fields[at] ?? 0), 0);
    return stat === '' ? [] : [{ pid, parent: Number(fields[1]), ms: ticks * TICK_MS }];
  });
}

function commandLine(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`);
}

/** Empty where the process has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
