/** The policy of Node agrees with the one that goes by the text alone, address by address. */
import { describe, expect, test } from 'vitest';
import vectors from '../../shared/vectors/addresses.json';
import { publicAddresses } from './address-policy.ts';

describe('[WS5] public addresses', () => {
  test.each(vectors.public)('[WS5] %s is one', (address) => expect(publicAddresses(address)).toBe(true));

  test.each([...vectors.private, 'fe80::1%eth0', '', 'localhost', '1.1.1.1.1', '[::1]'])(
    '[WS5] %j is none',
    (address) => expect(publicAddresses(address)).toBe(false),
  );
});
