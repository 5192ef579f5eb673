/**
 * When the browser says that the way to others is another one ([PN11]): it is online again, or (Chromium alone) on another
 * kind of network. Says nothing of what that means.
 */

/** Not among the standard types: some browsers have it, in workers, too. */
interface WithConnection {
  readonly connection?: EventTarget;
}

export function whenNetworkChanges(told: () => void): void {
  self.addEventListener('online', told);
  (navigator as WithConnection).connection?.addEventListener('change', told);
}
