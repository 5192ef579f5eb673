import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
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

/** Comments and texts may say what the code may not do. */
function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');
}

function impurities(file: string, text: string): string[] {
  const code = withoutComments(text).replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
  const refused = layerOf(file) === 'peer' ? IMPURE : [...IMPURE, WAITING];
  return refused.flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
}

function layerOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '';
}

describe('shared/ is pure', () => {
  test('there are sources to look at', () => {
    expect(sources).toContain('manifest/resource.ts');
    expect(sources.length).toBeGreaterThan(20);
  });

  test.each(sources)('%s knows no clock, no chance and no platform', (file) => {
    expect(impurities(file, readFileSync(join(root, file), 'utf8'))).toEqual([]);
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

  test('would refuse that a machine waits, and lets the peer', () => {
    const waits = 'await answer();';
    expect([impurities('engine/io.ts', waits), impurities('peer/peer.ts', waits)]).toEqual([['await'], []]);
  });
});
