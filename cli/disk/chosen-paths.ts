/**
 * [HL40] What a person names on the command line becomes files to share: folders whole, with their empty folders, in the
 * order of names. What cannot be taken along is said, and what was named itself and cannot be is refused. Knows no shares.
 */
import { constants } from 'node:fs';
import type { BigIntStats, Dirent } from 'node:fs';
import { access, lstat, readdir, stat } from 'node:fs/promises';
import { basename, resolve, sep } from 'node:path';
import { MAX_FILES } from '../../shared/limits.ts';
import { comparePaths, sharedName } from '../../shared/manifest/chosen-paths.ts';
import type { FileToShare } from '../../shared/peer/ports.ts';
import { decodeUtf8 } from '../../shared/utf8.ts';
import { Descriptors } from './descriptors.ts';
import { DiskContent } from './disk-content.ts';
import type { AnyPath } from './disk-content.ts';
import { DEEPEST_FOLDER } from './limits.ts';
import { STATE_FOLDER_NAME } from './state-folder.ts';
import { codeOf, isWorlds } from './trouble.ts';

/** `path`: as it can be shown; what is no UTF-8 in it is U+FFFD. */
export type ChosenNotice = {
  readonly kind:
    | 'link-left-out'
    | 'special-left-out'
    | 'unreadable-left-out'
    | 'state-left-out'
    | 'name-not-utf8'
    | 'named-twice';
  readonly path: string;
};

export type WhyNotChosen = 'nothing-named' | 'not-there' | 'unreadable' | 'special' | 'too-many-files';

export type ChosenPaths =
  | {
      readonly kind: 'chosen';
      readonly files: FileToShare[];
      /** Paths of folders in which nothing lies. */
      readonly folders: string[][];
      /** What the share is called. */
      readonly name: string;
      readonly notices: ChosenNotice[];
    }
  | { readonly kind: 'refused'; readonly why: WhyNotChosen; readonly path: string };

class Refused extends Error {
  readonly why: WhyNotChosen;
  readonly path: string;

  constructor(why: WhyNotChosen, path: string) {
    super(why);
    this.why = why;
    this.path = path;
  }
}

/** Of all that is named in this process, as long as that lives. */
const open = new Descriptors();

export async function chosenPaths(
  paths: readonly string[],
  descriptors: Descriptors = open,
): Promise<ChosenPaths> {
  const walk = new Walk(descriptors);
  try {
    if (paths.length === 0) throw new Refused('nothing-named', '');
    for (const path of paths) await walk.named(path);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { kind: 'refused', why: error.why, path: error.path };
  }
  const files = walk.files.sort((one, other) => comparePaths(one.path, other.path));
  const folders = walk.folders.sort(comparePaths);
  return { kind: 'chosen', files, folders, name: sharedName({ files, folders }), notices: walk.notices };
}

class Walk {
  readonly files: FileToShare[] = [];
  readonly folders: string[][] = [];
  readonly notices: ChosenNotice[] = [];
  readonly #descriptors: Descriptors;
  readonly #named = new Set<string>();

  constructor(descriptors: Descriptors) {
    this.#descriptors = descriptors;
  }

  /** A link that is named itself is meant: it is followed, and its own name is the file's. */
  async named(path: string): Promise<void> {
    const absolute = resolve(path);
    if (this.#named.has(absolute)) return void this.notices.push({ kind: 'named-twice', path });
    this.#named.add(absolute);
    try {
      const found = await stat(absolute, { bigint: true });
      const above = [basename(absolute)];
      if (found.isDirectory()) return await this.#folder(absolute, path, above, 0);
      if (!found.isFile()) throw new Refused('special', path);
      await access(absolute, constants.R_OK);
      this.#add(absolute, found, above);
    } catch (error) {
      if (!isWorlds(error)) throw error;
      throw new Refused(codeOf(error) === 'ENOENT' ? 'not-there' : 'unreadable', path);
    }
  }

  /** Rejects where it cannot be read. */
  async #folder(absolute: AnyPath, shown: string, path: string[], depth: number): Promise<void> {
    if (depth > DEEPEST_FOLDER) return this.#leaveOut('unreadable-left-out', shown);
    const entries = await readdir(absolute, { withFileTypes: true, encoding: 'buffer' });
    for (const entry of entries) await this.#entry(entry, absolute, shown, path, depth);
    if (entries.length === 0) this.folders.push(path);
    this.#checkCount(shown);
  }

  async #entry(
    entry: Dirent<Buffer>,
    folder: AnyPath,
    shownFolder: string,
    above: string[],
    depth: number,
  ): Promise<void> {
    const text = decodeUtf8(entry.name);
    const name = text ?? entry.name.toString('utf8');
    const absolute = below(folder, entry.name, text);
    const [shown, path] = [`${shownFolder}${shownFolder.endsWith(sep) ? '' : sep}${name}`, [...above, name]];
    try {
      const found = await lstat(absolute, { bigint: true });
      if (found.isSymbolicLink()) return this.#leaveOut('link-left-out', shown);
      if (found.isDirectory()) {
        if (name === STATE_FOLDER_NAME) return this.#leaveOut('state-left-out', shown);
        return await this.#folder(absolute, shown, path, depth + 1);
      }
      if (!found.isFile()) return this.#leaveOut('special-left-out', shown);
      await access(absolute, constants.R_OK);
      if (text === null) this.#leaveOut('name-not-utf8', shown);
      this.#add(absolute, found, path);
      this.#checkCount(shown);
    } catch (error) {
      if (!isWorlds(error)) throw error;
      this.#leaveOut('unreadable-left-out', shown);
    }
  }

  #add(path: AnyPath, found: BigIntStats, shared: string[]): void {
    const content = new DiskContent(path, found, this.#descriptors);
    this.files.push({ content, path: shared, modified: content.modified });
  }

  #leaveOut(kind: ChosenNotice['kind'], path: string): void {
    this.notices.push({ kind, path });
  }

  #checkCount(path: string): void {
    if (this.files.length + this.folders.length > MAX_FILES) throw new Refused('too-many-files', path);
  }
}

/** Bytes, as soon as there is a name on the way that is no text. */
function below(folder: AnyPath, name: Buffer, text: string | null): AnyPath {
  if (typeof folder === 'string' && text !== null)
    return folder.endsWith(sep) ? folder + text : folder + sep + text;
  return Buffer.concat([Buffer.from(folder), Buffer.from(sep), name]);
}
