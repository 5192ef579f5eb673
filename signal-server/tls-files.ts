/**
 * The certificate and key that https is served with, read and tried before the port is opened ([SV7]). A fault is
 * one sentence that names the variable and repeats nothing of either file.
 */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { createSecureContext } from 'node:tls';

export interface TlsFiles {
  /** PEM texts. */
  readonly cert: string;
  readonly key: string;
}

/** Null: https can be served with them. */
export function tlsFault({ cert, key }: TlsFiles): string | null {
  const certificate = tried(() => new X509Certificate(firstBlock(cert)));
  if (!certificate) return 'TLS_CERT must name a PEM file that holds a certificate.';
  const privateKey: KeyObject | null = tried(() => createPrivateKey(key));
  if (!privateKey) return 'TLS_KEY must name a PEM file that holds a private key without a passphrase.';
  if (!certificate.checkPrivateKey(privateKey)) {
    return 'TLS_CERT and TLS_KEY must name PEM files of a certificate and its own key.';
  }
  // What is left: a broken chain behind the certificate, a key too short for today.
  return tried(() => createSecureContext({ cert, key }))
    ? null
    : 'TLS_CERT and TLS_KEY must name PEM files that https can be served with; OpenSSL refuses these.';
}

/** `X509Certificate` would take DER as well, which https would not. */
function firstBlock(pem: string): string {
  const begins = pem.indexOf('-----BEGIN ');
  if (begins < 0) throw new Error('no PEM');
  return pem.slice(begins);
}

function tried<T>(make: () => T): T | null {
  try {
    return make();
  } catch {
    return null;
  }
}
