/**
 * One server under load, in a process of its own: `echo` (a bare `ws` server that sends back what it gets, the most
 * that this machine can do), `shoal`, `shoal-limits` (with all its limits, too high to be reached), `shoal-redis`
 * (argument: the URL) or `bittorrent-tracker`. Says its port, then its memory or its processor time whenever asked.
 */
import { WebSocketServer } from 'ws';
import { startServer } from '../../signal-server/server.ts';
import type { ServerOptions } from '../../signal-server/server.ts';

/** What every limit is multiplied with. */
const UNREACHED = 1_000_000;

const [subject = '', redisUrl = ''] = process.argv.slice(2);

async function start(): Promise<number> {
  switch (subject) {
    case 'echo':
      return startEcho();
    case 'shoal':
      return startShoal({ rateLimit: null });
    case 'shoal-limits':
      return startShoal({ rateLimit: UNREACHED });
    case 'shoal-redis':
      return startShoal({ rateLimit: null, redisUrl });
    case 'bittorrent-tracker':
      return startBittorrentTracker();
    default:
      throw new Error(`no such subject: ${subject}`);
  }
}

async function startShoal(options: ServerOptions): Promise<number> {
  return (await startServer({ port: 0, host: '127.0.0.1', logLevel: 'warn', ...options })).port;
}

function startEcho(): Promise<number> {
  return new Promise((resolve) => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false }, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : 0);
    });
    server.on('connection', (socket) => {
      socket.on('error', () => socket.terminate());
      socket.on('message', (data) => socket.send(data, { binary: false }));
    });
  });
}

/** The package has no types; what is used of it is written down here. */
interface BittorrentServer {
  readonly ws: { address(): { port: number } };
  readonly http: { address(): { port: number } | null };
  listen(port: number, host: string, listening: () => void): void;
}

async function startBittorrentTracker(): Promise<number> {
  const name = 'bittorrent-tracker/server';
  const { default: Server } = (await import(name)) as { default: new (options: object) => BittorrentServer };
  const server = new Server({ udp: false, http: true, ws: { perMessageDeflate: false }, stats: false });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(server.http.address()?.port ?? 0));
  });
}

function memory(): number {
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return process.execArgv.includes('--expose-gc') ? heapUsed + external : rss;
}

process.on('message', (question) => {
  if (question === 'state') {
    process.send?.({ heap: memory(), rss: process.memoryUsage().rss });
  }
  if (question === 'processor') {
    const { user, system } = process.cpuUsage();
    process.send?.({ seconds: (user + system) / 1e6 });
  }
  if (question === 'end') process.exit(0);
});
process.on('disconnect', () => process.exit(0));
process.send?.({ port: await start() });
