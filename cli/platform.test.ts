/** What Node has of the platform keeps what every implementation of a port keeps. */
import { createHash } from 'node:crypto';
import { describe, test } from 'vitest';
import { clockRules } from '../shared/peer/contracts/clock.ts';
import { digestRules } from '../shared/peer/contracts/digest.ts';
import { entropyRules } from '../shared/peer/contracts/entropy.ts';
import { identityRules } from '../shared/peer/contracts/identity.ts';
import { nodeVerifies } from '../shared/peer/testing/node-identity.ts';
import { clock, digest, entropy, identify } from './platform.ts';

describe('[HL20] Node’s clock', () => {
  test.each(clockRules)('[PE1] $name', ({ check }) =>
    check({ clock, wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }),
  );
});

describe('[HL20] SHA-256 by Node', () => {
  test.each(digestRules)('[PE1] $name', ({ check }) => check(digest));
});

describe('[HL20] Node’s randomness', () => {
  test.each(entropyRules)('[PE1] $name', ({ check }) => check(entropy));
});

describe('[HL20] [ID2] an identity by Node', () => {
  const idOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
  test.each(identityRules)('[PE1] $name', ({ check }) => check({ identify, idOf, verifies: nodeVerifies }));
});
