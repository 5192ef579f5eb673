/**
 * Profiles of JavaScript in a browser's pages and workers, by the DevTools protocol over its own socket: Playwright's
 * sessions do not reach the workers. Knows no page.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WebSocket } from 'ws';

const SAMPLE_US = 500;

interface Node {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
}

interface Profile {
  readonly nodes: readonly Node[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
  readonly startTime: number;
  readonly endTime: number;
}

/** ms of one thread in one function, itself alone. */
export interface SelfTime {
  readonly name: string;
  readonly ms: number;
}

export interface ThreadProfile {
  /** As DevTools calls it: page, worker, service_worker. */
  readonly thread: string;
  readonly functions: readonly SelfTime[];
}

interface Target {
  readonly session: string;
  readonly type: string;
}

/** Of one browser: what its threads do between `start` and `stop`. */
export class Profiler {
  readonly #socket: WebSocket;
  readonly #targets: Target[] = [];
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #count = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => this.#heard(JSON.parse(data.toString('utf8')) as Message));
  }

  /** `profile`: the folder of a browser that was started with a port for debugging. All that runs in it is watched. */
  static async start(profile: string): Promise<Profiler> {
    const [port, path] = (await readFile(join(profile, 'DevToolsActivePort'), 'utf8')).split('\n');
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { perMessageDeflate: false });
    await new Promise((open, fail) => socket.once('open', open).once('error', fail));
    const profiler = new Profiler(socket);
    await profiler.#attach();
    for (const { session } of profiler.#targets) {
      await profiler.#ask('Profiler.enable', {}, session);
      await profiler.#ask('Profiler.setSamplingInterval', { interval: SAMPLE_US }, session);
      await profiler.#ask('Profiler.start', {}, session);
    }
    return profiler;
  }

  async stop(): Promise<ThreadProfile[]> {
    const profiles: ThreadProfile[] = [];
    for (const { session, type } of this.#targets) {
      const { profile } = (await this.#ask('Profiler.stop', {}, session)) as { profile: Profile };
      profiles.push({ thread: type, functions: selfTimes(profile) });
    }
    this.#socket.close();
    return profiles;
  }

  async #attach(): Promise<void> {
    const found = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };
    await this.#ask('Target.setAutoAttach', found);
    for (let nth = 0; nth < this.#targets.length; nth++) {
      await this.#ask('Target.setAutoAttach', found, this.#targets[nth]?.session);
    }
  }

  #heard({ id, method, params, result, error }: Message): void {
    if (id !== undefined) return this.#waiting.get(id)?.(result ?? error);
    if (method !== 'Target.attachedToTarget') return;
    const { sessionId, targetInfo } = params as { sessionId: string; targetInfo: { type: string } };
    if (targetInfo.type === 'page' || /worker/.test(targetInfo.type)) {
      this.#targets.push({ session: sessionId, type: targetInfo.type });
    }
  }

  #ask(method: string, params: object, sessionId?: string): Promise<unknown> {
    const id = ++this.#count;
    this.#socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((answer) => this.#waiting.set(id, answer));
  }
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: unknown;
}

function selfTimes({ nodes, samples = [], timeDeltas = [] }: Profile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const times = new Map<string, number>();
  samples.forEach((id, nth) => {
    const name = names.get(id) ?? '';
    times.set(name, (times.get(name) ?? 0) + (timeDeltas[nth + 1] ?? 0) / 1000);
  });
  return [...times].map(([name, ms]) => ({ name, ms })).sort((one, other) => other.ms - one.ms);
}

function nameOf({ functionName, url, lineNumber }: Node['callFrame']): string {
  const file = url.slice(url.lastIndexOf('/') + 1).replace(/-[\w-]{8}\.js$/, '');
  return file === '' ? functionName : `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`;
}
