/** [HL36] The library ([LB1]) in one JSON file, in memory as well: entries are small, and there are some hundreds of them. */
import * as v from 'valibot';
import { infoHash as readInfoHash } from '../../shared/ids.ts';
import type { InfoHash } from '../../shared/ids.ts';
import type { LibraryEntry, LibraryStore } from '../../shared/peer/library-store.ts';
import { JsonFile } from './json-file.ts';
import type { Notices } from './notices.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds } from './trouble.ts';

const Index = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Hash = v.custom<InfoHash>((value) => typeof value === 'string' && readInfoHash(value) !== null);
const Time = v.nullable(v.number());
const Text = v.nullable(v.string());
const Origin = v.object({
  ...{ url: v.string(), size: Index, etag: Text, lastModified: Text, sha256: Text },
  byOthers: v.exactOptional(v.boolean()),
});
const Entry = v.object({
  infoHash: Hash,
  role: v.picklist(['sharing', 'receiving']),
  intent: v.picklist(['sharing', 'downloading', 'paused', 'stopped', 'looking']),
  name: v.string(),
  totalBytes: Index,
  fileCount: Index,
  addedAt: v.number(),
  finishedAt: Time,
  savedAt: Time,
  usedAt: v.exactOptional(v.number()),
  files: v.exactOptional(v.nullable(v.array(Index))),
  pinned: v.exactOptional(v.boolean()),
  delivered: v.exactOptional(Index),
  listed: v.exactOptional(v.boolean()),
  asksWeb: v.exactOptional(v.boolean()),
  web: v.exactOptional(v.object({ ...Origin.entries, doubted: v.array(Index) })),
  cameFrom: v.exactOptional(Origin),
} satisfies Record<keyof LibraryEntry, v.GenericSchema>);
const Stored = v.object({ version: v.literal(1), entries: v.array(v.unknown()) });

export class DiskLibrary implements LibraryStore {
  readonly #file: JsonFile;
  readonly #notices: Notices;
  readonly #entries = new Map<InfoHash, LibraryEntry>();
  /** The same as sets: they are asked for each file. */
  readonly #wanted = new WeakMap<readonly number[], ReadonlySet<number>>();

  private constructor(path: string, notices: Notices) {
    this.#file = new JsonFile(path, notices);
    this.#notices = notices;
  }

  static async open(path: string, notices: Notices): Promise<DiskLibrary> {
    const library = new DiskLibrary(path, notices);
    const stored = await library.#file.read((json) => parsedBy(Stored, json));
    // One entry that makes no sense costs nobody the others.
    for (const one of stored?.entries ?? []) {
      const entry = parsedBy(Entry, one);
      if (entry !== null) library.#entries.set(entry.infoHash, entry);
    }
    return library;
  }

  /** Without waiting: what is known of it now. */
  known(infoHash: InfoHash): LibraryEntry | undefined {
    return this.#entries.get(infoHash);
  }

  /** [PK4] Whether the file is wanted, which is so of all unless some were chosen. */
  wants(infoHash: InfoHash, file: number): boolean {
    const files = this.#entries.get(infoHash)?.files ?? null;
    if (files === null) return true;
    const known = this.#wanted.get(files) ?? new Set(files);
    this.#wanted.set(files, known);
    return known.has(file);
  }

  async entries(): Promise<LibraryEntry[]> {
    return [...this.#entries.values()].map((entry) => structuredClone(entry));
  }

  async entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    return structuredClone(this.#entries.get(infoHash) ?? null);
  }

  async put(entry: LibraryEntry): Promise<void> {
    this.#entries.set(entry.infoHash, structuredClone(entry));
    await this.#write();
  }

  async remove(infoHash: InfoHash): Promise<void> {
    if (this.#entries.delete(infoHash)) await this.#write();
  }

  /** What cannot be written holds as long as this process, and is written with what is written next. */
  async #write(): Promise<void> {
    try {
      await this.#file.write(() => ({ version: 1, entries: [...this.#entries.values()] }));
    } catch (error) {
      if (!isWorlds(error)) throw error;
      tellTrouble(this.#notices, this.#file.path, error);
    }
  }
}

function parsedBy<Shape extends v.GenericSchema>(shape: Shape, value: unknown): v.InferOutput<Shape> | null {
  const read = v.safeParse(shape, value);
  return read.success ? read.output : null;
}
