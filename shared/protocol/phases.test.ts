import { describe, expect, test } from 'vitest';
import { FRAME_TYPES } from './frames.ts';
import type { FrameKind } from './frames.ts';
import { isLegal } from './phases.ts';

const KINDS = Object.keys(FRAME_TYPES) as FrameKind[];
const BASE: readonly FrameKind[] = ['request', 'piece', 'bitfield', 'capability'];

describe('[PH1] which frame is legal when', () => {
  test.each(KINDS)('[PH1] %s', (kind) => {
    expect(isLegal(kind, 'handshake')).toBe(false);
    expect(isLegal(kind, 'base')).toBe(BASE.includes(kind));
    expect(isLegal(kind, 'extended')).toBe(true);
  });
});
