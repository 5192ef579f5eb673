#!/usr/bin/env node
// The command `shoal`: the bundle that `npm run build` made, which needs half the memory, while no source is younger than
// it; else TypeScript as it stands, by the project's own settings wherever it is called from.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const BUNDLE = '../dist-cli/shoal.js';

function isCurrent() {
  if (!existsSync(here(BUNDLE))) return false;
  if (!existsSync(here('main.ts'))) return true; // it came without its sources
  const made = statSync(here(BUNDLE)).mtimeMs;
  const folders = ['.', '../shared'].flatMap((folder) => [
    here(folder),
    ...readdirSync(here(folder), { recursive: true }).map((name) => join(here(folder), name)),
  ]);
  // A folder's time tells of files that are not there any more.
  return [here('../package-lock.json'), ...folders].every((path) => (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) <= made);
}

if (isCurrent()) {
  await import(BUNDLE);
} else {
  const { register } = await import('tsx/esm/api');
  register({ tsconfig: false });
  await import('./main.ts');
}
