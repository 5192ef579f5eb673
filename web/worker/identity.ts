/**
 * [ID2] Who this tab is: a key pair by WebCrypto, whose private half cannot be taken out and is gone with the worker.
 * Ed25519, or ECDSA over P-256 where a browser lacks it.
 */
import { assert } from '../../shared/assert.ts';
import { bytesToHex } from '../../shared/hex.ts';
import { peerId } from '../../shared/ids.ts';
import type { Identity } from '../../shared/peer/ports.ts';
import type { ProofAlgorithm } from '../../shared/tracker/proof.ts';

interface Kind {
  readonly key: AlgorithmIdentifier | EcKeyGenParams;
  readonly signature: AlgorithmIdentifier | EcdsaParams;
}

const KINDS: Readonly<Record<ProofAlgorithm, Kind>> = {
  ed25519: { key: { name: 'Ed25519' }, signature: { name: 'Ed25519' } },
  p256: { key: { name: 'ECDSA', namedCurve: 'P-256' }, signature: { name: 'ECDSA', hash: 'SHA-256' } },
};

/** A new one each time. Another browser than the one at hand is a test's. */
export async function newIdentity(subtle: SubtleCrypto = crypto.subtle): Promise<Identity> {
  // A browser that does not know an algorithm says so in its own way.
  return identityOf('ed25519', subtle).catch(() => identityOf('p256', subtle));
}

async function identityOf(algorithm: ProofAlgorithm, subtle: SubtleCrypto): Promise<Identity> {
  const { key, signature } = KINDS[algorithm];
  const pair = await subtle.generateKey(key, false, ['sign', 'verify']);
  assert('privateKey' in pair, 'keys that sign come in pairs');
  const publicKey = new Uint8Array(await subtle.exportKey('raw', pair.publicKey));
  const id = peerId(bytesToHex(new Uint8Array(await subtle.digest('SHA-256', publicKey))));
  assert(id !== null, 'a digest is an id');
  return {
    id,
    algorithm,
    publicKey,
    sign: async (bytes) => new Uint8Array(await subtle.sign(signature, pair.privateKey, bytes)),
  };
}
