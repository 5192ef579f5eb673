/** Every rule that a comment or a test quotes stands in shared/SPEC.md, once. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const spec = readFileSync(join(root, 'shared/SPEC.md'), 'utf8');
const rules = [...spec.matchAll(/\*\*\[([A-Z]{2}\d+)\]/g)].map(([, id]) => id ?? '');

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(?:ts|svelte)$/.test(file))
    .map((file) => join(folder, file));
}

test('[WK1] is one of many rules', () => {
  expect(rules).toContain('WK1');
  expect(rules.length).toBeGreaterThan(100);
});

test('no rule stands twice', () => {
  expect(rules.filter((id, nth) => rules.indexOf(id) !== nth)).toEqual([]);
});

test('what is quoted is a rule', () => {
  const quoted = ['shared', 'web', 'signal-server', 'cli', 'e2e', 'scripts']
    .flatMap(sources)
    .flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/\[([A-Z]{2}\d+)\]/g)].map(([, id]) => [file, id]),
    );
  expect(quoted.length).toBeGreaterThan(500);
  expect(quoted.filter(([, id]) => !rules.includes(id ?? ''))).toEqual([]);
});
