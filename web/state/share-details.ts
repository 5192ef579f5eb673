/** What is typed before files are chosen ([UI27]): what is kept of it, and what is too long. Pure, and loaded with its fields. */
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES } from '../../shared/limits.ts';
import type { DetailsFlaw, ShareDetails } from './making.svelte.ts';

/** As it stands in the fields. */
export type TypedDetails = Pick<ShareDetails, 'name' | 'note' | 'pieceBytes'>;

export const NOTHING_TYPED: TypedDetails = { name: '', note: '', pieceBytes: null };

/** Null: nothing that means anything. */
export function detailsOf(typed: TypedDetails): ShareDetails | null {
  const { name, note, pieceBytes } = typed;
  if (name.trim() === '' && note.trim() === '' && pieceBytes === null) return null;
  return { ...typed, flaw: flawsOf(typed)[0] ?? null };
}

export function flawsOf({ name, note }: TypedDetails): readonly DetailsFlaw[] {
  const nameBytes = new TextEncoder().encode(name.trim()).length;
  const noteLength = note.trim().length;
  return [
    ...(nameBytes > MAX_NAME_BYTES ? [{ field: 'name' as const, size: nameBytes }] : []),
    ...(noteLength > MAX_COMMENT_LENGTH ? [{ field: 'note' as const, size: noteLength }] : []),
  ];
}
