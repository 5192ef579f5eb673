/** The bundle of the command, as a process: it needs nothing of the project but its package.json. */
import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundleForNode } from './build.ts';
import { projectFolder } from './processes.ts';

/** Ends as soon as it says what is shared, as it was told to; the server that it asks for is nobody. */
async function shared(folder: string, ...words: string[]): Promise<void> {
  const args = [join(folder, 'dist-cli/shoal.js'), ...words, '--server', 'http://127.0.0.1:9'];
  const env = { ...process.env, XDG_STATE_HOME: join(folder, 'state') };
  const child = spawn(process.execPath, args, { cwd: folder, env });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (/"type":"(?:shared|watching)"/.test(said)) child.kill('SIGINT');
  });
  const code = await new Promise((resolve) => child.on('close', resolve));
  expect([code, said]).toEqual([130, expect.not.stringContaining('broke')]);
}

test('[HL1] the bundled command makes and reads a resource file without the sources and packages', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-bundle-'));
  try {
    cpSync(join(projectFolder, 'package.json'), join(folder, 'package.json'));
    await bundleForNode(join(projectFolder, 'cli/main.ts'), join(folder, 'dist-cli'), 'shoal.js');
    writeFileSync(join(folder, 'film.bin'), 'bytes');
    const shoal = (...words: string[]) =>
      promisify(execFile)(process.execPath, [join(folder, 'dist-cli/shoal.js'), ...words], { cwd: folder });
    await shoal('create', 'film.bin', '-o', 'film.torrentinno');
    const { stdout, stderr } = await shoal('info', '--json', 'film.torrentinno', '--log-level', 'debug');
    expect(JSON.parse(stdout)).toMatchObject({ type: 'resource', name: 'film.bin', size: 5 });
    expect(stderr).not.toContain('Error');
    // All that is loaded on use, packages of the older kind among it: they write files, log, draw and tell figures.
    await shared(folder, 'share', 'film.bin', '--qr', '--json', '--log-level', 'debug', '--torrentinno');
    await shared(folder, 'seed', '.', '--health', '0', '--json');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
