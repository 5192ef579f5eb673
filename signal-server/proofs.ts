/**
 * Which peer ids were proved on which socket ([ID3]): one challenge for each socket, drawn when it is asked for, and
 * signatures over it by the key whose hash the id is. What costs little is judged first; a verification runs beside the
 * event loop, one at a time for each socket, which waits for it ([SV4]). Knows no swarms.
 */
import { createHash, createPublicKey, randomBytes, verify } from 'node:crypto';
import type { JsonWebKey, VerifyKeyObjectInput } from 'node:crypto';
import type { PeerId } from '../shared/ids.ts';
import type { Prove } from '../shared/tracker/messages.ts';
import { CHALLENGE_BYTES, PUBLIC_KEY_BYTES, proofBytes } from '../shared/tracker/proof.ts';
import type { ProofAlgorithm } from '../shared/tracker/proof.ts';
import type { ClientSocket } from './client-socket.ts';

/** Proofs of one socket in all its life, good ones and bad ones: a page makes one, and one more for each new id. */
export const MAX_PROOFS_PER_SOCKET = 8;

/** The first byte of a point of which both coordinates follow (SEC 1). */
const UNCOMPRESSED_POINT = 4;

export type Verdict = 'proved' | 'wrong' | 'too-many';

interface Proving {
  readonly challenge: string;
  readonly proved: Set<PeerId>;
  tries: number;
}

export class Proofs {
  readonly #sockets = new WeakMap<ClientSocket, Proving>();

  /** The same for as long as the socket is open: what was signed for another one is worth nothing here. */
  challengeOf(socket: ClientSocket): string {
    return this.#of(socket).challenge;
  }

  isProved(socket: ClientSocket, peerId: PeerId): boolean {
    return this.#sockets.get(socket)?.proved.has(peerId) === true;
  }

  async prove(socket: ClientSocket, message: Prove): Promise<Verdict> {
    const known = this.#of(socket);
    if (known.tries >= MAX_PROOFS_PER_SOCKET) return 'too-many';
    known.tries += 1;
    if (!(await isProof(known.challenge, message))) return 'wrong';
    known.proved.add(message.peerId);
    return 'proved';
  }

  #of(socket: ClientSocket): Proving {
    const known = this.#sockets.get(socket);
    if (known) return known;
    const challenge = randomBytes(CHALLENGE_BYTES).toString('hex');
    const fresh: Proving = { challenge, proved: new Set(), tries: 0 };
    this.#sockets.set(socket, fresh);
    return fresh;
  }
}

/** Whether the key is the id's, and signed this challenge. */
async function isProof(challenge: string, message: Prove): Promise<boolean> {
  const publicKey = Buffer.from(message.publicKey, 'hex');
  if (publicKey.length !== PUBLIC_KEY_BYTES[message.algorithm]) return false;
  if (createHash('sha256').update(publicKey).digest('hex') !== message.peerId) return false;
  const key = keyOf(message.algorithm, publicKey);
  if (!key) return false;
  const text = proofBytes(challenge, message.peerId);
  const signature = Buffer.from(message.signature, 'hex');
  const digest = message.algorithm === 'p256' ? 'sha256' : null;
  return new Promise((resolve) => {
    verify(digest, text, key, signature, (failure, isRight) => resolve(!failure && isRight));
  });
}

/** Null: these bytes are no key of that kind, such as a point that is not on the curve. */
function keyOf(algorithm: ProofAlgorithm, bytes: Buffer): VerifyKeyObjectInput | null {
  if (algorithm === 'p256' && bytes[0] !== UNCOMPRESSED_POINT) return null;
  try {
    return {
      key: createPublicKey({ key: jwkOf(algorithm, bytes), format: 'jwk' }),
      dsaEncoding: 'ieee-p1363',
    };
  } catch {
    return null;
  }
}

function jwkOf(algorithm: ProofAlgorithm, bytes: Buffer): JsonWebKey {
  if (algorithm === 'ed25519') return { kty: 'OKP', crv: 'Ed25519', x: bytes.toString('base64url') };
  const [x, y] = [bytes.subarray(1, 33), bytes.subarray(33)];
  return { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') };
}
