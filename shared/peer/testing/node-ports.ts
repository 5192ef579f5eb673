/** SHA-256, chance and time in Node. Chance is seeded, so that a run can be repeated. */
import { createHash } from 'node:crypto';
import { seededRandom } from '../../random.ts';
import type { Clock, Digest, Entropy, WholeDigest } from '../ports.ts';

export const nodeDigest: Digest = {
  sha256: async (bytes) => new Uint8Array(createHash('sha256').update(bytes).digest()),
};

export function nodeWholeDigest(): WholeDigest {
  const hash = createHash('sha256');
  return { update: (bytes) => void hash.update(bytes), hex: () => hash.digest('hex') };
}

export function seededEntropy(seed: number): Entropy {
  const random = seededRandom(seed);
  return { bytes: (count) => new Uint8Array(count).map(() => random.below(256)) };
}

export const nodeClock: Clock = {
  now: () => performance.now(),
  today: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};
