/** The colour of a status sentence's mark: one look tells whether something runs, waits or went wrong. */
import type { Circumstances } from './sentences.ts';
import type { Transfer } from './session.ts';

export type Tone = 'calm' | 'live' | 'wait' | 'bad';

export function toneOf({ transfer, save, broken, leaving }: Circumstances): Tone {
  if (
    broken !== 'nothing' ||
    transfer?.phase === 'failed' ||
    (transfer !== null && transfer.trouble !== null)
  )
    return 'bad';
  if (transfer === null) return 'wait';
  if (leaving === true) return 'calm';
  if (transfer.phase === 'complete') {
    if (save.kind === 'failed') return 'bad';
    const [isOwn, isPartly] = [transfer.role === 'sharing', transfer.unreadable !== null];
    return isOwn && (isPartly || !transfer.trackerOnline) ? 'wait' : 'live';
  }
  if (transfer.phase === 'downloading')
    return (transfer.peers.length > 0 || transfer.foundBytes > 0 || asksWeb(transfer)) && !transfer.stalled
      ? 'live'
      : 'wait';
  return transfer.phase === 'looking' || transfer.phase === 'full' ? 'wait' : 'calm';
}

function asksWeb({ webSeeds }: Transfer): boolean {
  return webSeeds.some(({ state }) => state === 'asked');
}
