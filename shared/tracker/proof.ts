/**
 * How a peer proves to the tracker that an id is its own ([ID2], [ID3]): the bytes that are signed, and the lengths of
 * keys and signatures. Signs and verifies nothing: that is the platform's cryptography, on either side.
 */
import { assert } from '../assert.ts';
import { hexToBytes } from '../hex.ts';
import type { PeerId } from '../ids.ts';
import { encodeUtf8 } from '../utf8.ts';

/** Ed25519 (RFC 8032); ECDSA with SHA-256 over P-256 (FIPS 186-5) where a browser lacks it. */
export type ProofAlgorithm = 'ed25519' | 'p256';
export const PROOF_ALGORITHMS: readonly ProofAlgorithm[] = ['ed25519', 'p256'];

/** Random bytes of a challenge, new for each socket. */
export const CHALLENGE_BYTES = 32;
/** Public keys: the 32 bytes of RFC 8032; the uncompressed point (4, x, y) of SEC 1. */
export const PUBLIC_KEY_BYTES: Readonly<Record<ProofAlgorithm, number>> = { ed25519: 32, p256: 65 };
/** Of both algorithms; of ECDSA it is r and s, 32 bytes each (IEEE P1363). */
export const SIGNATURE_BYTES = 64;

/** Says what the signature is for, so that it is good for nothing else; a zero byte ends it. */
const DOMAIN = encodeUtf8('shoal tracker proof 1\0');

/** [ID3] What is signed: the domain, the socket's challenge, the peer id. */
export function proofBytes(challenge: string, peer: PeerId): Uint8Array<ArrayBuffer> {
  const parts = [DOMAIN, bytesOf(challenge), bytesOf(peer)];
  const bytes = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

function bytesOf(hex: string): Uint8Array {
  const bytes = hexToBytes(hex);
  assert(bytes?.length === CHALLENGE_BYTES, 'challenges and ids are 32 bytes');
  return bytes;
}
