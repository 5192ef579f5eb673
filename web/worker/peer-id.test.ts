import { describe, expect, test } from 'vitest';
import { seededEntropy } from '../../shared/peer/testing/node-ports.ts';
import { newPeerId } from './peer-id.ts';
import { entropy } from './platform.ts';

const BROWSER = '0123456789abcdef'.repeat(2);

describe('[ID2] the id of a tab', () => {
  test('is the part of its browser, then 16 random bytes of its own', () => {
    const id = newPeerId(BROWSER, seededEntropy(1));
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(id.slice(0, 32)).toBe(BROWSER);
    expect(newPeerId('ff'.repeat(16), seededEntropy(1)).slice(32)).toBe(id.slice(32));
  });

  test('is another one in every tab of the browser', () => {
    const ids = new Set(Array.from({ length: 100 }, () => newPeerId(BROWSER, entropy)));
    expect(ids.size).toBe(100);
  });

  test.each(['', BROWSER.slice(1), `${BROWSER}0`, BROWSER.toUpperCase(), `${BROWSER.slice(1)} `])(
    'is not made of a part that is none: "%s"',
    (part) => {
      expect(() => newPeerId(part, entropy)).toThrow('32 lowercase hex digits');
    },
  );
});
