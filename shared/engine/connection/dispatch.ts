/**
 * What each frame of a peer means ([EN3]): takes it to the part of the swarm that owns the matter, and says whether
 * the peer has to go. The frame was judged legal in its phase before (peer-session.ts). Owns nothing.
 */
import { unreachable } from '../../assert.ts';
import { MAX_UNSENT_BYTES } from '../../limits.ts';
import { violation } from '../../protocol/frames.ts';
import type { Frame, Violation } from '../../protocol/frames.ts';
import type { CloseReason, Output } from '../io.ts';
import type { Heard, PeerSession } from './connection.ts';
import type { Swarm } from './connections.ts';
import { refuseRequest } from '../upload/upload.ts';

export function hear(
  swarm: Swarm,
  session: PeerSession,
  heard: Heard,
  now: number,
  out: Output[],
): Violation | CloseReason | null {
  const content = swarm.content;
  switch (heard.kind) {
    case 'violation':
      return heard;
    case 'greeted':
      return swarm.greeted(session, now, out);
    case 'capability':
      content?.giving.extended(session, now, out);
      return swarm.lookForManifest(now, out);
    case 'request':
      return content === null
        ? refuseRequest(session, heard, out)
        : content.giving.asked(session, heard, now, out);
    case 'piece':
      return block(swarm, session, heard, now, out);
    case 'bitfield':
    case 'have':
      return said(swarm, session, heard, now, out);
    case 'cancel':
      content?.giving.cancelled(session, heard, out);
      return null;
    case 'reject':
      content?.rejected(session, heard, out);
      swarm.fillEverybody();
      return null;
    case 'metadata-request':
      return swarm.manifestServer.asked(session, heard.offset, content?.manifestBytes ?? null, now, out);
    case 'metadata':
      return chunk(swarm, session, heard, now, out);
    case 'choke':
      swarm.choked(session);
      content?.requests.choked(session, out);
      swarm.fillEverybody();
      return null;
    case 'unchoke':
      swarm.unchoked(session);
      swarm.fillEverybody();
      return null;
    default:
      return unreachable(heard);
  }
}

/** [UP1] Small answers pile up, too, where the peer asks on and never reads. */
export function judgeReader(session: PeerSession): Violation | null {
  return session.unsent <= MAX_UNSENT_BYTES
    ? null
    : violation('too-many-requests', `${session.unsent} bytes of answers were not read`);
}

function block(
  swarm: Swarm,
  session: PeerSession,
  frame: Frame & { kind: 'piece' },
  now: number,
  out: Output[],
): Violation | null {
  if (swarm.content === null) return violation('unasked-block', 'a block before the manifest is known');
  swarm.lastBlockAt = now;
  const bad = swarm.content.block(session, frame, now, out);
  swarm.toFill.add(session);
  return bad;
}

function said(
  swarm: Swarm,
  session: PeerSession,
  frame: Frame & { kind: 'bitfield' | 'have' },
  now: number,
  out: Output[],
): Violation | null {
  if (swarm.content === null) {
    swarm.fetch.reconsider(session);
    swarm.lookForManifest(now, out);
    if (frame.kind === 'have') return session.saidHaveEarly(frame.pieces);
    return session.saidBitfield(frame.bits, null);
  }
  const bad =
    frame.kind === 'have'
      ? swarm.content.saidHave(session, frame.pieces, now, out)
      : swarm.content.saidBitfield(session, frame.bits, now, out);
  swarm.toFill.add(session);
  return bad;
}

function chunk(
  swarm: Swarm,
  session: PeerSession,
  frame: Frame & { kind: 'metadata' },
  now: number,
  out: Output[],
): Violation | null {
  // Asked of a peer before another one was faster.
  if (swarm.content !== null) return null;
  const bad = swarm.fetch.chunkArrived(session, frame, now, out);
  swarm.lookForManifest(now, out);
  return bad;
}
