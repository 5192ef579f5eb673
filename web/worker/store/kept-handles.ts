/**
 * [LB5] Handles of a person's files in IndexedDB, beside the shares that were made of them: one of each loose file, one
 * of each folder with the paths of the files in it. Where a file came without one nothing is kept. What the browser
 * refuses or lost is a value, never an exception ([ST5]).
 */
import type { InfoHash } from '../../../shared/ids.ts';
import type { FileToShare, KeptFiles, KeptOpening } from '../../../shared/peer/ports.ts';
import { BlobContent } from '../blob-content.ts';
import { askAll, fileAt, permissionOf } from '../file-handle.ts';
import type { FileHandle } from '../file-handle.ts';
import type { Connection } from './connection.ts';
import { beginAlone } from './schema.ts';
import type { HandleRecord } from './schema.ts';
import { settled } from './settled.ts';

export class KeptHandles implements KeptFiles {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async keep(infoHash: InfoHash, files: readonly FileToShare[]): Promise<boolean> {
    const record = recordOf(files);
    if (record !== null) {
      const outcome = await this.#connection.writing(async (database) => {
        const { store, done } = beginAlone(database, 'handles', 'readwrite');
        await settled([store.put(record, infoHash), done]);
      });
      if (outcome.kind === 'stored') return true;
    }
    await this.forget(infoHash);
    return false;
  }

  async open(infoHash: InfoHash): Promise<KeptOpening> {
    const record = await this.#record(infoHash);
    if (record === undefined) return { kind: 'not-kept' };
    try {
      const permissions = await askAll(record.handles, permissionOf);
      if (permissions.includes('denied')) return { kind: 'gone' };
      if (permissions.includes('prompt')) return { kind: 'permission-needed' };
      const files = await askAll(record.files, ([handle, path]) => fileOf(record.handles[handle], path));
      return { kind: 'opened', files };
    } catch {
      return { kind: 'gone' };
    }
  }

  async shares(): Promise<InfoHash[]> {
    return this.#connection.reading(
      async (database) =>
        (await beginAlone(database, 'handles', 'readonly').store.getAllKeys()) as InfoHash[],
      [],
    );
  }

  async forget(infoHash: InfoHash): Promise<void> {
    await this.#connection.writing(async (database) => {
      const { store, done } = beginAlone(database, 'handles', 'readwrite');
      await settled([store.delete(infoHash), done]);
    });
  }

  /** Those of a share, for the page to ask the person about. */
  async handlesOf(infoHash: InfoHash): Promise<readonly FileHandle[]> {
    return (await this.#record(infoHash))?.handles ?? [];
  }

  #record(infoHash: InfoHash): Promise<HandleRecord | undefined> {
    return this.#connection.reading(
      (database) => beginAlone(database, 'handles', 'readonly').store.get(infoHash),
      undefined,
    );
  }
}

/** Null: a file came without a handle. */
function recordOf(files: readonly FileToShare[]): HandleRecord | null {
  const places = new Map<FileHandle, number>();
  const listed: [number, readonly string[]][] = [];
  for (const { content, path } of files) {
    const handle = content instanceof BlobContent ? content.handle : null;
    if (handle === null) return null;
    const place = places.get(handle) ?? places.size;
    places.set(handle, place);
    listed.push([place, path]);
  }
  return { handles: [...places.keys()], files: listed };
}

async function fileOf(handle: FileHandle | undefined, path: readonly string[]): Promise<FileToShare> {
  if (handle === undefined) throw new DOMException('no handle of this file', 'NotFoundError');
  const file = await fileAt(handle, path);
  return { content: new BlobContent(file, handle), path, modified: file.lastModified };
}
