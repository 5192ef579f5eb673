/** `cli/shoal.js`: which of the two it starts, the bundle or the sources. */
import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sourcesMark } from './sources.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LONG_AGO = new Date('2026-01-01');
let folder = '';

function put(path: string, content: string): void {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
}

/** As the build does. */
function bundle(): void {
  put('dist-cli/shoal.js', "console.log('bundle');");
  put('dist-cli/.sources', sourcesMark(folder));
}

async function started(): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, 'cli/shoal.js')]);
  return stdout.trim();
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-launcher-'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  put('package.json', '{ "type": "module" }');
  put('package-lock.json', '{}');
  put('cli/main.ts', "console.log('sources' satisfies string);");
  put('shared/ids.ts', 'one');
  for (const name of ['shoal.js', 'sources.js']) cpSync(join(ROOT, 'cli', name), join(folder, 'cli', name));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('[HL1] shoal', () => {
  test('[HL1] is the sources where nothing was built, and the bundle where it was', async () => {
    expect(await started()).toBe('sources');
    bundle();
    expect(await started()).toBe('bundle');
    put('shared/ids.test.ts', 'no part of it');
    expect(await started()).toBe('bundle');
  });

  test.each<[string, () => void]>([
    ['changed', () => put('shared/ids.ts', 'other')],
    ['put back in time', () => utimesSync(join(folder, 'shared/ids.ts'), LONG_AGO, LONG_AGO)],
    ['added', () => put('shared/more.ts', '')],
    ['removed', () => rmSync(join(folder, 'shared/ids.ts'))],
    ['a package, and changed', () => put('package-lock.json', '{ "other": 1 }')],
  ])('[HL1] never runs a bundle of other sources: one is %s', async (_, change) => {
    bundle();
    change();
    expect(await started()).toBe('sources');
    bundle();
    expect(await started()).toBe('bundle');
  });

  test('[HL1] never runs a bundle that does not say of which sources it is', async () => {
    put('dist-cli/shoal.js', "console.log('bundle');");
    expect(await started()).toBe('sources');
  });

  test('[HL1] is the bundle where it came without the sources', async () => {
    put('dist-cli/shoal.js', "console.log('bundle');");
    for (const path of ['cli/main.ts', 'cli/sources.js', 'shared'])
      rmSync(join(folder, path), { recursive: true });
    expect(await started()).toBe('bundle');
  });
});
