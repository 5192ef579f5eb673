/** `shoal` as a process of its own: its exit codes, its signals, and readers that go away. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const SHOAL = fileURLToPath(new URL('./shoal.js', import.meta.url));
let folder = '';
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'shoal-process-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Somewhere else than the project, whose settings must not matter. */
function shoal(...words: string[]): Promise<Ended> {
  return node(SHOAL, ...words);
}

function node(...words: string[]): Promise<Ended> {
  const child = spawn(process.execPath, words, {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, out, err })));
}

describe('[HL1] shoal', () => {
  test('[HL1] [HL3] runs from anywhere, and its exit code says how it ended', async () => {
    writeFileSync(
      join(folder, 'tsconfig.json'),
      '{ "compilerOptions": { "paths": { "*": ["./nowhere/*"] } } }',
    );
    const [wrong, missing, link] = await Promise.all([
      shoal('get', '--nonsense'),
      shoal('info', 'film.torrentinno'),
      shoal('info', '--json', `#${'A'.repeat(42)}E`),
    ]);
    expect([wrong.code, wrong.out, wrong.err]).toEqual([
      2,
      '',
      'There is no option --nonsense.\nSee: shoal get --help\n',
    ]);
    expect([missing.code, missing.err]).toEqual([1, 'There is no file film.torrentinno.\n']);
    expect([link.code, JSON.parse(link.out)]).toEqual([0, expect.objectContaining({ type: 'link' })]);
  }, 180_000);

  test('[HL3] [HL6] a signal before the command is loaded ends it with its exit code and a sentence', async () => {
    // The last of the three signals that are listened for: it is sent before anything else can be loaded.
    const signalled =
      'process.on("newListener", (name) => name === "SIGHUP" && process.kill(process.pid, "SIGTERM"))';
    const early = ['--import', `data:text/javascript,${encodeURIComponent(signalled)}`, SHOAL, 'seed', '.'];
    const sentence = 'Stopped before anything was done. To go on, give the same command again.';
    const [people, machines] = await Promise.all([node(...early), node(...early, '--json')]);
    expect([people.code, people.out, people.err]).toEqual([130, '', `${sentence}\n`]);
    expect([machines.code, machines.err]).toEqual([130, '']);
    expect(JSON.parse(machines.out)).toEqual({ type: 'interrupted', message: sentence });
  }, 180_000);

  test.skipIf(!existsSync('/usr/bin/script'))(
    '[HL6] a terminal that is closed ends it in order, and Node does not abort',
    async () => {
      // As a shell at a terminal does, it passes the signal on.
      const command = `trap 'kill -HUP $P' HUP; "${process.execPath}" "${SHOAL}" seed . --server http://127.0.0.1:9 &
        P=$!; wait $P; wait $P; echo $? >&3`;
      const terminal = spawn('/usr/bin/script', ['-qec', command, '/dev/null'], {
        cwd: folder,
        env: { ...process.env, SHELL: '/bin/sh', TERM: 'dumb' },
        stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
      });
      const code = new Promise((resolve) =>
        terminal.stdio[3]?.on('data', (chunk: Buffer) => resolve(Number(chunk.toString()))),
      );
      await new Promise<void>((resolve) => {
        terminal.stdout?.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('Looking after')) resolve();
        });
      });
      terminal.kill('SIGKILL');
      expect(await code).toBe(128 + constants.signals.SIGHUP);
    },
    60_000,
  );

  test('[HL6] a reader that goes away ends it without a word', async () => {
    const child = spawn(process.execPath, [SHOAL, 'seed', '--help'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stdout.destroy();
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    expect([code, err]).toEqual([0, '']);
  }, 180_000);
});
