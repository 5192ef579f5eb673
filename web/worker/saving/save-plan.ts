/**
 * [SA1] What a finished share is saved as: the one decision, for the page that starts a save, the sentences that tell
 * of it and the service worker that answers. Knows no names and no bytes.
 */
import type { Manifest } from '../../../shared/manifest/resource.ts';
import type { SaveTarget } from './save-messages.ts';

/** One plain file is saved as itself; what has a folder in it, or several files, keeps them in a zip. */
export function savedWhole({ files, folders }: Pick<Manifest, 'files' | 'folders'>): SaveTarget['file'] {
  return files.length === 1 && files[0]?.path.length === 1 && folders.length === 0 ? 0 : 'zip';
}
