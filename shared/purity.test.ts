import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = dirname(fileURLToPath(import.meta.url));
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .map((file) => file.split(sep).join('/'))
  .filter((file) => file.endsWith('.ts') && !isOfTests(file));

/** Tests, and the folders that tests alone import: the same exceptions as in tsconfig.json. */
function isOfTests(file: string): boolean {
  const folders = file.split('/');
  return file.endsWith('.test.ts') || folders.includes('testing') || folders.includes('contracts');
}

/** Time, chance, the platform and other threads come into the core as arguments, never by these names. */
const IMPURE = [
  /\bDate\.now\b/,
  /\bnew\s+Date\b/,
  /\bDate\s*\(/,
  /\bMath\.random\b/,
  /\bperformance\b/,
  /\bcrypto\b/,
  /\bset(?:Timeout|Interval|Immediate)\b/,
  /\bqueueMicrotask\b/,
  /\bglobalThis\b/,
  /\bprocess\b\s*[.[]/,
  /\bconsole\b\s*\./,
  /\bText(?:En|De)coder\b/,
  /\bimport\.meta\b/,
  /\brequire\s*\(/,
];

/** The machine answers at once. Waiting is the peer's, which talks to the platform through ports. */
const WAITING = /\bawait\b/;

/** A folder may know those at its own place or to the right; '' is the base files. */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  '': [''],
  protocol: ['protocol', ''],
  manifest: ['manifest', ''],
  tracker: ['tracker', ''],
  engine: ['engine', 'protocol', 'manifest', ''],
  sim: ['sim', 'engine', 'tracker', 'protocol', 'manifest', ''],
  peer: ['peer', 'engine', 'tracker', 'protocol', 'manifest', ''],
};

/** Comments and texts may say what the code may not do. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

function impurities(file: string, text: string): string[] {
  const code = withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
  const refused = layerOf(file) === 'peer' ? IMPURE : [...IMPURE, WAITING];
  return refused.flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
}

function importsOf(text: string): string[] {
  const code = withoutComments(text);
  const found = code.matchAll(/\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]/g);
  return [...found].map((match) => match[1] ?? match[2] ?? '');
}

function layerOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

/** What is wrong with an import of a file, both relative to shared/; null: nothing. */
function importFlaw(file: string, specifier: string): string | null {
  if (specifier === 'valibot') return null;
  if (!specifier.startsWith('.')) return 'a package';
  const target = relative(root, normalize(join(root, dirname(file), specifier)))
    .split(sep)
    .join('/');
  if (target.startsWith('..')) return 'outside shared/';
  if (isOfTests(target)) return 'a test';
  const allowed = LAYERS[layerOf(file)];
  if (allowed === undefined) return 'a folder without a layer: give it one here';
  return allowed.includes(layerOf(target)) ? null : 'against the direction of imports';
}

describe('shared/ is pure', () => {
  test('there are sources to look at', () => {
    expect(sources).toContain('manifest/resource.ts');
    expect(sources.length).toBeGreaterThan(20);
  });

  test.each(sources)('%s knows no clock, no chance and no platform', (file) => {
    expect(impurities(file, readFileSync(join(root, file), 'utf8'))).toEqual([]);
  });

  test.each(sources)('%s imports inside shared/ and downwards', (file) => {
    const imports = importsOf(readFileSync(join(root, file), 'utf8'));
    const wrong = imports
      .map((specifier) => [specifier, importFlaw(file, specifier)])
      .filter(([, flaw]) => flaw !== null);
    expect(wrong).toEqual([]);
  });

  test.each([
    'const now = Date.now();',
    'const today = new Date();',
    'Math.random()',
    'performance.now()',
    'crypto.subtle',
    'setTimeout(run, 5)',
    'globalThis["x"]',
  ])('would refuse %s', (code) => {
    expect(impurities('peer/a.ts', `${code} // fine`)).not.toEqual([]);
    expect(
      impurities('peer/a.ts', `// ${code}\n/* ${code} */ const a = '${code.replaceAll("'", '')}';`),
    ).toEqual([]);
  });

  test.each([
    ['ids.ts', 'node:fs'],
    ['ids.ts', 'idb'],
    ['ids.ts', '../web/main.ts'],
    ['manifest/link.ts', '../../web/main.ts'],
    ['manifest/link.ts', '../engine/io.ts'],
    ['protocol/codec.ts', '../engine/io.ts'],
    ['engine/io.ts', '../sim/swarm.ts'],
    ['hex.ts', './manifest/link.ts'],
    ['new/a.ts', './b.ts'],
    ['engine/io.ts', './testing/lab.ts'],
    ['engine/io.ts', '../peer/ports.ts'],
    ['peer/peer.ts', '../sim/swarm.ts'],
    ['peer/peer.ts', './contracts/link.ts'],
  ])('would refuse that %s imports %s', (file, specifier) => {
    expect(importFlaw(file, specifier)).not.toBeNull();
  });

  test('would refuse that a machine waits, and lets the peer', () => {
    const waits = 'await answer();';
    expect([impurities('engine/io.ts', waits), impurities('peer/peer.ts', waits)]).toEqual([['await'], []]);
  });

  test('finds every way to write an import', () => {
    const text = `import a from 'a';\nimport type { B } from "b";\nexport * from './c.ts';\nimport 'd';\nvoid import('e');\nexport type {\n F,\n} from 'f';`;
    expect(importsOf(text)).toEqual(['a', 'b', './c.ts', 'd', 'e', 'f']);
  });
});
