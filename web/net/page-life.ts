/**
 * How a page comes and goes while it lives ([PN11]): it is left, kept by the browser for going back, brought back, hidden,
 * frozen and looked at again. What that means for connections is somebody else's.
 */

export interface PageLife {
  /** It is left, for good or to be kept. */
  goes(forGood: boolean): void;
  /** It may have stood still, and is here again. */
  isBack(): void;
}

/** Until the function that it answers is called. */
export function watchPage({ goes, isBack }: PageLife): () => void {
  const watch = new AbortController();
  const { signal } = watch;
  // Says so at once: otherwise the others would wait for a silence. What is kept has to begin anew.
  addEventListener('pagehide', ({ persisted }) => goes(!persisted), { signal });
  const shown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) isBack();
  };
  addEventListener('pageshow', shown, { signal });
  const seen = (): void => {
    if (document.visibilityState === 'visible') isBack();
  };
  addEventListener('visibilitychange', seen, { signal });
  return () => watch.abort();
}
