/** Who a tab is, by this platform's WebCrypto, with Ed25519 and without. */
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { identityRules } from '../../shared/peer/contracts/identity.ts';
import { nodeVerifies } from '../../shared/peer/testing/node-identity.ts';
import { newIdentity } from './identity.ts';

/** A browser that knows no Ed25519, or nothing at all. */
function without(...names: string[]): SubtleCrypto {
  return new Proxy(crypto.subtle, {
    get: (subtle, key: keyof SubtleCrypto) => {
      const method = subtle[key] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const { name } = args[0] as { name?: string };
        return key === 'generateKey' && names.includes(name ?? '')
          ? Promise.reject(new DOMException('Unrecognized name.', 'NotSupportedError'))
          : method.apply(subtle, args);
      };
    },
  });
}

const idOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each([
  ['ed25519', crypto.subtle],
  ['p256', without('Ed25519')],
] as const)('[ID2] an identity by %s', (algorithm, subtle) => {
  test.each(identityRules)('[PE1] $name', ({ check }) =>
    check({ identify: () => newIdentity(subtle), idOf, verifies: nodeVerifies }),
  );

  test('is of that algorithm', async () => {
    expect((await newIdentity(subtle)).algorithm).toBe(algorithm);
  });

  test('keeps its private key to itself: it cannot be taken out of the browser', async () => {
    const pairs: CryptoKeyPair[] = [];
    const watched = new Proxy(subtle, {
      get: (inner, key: keyof SubtleCrypto) => {
        const method = inner[key] as (...args: unknown[]) => Promise<unknown>;
        return async (...args: unknown[]) => {
          const made = await method.apply(inner, args);
          if (key === 'generateKey') pairs.push(made as CryptoKeyPair);
          return made;
        };
      },
    });
    await newIdentity(watched);
    expect(pairs.map(({ privateKey }) => privateKey.extractable)).toEqual([false]);
    for (const format of ['pkcs8', 'jwk'] as const) {
      await expect(crypto.subtle.exportKey(format, pairs[0]!.privateKey)).rejects.toThrow();
    }
  });
});

test('[ID2] a browser without either has no identity', async () => {
  await expect(newIdentity(without('Ed25519', 'ECDSA'))).rejects.toThrow('Unrecognized');
});
