/**
 * Saving shares into folders ([SA13]), as far as the page shows it: what runs and how far it is, and which names the
 * browser refused. Goes on while the person looks at other pages. Loaded when there is something to save.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Renamed } from '../worker/contract.ts';
import { FolderSave, layoutOf, newFolder } from './folder-save.ts';
import { GONE, noFolderWhy } from './file-sentences.ts';
import { without } from './save-states.svelte.ts';
import type { SaveEnd, SaveOutcome, SaveShare, Session } from './session.ts';
import type { Transfers } from './transfers.svelte.ts';

export interface FolderProgress {
  readonly files: number;
  readonly bytes: number;
  readonly allFiles: number;
  readonly allBytes: number;
}

type Picker = NonNullable<Window['showDirectoryPicker']>;

export class FolderSaves {
  #running = $state.raw<Readonly<Record<InfoHash, FolderProgress>>>({});
  #renamed = $state.raw<Readonly<Record<InfoHash, readonly Renamed[]>>>({});
  /** Calls that stop what runs. */
  #stops: Readonly<Record<InfoHash, () => void>> = {};
  readonly #transfers: Transfers;
  /** Null: this browser has no such dialogue. */
  readonly #picker: Picker | null;

  constructor(transfers: Transfers, picker: Picker | null) {
    this.#transfers = transfers;
    this.#picker = picker;
  }

  get possible(): boolean {
    return this.#picker !== null;
  }

  /** Null: none runs. */
  of(infoHash: InfoHash): FolderProgress | null {
    return this.#running[infoHash] ?? null;
  }

  /** Names that the browser refused, the last time. */
  renamedOf(infoHash: InfoHash): readonly Renamed[] {
    return this.#renamed[infoHash] ?? [];
  }

  /** Asks for the folder at once: the browser opens its dialogue only for what was just pressed. */
  async save(infoHash: InfoHash): Promise<void> {
    if (this.#picker === null || this.#transfers.saveOf(infoHash).kind === 'saving') return;
    const picked = await this.#picker({ id: 'shoal-save', mode: 'readwrite', startIn: 'downloads' }).catch(
      (error: unknown) => (error instanceof DOMException ? error : Promise.reject(error)),
    );
    // Closing the dialogue is no failure.
    if (picked instanceof DOMException && picked.name === 'AbortError') return;
    await this.#transfers.save(infoHash, (...asked) =>
      picked instanceof DOMException
        ? Promise.resolve({ kind: 'failed', why: noFolderWhy(picked) })
        : this.#begin(picked, ...asked),
    );
  }

  cancel(infoHash: InfoHash): void {
    this.#stops[infoHash]?.();
  }

  async #begin(
    parent: FileSystemDirectoryHandle,
    ...[{ infoHash }, session, ended]: Parameters<SaveShare>
  ): Promise<SaveOutcome> {
    const plan = await session.blobPlan(infoHash, null);
    // By now one file alone may be wanted.
    if (plan === null || plan.file !== 'zip') return { kind: 'failed', why: GONE };
    const layout = layoutOf(plan.name.replace(/\.zip$/, ''), plan.entries);
    const made = await newFolder(parent, layout.top).catch((error: unknown) => noFolderWhy(error));
    if (typeof made === 'string') return { kind: 'failed', why: made };
    void this.#run(infoHash, session, made, layout).then(ended);
    return { kind: 'started', into: made.name };
  }

  async #run(
    infoHash: InfoHash,
    session: Session,
    folder: FileSystemDirectoryHandle,
    layout: ReturnType<typeof layoutOf>,
  ): Promise<SaveEnd> {
    const stop = new AbortController();
    const entries = layout.written.flatMap(({ entry }) => (entry.kind === 'file' ? [entry] : []));
    const allBytes = entries.reduce((sum, { size }) => sum + size, 0);
    let progress: FolderProgress = { files: 0, bytes: 0, allFiles: entries.length, allBytes };
    const told = (files: number, bytes: number): void => {
      progress = { ...progress, files: progress.files + files, bytes: progress.bytes + bytes };
      this.#running = { ...this.#running, [infoHash]: progress };
    };
    told(0, 0);
    this.#stops = { ...this.#stops, [infoHash]: () => stop.abort() };
    const source = {
      entries,
      read: (file: number, from: number) => session.fileBytes(infoHash, file, from),
    };
    const end = await new FolderSave(folder, layout, source, told, stop.signal).run();
    this.#stops = without(this.#stops, infoHash);
    this.#running = without(this.#running, infoHash);
    this.#renamed = { ...this.#renamed, [infoHash]: end.kind === 'saved' ? end.renamed : [] };
    if (end.kind === 'cancelled') return { kind: 'none' };
    return end.kind === 'saved' ? { kind: 'saved', into: folder.name } : end;
  }
}

const known = new WeakMap<Transfers, FolderSaves>();

/** One for each page, whoever shows it. */
export function folderSavesOf(transfers: Transfers): FolderSaves {
  const saves =
    known.get(transfers) ?? new FolderSaves(transfers, window.showDirectoryPicker?.bind(window) ?? null);
  known.set(transfers, saves);
  return saves;
}
