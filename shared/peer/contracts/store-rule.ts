/** What a rule of the contract of `PieceStore` is. */
import type { PieceStore } from '../piece-store.ts';
import type { Rule } from './rule.ts';

/** Opens the rule's store, again if it was closed; every rule has a store of its own. */
export type OpenStore = () => Promise<PieceStore>;

export interface StoreRule extends Rule<OpenStore> {
  /** Only for stores that keep their content when they are closed. */
  readonly lastingOnly?: boolean;
}
