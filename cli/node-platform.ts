/** Time, digests and chance of Node. */
import { createHash, randomBytes } from 'node:crypto';
import type { Clock, Digest, Entropy, Files } from '../shared/peer/ports.ts';

export const clock: Clock = {
  now: () => performance.now(),
  today: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export const digest: Digest = {
  sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
};

export const entropy: Entropy = { bytes: (count) => new Uint8Array(randomBytes(count)) };

export const files: Files = {
  join: () => {
    throw new Error('files are read by the disk');
  },
};
