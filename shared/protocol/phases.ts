/**
 * Which frame is legal when ([PH1]), as a table. A session starts in `handshake`; after both handshakes it is
 * `base` (what an unmodified TorrentInno peer speaks); the peer's capability frame makes it `extended`. We send
 * our own capability frame right after the handshake, so the peer's is all that is waited for.
 */
import type { FrameKind } from './frames.ts';

export type Phase = 'handshake' | 'base' | 'extended';

const BASE_FRAMES = ['request', 'piece', 'bitfield', 'capability'] as const;

const LEGAL: Record<Phase, ReadonlySet<FrameKind>> = {
  handshake: new Set(),
  base: new Set(BASE_FRAMES),
  extended: new Set([
    ...BASE_FRAMES,
    'have',
    'cancel',
    'reject',
    'metadata-request',
    'metadata',
    'choke',
    'unchoke',
    'web-facts',
    'web-job',
    'web-job-answer',
  ]),
};

export function isLegal(kind: FrameKind, phase: Phase): boolean {
  return LEGAL[phase].has(kind);
}
