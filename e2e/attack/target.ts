/**
 * The server that is attacked: a process of its own with the default limits, a heap of 256 MB and 1,024 descriptors,
 * and what can be seen of it from outside. Linux alone tells a process' memory and gives it a second loopback address.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { memoryOf } from './memory.ts';

const HEAP_MB = 256;
const DESCRIPTORS = 1_024;
const SERVER = fileURLToPath(new URL('./server.ts', import.meta.url));

export interface TargetOptions {
  readonly redisUrl?: string;
  /** The built page is served, too. */
  readonly page?: boolean;
  readonly port?: number;
}

export class Target {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** Rejects when the process ends before it says its port. */
  static start({ redisUrl = '', page = false, port = 0 }: TargetOptions = {}): Promise<Target> {
    const node = [process.execPath, `--max-old-space-size=${HEAP_MB}`, '--import', 'tsx', SERVER];
    const words = [...node, redisUrl, page ? 'page' : '', String(port)];
    const child = spawn('sh', ['-c', `ulimit -n ${DESCRIPTORS}; exec "$0" "$@"`, ...words], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    return new Promise((resolve, reject) => {
      child.once('exit', (code) => reject(new Error(`The server ended with code ${code}.`)));
      child.once('message', (said) => resolve(new Target(child, (said as { port: number }).port)));
    });
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident bytes; NaN where nobody tells. */
  memory(): Promise<number> {
    return memoryOf(this.#child.pid ?? NaN);
  }

  /** Asks it to end as an operator does. Answers the ms that it took; null: it had to be killed. */
  async stop(withinMs = 5_000): Promise<number | null> {
    if (!this.alive) return 0;
    const at = performance.now();
    const ended = new Promise<true>((resolve) => this.#child.once('exit', () => resolve(true)));
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), withinMs);
    await ended;
    clearTimeout(timer);
    return this.#child.signalCode === 'SIGKILL' ? null : performance.now() - at;
  }
}
