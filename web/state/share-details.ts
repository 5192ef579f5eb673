/** What is typed before files are chosen ([UI27] [WS8]): what is kept of it, and what is wrong with it. Pure, and loaded with its fields. */
import { MAX_COMMENT_LENGTH, MAX_NAME_BYTES } from '../../shared/limits.ts';
import { contentUrlOf, namedUrls } from '../../shared/manifest/named-urls.ts';
import type { ReadUrl } from '../../shared/manifest/named-urls.ts';
import type { DetailsFlaw, ShareDetails } from './making.svelte.ts';

/** As it stands in the fields. */
export type TypedDetails = Pick<ShareDetails, 'name' | 'note' | 'pieceBytes' | 'addresses'>;

export const NOTHING_TYPED: TypedDetails = { name: '', note: '', pieceBytes: null, addresses: '' };

const readUrl: ReadUrl = (text) => (URL.canParse(text) ? new URL(text) : null);

/** Null: nothing that means anything. */
export function detailsOf(typed: TypedDetails): ShareDetails | null {
  const { name, note, pieceBytes, addresses } = typed;
  const texts = [name, note, addresses];
  if (pieceBytes === null && texts.every((text) => text.trim() === '')) return null;
  const lines = linesOf(addresses);
  return {
    ...typed,
    urlsOf: (files) => namedUrls(lines, files, readUrl),
    flaw: flawsOf(typed)[0] ?? null,
  };
}

/** [WS8] What is typed for web addresses, without lines in which there is nothing. */
export function linesOf(addresses: string): readonly string[] {
  return addresses
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** The first line that no link can name; null: there is none. */
export function wrongAddressOf({ addresses }: TypedDetails): string | null {
  return linesOf(addresses).find((line) => contentUrlOf(line, readUrl) === null) ?? null;
}

export function flawsOf(typed: TypedDetails): readonly DetailsFlaw[] {
  const { name, note } = typed;
  const nameBytes = new TextEncoder().encode(name.trim()).length;
  const noteLength = note.trim().length;
  const wrong = wrongAddressOf(typed);
  return [
    ...(nameBytes > MAX_NAME_BYTES ? [{ field: 'name' as const, size: nameBytes }] : []),
    ...(noteLength > MAX_COMMENT_LENGTH ? [{ field: 'note' as const, size: noteLength }] : []),
    ...(wrong === null
      ? []
      : [{ field: 'address' as const, why: { kind: 'no-address' as const, text: wrong } }]),
  ];
}
