/** SHA-256 as the texts that ids and manifests are made of. */
import { encodeBase64url } from '../base64url.ts';
import { bytesToHex } from '../hex.ts';
import type { Digest } from './ports.ts';

/** 64 lowercase hex digits. */
export async function sha256Hex(digest: Digest, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return bytesToHex(await digest.sha256(bytes));
}

/** 43 characters. */
export async function sha256Base64url(digest: Digest, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return encodeBase64url(await digest.sha256(bytes));
}
