/**
 * For working on the page: Vite's development server with the signal server behind it, on one port as in
 * production. `PORT` and `HOST` are Vite's here; the other variables are the signal server's.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'vite';
import { configFrom } from '../signal-server/config.ts';
import { startServer } from '../signal-server/server.ts';
import { endWhenOrphaned } from './orphaned.ts';

endWhenOrphaned();
const config = configFrom(process.env, (path) => readFileSync(path, 'utf8'));
const signalServer = await startServer({ ...config, host: '127.0.0.1', port: 0, tls: null });
const target = `http://127.0.0.1:${signalServer.port}`;
const behind = Object.fromEntries(
  ['/config', '/scrape', '/health', '/metrics', '/peers'].map((path) => [path, target]),
);

const vite = await createServer({
  server: {
    ...(config.host ? { host: config.host } : {}),
    port: config.port,
    proxy: { ...behind, '/tracker': { target, ws: true } },
  },
});
await vite.listen();
vite.printUrls();

let stopping = false;
function stop(): void {
  if (stopping) return; // npm passes on what the terminal has sent already
  stopping = true;
  void Promise.all([vite.close(), signalServer.close()]).then(() => process.exit(0));
}
process.on('SIGINT', stop);
process.on('SIGTERM', stop);
