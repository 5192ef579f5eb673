/**
 * [ID2] Who a peer is: a key pair by WebCrypto, whose private half cannot be taken out and is gone with its host. Ed25519,
 * or ECDSA over P-256 where a platform lacks that. The platform's WebCrypto comes in.
 */
import { assert } from '../assert.ts';
import { bytesToHex } from '../hex.ts';
import { peerId } from '../ids.ts';
import type { ProofAlgorithm } from '../tracker/proof.ts';
import type { Identity } from './ports.ts';

interface Named {
  readonly name: string;
}

/** As much of `SubtleCrypto` as an identity needs. `Key`: the platform's own. */
export interface SigningCrypto<Key> {
  generateKey(
    algorithm: Named & { namedCurve: string },
    extractable: boolean,
    usages: ('sign' | 'verify')[],
  ): Promise<Key | { publicKey: Key; privateKey: Key }>;
  exportKey(format: 'raw', key: Key): Promise<ArrayBuffer>;
  digest(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
  sign(algorithm: Named & { hash: string }, key: Key, bytes: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

interface Kind {
  readonly key: Named & { namedCurve: string };
  readonly signature: Named & { hash: string };
}

/** What an algorithm does not know of these it passes over. */
const KINDS: Readonly<Record<ProofAlgorithm, Kind>> = {
  ed25519: { key: { name: 'Ed25519', namedCurve: '' }, signature: { name: 'Ed25519', hash: '' } },
  p256: { key: { name: 'ECDSA', namedCurve: 'P-256' }, signature: { name: 'ECDSA', hash: 'SHA-256' } },
};

/** A new one each time. */
export async function newIdentity<Key extends object>(subtle: SigningCrypto<Key>): Promise<Identity> {
  // A platform that does not know an algorithm says so in its own way.
  return identityOf('ed25519', subtle).catch(() => identityOf('p256', subtle));
}

async function identityOf<Key extends object>(
  algorithm: ProofAlgorithm,
  subtle: SigningCrypto<Key>,
): Promise<Identity> {
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
