/** `cli/shoal.js`: which of the two it starts, the bundle or the sources. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OLD = new Date('2026-01-01');
const MIDDLE = new Date('2026-01-02');
const YOUNG = new Date('2026-01-03');
let folder = '';

function put(path: string, content: string, time: Date): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  utimesSync(file, time, time);
}

/** Those of folders; what is put into them makes them young. */
function folderTimes(time: Date): void {
  for (const name of ['cli', 'shared']) utimesSync(join(folder, name), time, time);
}

async function started(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'cli/shoal.js')]);
  return stdout.trim();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-launcher-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  put('package.json', '{ "type": "module" }', OLD);
  put('package-lock.json', '{}', OLD);
  put('cli/main.ts', "console.log('sources' satisfies string);", OLD);
  put('shared/ids.ts', '', OLD);
  cpSync(join(ROOT, 'cli/shoal.js'), join(folder, 'cli/shoal.js'));
  utimesSync(join(folder, 'cli/shoal.js'), OLD, OLD);
  folderTimes(OLD);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('[HL1] shoal', () => {
  test('[HL1] is the sources where nothing was built, and the bundle where it was', async () => {
    expect(await started()).toBe('sources');
    put('dist-cli/shoal.js', "console.log('bundle');", MIDDLE);
    expect(await started()).toBe('bundle');
  });

  test('[HL1] is the sources again as soon as one of them is younger than the bundle, or gone', async () => {
    put('dist-cli/shoal.js', "console.log('bundle');", MIDDLE);
    put('shared/ids.ts', '', YOUNG);
    folderTimes(OLD);
    expect(await started()).toBe('sources');
    rmSync(join(folder, 'shared/ids.ts'));
    expect(await started()).toBe('sources');
  });

  test('[HL1] is the bundle where it came without the sources', async () => {
    put('dist-cli/shoal.js', "console.log('bundle');", OLD);
    rmSync(join(folder, 'cli/main.ts'));
    rmSync(join(folder, 'shared'), { recursive: true });
    expect(await started()).toBe('bundle');
  });
});
