import { beforeEach, describe, expect, test } from 'vitest';
import { bytesToHex } from '../hex.ts';
import type { PeerId } from '../ids.ts';
import { errorMessage, parseClientMessage } from '../tracker/messages.ts';
import { proofBytes } from '../tracker/proof.ts';
import { Introduction } from './introduction.ts';
import { FakeClock, settled } from './testing/fake-clock.ts';
import { memoryIdentity, memorySignature } from './testing/memory-identity.ts';

const [OWN, NEXT] = ['11', '22'].map((digits) => digits.repeat(32)) as [PeerId, PeerId];
const [CHALLENGE, OTHER] = ['c1'.repeat(32), 'c2'.repeat(32)];

let clock: FakeClock;
let said: unknown[];
let introduction: Introduction;

function begin(identity = memoryIdentity(OWN)): void {
  clock = new FakeClock();
  said = [];
  introduction = new Introduction(identity, {
    clock,
    send: (text) => said.push(parseClientMessage(text)),
    ready: () => said.push('ready'),
  });
}

beforeEach(() => begin());

const challenges = (challenge = CHALLENGE): void => introduction.heard({ type: 'challenge', challenge });
const ASKS = { type: 'challenge' };
function proofOf(id: PeerId, challenge = CHALLENGE): object {
  const signature = bytesToHex(memorySignature(id, proofBytes(challenge, id)));
  return { type: 'prove', peerId: id, algorithm: 'ed25519', publicKey: id, signature };
}

describe('[ID3] a peer introduces itself', () => {
  test('asks, proves, and only then announces', async () => {
    introduction.opened();
    await settled();
    expect([said, introduction.isReady]).toEqual([[ASKS], false]);
    challenges();
    await settled();
    expect([said, introduction.isReady]).toEqual([[ASKS, proofOf(OWN), 'ready'], true]);
    // Late, and nobody asked.
    challenges(OTHER);
    introduction.heard(errorMessage('bad-proof', '', { type: 'prove', peerId: OWN }));
    await clock.advance(60_000);
    expect(said).toHaveLength(3);
  });

  test('anew on each socket, and by the challenge of that one alone', async () => {
    introduction.opened();
    challenges();
    introduction.lost();
    await settled();
    expect([said, introduction.isReady]).toEqual([[ASKS], false]);
    introduction.opened();
    challenges(OTHER);
    await settled();
    expect(said).toEqual([ASKS, ASKS, proofOf(OWN, OTHER), 'ready']);
    introduction.lost();
    expect(introduction.isReady).toBe(false);
  });

  test('announces all the same where the tracker knows no proofs', () => {
    introduction.opened();
    introduction.heard(errorMessage('unknown-type', ''));
    expect(said).toEqual([ASKS, 'ready']);
  });

  test('waits 5 s for an answer, and no longer', async () => {
    introduction.opened();
    await clock.advance(4_999);
    expect(said).toEqual([ASKS]);
    await clock.advance(1);
    expect(said).toEqual([ASKS, 'ready']);
  });

  test('announces all the same where nothing can be signed', async () => {
    begin({ ...memoryIdentity(OWN), sign: () => Promise.reject(new Error('no')) });
    introduction.opened();
    challenges();
    await settled();
    expect(said).toEqual([ASKS, 'ready']);
  });
});

describe('[ID4] a peer that becomes somebody new', () => {
  test('proves that on the same socket, by the challenge that it has', async () => {
    introduction.opened();
    challenges();
    await settled();
    introduction.become(memoryIdentity(NEXT));
    expect([introduction.own, introduction.isReady]).toEqual([NEXT, false]);
    await settled();
    expect(said).toEqual([ASKS, proofOf(OWN), 'ready', proofOf(NEXT), 'ready']);
  });

  test('while it was proving the older name proves the newer one alone', async () => {
    introduction.opened();
    challenges();
    introduction.become(memoryIdentity(NEXT));
    await settled();
    expect(said).toEqual([ASKS, proofOf(NEXT), 'ready']);
  });

  test('where the tracker knows no proofs asks again, and announces', async () => {
    introduction.opened();
    introduction.heard(errorMessage('unknown-type', ''));
    introduction.become(memoryIdentity(NEXT));
    introduction.heard(errorMessage('unknown-type', ''));
    expect(said).toEqual([ASKS, 'ready', ASKS, 'ready']);
  });

  test('while there is no socket says so on the next one', async () => {
    introduction.become(memoryIdentity(NEXT));
    await clock.advance(60_000);
    expect(said).toEqual([]);
    introduction.opened();
    challenges();
    await settled();
    expect(said).toEqual([ASKS, proofOf(NEXT), 'ready']);
  });
});
