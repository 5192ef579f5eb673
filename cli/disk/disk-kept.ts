/**
 * [LB5] [HL41] Where the files of one's own shares lie, so that they are sent again after a restart: a JSON file for each
 * share. Says nothing of their bytes.
 */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as v from 'valibot';
import { infoHash as readInfoHash } from '../../shared/ids.ts';
import type { InfoHash } from '../../shared/ids.ts';
import type { FileToShare, KeptFiles, KeptOpening } from '../../shared/peer/ports.ts';
import type { Descriptors } from './descriptors.ts';
import { contentAt, DiskContent } from './disk-content.ts';
import type { AnyPath } from './disk-content.ts';
import { JsonFile } from './json-file.ts';
import type { Notices } from './notices.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds, orNull } from './trouble.ts';

/** A path is text, or the base64 of its bytes where it is no UTF-8. */
const Stored = v.object({
  version: v.literal(1),
  files: v.array(
    v.object({
      at: v.union([v.string(), v.object({ bytes: v.string() })]),
      path: v.array(v.string()),
    }),
  ),
});

export class DiskKept implements KeptFiles {
  readonly #folder: string;
  readonly #descriptors: Descriptors;
  readonly #notices: Notices;

  constructor(folder: string, descriptors: Descriptors, notices: Notices) {
    this.#folder = folder;
    this.#descriptors = descriptors;
    this.#notices = notices;
  }

  async keep(infoHash: InfoHash, files: readonly FileToShare[]): Promise<boolean> {
    const kept = files.flatMap(({ content, path }) =>
      content instanceof DiskContent ? [{ at: stored(content.path), path }] : [],
    );
    if (kept.length === files.length && (await this.#written(infoHash, kept))) return true;
    await this.forget(infoHash);
    return false;
  }

  async open(infoHash: InfoHash): Promise<KeptOpening> {
    const kept = await this.#file(infoHash).read((json) => {
      const read = v.safeParse(Stored, json);
      return read.success ? read.output.files : null;
    });
    if (kept === null) return { kind: 'not-kept' };
    const files: FileToShare[] = [];
    for (const { at, path } of kept) {
      const content = await contentAt(
        typeof at === 'string' ? at : Buffer.from(at.bytes, 'base64'),
        this.#descriptors,
      );
      if (content === null) return { kind: 'gone' };
      files.push({ content, path, modified: content.modified });
    }
    return { kind: 'opened', files };
  }

  async shares(): Promise<InfoHash[]> {
    const names = (await orNull(readdir(this.#folder))) ?? [];
    return names.flatMap((name) => (name.endsWith('.json') ? (readInfoHash(name.slice(0, -5)) ?? []) : []));
  }

  async forget(infoHash: InfoHash): Promise<void> {
    await orNull(rm(this.#file(infoHash).path, { force: true }));
  }

  async #written(infoHash: InfoHash, files: readonly unknown[]): Promise<boolean> {
    const file = this.#file(infoHash);
    try {
      await file.write(() => ({ version: 1, files }));
      return true;
    } catch (error) {
      if (!isWorlds(error)) throw error;
      tellTrouble(this.#notices, file.path, error);
      return false;
    }
  }

  #file(infoHash: InfoHash): JsonFile {
    return new JsonFile(join(this.#folder, `${infoHash}.json`), this.#notices);
  }
}

function stored(path: AnyPath): string | { bytes: string } {
  return Buffer.isBuffer(path) ? { bytes: path.toString('base64') } : path;
}
