import { expect, test } from 'vitest';
import { parseFrame } from '../protocol/codec.ts';
import { parseManifest, serialiseManifest } from '../manifest/resource.ts';
import { seededRandom } from '../random.ts';
import { SyntheticShare } from './share.ts';

const share = new SyntheticShare(1_000_001, null, seededRandom(1));

test('[SM3] the manifest is one that every peer accepts, with the pieces of the rule', () => {
  expect(share.manifest.pieces.map(({ size }) => size)).toEqual([262_144, 262_144, 262_144, 213_569]);
  const parsed = parseManifest(serialiseManifest(share.manifest)!);
  expect(parsed).toMatchObject({ kind: 'parsed', manifest: share.manifest });
  if (parsed.kind === 'parsed') expect(share.hashOfManifest(parsed.preimage)).toBe(share.infoHash);
  expect(share.hashOfManifest(new Uint8Array(5))).not.toBe(share.infoHash);
});

test('[SM3] a piece has its digest exactly when all its blocks are right', () => {
  const bytes = share.allocate(262_144);
  const right = share.frameOf({ piece: 2, offset: 65_536, length: 65_536, corrupt: false });
  expect(parseFrame('piece', right)).toMatchObject({ piece: 2, offset: 65_536 });
  bytes.set(right.subarray(17), 65_536);
  expect(share.hashOf(2, bytes)).toBe(share.manifest.pieces[2]!.sha256);
  const wrong = share.frameOf({ piece: 2, offset: 65_536, length: 65_536, corrupt: true });
  expect(wrong).toHaveLength(17 + 65_536);
  bytes.set(wrong.subarray(17), 65_536);
  expect(share.hashOf(2, bytes)).not.toBe(share.manifest.pieces[2]!.sha256);
  expect(share.isRight(bytes)).toBe(false);
});

test('[SM3] a buffer comes back for a piece of its size alone', () => {
  const large = share.allocate(262_144);
  share.recycle(large);
  expect(share.allocate(213_569)).toHaveLength(213_569);
  expect(share.allocate(262_144) === large).toBe(true);
  expect(share.allocate(262_144) === large).toBe(false);
});

test('[SM3] where nobody sends wrong bytes one buffer stands for all pieces, and refuses them', () => {
  const honest = new SyntheticShare(1_000_001, null, seededRandom(1), { corruptible: false });
  const bytes = honest.allocate(262_144);
  honest.recycle(bytes);
  expect(honest.allocate(262_144) === bytes && honest.allocate(262_144) === bytes).toBe(true);
  bytes.set(new Uint8Array(65_536), 65_536);
  expect(honest.hashOf(0, bytes)).toBe(honest.manifest.pieces[0]!.sha256);
  expect(() => bytes.set(Uint8Array.of(1), 0)).toThrow('no wrong bytes');
});
