/** `npm start` and `npm run dev` as a person, a supervisor or a container starts and stops them ([SV11]). */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, test } from 'vitest';
import { freePort } from '../signal-server/testing/services.ts';
import { projectFolder } from './processes.ts';

/** The page may have to be built first. */
const PATIENCE_MS = 120_000;

/** A person's, without what a test runner adds: it would change what is built. */
const { PATH = '', HOME = '' } = process.env;

const folder = mkdtempSync(join(tmpdir(), 'shoal-shell-'));
const children: ChildProcess[] = [];
afterEach(() => {
  // Whatever a failed test left behind: everything that was started stands in a process group of its own.
  for (const { pid } of children.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL');
    } catch {
      continue; // it has ended, as it should
    }
  }
});

interface Started {
  readonly npm: ChildProcess;
  readonly port: number;
  /** Settles when npm and everything it started have ended: they all hold its output. */
  readonly allEnded: Promise<void>;
}

/** Settles when it says its address. */
async function start(script: string, ...options: string[]): Promise<Started> {
  const port = await freePort();
  const npm = spawn('npm', [...options, 'run', script], {
    cwd: projectFolder,
    detached: true,
    env: { PATH, HOME, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'silent' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(npm);
  let said = '';
  const allEnded = new Promise<void>((resolve) => npm.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    const hear = (data: unknown): void => {
      said += String(data);
      if (said.includes(`127.0.0.1:${port}`)) resolve();
    };
    npm.stdout?.on('data', hear);
    npm.stderr?.on('data', hear);
    npm.once('close', () => reject(new Error(said)));
  });
  return { npm, port, allEnded };
}

/** Rejects where somebody still listens. */
function expectFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve()));
  });
}

/** A script shell that starts what it is told to and waits for it, as those do that know no `exec`. */
function shellWithoutExec(): string {
  const path = join(folder, 'shell');
  writeFileSync(path, `#!/bin/sh\nexec sh -c "$(printf '%s' "$2" | sed 's/&& exec /\\&\\& /')"\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.skipIf(process.platform === 'win32')('[SV11] told to stop through npm alone', () => {
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['start', 'SIGTERM'],
    ['start', 'SIGINT'],
    ['dev', 'SIGTERM'],
  ] as const)(
    'npm run %s: %s ends it and frees the port',
    async (script, signal) => {
      const { npm, port, allEnded } = await start(script);
      npm.kill(signal);
      await allEnded;
      await expectFree(port);
    },
    PATIENCE_MS,
  );

  test(
    'with a shell between the two that dies without passing the signal on',
    async () => {
      const { npm, port, allEnded } = await start('start', `--script-shell=${shellWithoutExec()}`);
      npm.kill('SIGTERM');
      await allEnded;
      await expectFree(port);
    },
    PATIENCE_MS,
  );
});
