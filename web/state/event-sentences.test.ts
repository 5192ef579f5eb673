import { describe, expect, it } from 'vitest';
import { eventSentence } from './event-sentences.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { ShareEvent } from './session.ts';

const peer = 'ab'.repeat(32) as PeerId;

describe('[UI24] the log in words', () => {
  it.each<[ShareEvent, RegExp]>([
    [{ kind: 'phase', phase: 'failed', trouble: { kind: 'store', why: 'unavailable' } }, /refuses to store/],
    [{ kind: 'phase', phase: 'failed', trouble: null }, /Stopped by a problem/],
    [{ kind: 'tracker', online: false }, /^Can't reach the Shoal server\.$/],
    [{ kind: 'tracker', online: true }, /answers/],
    [{ kind: 'peer-connected', peer, path: 'lan' }, /^abababab connected over the local network\.$/],
    [{ kind: 'peer-gone', peer }, /^abababab disconnected\.$/],
    [{ kind: 'peer-completed', peer }, /has all of it/],
    [{ kind: 'peer-dropped', peer, why: { kind: 'silent' } }, /nothing came from it for too long/],
    [{ kind: 'peer-dropped', peer, why: { kind: 'kicked' } }, /^You disconnected abababab\.$/],
    [
      {
        kind: 'peer-dropped',
        peer,
        why: { kind: 'violation', violation: { kind: 'violation', what: 'bad-data', detail: '' } },
      },
      /it sent damaged data/,
    ],
    [{ kind: 'piece-refused', piece: 7, peers: [peer] }, /^Piece 7 was damaged.*came from abababab/],
    [{ kind: 'piece-refused', piece: 7, peers: [peer, peer] }, /came from 2 people/],
    [{ kind: 'file-unreadable', path: ['a', '<b>'], files: 1 }, /^“<b>” can no longer be read\.$/],
    [{ kind: 'file-unreadable', path: ['a'], files: 3 }, /^3 files can no longer be read\.$/],
  ])('[LB17] %j', (event, says) => {
    expect(eventSentence(event)).toMatch(says);
  });
});
