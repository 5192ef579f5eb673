/** The colour of a status sentence's mark: one look tells whether something runs, waits or went wrong. */
import type { Circumstances } from './sentences.ts';

export type Tone = 'calm' | 'live' | 'wait' | 'bad';

export function toneOf({ snapshot, save, broken }: Circumstances): Tone {
  if (broken || snapshot?.phase === 'failed' || (snapshot !== null && snapshot.trouble !== null))
    return 'bad';
  if (snapshot === null) return 'wait';
  if (snapshot.phase === 'complete') {
    if (save.kind === 'failed') return 'bad';
    return snapshot.role === 'sharing' && !snapshot.trackerOnline ? 'wait' : 'live';
  }
  if (snapshot.phase === 'downloading')
    return snapshot.peers.length > 0 && !snapshot.stalled ? 'live' : 'wait';
  return snapshot.phase === 'looking' ? 'wait' : 'calm';
}
