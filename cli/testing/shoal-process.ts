/** For tests: the command `shoal` as it is called, in a process of its own, and what it says. Waits for words, never for time. */
import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Said } from '../terminal/said.ts';

const SHOAL = fileURLToPath(new URL('../shoal.js', import.meta.url));

type Of<Type extends Said['type']> = Extract<Said, { type: Type }>;

export interface Surroundings {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export class ShoalProcess {
  readonly child: ChildProcessWithoutNullStreams;
  /** Its exit code; null: a signal ended it. */
  readonly ended: Promise<number | null>;
  out = '';
  err = '';
  readonly #isForMachines: boolean;
  readonly #told: Said[] = [];
  readonly #looks = new Set<() => void>();
  /** Of `out`, how much was read as lines. */
  #readTo = 0;
  #hasEnded = false;

  constructor(words: readonly string[], { folder, env }: Surroundings) {
    this.#isForMachines = words.includes('--json');
    this.child = spawn(process.execPath, [SHOAL, ...words], { cwd: folder, env: { ...process.env, ...env } });
    const { stdout, stderr } = this.child;
    stdout.setEncoding('utf8').on('data', (text: string) => this.#heard(() => (this.out += text)));
    stderr.setEncoding('utf8').on('data', (text: string) => this.#heard(() => (this.err += text)));
    this.ended = new Promise((resolve) =>
      this.child.on('close', (code) => {
        this.#heard(() => (this.#hasEnded = true));
        resolve(code);
      }),
    );
  }

  /** With `--json`: everything of that type so far. */
  of<Type extends Said['type']>(type: Type): Of<Type>[] {
    return this.#told.filter((said): said is Of<Type> => said.type === type);
  }

  /** With `--json`: the first of that type of which it is so, as soon as there is one. */
  told<Type extends Said['type']>(type: Type, isSo: (said: Of<Type>) => boolean = () => true) {
    return this.#until(() => this.of(type).find(isSo), type);
  }

  /** Settles when it has said that, on either output. */
  said(what: RegExp): Promise<string> {
    return this.#until(() => (what.exec(this.out) ?? what.exec(this.err))?.[0], String(what));
  }

  /** Without a word to it. Harmless when it has ended. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  #until<Found>(find: () => Found | undefined, what: string): Promise<Found> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = find();
        if (found === undefined && !this.#hasEnded) return;
        this.#looks.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`it ended without ${what}: ${this.out}${this.err}`));
      };
      this.#looks.add(look);
      look();
    });
  }

  #heard(take: () => void): void {
    take();
    this.#readLines();
    for (const look of [...this.#looks]) look();
  }

  #readLines(): void {
    const end = this.out.lastIndexOf('\n') + 1;
    if (!this.#isForMachines || end <= this.#readTo) return;
    const lines = this.out.slice(this.#readTo, end).split('\n').slice(0, -1);
    this.#readTo = end;
    for (const line of lines) this.#told.push(JSON.parse(line) as Said);
  }
}
