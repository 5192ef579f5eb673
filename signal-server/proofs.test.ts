import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { peerId } from '../shared/ids.ts';
import { proofMessage } from '../shared/peer/prove.ts';
import { nodeIdentity } from '../shared/peer/testing/node-identity.ts';
import type { Prove } from '../shared/tracker/messages.ts';
import { MAX_PROOFS_PER_SOCKET, Proofs } from './proofs.ts';
import { FakeSocket } from './testing/fakes.ts';

function open(algorithm: Prove['algorithm'] = 'ed25519') {
  const proofs = new Proofs();
  const [socket, other] = [new FakeSocket(), new FakeSocket()];
  const identity = nodeIdentity(algorithm);
  const right = async (): Promise<Prove> => proofMessage(identity, proofs.challengeOf(socket));
  return { proofs, socket, other, identity, right };
}

describe.each(['ed25519', 'p256'] as const)('[ID3] a proof by %s', (algorithm) => {
  test('holds for its socket and its id alone', async () => {
    const { proofs, socket, other, identity, right } = open(algorithm);
    expect(proofs.isProved(socket, identity.id)).toBe(false);
    expect(await proofs.prove(socket, await right())).toBe('proved');
    expect(proofs.isProved(socket, identity.id)).toBe(true);
    expect(proofs.isProved(socket, nodeIdentity().id)).toBe(false);
    expect(proofs.isProved(other, identity.id)).toBe(false);
  });

  test('that was overheard is worth nothing on another socket, whose challenge is another', async () => {
    const { proofs, other, identity, right } = open(algorithm);
    const overheard = await right();
    expect(await proofs.prove(other, overheard)).toBe('wrong');
    expect(proofs.isProved(other, identity.id)).toBe(false);
  });

  test('with any bit of it changed is none', async () => {
    const { right } = open(algorithm);
    const flipped = (hex: string, at: number) =>
      hex.slice(0, at) + (parseInt(hex[at]!, 16) ^ 1).toString(16) + hex.slice(at + 1);
    for (const field of ['peerId', 'publicKey', 'signature'] as const) {
      for (const at of [0, 1, 63]) {
        const { proofs, socket, right: freshly } = open(algorithm);
        const message = await freshly();
        const changed = { ...message, [field]: flipped(message[field], at) } as Prove;
        expect(await proofs.prove(socket, changed)).toBe('wrong');
        expect(proofs.isProved(socket, changed.peerId)).toBe(false);
      }
    }
    expect((await right()).signature).toHaveLength(128);
  });

  test('of somebody else’s id is none, whoever signed it', async () => {
    const { proofs, socket, right } = open(algorithm);
    const victim = nodeIdentity(algorithm);
    const thief = await right();
    expect(await proofs.prove(socket, { ...thief, peerId: victim.id })).toBe('wrong');
    const signed = await proofMessage(
      { ...nodeIdentity(algorithm), id: victim.id },
      proofs.challengeOf(socket),
    );
    expect(await proofs.prove(socket, signed)).toBe('wrong');
    expect(proofs.isProved(socket, victim.id)).toBe(false);
  });
});

describe('[ID3] a key that is none', () => {
  const of = (algorithm: Prove['algorithm'], publicKey: string): Prove => ({
    type: 'prove',
    peerId: peerId(createHash('sha256').update(Buffer.from(publicKey, 'hex')).digest('hex'))!,
    algorithm,
    publicKey,
    signature: '00'.repeat(64),
  });

  test.each([
    ['a point that is on no curve', of('p256', `04${'11'.repeat(64)}`)],
    ['a point in another form', of('p256', `02${'11'.repeat(64)}`)],
    ['the length of the other algorithm', of('ed25519', '04'.repeat(65))],
    ['too short a key', of('p256', '11'.repeat(32))],
    ['ones everywhere', of('ed25519', 'ff'.repeat(32))],
  ])('%s proves nothing', async (_, message) => {
    const { proofs, socket } = open();
    expect(await proofs.prove(socket, message)).toBe('wrong');
  });
});

test('[ID3] a socket sends few proofs in all its life, right or wrong', async () => {
  const { proofs, socket, other, right } = open();
  const proof = await right();
  const wrong = { ...proof, signature: '00'.repeat(64) };
  for (let times = 1; times < MAX_PROOFS_PER_SOCKET; times++) {
    expect(await proofs.prove(socket, wrong)).toBe('wrong');
  }
  expect(await proofs.prove(socket, proof)).toBe('proved');
  expect(await proofs.prove(socket, proof)).toBe('too-many');
  expect(proofs.isProved(socket, proof.peerId)).toBe(true);
  expect(await proofs.prove(other, proof)).toBe('wrong');
});
