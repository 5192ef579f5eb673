/** Tells a web address from other text that is typed ([WS40]). Pure, and part of the first load. */
import { openedText } from '../../shared/manifest/opened-text.ts';

/** The start page of a site is no file, and may be a Shoal whose link lost its end. */
const ADDRESS = /^https?:\/\/[^\s/?#]+(?:\/+[^\s/#]|\?)\S*$/i;
/** A page such as ours, and what should be a link behind it. */
const PAGE = /\/#(?!sha256=)/i;
const HAS_DIGEST = /#sha256=/i;

/** `here`: where this page is, which is no file. Null: it is none, or leads to a share. */
export function webAddressIn(text: string, here: string): string | null {
  const typed = text.trim();
  if (!ADDRESS.test(typed) || PAGE.test(typed)) return null;
  if (typed.replace(/\/?#?$/, '') === here.replace(/\/$/, '')) return null;
  const { kind } = openedText(typed);
  // A digest in capitals looks like a link that was cut.
  return kind === 'text' || (kind === 'damaged-link' && HAS_DIGEST.test(typed)) ? typed : null;
}
