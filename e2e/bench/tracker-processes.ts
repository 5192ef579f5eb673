/** Starts the subjects and the load of the tracker benchmark as processes, and speaks with them. */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { LoadOrder, LoadResult } from './tracker-load.ts';

export type Subject = 'echo' | 'shoal' | 'shoal-redis' | 'bittorrent-tracker';

export interface State {
  /** Bytes of the heap and outside it after a garbage collection. */
  readonly heap: number;
  /** Bytes of the whole process. */
  readonly rss: number;
  /** Microseconds of processor time so far. */
  readonly cpu: number;
}

export interface Running {
  readonly port: number;
  state(): Promise<State>;
  stop(): Promise<void>;
}

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Null: the subject is not there (bittorrent-tracker is a development dependency). */
export async function startSubject(subject: Subject, redisUrl = ''): Promise<Running | null> {
  const child = fork(fileOf('./tracker-subject.ts'), [subject, redisUrl], {
    execArgv: [...process.execArgv, '--expose-gc'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const first = await answer<{ port: number }>(child);
  if (!first) return null;
  return {
    port: first.port,
    state: async () => {
      child.send('state');
      return (await answer<State>(child)) ?? { heap: Number.NaN, rss: Number.NaN, cpu: Number.NaN };
    },
    stop: () => end(child),
  };
}

export interface Load {
  result: LoadResult;
  /** Closes the load's sockets. */
  end(): Promise<void>;
}

export async function load(order: LoadOrder): Promise<Load> {
  const child = fork(fileOf('./tracker-load.ts'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.send(order);
  const reply = await answer<{ result?: LoadResult; failure?: string }>(child);
  if (!reply?.result) throw new Error(`The load failed: ${reply?.failure ?? 'its process ended'}`);
  return { result: reply.result, end: () => end(child) };
}

export async function loaded(order: LoadOrder): Promise<LoadResult> {
  const { result, end: ended } = await load(order);
  await ended();
  return result;
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
