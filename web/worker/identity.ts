/** [ID2] Who this browser is, by its own WebCrypto. */
import { newIdentity as identityBy } from '../../shared/peer/identity.ts';
import type { Identity } from '../../shared/peer/ports.ts';

/** A new one each time. Another browser than the one at hand is a test's. */
export function newIdentity(subtle: SubtleCrypto = crypto.subtle): Promise<Identity> {
  return identityBy(subtle);
}
