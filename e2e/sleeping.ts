/** A browser of its own that can be put to sleep, with all its processes, and woken. Not on Windows. */
import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright';
import type { Browser } from 'playwright/test';
import { chromiumLaunch } from './launch.ts';

export interface SleepyBrowser {
  readonly browser: Browser;
  /** Nothing of it runs until it is woken. */
  stop(): void;
  wake(): void;
  close(): Promise<void>;
}

export async function startSleepyBrowser(): Promise<SleepyBrowser> {
  const server = await chromium.launchServer(chromiumLaunch);
  const browser = await chromium.connect(server.wsEndpoint());
  const root = server.process().pid;
  if (root === undefined) throw new Error('the browser has no process');
  const signal = (name: 'SIGSTOP' | 'SIGCONT'): void => {
    for (const pid of withDescendants(root)) sendTo(pid, name);
  };
  return {
    browser,
    stop: () => signal('SIGSTOP'),
    wake: () => signal('SIGCONT'),
    close: () => server.close(),
  };
}

function sendTo(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended since it was listed.
  }
}

/** The process and all that it has started, directly or not. */
function withDescendants(root: number): number[] {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  const parents = listed.map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const found = [root];
  for (const pid of found) for (const [child, parent] of parents) if (parent === pid) found.push(child);
  return found;
}
