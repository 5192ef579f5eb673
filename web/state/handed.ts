/**
 * What another app handed over ([AP3]), as what a person could have done on the page: chosen files, opened a link, pasted a
 * text. Knows no storage and no views.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { parseLink } from '../../shared/manifest/link.ts';
import type { Handed, HandedFile } from '../worker/handed/handed-store.ts';
import { isResourceName } from './chosen-files.ts';
import type { Chosen } from './chosen-files.ts';

export type Meaning =
  | { kind: 'share'; chosen: Chosen }
  /** [MF10] A file that is opened, not shared. */
  | { kind: 'resource'; file: File }
  | { kind: 'open'; infoHash: InfoHash }
  | { kind: 'text'; text: string }
  | { kind: 'no-room' };

export function meaningOf(handed: Handed): Meaning {
  switch (handed.kind) {
    case 'files':
      return meaningOfFiles(handed.files.map(chosenFile));
    case 'too-many-files':
      return { kind: 'share', chosen: { kind: 'too-many' } };
    case 'no-room':
      return { kind: 'no-room' };
    case 'text':
      return meaningOfText(handed);
  }
}

/** A resource file that came alone is opened, as one is that is dropped ([UI26]). */
function meaningOfFiles(files: readonly ReturnType<typeof chosenFile>[]): Meaning {
  const [first, ...others] = files;
  if (first !== undefined && others.length === 0 && isResourceName(first.file.name)) {
    return { kind: 'resource', file: first.file };
  }
  return { kind: 'share', chosen: { kind: 'files', files, folders: [] } };
}

/** Some apps name a file with the folders that it lies in on their side, which are nobody's business (RFC 7578, 4.2). */
function chosenFile({ name, type, lastModified, content }: HandedFile) {
  const base = name.slice(name.lastIndexOf('/') + 1);
  const file = new File([content], base, { type, lastModified });
  return { file, path: [base] };
}

/** A link may stand in any of the three: Android's apps put an address into the text. */
function meaningOfText({ title, text, url }: Extract<Handed, { kind: 'text' }>): Meaning {
  const links = new Set([url, text, title].flatMap(linksIn));
  const [infoHash] = links;
  if (infoHash !== undefined && links.size === 1) return { kind: 'open', infoHash };
  const said = [text, url].filter((part) => part !== '').join('\n');
  return { kind: 'text', text: said === '' ? title : said };
}

/** Whole links of ours among the words. */
function linksIn(words: string): InfoHash[] {
  const addresses = words.split(/\s+/).filter((word) => /^https?:\/\/[^#]+#/i.test(word));
  return addresses.map(parseLink).flatMap((link) => (link.kind === 'link' ? [link.infoHash] : []));
}

/** A text as a file, which is how it is shared. */
export function textAsFile(text: string): Chosen {
  const file = new File([text], 'Text.txt', { type: 'text/plain' });
  return { kind: 'files', files: [{ file, path: [file.name] }], folders: [] };
}
