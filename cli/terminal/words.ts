/** What a command says, in words for people ([HL4]). Names are shown by [MF6]. Pure. */
import { unreachable } from '../../shared/assert.ts';
import { displayName, displayText } from '../../shared/manifest/display.ts';
import { counted, formatBytes } from '../../shared/words/format.ts';
import { fetchedWords, fetchingWords } from './fetch-words.ts';
import { infoLines, linkLines } from './info-lines.ts';
import { people } from './live-text.ts';
import type { Moving, Said, ShareFacts } from './said.ts';

export interface Words {
  /** `out`: what was asked for. `err`: what happens meanwhile. */
  readonly to: 'out' | 'err';
  readonly text: string;
}

const out = (text: string): Words => ({ to: 'out', text });
const err = (text: string): Words => ({ to: 'err', text });

/** `isShown`: somebody looks at it; else a path goes out as it is, for another program. */
export function wordsOf(said: Exclude<Said, Moving>, isShown: boolean): Words {
  switch (said.type) {
    case 'resource':
      return out(infoLines(said));
    case 'link':
      return out(linkLines(said));
    case 'status':
    case 'note':
    case 'lent':
    case 'listing':
    case 'interrupted':
    case 'error':
      // Whatever is in it: a path that was typed, or what the system said.
      return err(displayText(said.message));
    case 'created':
      return createdWords(said);
    case 'shared':
      return out(said.qr === null ? said.link : `${said.qr}\n${said.link}`);
    case 'kept':
      return err(
        `Kept in ${shown(said.folder)}. It is shared from there while \`shoal seed\` runs on that folder.`,
      );
    case 'delivered':
      return err(`Delivered to ${people(said.receivers)}.`);
    case 'found':
      return err(foundWords(said));
    case 'renamed':
      return err(`“${pathShown(said.from)}” is saved as “${pathShown(said.to)}”.`);
    case 'saved':
      return out(isShown ? shown(said.path) : said.path);
    case 'got':
      return err(
        `Download complete and verified: “${displayName(said.name)}”, ${counted(said.files, 'file', 'files')}, ${formatBytes(said.size)}.`,
      );
    default:
      return moreWords(said);
  }
}

type More = Extract<
  Said,
  {
    type:
      | 'fetching'
      | 'fetched'
      | 'file'
      | 'verified'
      | 'result'
      | 'results'
      | 'seeding'
      | 'skipped'
      | 'unseeded'
      | 'health'
      | 'watching';
  }
>;

function moreWords(said: More): Words {
  switch (said.type) {
    case 'fetching':
      return err(fetchingWords(said));
    case 'fetched':
      return err(fetchedWords(said));
    case 'file':
      return out(`${FILE_STATES[said.state]}  ${pathShown(said.path)}`);
    case 'verified':
      return out(verdict(said));
    case 'result':
      return out(resultWords(said));
    case 'results':
      return err(
        said.total > said.shown
          ? `${counted(said.total, 'share', 'shares')} found, the first ${said.shown} are above.`
          : `${counted(said.total, 'share', 'shares')} found.`,
      );
    case 'seeding':
      return out(`Sharing “${displayName(said.name)}” (${sizeOf(said)}): ${said.link}`);
    case 'skipped':
      return err(`${shown(said.resource)}: ${displayText(said.message)}`);
    case 'unseeded':
      return err(`“${displayName(said.name)}” is not shared any more.`);
    case 'health':
      return err(`Health and metrics are at ${said.url}`);
    case 'watching':
      return err(
        `Looking after ${shown(said.folder)}: ${counted(said.shares, 'share', 'shares')}. What is put there is shared, too.`,
      );
    default:
      return unreachable(said);
  }
}

const FILE_STATES = {
  missing: 'missing  ',
  wrong: 'wrong    ',
  unproved: 'unsure   ',
} as const;

function createdWords({ file, link, magnet, ...facts }: Extract<Said, { type: 'created' }>): Words {
  const where = file === null ? '' : `Written to ${shown(file)}: `;
  return (file === null ? err : out)(
    `${where}“${displayName(facts.name)}”, ${sizeOf(facts)}.\nlink    ${link}\nmagnet  ${magnet}`,
  );
}

function foundWords(said: Extract<Said, { type: 'found' }>): string {
  const all = `“${displayName(said.name)}”: ${sizeOf(said)}.`;
  return said.wanted === said.files
    ? all
    : `${all} Chosen: ${counted(said.wanted, 'file', 'files')}, ${formatBytes(said.wantedBytes)}.`;
}

function verdict(said: Extract<Said, { type: 'verified' }>): string {
  if (said.right)
    return `All of it is right: ${counted(said.files, 'file', 'files')}, ${formatBytes(said.size)}.`;
  const parts = [
    said.wrong > 0 ? `${counted(said.wrong, 'file is', 'files are')} wrong` : '',
    said.missing > 0 ? `${counted(said.missing, 'file is', 'files are')} missing` : '',
    said.unproved > 0
      ? `${counted(said.unproved, 'file is', 'files are')} not sure, as a piece of ${said.unproved === 1 ? 'it' : 'them'} lies in another file, too`
      : '',
  ].filter((part) => part !== '');
  return `Not all of it is right: ${parts.join(', ')}. ${formatBytes(said.rightBytes)} of ${formatBytes(said.size)} are.`;
}

function resultWords(said: Extract<Said, { type: 'result' }>): string {
  const copies = said.seeds === 0 ? 'nobody has all of it now' : `${people(said.seeds)} with all of it`;
  const comment = said.comment === '' ? '' : `\n  ${displayName(said.comment)}`;
  return `${displayName(said.name)}\n  ${counted(said.files, 'file', 'files')}, ${formatBytes(said.size)}, ${copies}${comment}\n  ${said.link}`;
}

function sizeOf({ files, size }: Pick<ShareFacts, 'files' | 'size'>): string {
  return `${counted(files, 'file', 'files')}, ${formatBytes(size)}`;
}

/** A path of this system. */
function shown(path: string): string {
  return displayName(path);
}

function pathShown(path: readonly string[]): string {
  return path.map(displayName).join('/');
}
