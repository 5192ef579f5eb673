import { expect, test } from 'vitest';
import { MAX_SPARE_PIECE_BYTES } from '../../limits.ts';
import { PieceMemory } from './memory.ts';

test('[PL6] a buffer given back serves the next piece of its size, once', () => {
  const memory = new PieceMemory();
  const first = memory.allocate(1_000);
  memory.reuse(first);
  expect(memory.allocate(999)).toHaveLength(999);
  expect(memory.allocate(1_000)).toBe(first);
  expect(memory.allocate(1_000)).not.toBe(first);
});

test('[PL6] keeps no more than its bound', () => {
  const memory = new PieceMemory();
  const size = 1_000_000;
  const buffers = Array.from({ length: 30 }, () => memory.allocate(size));
  for (const buffer of buffers) memory.reuse(buffer);
  const again = Array.from({ length: 30 }, () => memory.allocate(size));
  const kept = again.filter((buffer) => buffers.includes(buffer));
  expect(kept).toHaveLength(Math.floor(MAX_SPARE_PIECE_BYTES / size));
  expect(new Set(again).size).toBe(30);
});
