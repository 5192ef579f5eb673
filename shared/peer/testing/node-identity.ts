/** Identities with the cryptography of Node: of both algorithms, at once. */
import { createHash, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { peerId } from '../../ids.ts';
import type { ProofAlgorithm } from '../../tracker/proof.ts';
import type { Identity } from '../ports.ts';

export function nodeIdentity(algorithm: ProofAlgorithm = 'ed25519'): Identity {
  const isEd25519 = algorithm === 'ed25519';
  const { publicKey, privateKey } = isEd25519
    ? generateKeyPairSync('ed25519')
    : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const bytes = rawBytes(publicKey);
  const id = peerId(createHash('sha256').update(bytes).digest('hex'));
  if (id === null) throw new Error('a digest is an id');
  return {
    id,
    algorithm,
    publicKey: bytes,
    sign: async (text) =>
      new Uint8Array(sign(isEd25519 ? null : 'sha256', text, { key: privateKey, dsaEncoding: 'ieee-p1363' })),
  };
}

function rawBytes(publicKey: KeyObject): Uint8Array<ArrayBuffer> {
  const { x = '', y } = publicKey.export({ format: 'jwk' });
  const coordinates = [x, ...(y === undefined ? [] : [y])].map((text) => Buffer.from(text, 'base64url'));
  return new Uint8Array(Buffer.concat([...(y === undefined ? [] : [Buffer.from([4])]), ...coordinates]));
}

/** Whether this identity signed these bytes. */
export async function nodeVerifies(
  { algorithm, publicKey }: Omit<Identity, 'sign'>,
  bytes: Uint8Array,
  signature: Uint8Array,
): Promise<boolean> {
  const text = (from: number, to: number) => Buffer.from(publicKey.subarray(from, to)).toString('base64url');
  const jwk =
    algorithm === 'ed25519'
      ? { kty: 'OKP', crv: 'Ed25519', x: text(0, 32) }
      : { kty: 'EC', crv: 'P-256', x: text(1, 33), y: text(33, 65) };
  const key = createPublicKey({ key: jwk, format: 'jwk' });
  const digest = algorithm === 'ed25519' ? null : 'sha256';
  return verify(digest, bytes, { key, dsaEncoding: 'ieee-p1363' }, signature);
}
