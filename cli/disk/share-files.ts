/**
 * [HL31] [HL32] The files of one share: written in place and sparse, under another name until they are whole. Owns where
 * each of them is; which pieces are right is disk-share.ts's. Writes to nothing that it has not made.
 */
import { link, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { assert } from '../../shared/assert.ts';
import { someAtOnce } from './at-once.ts';
import type { Descriptors } from './descriptors.ts';
import { factsOf, isAsNoted, movedNew, readAll, writeAll } from './file-io.ts';
import type { Layout } from './layout.ts';
import { FILES_AT_ONCE, LOOKS_AT_ONCE } from './limits.ts';
import { begunBeside, copiedBeside, movedBeside, underOwnName } from './placing.ts';
import type { PlacingHost } from './placing.ts';
import type { FileLine, PlaceState, WholeFacts } from './share-state.ts';
import { isSameFile, MAKE, READ, READ_WRITE } from './target-folder.ts';
import type { Below, TargetFolder } from './target-folder.ts';
import { isMissing, isNoLink, orNull } from './trouble.ts';

/**
 * `beside`: unfinished, in the target folder. `aside`: unfinished or not wanted, in the share's own folder, where nobody
 * sees it. `whole`: under its own name.
 */
export type FilePlace = 'absent' | 'beside' | 'aside' | 'whole';

export interface FilesHost extends PlacingHost {
  readonly aside: TargetFolder;
  readonly descriptors: Descriptors;
  readonly isWanted: (file: number) => boolean;
  /** What was in it is lost: no piece in it is here any more. */
  readonly gone: (file: number) => void;
}

/** Somebody has moved or deleted it. */
class GoneFile extends Error {}

interface Where {
  readonly folder: TargetFolder;
  readonly path: Below;
  readonly flags: number;
}

export class ShareFiles {
  readonly #layout: Layout;
  readonly #host: FilesHost;
  readonly #places: FilePlace[];
  readonly #whole = new Map<number, WholeFacts>();
  /** Files with bytes that the disk may not have yet. */
  #dirty = new Set<number>();
  /** Files that are being made, or made writable, just now. */
  readonly #readying = new Map<number, Promise<void>>();
  /** Files that are getting another name just now. */
  readonly #moving = new Map<number, Promise<void>>();

  constructor(layout: Layout, host: FilesHost) {
    this.#layout = layout;
    this.#host = host;
    this.#places = Array.from({ length: layout.fileCount }, () => 'absent' as const);
  }

  placeOf(file: number): FilePlace {
    return this.#places[file] ?? 'absent';
  }

  // What is kept of it

  state(isGathered: boolean): PlaceState {
    const { names } = this.#host;
    const others = { parts: names.otherParts(), finals: names.others() };
    return { top: names.top, isGathered, ...others, whole: [...this.#whole] };
  }

  /** As it was left. Whether it is still so has to be looked at. */
  restore({ parts, finals, whole }: PlaceState): void {
    const { names } = this.#host;
    const isFile = (file: number): boolean => file < this.#layout.fileCount;
    for (const [file, path, why] of finals) if (isFile(file)) names.callFinal(file, path, why);
    for (const [file, path] of parts) if (isFile(file)) names.callPart(file, path);
    for (const [file, facts] of whole) if (isFile(file)) this.#becomesWhole(file, facts);
  }

  /** The journal says that it was about to be called so. */
  async replay({ f: file, to, facts }: FileLine): Promise<void> {
    if (file >= this.#layout.fileCount) return;
    const { target, names } = this.#host;
    const found = await target.look(to);
    if (found === null || !isAsNoted(found, facts)) return;
    const [partPath, part] = [names.part(file), await target.look(names.part(file))];
    if (part !== null && isSameFile(part, found)) await rm(await target.absolute(partPath));
    names.callFinal(file, to, 'taken');
    this.#becomesWhole(file, facts);
  }

  /** Finds an unfinished file where it was left. False: there is none. */
  async findPart(file: number): Promise<boolean> {
    const { target, aside, names } = this.#host;
    const [inTarget, inOwn] = await Promise.all([target.look(names.part(file)), aside.look([`${file}`])]);
    if (inTarget?.isFile() !== true && inOwn?.isFile() !== true) return false;
    this.#places[file] = inTarget?.isFile() === true ? 'beside' : 'aside';
    return true;
  }

  /** What a whole file is now: as it was noted, something else, or nothing. */
  async lookAtWhole(file: number): Promise<'as-noted' | 'changed' | 'gone'> {
    const found = await this.#host.target.look(this.#host.names.final(file));
    const facts = this.#whole.get(file);
    if (found === null || !found.isFile()) return 'gone';
    return facts !== undefined && isAsNoted(found, facts) ? 'as-noted' : 'changed';
  }

  // What is found here

  /** A file under the share's name that is right. Nobody writes to it. */
  adoptWhole(file: number, facts: WholeFacts): void {
    this.#becomesWhole(file, facts);
  }

  /** It is right as it is now, whenever it was changed. */
  async noteWhole(file: number): Promise<void> {
    const found = await this.#host.target.look(this.#host.names.final(file));
    if (found !== null) this.#becomesWhole(file, factsOf(found));
  }

  /** What is at the unfinished name is an unfinished copy of this file, and written on. */
  takeOver(file: number): void {
    this.#host.names.callPart(file, this.#host.names.part(file));
    this.#becomes(file, 'beside');
  }

  /** A copy under the unfinished name. */
  async copyFrom(file: number, source: string): Promise<void> {
    await copiedBeside(this.#host, file, source);
    this.#becomes(file, 'beside');
  }

  /** A hard link under the file's own name. False: that is impossible between these two places. */
  async linkFrom(file: number, source: string): Promise<boolean> {
    await this.#host.target.makeFolder(this.#host.names.final(file).slice(0, -1));
    try {
      const facts = await underOwnName(this.#host, file, source, (to) => link(source, to));
      this.#becomesWhole(file, facts);
      return true;
    } catch (error) {
      if (isNoLink(error)) return false;
      throw error;
    }
  }

  // Bytes

  /** Rejects with what the system says. */
  async write(piece: number, bytes: Uint8Array): Promise<void> {
    await someAtOnce(this.#layout.segmentsOf(piece), FILES_AT_ONCE, ({ file, at, from, length }) =>
      this.#writeAt(file, bytes.subarray(from, from + length), at),
    );
  }

  /** Null: they are not here. Rejects with what the system says. */
  async read(piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = new Uint8Array(this.#layout.pieceSize(piece));
    for (const { file, at, from, length } of this.#layout.segmentsOf(piece)) {
      if (!(await this.#readAt(file, bytes.subarray(from, from + length), at))) return null;
    }
    return bytes;
  }

  /** Everything is on the disk that was written before. Rejects where that cannot be known. */
  async sync(): Promise<void> {
    const dirty = this.#dirty;
    this.#dirty = new Set();
    try {
      // Together: a disk keeps many small files at once as quickly as one.
      await someAtOnce([...dirty], LOOKS_AT_ONCE, async (file) => {
        if (this.placeOf(file) !== 'absent') await this.#onDisk(file);
        dirty.delete(file);
      });
    } catch (error) {
      for (const file of dirty) this.#dirty.add(file);
      throw error;
    }
  }

  // Whole files

  /** Every piece of it is here: it gets its name, unless nobody wants it. */
  async finish(file: number): Promise<void> {
    const place = this.placeOf(file);
    if ((place !== 'beside' && place !== 'aside') || !this.#host.isWanted(file)) return;
    try {
      await this.#using(file, (handle) => this.#date(handle, file));
    } catch (error) {
      if (error instanceof GoneFile) return;
      throw error;
    }
    const moved = this.#nameIt(file);
    // Whoever reads it meanwhile waits, for it is under neither name for a moment.
    this.#moving.set(
      file,
      moved.catch(() => undefined),
    );
    await moved.finally(() => this.#moving.delete(file));
  }

  async #nameIt(file: number): Promise<void> {
    const { names, descriptors, aside, target } = this.#host;
    await descriptors.letGo(await this.#key(this.#where(file)));
    try {
      if (this.placeOf(file) === 'aside') {
        await movedBeside(this.#host, file, await aside.absolute([`${file}`]));
        this.#becomes(file, 'beside');
      }
      const part = names.part(file);
      const from = await target.absolute(part);
      const facts = await underOwnName(this.#host, file, from, (to) => movedNew(from, to));
      names.dropPart(file, part);
      this.#becomesWhole(file, facts);
    } catch (error) {
      if (!isMissing(error)) throw error;
      this.lose(file);
    }
  }

  /** A file without bytes. */
  async makeEmpty(file: number): Promise<void> {
    if (this.placeOf(file) !== 'absent') return this.finish(file);
    const found = await this.#host.target.look(this.#host.names.final(file));
    if (found?.isFile() === true && found.size === 0n) return this.#becomesWhole(file, factsOf(found));
    await this.#begin(file);
    await this.finish(file);
  }

  /** Somebody else has moved or deleted it, or what was in it. */
  lose(file: number): void {
    const { target, notices, names, gone } = this.#host;
    const path = this.placeOf(file) === 'whole' ? names.final(file) : names.part(file);
    this.#places[file] = 'absent';
    this.#whole.delete(file);
    notices.tell({ kind: 'file-gone', path: target.shown(path) });
    gone(file);
  }

  /** Takes away what is unfinished. What is whole is the person's. */
  async removeUnfinished(): Promise<void> {
    await this.close();
    for (const [file, place] of this.#places.entries()) {
      if (place !== 'beside' && place !== 'aside') continue;
      const { folder, path } = this.#where(file);
      await orNull(rm(await folder.absolute(path), { force: true }));
      if (place === 'beside') await folder.removeEmpty(path.slice(0, -1));
      this.#places[file] = 'absent';
    }
  }

  async close(): Promise<void> {
    for (const [file, place] of this.#places.entries()) {
      if (place !== 'absent') await this.#host.descriptors.letGo(await this.#key(this.#where(file)));
    }
  }

  // Inside

  async #writeAt(file: number, bytes: Uint8Array, at: number): Promise<void> {
    for (;;) {
      while (this.placeOf(file) === 'whole' || this.placeOf(file) === 'absent') await this.#readied(file);
      this.#dirty.add(file);
      try {
        await this.#using(file, (handle) => writeAll(handle, bytes, at));
        return;
      } catch (error) {
        // Somebody took it away: what was in it is lost, and this begins it anew.
        if (!(error instanceof GoneFile)) throw error;
      }
    }
  }

  async #readAt(file: number, into: Uint8Array, at: number): Promise<boolean> {
    for (;;) {
      const place = this.placeOf(file);
      if (place === 'absent') return false;
      try {
        return await this.#using(file, (handle) => readAll(handle, into, at));
      } catch (error) {
        // Where it got its own name meanwhile it is read from there.
        if (!(error instanceof GoneFile)) throw error;
      }
    }
  }

  async #onDisk(file: number): Promise<void> {
    try {
      await this.#using(file, (handle) => handle.datasync());
    } catch (error) {
      if (!(error instanceof GoneFile)) throw error;
    }
  }

  /** Rejects with `GoneFile` where it is not there: then it is lost already, unless it is elsewhere by now. */
  async #using<Answer>(file: number, task: (handle: FileHandle) => Promise<Answer>): Promise<Answer> {
    await this.#moving.get(file);
    const place = this.placeOf(file);
    const where = this.#where(file);
    const key = await this.#key(where);
    try {
      const open = (): Promise<FileHandle> => where.folder.open(where.path, where.flags);
      return await this.#host.descriptors.using(key, open, async (handle) => {
        // Both at once: what goes into a file that is gone is lost as it would be anyway, and nobody waits twice.
        const [{ nlink }, answer] = await Promise.all([handle.stat(), task(handle)]);
        if (nlink === 0) throw new GoneFile();
        return answer;
      });
    } catch (error) {
      if (!isMissing(error) && !(error instanceof GoneFile)) throw error;
      await this.#host.descriptors.letGo(key);
      await this.#moving.get(file);
      if (this.placeOf(file) === place) this.lose(file);
      throw new GoneFile();
    }
  }

  #where(file: number): Where {
    const place = this.placeOf(file);
    const { target, aside, names } = this.#host;
    if (place === 'aside') return { folder: aside, path: [`${file}`], flags: READ_WRITE };
    if (place === 'beside') return { folder: target, path: names.part(file), flags: READ_WRITE };
    assert(place === 'whole', 'a file that is here');
    return { folder: target, path: names.final(file), flags: READ };
  }

  async #key({ folder, path, flags }: Where): Promise<string> {
    return `${flags}:${await folder.absolute(path)}`;
  }

  /** It can be written to. Several pieces of it may come at once. */
  #readied(file: number): Promise<void> {
    const underWay = this.#readying.get(file);
    if (underWay !== undefined) return underWay;
    const ready = this.placeOf(file) === 'whole' ? this.#reopen(file) : this.#begin(file);
    const done = ready.finally(() => this.#readying.delete(file));
    this.#readying.set(file, done);
    return done;
  }

  async #begin(file: number): Promise<void> {
    const { aside, isWanted, descriptors } = this.#host;
    const [handle, place] = isWanted(file)
      ? ([await begunBeside(this.#host, file), 'beside'] as const)
      : ([await aside.open([`${file}`], MAKE), 'aside'] as const);
    this.#becomes(file, place);
    descriptors.add(await this.#key(this.#where(file)), handle);
  }

  /** Something has to be written to what was whole: it stays as it is, and the rest of it is gone on with beside it. */
  async #reopen(file: number): Promise<void> {
    const { target, notices, names, descriptors } = this.#host;
    const final = names.final(file);
    if ((await target.look(final)) === null) return this.lose(file);
    await descriptors.letGo(await this.#key(this.#where(file)));
    await copiedBeside(this.#host, file, await target.absolute(final));
    this.#whole.delete(file);
    this.#becomes(file, 'beside');
    notices.tell({ kind: 'file-changed', path: target.shown(final) });
  }

  async #date(handle: FileHandle, file: number): Promise<void> {
    const ms = this.#layout.modified(file);
    // A date that this disk cannot hold costs nobody the file.
    if (ms !== null) await orNull(handle.utimes(ms / 1_000, ms / 1_000));
  }

  #becomes(file: number, place: 'beside' | 'aside'): void {
    this.#places[file] = place;
    this.#dirty.add(file);
  }

  #becomesWhole(file: number, facts: WholeFacts): void {
    this.#whole.set(file, facts);
    this.#places[file] = 'whole';
  }
}
