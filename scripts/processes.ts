/**
 * Runs the project's tools as processes of their own, without a shell and without npx, so that it works the same on
 * every system. Nothing waits for input: stdin is closed.
 */
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = dirname(dirname(fileURLToPath(import.meta.url)));
/** For reports and caches of tools: goes away with `node_modules`. */
export const cacheFolder = join(projectFolder, 'node_modules', '.cache');

const TOOLS = {
  tsc: 'node_modules/typescript/bin/tsc',
  'svelte-check': 'node_modules/svelte-check/bin/svelte-check',
  eslint: 'node_modules/eslint/bin/eslint.js',
  prettier: 'node_modules/prettier/bin/prettier.cjs',
  vitest: 'node_modules/vitest/vitest.mjs',
  playwright: 'node_modules/playwright/cli.js',
  tsx: 'node_modules/tsx/dist/cli.mjs',
} as const;

export interface Finished {
  /** The exit code; 1 where a signal ended it, it did not start or it took too long. */
  readonly code: number;
  /** What it wrote to both outputs, in order; empty where the output was streamed. */
  readonly output: string;
}

export interface RunOptions {
  /** `stream`: straight to this process's output. */
  readonly output?: 'stream' | 'collect';
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds; the process is killed after that. */
  readonly limit?: number;
}

/** Runs one of the project's own tools. Never rejects. */
export function runTool(
  tool: keyof typeof TOOLS,
  args: readonly string[],
  options?: RunOptions,
): Promise<Finished> {
  return run(process.execPath, [join(projectFolder, TOOLS[tool]), ...args], options);
}

/** Runs any program. Never rejects. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  const stream = (options.output ?? 'stream') === 'stream';
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: projectFolder,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', stream ? 'inherit' : 'pipe', stream ? 'inherit' : 'pipe'],
      ...(options.limit === undefined ? {} : { timeout: options.limit, killSignal: 'SIGKILL' as const }),
    });
    let output = '';
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    child.on('error', (error) => resolve({ code: 1, output: output + error.message }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}
