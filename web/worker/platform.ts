/** What a worker has of the ports that need no connection: time, WebCrypto and files. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '../../shared/hex.ts';
import type { Clock, Digest, Entropy, Files, WholeDigest } from '../../shared/peer/ports.ts';
import { BlobContent } from './blob-content.ts';

export const clock: Clock = {
  now: () => performance.now(),
  today: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

export const digest: Digest = {
  sha256: async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)),
};

/** WebCrypto hashes only what is there as a whole. */
export function wholeDigest(): WholeDigest {
  const hash = sha256.create();
  return { update: (bytes) => void hash.update(bytes), hex: () => bytesToHex(hash.digest()) };
}

export const entropy: Entropy = { bytes: (count) => crypto.getRandomValues(new Uint8Array(count)) };

/** From 0 up to 1: enough for spreading what would else come together. */
export const fraction = (): number => (entropy.bytes(1)[0] ?? 0) / 256;

export const files: Files = { join: (contents) => BlobContent.join(contents) };
