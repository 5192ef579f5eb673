/**
 * Loading what is at a bare web address ([WS40]): from the press on `Open` to the page of its transfer, of a stream ([WS25])
 * to that of its share. Loaded with the first address that is typed; it goes on while other pages are looked at. Knows no
 * peer.
 */
import { fetchFailure, hostOfAddress } from './fetch-sentences.ts';
import { receiveRoute } from './route.ts';
import type { Transfers } from './transfers.svelte.ts';

interface FetchPlace {
  /** Whether the person still looks at where it was asked for. */
  readonly isWatched: () => boolean;
  readonly go: (fragment: string) => void;
}

/** One at a time: while one is asked for another is not begun. */
export async function fetchAddress(text: string, transfers: Transfers, place: FetchPlace): Promise<void> {
  const { fetched } = transfers;
  if (fetched.asked !== null && fetched.asked.kind !== 'failed') return;
  const host = hostOfAddress(text);
  fetched.asked = { kind: 'asking', host };
  // What is told after the answer, on a way of its own, is no news any more.
  let answered = false;
  const outcome = await transfers.ask((session) =>
    session.fetchUrl(text, (progress) => {
      if (!answered) fetched.asked = { kind: 'streaming', host, progress };
    }),
  );
  answered = true;
  fetched.asked = null;
  if (outcome?.kind === 'cancelled') return;
  if (outcome?.kind === 'begun' || outcome?.kind === 'streamed') {
    transfers.fetchBegan(outcome.infoHash);
    if (place.isWatched()) place.go(receiveRoute(outcome.infoHash));
  } else if (outcome?.kind === 'here') {
    if (place.isWatched()) place.go(receiveRoute(outcome.infoHash));
  } else fetched.asked = { kind: 'failed', text, sentence: fetchFailure(outcome, host) };
}
