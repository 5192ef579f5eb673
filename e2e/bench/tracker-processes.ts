/**
 * Starts the subjects and the loads of the tracker benchmark as processes, each on its own part of the machine: the
 * server has one processor for itself, the loads (and Redis) have the others, so that the server is what is full.
 */
import { execFileSync, fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { WARM_UP_MS } from './tracker-load-order.ts';
import type { LoadOrder, LoadResult } from './tracker-load-order.ts';

export type Subject = 'echo' | 'shoal' | 'shoal-limits' | 'shoal-redis' | 'bittorrent-tracker';

export interface State {
  /** Bytes of the heap and outside it after a garbage collection. */
  readonly heap: number;
  /** Bytes of the whole process. */
  readonly rss: number;
}

export interface Running {
  readonly port: number;
  state(): Promise<State>;
  /** Seconds of processor time so far. */
  processor(): Promise<number>;
  stop(): Promise<void>;
}

export interface Measured {
  /** Answers of all loads together. */
  readonly perSecond: number;
  /** The server's processor time for one of them. */
  readonly microseconds: number;
  /** Share of one processor that the server took, and that the loads took together. */
  readonly serverBusy: number;
  readonly loadsBusy: number;
  /** Milliseconds, in order. */
  readonly latencies: readonly number[];
}

/** Loads that have opened their sockets and announced their members. */
export interface Held {
  /** Once. */
  run(): Promise<Measured>;
  /** Closes the sockets. */
  end(): Promise<void>;
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const LAST_PROCESSOR = availableParallelism() - 1;
/** Whether `taskset` can give processes their processors here. */
export const pinned = LAST_PROCESSOR > 0 && pin(process.pid, `0-${LAST_PROCESSOR}`);

/** All threads of a process, by `taskset`; false where there is none. */
function pin(pid: number, processors: string): boolean {
  try {
    execFileSync('taskset', ['-a', '-c', '-p', processors, String(pid)], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Where everything but the server belongs. */
export function pinBesideServer(pid: number): void {
  if (pinned) pin(pid, `1-${LAST_PROCESSOR}`);
}

/** Null: the subject is not there (bittorrent-tracker is a development dependency). */
export async function startSubject(subject: Subject, redisUrl = ''): Promise<Running | null> {
  const child = fork(fileOf('./tracker-subject.ts'), [subject, redisUrl], {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const first = await answer<{ port: number }>(child);
  if (!first) return null;
  if (pinned && child.pid !== undefined) pin(child.pid, '0');
  return {
    port: first.port,
    state: async () => {
      child.send('state');
      return (await answer<State>(child)) ?? { heap: Number.NaN, rss: Number.NaN };
    },
    processor: async () => {
      child.send('processor');
      return (await answer<{ seconds: number }>(child))?.seconds ?? Number.NaN;
    },
    stop: () => end(child),
  };
}

/** One process for each order. */
export async function hold(server: Running, orders: readonly LoadOrder[]): Promise<Held> {
  const children = await Promise.all(orders.map(startLoad));
  return {
    run: () => measured(server, children, orders),
    end: async () => {
      await Promise.all(children.map(end));
    },
  };
}

async function startLoad(order: LoadOrder): Promise<ChildProcess> {
  const child = fork(fileOf('./tracker-load.ts'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  if (child.pid !== undefined) pinBesideServer(child.pid);
  child.send(order);
  const reply = await answer<{ ready?: true; failure?: string }>(child);
  if (!reply?.ready) throw new Error(`The load failed: ${reply?.failure ?? 'its process ended'}`);
  return child;
}

async function measured(
  server: Running,
  children: readonly ChildProcess[],
  orders: readonly LoadOrder[],
): Promise<Measured> {
  const running = Promise.all(children.map(go));
  await passed(WARM_UP_MS);
  const [before, begun] = [await server.processor(), performance.now()];
  await passed(Math.min(...orders.map(({ seconds }) => seconds)) * 1_000);
  const serverBusy = (await server.processor()) - before;
  const serverSeconds = (performance.now() - begun) / 1_000;
  const results = await running;
  const perSecond = results.reduce((sum, { answers, seconds }) => sum + answers / seconds, 0);
  return {
    perSecond,
    microseconds: ((serverBusy / serverSeconds) * 1e6) / perSecond,
    serverBusy: serverBusy / serverSeconds,
    loadsBusy: results.reduce((sum, { processor }) => sum + processor, 0),
    latencies: results.flatMap(({ latencies }) => latencies).sort((a, b) => a - b),
  };
}

async function go(child: ChildProcess): Promise<LoadResult> {
  child.send('go');
  const reply = await answer<{ result?: LoadResult; failure?: string }>(child);
  if (!reply?.result) throw new Error(`The load failed: ${reply?.failure ?? 'its process ended'}`);
  return reply.result;
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The next message of the process; null: it ended instead. */
function answer<T>(child: ChildProcess): Promise<T | null> {
  return new Promise((resolve) => {
    const ended = () => resolve(null);
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}

function end(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}
