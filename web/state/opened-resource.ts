/** Reads a file that is opened as a resource and has it judged ([UI26]). Loaded with the first one. */
import { MAX_MANIFEST_BYTES } from '../../shared/limits.ts';
import { resourceSentence, unreadableSentence } from './resource-sentences.ts';
import { receiveRoute } from './route.ts';
import { BROKE } from './sentences.ts';
import type { AskSession } from './session.ts';

/** Any other file that is dropped or pasted is shared: what became of this one is said. */
export const NOT_SHARED_SENTENCE =
  'This resource file was opened, not shared. To share the file itself, use Choose files.';

/** `address`: of the page of its share. */
export type OpenedResource =
  | { readonly kind: 'opened'; readonly address: string }
  | { readonly kind: 'refused'; readonly sentence: string };

export async function openedResource(file: Blob, ask: AskSession): Promise<OpenedResource> {
  // One byte more than there may be says enough of a file of any size.
  const read = await file
    .slice(0, MAX_MANIFEST_BYTES + 1)
    .arrayBuffer()
    .catch(() => null);
  if (read === null) return refused(unreadableSentence());
  const outcome = await ask((session) => session.openResource(new Uint8Array(read)));
  if (outcome === null) return refused(`${BROKE}. Reload the page and open the file again.`);
  if (outcome.kind === 'refused') return refused(resourceSentence(outcome));
  return { kind: 'opened', address: receiveRoute(outcome.infoHash) };
}

function refused(sentence: string): OpenedResource {
  return { kind: 'refused', sentence };
}
