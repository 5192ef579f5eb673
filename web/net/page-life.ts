/**
 * How a page comes and goes while it lives ([PN11]): it is left, kept by the browser for going back, brought back, hidden,
 * frozen and looked at again. What that means for connections is somebody else's.
 */

export interface PageLife {
  /** It is left, for good or to be kept. */
  goes(): void;
  /** It may have stood still, and is here again. */
  isBack(): void;
}

export function watchPage({ goes, isBack }: PageLife): void {
  // Says so at once: otherwise the others would wait for a silence. What is kept has to begin anew.
  addEventListener('pagehide', goes);
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) isBack();
  });
  addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') isBack();
  });
}
