/** [ID3] The message by which a peer proves its id to a tracker that gave it this challenge. */
import { bytesToHex } from '../hex.ts';
import type { ClientMessageDraft } from '../tracker/messages.ts';
import { proofBytes } from '../tracker/proof.ts';
import type { Identity } from './ports.ts';

export async function proofMessage(
  { id, algorithm, publicKey, sign }: Identity,
  challenge: string,
): Promise<ClientMessageDraft & { type: 'prove' }> {
  const signature = await sign(proofBytes(challenge, id));
  return {
    type: 'prove',
    peerId: id,
    algorithm,
    publicKey: bytesToHex(publicKey),
    signature: bytesToHex(signature),
  };
}
