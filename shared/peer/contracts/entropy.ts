/** The contract of `Entropy`, as far as it can be seen from outside. */
import { bytesToHex } from '../../hex.ts';
import type { Entropy } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export const entropyRules: readonly Rule<Entropy>[] = [
  {
    name: 'gives as many bytes as asked for, in a buffer of their own',
    check: async (entropy) => {
      for (const count of [0, 1, 16, 1_000]) {
        const bytes = entropy.bytes(count);
        same([bytes.length, bytes.buffer.byteLength], [count, count], 'bytes and the buffer around them');
      }
    },
  },
  {
    name: 'never gives the same twice, and every bit changes',
    check: async (entropy) => {
      const drawn = Array.from({ length: 200 }, () => entropy.bytes(16));
      same(new Set(drawn.map(bytesToHex)).size, 200, 'different ones');
      for (let at = 0; at < 16; at++) {
        same(
          drawn.reduce((bits, bytes) => bits | (bytes[at] ?? 0), 0),
          255,
          `bits that were set in byte ${at}`,
        );
        same(
          drawn.reduce((bits, bytes) => bits & (bytes[at] ?? 0), 255),
          0,
          `bits always set in byte ${at}`,
        );
      }
    },
  },
];
