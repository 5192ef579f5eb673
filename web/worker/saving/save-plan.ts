/**
 * [SA1] What a finished share is saved as: the one decision, for the page that starts a save, the sentences that tell
 * of it and the service worker that answers. Of a share of which part is wanted, that part ([SA12]). Knows no names and
 * no bytes.
 */
import type { Manifest } from '../../../shared/manifest/resource.ts';
import type { ChosenFiles } from '../../../shared/manifest/file-pieces.ts';
import type { SaveTarget } from './save-messages.ts';

/** As far as it says what is wanted: null: all files. */
export type WantedFile = { readonly onlyFile: number | null } | null;

/** One plain file is saved as itself, also the only one that is wanted; else folders and several files stay together in a zip. */
export function savedWhole(
  { files, folders }: Pick<Manifest, 'files' | 'folders'>,
  wanted: WantedFile = null,
): SaveTarget['file'] {
  if (wanted !== null) return wanted.onlyFile ?? 'zip';
  return files.length === 1 && files[0]?.path.length === 1 && folders.length === 0 ? 0 : 'zip';
}

/** The same by the list of the wanted files, as it is kept ([LB10]). */
export function wantedFile(chosen: ChosenFiles): WantedFile {
  return chosen === null ? null : { onlyFile: chosen.length === 1 ? (chosen[0] ?? null) : null };
}
