/** What can be typed before files are chosen ([UI27]): name, note and piece size of the next share, and what is too long. Pure. */
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES } from '../../shared/limits.ts';
import { nameOf } from './chosen-files.ts';
import type { ChosenContent } from './chosen-files.ts';

export interface ShareDetails {
  /** Empty: as ever, that of what is chosen. */
  readonly name: string;
  readonly note: string;
  /** Null: automatic. */
  readonly pieceBytes: number | null;
}

export const NO_DETAILS: ShareDetails = { name: '', note: '', pieceBytes: null };

/** `size`: of the name in bytes of UTF-8, of the note in UTF-16 units; the manifest has a bound for each ([MF6], [MF8]). */
export type DetailsFlaw = { readonly field: 'name' | 'note'; readonly size: number };

export function flawsOf(details: ShareDetails): readonly DetailsFlaw[] {
  const { name, note } = trimmed(details);
  const nameBytes = new TextEncoder().encode(name).length;
  return [
    ...(nameBytes > MAX_NAME_BYTES ? [{ field: 'name' as const, size: nameBytes }] : []),
    ...(note.length > MAX_COMMENT_LENGTH ? [{ field: 'note' as const, size: note.length }] : []),
  ];
}

export function hasDetails(details: ShareDetails): boolean {
  const { name, note, pieceBytes } = trimmed(details);
  return name !== '' || note !== '' || pieceBytes !== null;
}

/** As the share that is made of these files has them. */
export function detailsFor(chosen: ChosenContent, details: ShareDetails): ShareDetails {
  const { name, note, pieceBytes } = trimmed(details);
  return { name: name === '' ? nameOf(chosen) : name, note, pieceBytes };
}

function trimmed({ name, note, pieceBytes }: ShareDetails): ShareDetails {
  return { name: name.trim(), note: note.trim(), pieceBytes };
}
