/** Types only: what a page that is loaded on use gets; each takes of it what it needs. */
import type { PageTheme } from '../state/theme.ts';
import type { Transfers } from '../state/transfers.svelte.ts';

export interface PageProps {
  readonly transfers: Transfers;
  readonly theme: PageTheme;
  /** Everything was forgotten: the page begins anew. */
  readonly forgotten: () => void;
  /** Goes to another page in place of this one. */
  readonly replace: (fragment: string) => void;
}
