/**
 * What outlives this peer ([LB1]): which shares there are, what was wanted of each, and with what one is opened again.
 * Owns the library, and that a share of one's own is in it as soon as its manifest is kept. Knows no machine and no
 * connection.
 */
import type { Input } from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import { StoreSource } from './block-sources.ts';
import type { BlockSource } from './block-sources.ts';
import { Library } from './library.ts';
import type { Intent, LibraryEntry } from './library-store.ts';
import { MOST_COMPARED_SHARES } from './limits.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PeerPorts } from './ports.ts';
import { isSameShare } from './provided-files.ts';
import { storedManifest } from './stored-manifest.ts';
import type { ShareRequest, ShareRole } from './verbs.ts';

/** What a share begins with. */
export interface Beginning {
  readonly role: ShareRole;
  readonly manifest: Manifest | null;
  readonly owned: 'all' | readonly number[];
  readonly source: BlockSource;
  /** [LB3] One's own share whose files are to be given again. */
  readonly filesMissing: boolean;
  /** It was written to the person's downloads earlier. */
  readonly saved: boolean;
  /** [LB2] What its machine is told, so that it is as it was left. */
  readonly asLeft: readonly Input[];
}

type Ports = Pick<PeerPorts, 'clock' | 'store' | 'library'>;

export class Keeper {
  readonly #ports: Ports;
  readonly #cache: PieceCache;
  readonly #library: Library;

  constructor(ports: Ports, cache: PieceCache) {
    this.#ports = ports;
    this.#cache = cache;
    this.#library = new Library(ports.library);
  }

  /** The newest first. */
  entries(): Promise<LibraryEntry[]> {
    return this.#library.entries();
  }

  /** [LB2] Those that go on by themselves. What is one's own waits for its files. */
  async running(): Promise<InfoHash[]> {
    const entries = await this.#library.entries();
    return entries
      .filter(
        ({ role, intent }) => role === 'receiving' && (intent === 'sharing' || intent === 'downloading'),
      )
      .map(({ infoHash }) => infoHash);
  }

  manifestOf(infoHash: InfoHash): Promise<Manifest | null> {
    return storedManifest(this.#ports.store, infoHash);
  }

  /** The manifest of a share that was made here; null: there is none. */
  async ownManifest(infoHash: InfoHash): Promise<Manifest | null> {
    const entry = await this.#library.entry(infoHash);
    return entry?.role === 'sharing' ? this.manifestOf(infoHash) : null;
  }

  /** [LB4] Shares that were made of files of these names, sizes and dates, the newest first. */
  async madeOf(request: ShareRequest): Promise<InfoHash[]> {
    const totalBytes = request.files.reduce((sum, { content }) => sum + content.size, 0);
    const alike = (await this.#library.entries())
      .filter(({ role }) => role === 'sharing')
      .filter((entry) => entry.totalBytes === totalBytes && entry.fileCount === request.files.length);
    const same: InfoHash[] = [];
    for (const { infoHash } of alike.slice(0, MOST_COMPARED_SHARES)) {
      const manifest = await this.manifestOf(infoHash);
      if (manifest !== null && isSameShare(manifest, request)) same.push(infoHash);
    }
    return same;
  }

  /** With what is stored of it. */
  async stored(infoHash: InfoHash): Promise<Beginning> {
    const { store } = this.#ports;
    const [manifest, entry] = await Promise.all([this.manifestOf(infoHash), this.#library.entry(infoHash)]);
    const stored = manifest === null ? [] : await store.ownedPieces(infoHash);
    const filesMissing = entry?.role === 'sharing' && manifest !== null;
    return {
      role: filesMissing ? 'sharing' : 'receiving',
      manifest,
      owned: stored.filter((piece) => piece < (manifest?.pieces.length ?? 0)),
      source: new StoreSource(store, infoHash, this.#cache),
      filesMissing,
      saved: (entry?.savedAt ?? null) !== null,
      asLeft: inputsFor(filesMissing ? 'stopped' : entry?.intent),
    };
  }

  // What is noted

  /** [LB1] Where its manifest cannot be kept, the link lives as long as this peer. */
  async madeOne(infoHash: InfoHash, manifest: Manifest): Promise<void> {
    const bytes = serialiseManifest(manifest);
    if (bytes === null) return;
    const addedAt = this.#ports.clock.today();
    const kept = await this.#ports.store.putShare({ infoHash, manifest: bytes, addedAt });
    if (kept.kind !== 'stored') return;
    const facts = factsOf(manifest);
    const times = { addedAt, finishedAt: addedAt, savedAt: null };
    await this.#library.add({ infoHash, ...facts, ...times, role: 'sharing', intent: 'sharing' });
  }

  async downloadAsked(infoHash: InfoHash, manifest: Manifest | null, isWhole: boolean): Promise<void> {
    const times = { addedAt: this.#ports.clock.today(), finishedAt: null, savedAt: null };
    const intent = isWhole ? 'sharing' : 'downloading';
    await this.#library.add({ infoHash, ...factsOf(manifest), ...times, role: 'receiving', intent });
    await this.used(infoHash);
  }

  async intends(infoHash: InfoHash, intent: Intent): Promise<void> {
    await this.#library.note(infoHash, { intent });
    await this.used(infoHash);
  }

  /** [UI17] Makes the entry where there was no room for it when the download was asked for. */
  async completed(infoHash: InfoHash, manifest: Manifest | null): Promise<void> {
    const finishedAt = this.#ports.clock.today();
    await this.downloadAsked(infoHash, manifest, true);
    await this.#library.note(infoHash, { finishedAt });
  }

  async saved(infoHash: InfoHash): Promise<void> {
    await this.#library.note(infoHash, { savedAt: this.#ports.clock.today() });
    await this.used(infoHash);
  }

  /** [LB9] The person has to do with it. */
  used(infoHash: InfoHash): Promise<void> {
    return this.#library.use(infoHash, this.#ports.clock.today());
  }

  pin(infoHash: InfoHash, pinned: boolean): Promise<void> {
    return this.#library.note(infoHash, { pinned });
  }

  /** A share that cannot be removed now is listed until it can be. */
  async forget(infoHash: InfoHash): Promise<void> {
    const outcome = await this.#ports.store.removeShare(infoHash);
    if (outcome.kind === 'removed') await this.#library.forget(infoHash);
  }
}

/** A share whose files are here. */
export function ownFiles(manifest: Manifest, source: BlockSource): Beginning {
  const here = { filesMissing: false, saved: false, asLeft: [] };
  return { role: 'sharing', manifest, owned: 'all', source, ...here };
}

function inputsFor(intent: Intent | undefined): Input[] {
  switch (intent) {
    case 'downloading':
      return [{ kind: 'download-requested' }];
    case 'paused':
      return [{ kind: 'download-requested' }, { kind: 'download-paused' }];
    case 'stopped':
      return [{ kind: 'sharing-stopped' }];
    default:
      return [];
  }
}

function factsOf(manifest: Manifest | null): Pick<LibraryEntry, 'name' | 'totalBytes' | 'fileCount'> {
  return {
    name: manifest?.name ?? '',
    totalBytes: manifest?.totalBytes ?? 0,
    fileCount: manifest?.files.length ?? 0,
  };
}
