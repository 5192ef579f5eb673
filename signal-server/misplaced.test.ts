import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageBeside } from './misplaced.ts';

const ID = 'pUr8aVVkdUqzc1NOzO8PR5HYbVRSAD0oYwV3tkjUNdA';

/** Where a browser ends up that asked for this under `/drop` of a proxy that takes it away. */
function endsAt(path: string): string | null {
  const beside = pageBeside(path);
  return beside === null ? null : new URL(beside, `https://shoal.example/drop${path}`).href;
}

describe('[LK6] addresses that miss the page', () => {
  test.each([
    [`/%23${ID}`, `#${ID}`],
    [`/%2523${ID}`, `#${ID}`],
    [`//%23${ID}`, `#${ID}`],
    [`/%23/share/${ID}`, `#/share/${ID}`],
    [`/index.html%23${ID}`, `#${ID}`],
    [`/%23${ID}%20and%20more`, `#${ID}%20and%20more`],
    ['/%23', '#'],
    ['//', ''],
    ['////', ''],
    ['/index.html', ''],
    ['//index.html', ''],
  ])('%s leads to the page, and %j', (path, fragment) => {
    expect(endsAt(path)).toBe(`https://shoal.example/drop/${fragment}`);
  });

  test.each([
    '',
    '/',
    '/nope',
    '/index.html/',
    `/${ID}`,
    `/a%23${ID}`,
    `/assets/%23${ID}`,
    `//evil.example/%23${ID}`,
    `//evil.example`,
    `/%23${ID}\u00e9`,
    `/%23${ID} x`,
    `/%23${'a'.repeat(1_025)}`,
    '/%2',
    '*',
    'http://evil.example/%23',
  ])('%j is something else', (path) => {
    expect(pageBeside(path)).toBeNull();
  });

  test('no address leads to another host, or out of what was asked for', () => {
    const part = fc.constantFrom(
      '/',
      '//',
      '%23',
      '%25',
      '23',
      'index.html',
      'evil.example',
      '..',
      '\\',
      '#',
      ID,
      '@',
      ':',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
        const beside = pageBeside(`/${parts.join('')}`);
        if (beside !== null) expect(beside).toMatch(/^(?:\.\/|(?:\.\.\/)+)(?:#[!-~]*)?$/);
      }),
    );
  });
});
