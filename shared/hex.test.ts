import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesToHex, hexToBytes } from './hex.ts';

describe('hexadecimal', () => {
  test('[ID1] prints as Node does and reads back what it printed', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(bytesToHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
        expect(hexToBytes(bytesToHex(bytes))).toEqual(bytes);
      }),
    );
  });

  test.each(['0', 'AA', '0g', '0x', ' 00', '٣٣', 'a`', '/0', ':0'])('[ID1] refuses %j', (text) => {
    expect(hexToBytes(text)).toBeNull();
  });
});
