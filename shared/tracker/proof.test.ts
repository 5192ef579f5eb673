import { expect, test } from 'vitest';
import { bytesToHex } from '../hex.ts';
import { peerId } from '../ids.ts';
import { proofBytes } from './proof.ts';

test('[ID3] what is signed is the domain, a zero, the challenge and the id', () => {
  const bytes = proofBytes('5a'.repeat(32), peerId('1b'.repeat(32))!);
  const domain = new TextEncoder().encode('shoal tracker proof 1');
  expect(bytesToHex(bytes)).toBe(`${bytesToHex(domain)}00${'5a'.repeat(32)}${'1b'.repeat(32)}`);
  expect(bytes).toHaveLength(86);
});

test('[ID3] another challenge or another id is another text', () => {
  const [one, two] = ['11', '22'].map((digits) => digits.repeat(32));
  const texts = [
    proofBytes(one!, peerId(one!)!),
    proofBytes(one!, peerId(two!)!),
    proofBytes(two!, peerId(one!)!),
  ];
  expect(new Set(texts.map(bytesToHex)).size).toBe(3);
});
