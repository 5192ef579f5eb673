/** The contract of `Digest`, with the vectors of FIPS 180-4 for SHA-256. */
import { encodeUtf8 } from '../../utf8.ts';
import { bytesToHex } from '../../hex.ts';
import type { Digest } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

const VECTORS: readonly (readonly [string, Uint8Array<ArrayBuffer>, string])[] = [
  ['nothing', encodeUtf8(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['"abc"', encodeUtf8('abc'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  [
    'two blocks',
    encodeUtf8('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq'),
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
  [
    'a million times "a"',
    new Uint8Array(1_000_000).fill(97),
    'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0',
  ],
];

export const digestRules: readonly Rule<Digest>[] = [
  ...VECTORS.map(([name, bytes, sha256]) => ({
    name: `SHA-256 of ${name}`,
    check: async (digest: Digest) => same(bytesToHex(await digest.sha256(bytes)), sha256, 'the digest'),
  })),
  {
    name: 'a view into a larger buffer is hashed alone, and not changed',
    check: async (digest) => {
      const around = encodeUtf8('xxabcxx');
      same(bytesToHex(await digest.sha256(around.subarray(2, 5))), VECTORS[1]?.[2], 'the digest');
      same(around, encodeUtf8('xxabcxx'), 'the bytes');
    },
  },
  {
    name: 'digests that run at the same time do not mix',
    check: async (digest) => {
      const found = await Promise.all(
        VECTORS.map(async ([, bytes]) => bytesToHex(await digest.sha256(bytes))),
      );
      same(
        found,
        VECTORS.map(([, , sha256]) => sha256),
        'the digests',
      );
    },
  },
];
