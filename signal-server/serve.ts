/**
 * Starts the server from the environment and keeps it until it is told to stop. Every way in which the start can
 * fail ends in one sentence for the person at the terminal.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configFrom } from './config.ts';
import type { Config } from './config.ts';
import { openLog } from './log.ts';
import { startServer } from './server.ts';
import type { RunningServer } from './server.ts';
import { startFailureSentence } from './start-failure.ts';

const PAGE_FOLDER = fileURLToPath(new URL('../dist', import.meta.url));

export async function serve(): Promise<void> {
  try {
    const config = configFrom(process.env, (path) => readFileSync(path, 'utf8'));
    await serveWith(config);
  } catch (failure) {
    process.stderr.write(`${startFailureSentence(failure, process.env['HOST'] ?? null)}\n`);
    process.exitCode = 1;
  }
}

async function serveWith(config: Config): Promise<void> {
  const log = openLog(config.logLevel);
  process.on('unhandledRejection', (reason) =>
    log.error({ reason: String(reason) }, 'a promise was left rejected'),
  );
  let server: RunningServer | null = null;
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return; // npm passes on what the terminal has sent already
    stopping = true;
    log.info({ signal }, 'stopping');
    void Promise.resolve(server?.close()).then(() => process.exit(0));
  };
  // Before the start, which may have to wait for Redis: the first process of a container does not end by itself.
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  server = await startServer({ ...config, log, pageFolder: PAGE_FOLDER });
  const page = existsSync(PAGE_FOLDER)
    ? 'Shoal is at'
    : 'The tracker (without a page: nothing is built) is at';
  process.stdout.write(`${page} ${server.url}\n`);
}
