/** The contract of `Identity` and of what makes one ([ID2]). */
import { bytesToHex } from '../../hex.ts';
import { PUBLIC_KEY_BYTES, SIGNATURE_BYTES } from '../../tracker/proof.ts';
import { encodeUtf8 } from '../../utf8.ts';
import type { Identity } from '../ports.ts';
import { same } from './rule.ts';
import type { Rule } from './rule.ts';

export interface IdentityUnderTest {
  readonly identify: () => Promise<Identity>;
  /** The id that goes with a public key, worked out by somebody else. */
  readonly idOf: (publicKey: Uint8Array<ArrayBuffer>) => string;
  /** Whether it is the signature of these bytes, as somebody else finds who has the public key. */
  readonly verifies: (
    identity: Identity,
    bytes: Uint8Array<ArrayBuffer>,
    signature: Uint8Array<ArrayBuffer>,
  ) => Promise<boolean>;
}

export const identityRules: readonly Rule<IdentityUnderTest>[] = [
  {
    name: 'an id belongs to its public key, which is as long as its algorithm says',
    check: async ({ identify, idOf }) => {
      const { id, algorithm, publicKey } = await identify();
      same(id, idOf(publicKey), 'the id');
      same(publicKey.length, PUBLIC_KEY_BYTES[algorithm], 'bytes of the key');
    },
  },
  {
    name: 'each is new',
    check: async ({ identify }) => {
      const made = await Promise.all(Array.from({ length: 5 }, identify));
      same(new Set(made.map(({ id }) => id)).size, 5, 'ids');
      same(new Set(made.map(({ publicKey }) => bytesToHex(publicKey))).size, 5, 'keys');
    },
  },
  {
    name: 'a signature is of its bytes and its identity alone',
    check: async ({ identify, verifies }) => {
      const [one, other] = [await identify(), await identify()];
      const [text, another] = [encodeUtf8('what is signed'), encodeUtf8('what is signec')];
      const signature = await one.sign(text);
      same(signature.length, SIGNATURE_BYTES, 'bytes of the signature');
      same(await verifies(one, text, signature), true, 'its own');
      same(await verifies(one, another, signature), false, 'of another text');
      same(await verifies(other, text, signature), false, 'of another identity');
    },
  },
];
