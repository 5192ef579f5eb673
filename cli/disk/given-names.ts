/**
 * [HL31] [HL32] What the files of one share are called on this disk, whole and unfinished, where that is not what the
 * share calls them, too. Owns these names and the claims on them. Knows no bytes.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Claims } from './claims.ts';
import { partName, plainName } from './file-names.ts';
import type { Layout } from './layout.ts';
import type { OtherName, PlaceState } from './share-state.ts';
import type { Below } from './target-folder.ts';

export class GivenNames {
  /** The folder of the share, or its one file, in the target folder. */
  readonly top: string;
  readonly #layout: Layout;
  readonly #infoHash: InfoHash;
  readonly #claims: Claims;
  readonly #parts = new Map<number, Below>();
  readonly #finals = new Map<number, { readonly path: Below; readonly why: OtherName }>();

  constructor(layout: Layout, top: string, infoHash: InfoHash, claims: Claims) {
    this.top = top;
    this.#layout = layout;
    this.#infoHash = infoHash;
    this.#claims = claims;
    claims.take(top, infoHash);
  }

  /** Where the file is, or will be, when it is whole. */
  final(file: number): Below {
    return this.#finals.get(file)?.path ?? this.#own(file);
  }

  /** What it is to be called, if nothing else is. */
  wished(file: number): Below {
    const given = this.#finals.get(file);
    return given?.why === 'refused' ? given.path : this.#own(file);
  }

  /** Where it is until then. */
  part(file: number): Below {
    const given = this.#parts.get(file);
    if (given !== undefined) return given;
    const final = this.final(file);
    return [...final.slice(0, -1), partName(final.at(-1) ?? '')];
  }

  /** Files whose name is not the share's. */
  others(): PlaceState['finals'] {
    return [...this.#finals].map(([file, { path, why }]) => [file, path, why]);
  }

  /** Files whose unfinished name is not the usual one. */
  otherParts(): PlaceState['parts'] {
    return [...this.#parts];
  }

  callFinal(file: number, path: Below, why: OtherName): void {
    if (isSamePath(path, this.wished(file))) {
      if (this.#finals.get(file)?.why === 'taken') this.#finals.delete(file);
    } else this.#finals.set(file, { path, why });
  }

  callPart(file: number, path: Below): void {
    if (!isSamePath(path, this.part(file))) this.#parts.set(file, path);
    this.#claims.takePart(path, this.#infoHash);
  }

  /** It is whole: nothing is unfinished of it any more, under this name. */
  dropPart(file: number, part: Below): void {
    this.#claims.releasePart(part);
    this.#parts.delete(file);
  }

  /** Whether the unfinished file of another share is called so. */
  isAnothersPart(path: Below): boolean {
    return this.#claims.isPartOfAnother(path, this.#infoHash);
  }

  /** One that every file system can hold; null: it is called so already. */
  callPlainly(file: number): Below | null {
    if (this.#finals.get(file)?.why === 'refused') return null;
    const final = this.final(file);
    const name = plainName(final.at(-1) ?? '', file + 1);
    const path = final.length === 1 ? [name] : [this.top, name];
    this.#finals.set(file, { path, why: 'refused' });
    return path;
  }

  #own(file: number): Below {
    return [this.top, ...(this.#layout.names.files[file] ?? [])];
  }
}

function isSamePath(one: Below, other: Below): boolean {
  return one.length === other.length && one.every((name, depth) => name === other[depth]);
}
