/** What is dropped or pasted onto a page ([UI2]), as text. Knows no page and opens nothing. */
import { openedText } from '../../shared/manifest/opened-text.ts';
import type { OpenedText } from '../../shared/manifest/opened-text.ts';

/** A link that is dragged is an address, and may come with another text beside it. */
export function openedTransfer(transfer: Pick<DataTransfer, 'getData'>): OpenedText {
  // RFC 2483: addresses line by line; a line that begins with # is a comment.
  const lines = transfer.getData('text/uri-list').split(/\r?\n/);
  const addresses = lines.filter((line) => !line.startsWith('#')).join('\n');
  const opened = openedText(addresses);
  const text = transfer.getData('text/plain');
  return opened.kind === 'link' || opened.kind === 'magnet' || text.trim() === '' ? opened : openedText(text);
}
