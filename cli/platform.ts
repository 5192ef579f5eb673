/** What Node has of the ports that need neither disk nor network: time, WebCrypto, chance, and that nobody is a tab of ours. */
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { newIdentity } from '../shared/peer/identity.ts';
import type { Clock, Digest, Entropy, Identity, OwnTabs } from '../shared/peer/ports.ts';

/** What is hashed at once, in bytes: for less, handing it to another thread takes longer than hashing it. */
const HASHED_HERE_BYTES = 65_536;

export const clock: Clock = {
  now: () => performance.now(),
  today: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** [HL20] Pieces are hashed by other threads, so that a busy disk or a long verification keeps no connection waiting. */
export const digest: Digest = {
  async sha256(bytes) {
    if (bytes.length <= HASHED_HERE_BYTES) return new Uint8Array(createHash('sha256').update(bytes).digest());
    return new Uint8Array(await webcrypto.subtle.digest('SHA-256', bytes));
  },
};

export const entropy: Entropy = { bytes: (count) => new Uint8Array(randomBytes(count)) };

/** From 0 up to 1: enough for spreading what would else come together. */
export const fraction = (): number => (entropy.bytes(1)[0] ?? 0) / 256;

/** [ID2] A new one each time. */
export function identify(): Promise<Identity> {
  return newIdentity(webcrypto.subtle);
}

/** [HL20] One process is one peer: there is nobody to tell. */
export const noOtherTabs = (): OwnTabs => ({ here: () => undefined, close: () => undefined });
