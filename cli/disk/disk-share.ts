/**
 * [HL33] [HL36] One share on disk: its record, its pieces, and that none counts that is not here. What was stored is in
 * the journal before it is answered for; at times the disk is told to keep everything, and then the state says so. Its
 * verbs run one after another in `queue`, which is the caller's to use. Reads need not.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assert } from '../../shared/assert.ts';
import type { InfoHash } from '../../shared/ids.ts';
import type { PieceContent, ShareRecord, StoredPiece } from '../../shared/peer/piece-store.ts';
import { Queue, someAtOnce } from './at-once.ts';
import { GivenNames } from './given-names.ts';
import { Journal } from './journal.ts';
import { JsonFile, writeWhole } from './json-file.ts';
import { Layout } from './layout.ts';
import { FILES_AT_ONCE, SYNC_BYTES } from './limits.ts';
import { lookAfter } from './looking-after.ts';
import { OwnedPieces } from './owned-pieces.ts';
import { sha256Of } from './sha256.ts';
import { ShareFiles } from './share-files.ts';
import type { ShareHost } from './share-host.ts';
import { stateFromJson, stateToJson } from './share-state.ts';
import type { JournalLine, StoredLine, ShareState } from './share-state.ts';
import { TargetFolder } from './target-folder.ts';
import { isWorlds, orNull } from './trouble.ts';

const MANIFEST_NAME = 'manifest.torrentinno';

/** Where the files of a share lie, from when a place was chosen for them. */
interface Placed {
  readonly files: ShareFiles;
  readonly names: GivenNames;
}

export class DiskShare {
  readonly infoHash: InfoHash;
  readonly queue = new Queue();
  readonly owned: OwnedPieces;
  readonly #host: ShareHost;
  readonly #folder: string;
  readonly #state: JsonFile;
  readonly #journal: Journal;
  readonly #syncs = new Queue();
  #layout: Layout | null = null;
  #placed: Placed | null = null;
  #isGathered = false;
  #addedAt: number | null = null;
  #unsyncedBytes = 0;
  #isChanged = false;
  #isRemoved = false;
  #unlooked: readonly JournalLine[] = [];
  #looked: Promise<void> | null = null;

  constructor(infoHash: InfoHash, host: ShareHost) {
    this.infoHash = infoHash;
    this.owned = new OwnedPieces(host.loose);
    this.#host = host;
    this.#folder = join(host.stateFolder, infoHash);
    this.#state = new JsonFile(join(this.#folder, 'state.json'), host.notices);
    this.#journal = new Journal(this.#folder, host.descriptors);
  }

  get layout(): Layout | null {
    return this.#layout;
  }

  get placed(): Placed | null {
    return this.#placed;
  }

  get hasRecord(): boolean {
    return this.#addedAt !== null;
  }

  /** What is here already was looked for. */
  get isGathered(): boolean {
    return this.#isGathered;
  }

  get needsSync(): boolean {
    return this.#isChanged;
  }

  /** Content of which only its journal knows, until it is looked at. */
  readonly noted = (): string[] => this.#unlooked.flatMap((line) => ('s' in line ? [line.s] : []));

  /** Its pieces with their content. */
  contents(): { readonly sha256: string; readonly bytes: number }[] {
    const loose = this.owned.loose().map(([, sha256, bytes]) => ({ sha256, bytes }));
    const inPlace = this.owned.inPlace().map((piece) => {
      return { sha256: this.#layout?.sha256(piece) ?? '', bytes: this.#layout?.pieceSize(piece) ?? 0 };
    });
    return [...loose, ...inPlace];
  }

  // Opening

  /** As far as that is quick; `look` does the rest before anything of it is used. False: there is nothing of it. */
  async load(): Promise<boolean> {
    const state = await this.#state.read(stateFromJson);
    const manifest = await orNull(readFile(join(this.#folder, MANIFEST_NAME)));
    if (manifest !== null) this.#layOut(manifest);
    this.#unlooked = await this.#journal.replay(state?.generation ?? 0);
    if (state === null && manifest === null && this.#unlooked.length === 0) return false;
    if (state !== null) await this.#take(state);
    // A state that was lost does not say when it came.
    else if (manifest !== null) this.#addedAt = Date.now();
    return true;
  }

  /** Once, before anything of it is used. */
  look(): Promise<void> {
    this.#looked ??= this.queue.run(async () => {
      const [lines, files] = [this.#unlooked, this.#placed?.files ?? null];
      this.#unlooked = [];
      const { loose, isLeft } = this.#host;
      const share = { layout: this.#layout, files, owned: this.owned, loose };
      await lookAfter({ ...share, isLeft: () => isLeft(this.infoHash) }, lines);
      if (lines.length > 0) this.#changed(0);
      await this.#finishAll();
    });
    return this.#looked;
  }

  async #take({ addedAt, inPlace, loose, latest, place }: ShareState): Promise<void> {
    this.#addedAt = addedAt;
    for (const [piece, sha256, bytes] of loose) await this.owned.addLoose(piece, sha256, bytes);
    for (const piece of latest) this.owned.came(piece);
    if (place === null || this.#layout === null) return;
    this.#settle(place.top).files.restore(place);
    this.#isGathered = place.isGathered;
    for (const piece of inPlace.members()) {
      if (piece < this.#layout.pieceCount) await this.owned.addInPlace(piece);
    }
  }

  // The record and the place

  /** Rejects where it cannot be written. */
  async keep({ manifest, addedAt }: ShareRecord): Promise<void> {
    await writeWhole(join(this.#folder, MANIFEST_NAME), Buffer.from(manifest));
    this.#addedAt = addedAt;
    if (this.#layout === null) this.#layOut(manifest);
    await this.sync();
  }

  /** Null: there is none that can be read. */
  async record(): Promise<ShareRecord | null> {
    const addedAt = this.#addedAt;
    const manifest = addedAt === null ? null : await orNull(readFile(join(this.#folder, MANIFEST_NAME)));
    if (addedAt === null || manifest === null) return null;
    return { infoHash: this.infoHash, addedAt, manifest: new Uint8Array(manifest) };
  }

  /** Its files lie there from now on. It is known for good before the first of them is made. */
  async place(top: string): Promise<Placed> {
    const placed = this.#settle(top);
    await this.sync();
    return placed;
  }

  /** What is here already was looked for: these pieces are right and in place. */
  async gathered(pieces: Iterable<number>): Promise<void> {
    for (const piece of pieces) {
      await this.owned.addInPlace(piece);
      this.owned.came(piece);
    }
    this.#isGathered = true;
    await this.#finishAll();
    await this.#takeIn();
    await this.sync();
  }

  #layOut(manifest: Uint8Array): void {
    this.#layout = Layout.parse(manifest);
    if (this.#layout !== null) this.owned.layOut(this.#layout);
  }

  #settle(top: string): Placed {
    const layout = this.#layout;
    assert(layout !== null, 'files have a place when their manifest is known');
    const { target, notices, claims, descriptors } = this.#host;
    const names = new GivenNames(layout, top, this.infoHash, claims);
    const files = new ShareFiles(layout, {
      ...{ target, notices, descriptors, names },
      aside: new TargetFolder(join(this.#folder, 'aside')),
      isWanted: (file) => this.#host.isWanted(this.infoHash, file),
      gone: (file) => this.#gone(file),
      journal: (line) => this.#journal.add([line]),
    });
    return (this.#placed = { files, names });
  }

  // Pieces

  /** All of them or none. Rejects with what the system says. They lie in the share's files where those have a place. */
  async put(pieces: readonly StoredPiece[]): Promise<void> {
    const missing = pieces.flatMap((piece) => {
      const line = this.#lineOf(piece);
      return line === null ? [] : [{ piece, line }];
    });
    const lines = missing.map(({ line }) => line);
    const writing = someAtOnce(missing, FILES_AT_ONCE, ({ piece, line }) => this.#write(piece, line));
    await this.#note(lines, writing);
    this.#changed(pieces.reduce((sum, { bytes }) => sum + bytes.length, 0));
    const files = new Set(pieces.flatMap(({ piece }) => this.owned.filesOf(piece)));
    await someAtOnce(files, FILES_AT_ONCE, (file) => this.#finish(file));
  }

  /** What the journal is to say of it; null: it lies there already. */
  #lineOf({ piece, sha256, bytes }: StoredPiece): StoredLine | null {
    const isOfFiles = this.#placed !== null && this.#layout?.isPiece(piece, sha256, bytes.length) === true;
    if (!isOfFiles) return { p: piece, s: sha256, b: bytes.length };
    return this.owned.isInPlace(piece) ? null : { p: piece };
  }

  async #write({ piece, sha256, bytes }: StoredPiece, line: StoredLine): Promise<void> {
    if ('s' in line) await this.#host.loose.write(sha256, bytes);
    else await this.#placed?.files.write(piece, bytes);
  }

  /** They get content that lies in files of its own already. */
  async useLoose(pieces: readonly PieceContent[]): Promise<void> {
    await this.#note(
      pieces.map(({ piece, sha256 }) => {
        return { p: piece, s: sha256, b: this.#host.loose.sizeOf(sha256) ?? 0 };
      }),
    );
    this.#changed(0);
  }

  /** Null: it is not here, or cannot be read: then it is not here any more ([ST4]). */
  async piece(piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const bytes = await this.read(piece);
    if (bytes === null && this.owned.isInPlace(piece)) {
      await this.queue.run(async () => {
        this.owned.dropInPlace(piece);
        this.#changed(0);
      });
    }
    return bytes;
  }

  /** Null: it is not here, or cannot be read. */
  async read(piece: number): Promise<Uint8Array<ArrayBuffer> | null> {
    const sha256 = this.owned.looseOf(piece);
    if (sha256 !== undefined) return this.#host.loose.read(sha256);
    if (!this.owned.isInPlace(piece) || this.#placed === null) return null;
    return orNull(this.#placed.files.read(piece));
  }

  /** None of its pieces has this content any more: these had it in place. */
  drop(sha256: string, inPlace: readonly number[]): void {
    this.owned.forgetLoose(sha256);
    for (const piece of inPlace) this.owned.dropInPlace(piece);
    this.#changed(0);
  }

  /** Files of which everything is here and which somebody wants by now, and those without bytes; perhaps empty folders. */
  async finishWanted(withFolders: boolean): Promise<void> {
    const layout = this.#layout;
    if (this.#placed === null || layout === null) return;
    await this.#finishAll();
    for (let file = 0; file < layout.fileCount; file++) {
      if (layout.fileSize(file) > 0 || !this.#host.isWanted(this.infoHash, file)) continue;
      await this.#tried(file, this.#placed.files.makeEmpty(file));
    }
    const { top } = this.#placed.names;
    for (const folder of withFolders ? layout.names.folders : [])
      await this.#host.target.makeFolder([top, ...folder]);
    this.#changed(0);
  }

  /**
   * The journal says it while it is being written: whoever reads it afterwards hashes what it says, so what was written
   * counts from that moment on, and nobody waits for one behind the other.
   */
  async #note(lines: readonly StoredLine[], writing: Promise<void> = Promise.resolve()): Promise<void> {
    const outcomes = await Promise.allSettled([this.#journal.add(lines), writing]);
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    for (const line of lines) {
      if ('s' in line) await this.owned.addLoose(line.p, line.s, line.b);
      else await this.owned.addInPlace(line.p);
      this.owned.came(line.p);
    }
  }

  /** Content that lies in a file of its own goes into the share's files, which have a place now. */
  async #takeIn(): Promise<void> {
    for (const [piece, sha256] of this.owned.loose()) {
      const bytes = await this.#host.loose.read(sha256);
      if (bytes === null || this.#layout?.isPiece(piece, sha256, bytes.length) !== true) continue;
      if ((await sha256Of(bytes)) === sha256) await this.put([{ piece, sha256, bytes }]);
    }
  }

  // On the disk for good

  /** [HL36] First the bytes, then what says that they are there. Rejects where that is impossible; nothing is lost then. */
  sync(): Promise<void> {
    // Nothing is left that could be written.
    if (this.#isRemoved) return Promise.resolve();
    const generation = this.#journal.next();
    const state: ShareState = {
      addedAt: this.#addedAt,
      generation,
      inPlace: this.owned.bits(),
      loose: this.owned.loose(),
      latest: this.owned.latest(Infinity),
      place: this.#placed?.files.state(this.#isGathered) ?? null,
    };
    this.#unsyncedBytes = 0;
    this.#isChanged = false;
    return this.#syncs.run(() => this.#persist(state));
  }

  async #persist(state: ShareState): Promise<void> {
    try {
      await this.#placed?.files.sync();
      for (const [, sha256] of state.loose) await this.#host.loose.sync(sha256);
      await this.#state.write(() => stateToJson(state));
    } catch (error) {
      this.#isChanged = true;
      throw error;
    }
    await this.#journal.removeBefore(state.generation);
  }

  async close(): Promise<void> {
    await this.#syncs.idle();
    await this.#journal.close();
    await this.#placed?.files.close();
  }

  /** With all that is unfinished of it. Answers the bytes that are free now. */
  async remove(): Promise<number> {
    let freed = this.owned.bytesIn((file) => this.#placed?.files.placeOf(file) !== 'whole');
    this.#isRemoved = true;
    await this.close();
    for (const [piece] of this.owned.loose()) freed += await this.owned.releaseLoose(piece);
    await this.#placed?.files.removeUnfinished();
    await rm(this.#folder, { recursive: true, force: true });
    this.#host.claims.release(this.infoHash);
    return freed;
  }

  #changed(bytes: number): void {
    this.#isChanged = true;
    this.#unsyncedBytes += bytes;
    this.#host.changed(this.infoHash, this.#unsyncedBytes >= SYNC_BYTES);
  }

  #gone(file: number): void {
    this.owned.dropFile(file);
    this.#changed(0);
    this.#host.lost(this.infoHash);
  }

  async #finishAll(): Promise<void> {
    const files = Array.from({ length: this.#layout?.fileCount ?? 0 }, (_, file) => file);
    await someAtOnce(files, FILES_AT_ONCE, (file) => this.#finish(file));
  }

  async #finish(file: number): Promise<void> {
    if (this.#placed === null || !this.owned.isWhole(file) || this.#layout?.fileSize(file) === 0) return;
    await this.#tried(file, this.#placed.files.finish(file));
  }

  /** What stands in the way costs nobody a piece: the file keeps its unfinished name until the next try. */
  async #tried(file: number, naming: Promise<void>): Promise<void> {
    try {
      await naming;
    } catch (error) {
      if (!isWorlds(error)) throw error;
      this.#host.notNamed(this.infoHash, file, error);
    }
  }
}
