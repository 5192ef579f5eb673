/**
 * Real services for tests: a Redis, a coturn and an nginx of the test's own, on free ports of this machine, installed
 * from the system's packages where they are missing and that may be done. Where not, the answer is a sentence for the
 * skipped test.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RedisService {
  readonly kind: 'running';
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now. */
  readonly pid: number;
  /** Ends the process as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface CoturnService {
  readonly kind: 'running';
  readonly urls: readonly string[];
  readonly secret: string;
  stop(): Promise<void>;
}

export interface NginxService {
  readonly kind: 'running';
  /** Of its one server, over plain http. */
  readonly origin: string;
  /** The paths that were asked for until now, with their queries; of a socket, once it is closed. */
  paths(): string[];
  stop(): Promise<void>;
}

export interface Missing {
  readonly kind: 'missing';
  readonly sentence: string;
}

const READY_WITHIN_MS = 10_000;

export async function startRedis(): Promise<RedisService | Missing> {
  const program = findOrInstall('redis-server', 'redis-server');
  if (program === null) return missing('Redis', 'redis-server');
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'shoal-redis-'));
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
    '--dir',
    folder,
  ];
  let running = await startProcess(program, args, port);
  return {
    kind: 'running',
    url: `redis://127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid ?? Number.NaN;
    },
    kill: () => endProcess(running, 'SIGKILL'),
    restart: async () => {
      running = await startProcess(program, args, port);
    },
    stop: async () => {
      await endProcess(running, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/**
 * A TURN server with coturn's time-limited credentials, at an address that both browsers of this machine reach, unless
 * another one is given.
 */
export async function startCoturn(
  secret = 'test-secret',
  at: string | null = null,
): Promise<CoturnService | Missing> {
  const program = findOrInstall('turnserver', 'coturn');
  if (program === null) return missing('coturn', 'coturn');
  const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'shoal-coturn-'))];
  // Firefox refuses a TURN server on the loopback address, so an address of the machine is taken where it has one.
  const address = at ?? outerAddress() ?? '127.0.0.1';
  const settings = [
    `listening-ip=${address}`,
    `relay-ip=${address}`,
    `listening-port=${port}`,
    'use-auth-secret',
    `static-auth-secret=${secret}`,
    'realm=shoal.test',
    'fingerprint',
    'no-cli',
    'no-tls',
    'no-dtls',
    'allow-loopback-peers',
    'no-multicast-peers',
    `pidfile=${join(folder, 'pid')}`,
    `userdb=${join(folder, 'db')}`,
    'log-file=stdout',
    'simple-log',
  ];
  const file = join(folder, 'turnserver.conf');
  writeFileSync(file, `${settings.join('\n')}\n`);
  const running = await startProcess(program, ['-c', file], port, address);
  return {
    kind: 'running',
    urls: [`turn:${address}:${port}?transport=udp`, `turn:${address}:${port}?transport=tcp`],
    secret,
    stop: async () => {
      await endProcess(running, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A proxy; `site`: what its server does, as stands between the braces of `server { … }`. */
export async function startNginx(site: string): Promise<NginxService | Missing> {
  const program = findOrInstall('nginx', 'nginx');
  if (program === null) return missing('nginx', 'nginx');
  const [port, folder] = [await freePort(), mkdtempSync(join(tmpdir(), 'shoal-nginx-'))];
  const file = join(folder, 'nginx.conf');
  const log = join(folder, 'paths');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const settings = `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid ${join(folder, 'pid')}; error_log ${join(folder, 'errors')};
    events {}
    http {
      ${temporary.map((what) => `${what}_temp_path ${join(folder, what)};`).join(' ')}
      log_format paths '$request_uri'; access_log ${log} paths;
      server { listen 127.0.0.1:${port}; ${site} }
    }`;
  writeFileSync(file, settings);
  const running = await startProcess(program, ['-p', folder, '-c', file, '-e', join(folder, 'errors')], port);
  return {
    kind: 'running',
    origin: `http://127.0.0.1:${port}`,
    paths: () => readFileSync(log, 'utf8').trim().split('\n'),
    stop: async () => {
      await endProcess(running, 'SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

function missing(what: string, packageName: string): Missing {
  return {
    kind: 'missing',
    sentence: `${what} is not installed and could not be: install the package ${packageName}.`,
  };
}

function findOrInstall(program: string, packageName: string): string | null {
  const found = installed(program);
  if (found !== null) return found;
  const root = process.getuid?.() === 0;
  if (!root || !works('apt-get')) return null;
  // Offline: the package's own service, which would listen for everybody, is not started.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', SYSTEMD_OFFLINE: '1' };
  // Tests in other processes may be installing as well, and apt-get gives up where it is not alone.
  const apt = (...args: string[]): void => {
    const turns = join(tmpdir(), 'shoal-install.lock');
    spawnSync('flock', [turns, 'apt-get', ...args], { stdio: 'ignore', env });
  };
  apt('update', '-q');
  apt('install', '-y', '-q', '--no-install-recommends', packageName);
  return installed(program);
}

/** Where it starts from: not everybody's path has the folder of the system's own services. */
function installed(program: string): string | null {
  return [program, `/usr/sbin/${program}`].find(works) ?? null;
}

function works(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

async function startProcess(
  program: string,
  args: string[],
  port: number,
  host = '127.0.0.1',
): Promise<ChildProcess> {
  const child = spawn(program, args, { stdio: 'ignore' });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await accepts(port, host))) {
    if (child.exitCode !== null)
      throw new Error(`${program} ended with code ${child.exitCode} while starting`);
    if (performance.now() > deadline) throw new Error(`${program} did not open port ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return child;
}

function accepts(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

function outerAddress(): string | null {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find((one) => one.family === 'IPv4' && !one.internal)?.address ?? null;
}
