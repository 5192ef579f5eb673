#!/usr/bin/env node
// The command `shoal` ([HL1]): the bundle that `npm run build` made, if it was made of the sources as they lie here; else the
// sources themselves, TypeScript as it stands, by the project's own settings wherever the command is called from.
import { existsSync, readFileSync } from 'node:fs';
import process from 'node:process';
import { fileURLToPath, URL } from 'node:url';
import { setFlagsFromString } from 'node:v8';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUNDLE = '../dist-cli/shoal.js';

// [HL64] Room for new objects stays small: it is emptied more often, and what lies outside of the heap goes with it.
setFlagsFromString('--semi-space-growth-factor=1');

// [HL6] The command has its own listeners once it is loaded. Until then there is nothing to end in order, or to keep.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, endBeforehand);

function endBeforehand(signal) {
  if (process.listenerCount(signal) > 1) return;
  const message = 'Stopped before anything was done. To go on, give the same command again.';
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify({ type: 'interrupted', message })}\n`);
  } else process.stderr.write(`${message}\n`);
  process.exit(130);
}

const has = (path) => existsSync(new URL(path, import.meta.url));

async function isCurrent() {
  if (!has(BUNDLE)) return false;
  if (!has('main.ts')) return true; // it came without its sources
  const { sourcesMark } = await import('./sources.js');
  const mark = new URL('../dist-cli/.sources', import.meta.url);
  return existsSync(mark) && readFileSync(mark, 'utf8') === sourcesMark(ROOT);
}

if (await isCurrent()) {
  await import(BUNDLE);
} else {
  const { register } = await import('tsx/esm/api');
  register({ tsconfig: false });
  await import('./main.ts');
}
