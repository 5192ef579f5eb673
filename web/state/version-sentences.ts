/** What the page says where the server has another version of it ([AP6]): what a reload does to what is under way. Pure. */
import { unreachable } from '../../shared/assert.ts';
import { servesOwn } from './leaving.ts';
import type { Transfer } from './session.ts';

/**
 * What is under way: nothing; what goes on by itself when the page is there again; one's own shares, whose files a browser
 * may have to be given again ([LB5]); what would be cut off.
 */
export type UnderWay = 'nothing' | 'goes-on' | 'own-shares' | 'would-be-cut';

export function underWayIn(here: {
  readonly reloadCuts: boolean;
  readonly moving: boolean;
  readonly all: readonly Transfer[];
}): UnderWay {
  if (here.reloadCuts) return 'would-be-cut';
  if (here.all.some(servesOwn)) return 'own-shares';
  return here.moving ? 'goes-on' : 'nothing';
}

export function newerVersionSentence(underWay: UnderWay): string {
  const there = 'There is a new version of this page.';
  switch (underWay) {
    case 'nothing':
      return there;
    case 'goes-on':
      return `${there} What runs goes on after the reload.`;
    case 'own-shares':
      return `${there} What runs goes on after the reload; your browser may ask you for files that you share.`;
    case 'would-be-cut':
      return `${there} What is being read or saved here would begin again: reload when it is done.`;
    default:
      return unreachable(underWay);
  }
}
