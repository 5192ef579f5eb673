/** SHA-256 off the main thread, in hex as manifests have it. */
import { bytesToHex } from '../../shared/hex.ts';

export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return bytesToHex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}
