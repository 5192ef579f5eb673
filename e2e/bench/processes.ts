/** The processes of a browser, from /proc (Linux). Knows no page. */
import { readdirSync, readFileSync } from 'node:fs';

/** Of a clock tick: 100 a second on every Linux there is. */
const TICK_MS = 10;

export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Processor time, its own and its ended children's. */
  readonly ms: number;
}

/** The process whose command line holds `mark`, and all that it started. */
export function familyOf(mark: string): Process[] {
  const all = processes();
  const family = new Set(all.filter(({ pid }) => commandLine(pid).includes(mark)).map(({ pid }) => pid));
  for (let before = -1; before !== family.size;) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all.filter(({ pid }) => family.has(pid));
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

/** Its arguments, with spaces between them. */
export function commandLine(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** Bytes in memory: `own` counts what is shared with others by its part of it (PSS), `resident` whole (RSS). */
export function memoryOf(pid: number): { own: number; resident: number } {
  const text = textOf(`/proc/${pid}/smaps_rollup`);
  const bytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return { own: bytes('Pss'), resident: bytes('Rss') };
}

/** What it does in its browser. `renderer`: pages, their workers and the service worker. */
export const KINDS = ['renderer', 'browser', 'storage', 'network', 'gpu', 'other'] as const;
export type Kind = (typeof KINDS)[number];

export function kindOf(command: string): Kind {
  if (command.includes('--type=renderer')) return 'renderer';
  if (command.includes('--type=gpu-process')) return 'gpu';
  if (command.includes('storage.mojom.StorageService')) return 'storage';
  if (command.includes('network.mojom.NetworkService')) return 'network';
  return command.includes('--type=') || !command.includes('--user-data-dir=') ? 'other' : 'browser';
}

/** Empty where the process has ended meanwhile. */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
