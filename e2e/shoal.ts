/** The whole product on this machine alone: the real server with the built page. */
import { fileURLToPath } from 'node:url';
import { startServer } from '../signal-server/server.ts';
import type { RunningServer, ServerOptions } from '../signal-server/server.ts';

/** Where the build puts the page. */
export const PAGE_FOLDER = process.env['SHOAL_OUT_DIR'] ?? fileURLToPath(new URL('../dist', import.meta.url));

/** On a free port unless one is given. */
export function startShoal(options: ServerOptions = {}): Promise<RunningServer> {
  return startServer({ host: '127.0.0.1', port: 0, pageFolder: PAGE_FOLDER, logLevel: 'silent', ...options });
}
