/** What Node has of the ports that need neither disk nor network: time, WebCrypto, chance, and that nobody is a tab of ours. */
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { newIdentity } from '../shared/peer/identity.ts';
import type { Clock, Digest, Entropy, Identity, OwnTabs, WholeDigest } from '../shared/peer/ports.ts';

export const clock: Clock = {
  now: () => performance.now(),
  today: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

/** [HL20] In this thread: WebCrypto copies what it hands to another one, which takes longer than hashing it here. */
export const digest: Digest = {
  async sha256(bytes) {
    return new Uint8Array(createHash('sha256').update(bytes).digest());
  },
};

export function wholeDigest(): WholeDigest {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

export const entropy: Entropy = { bytes: (count) => new Uint8Array(randomBytes(count)) };

/** From 0 up to 1: enough for spreading what would else come together. */
export const fraction = (): number => (entropy.bytes(1)[0] ?? 0) / 256;

/** [ID2] A new one each time. */
export function identify(): Promise<Identity> {
  return newIdentity(webcrypto.subtle);
}

/** [HL20] One process is one peer: there is nobody to tell. */
export const noOtherTabs = (): OwnTabs => ({ here: () => undefined, close: () => undefined });
