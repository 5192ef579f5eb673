/** The bundle of the command, as a process: it needs nothing of the project but its package.json. */
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { bundleForNode } from './build.ts';
import { projectFolder } from './processes.ts';

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
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
