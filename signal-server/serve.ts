/**
 * Starts the server from the environment and keeps it until it is told to stop. Every way in which the start can
 * fail ends in one sentence for the person at the terminal.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ConfigError, configFrom } from './config.ts';
import type { Config } from './config.ts';
import { openLog } from './log.ts';
import { startServer } from './server.ts';

const PAGE_FOLDER = fileURLToPath(new URL('../dist', import.meta.url));

export async function serve(): Promise<void> {
  try {
    const config = configFrom(process.env, (path) => readFileSync(path, 'utf8'));
    await serveWith(config);
  } catch (failure) {
    process.stderr.write(`${sentence(failure)}\n`);
    process.exitCode = 1;
  }
}

async function serveWith(config: Config): Promise<void> {
  const log = openLog(config.logLevel);
  const server = await startServer({ ...config, log, pageFolder: PAGE_FOLDER });
  const page = existsSync(PAGE_FOLDER)
    ? 'Shoal is at'
    : 'The tracker (without a page: nothing is built) is at';
  process.stdout.write(`${page} ${server.url}\n`);
  const stop = (signal: string) => {
    log.info({ signal }, 'stopping');
    void server.close().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  process.on('unhandledRejection', (reason) =>
    log.error({ reason: String(reason) }, 'a promise was left rejected'),
  );
}

function sentence(failure: unknown): string {
  if (failure instanceof ConfigError) return failure.message;
  const { code, port, address } = failure as { code?: string; port?: number; address?: string };
  if (code === 'EADDRINUSE') {
    return `Port ${port} is taken: another program, or another Shoal, is using it. Stop it, or choose another port with PORT=8001.`;
  }
  if (code === 'EACCES')
    return `Port ${port} may not be opened by this user. Choose one above 1023 with PORT.`;
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return `HOST names an address that this machine does not have: ${address ?? process.env['HOST'] ?? ''}.`;
  }
  return `The server could not start: ${failure instanceof Error ? failure.message : String(failure)}`;
}
