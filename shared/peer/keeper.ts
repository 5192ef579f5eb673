/**
 * What outlives this peer ([LB1]): which shares there are, what was wanted of each, and with what one is opened again.
 * Owns the library, and that a share of one's own is in it as soon as its manifest is kept. Knows no machine and no
 * connection.
 */
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { Input } from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import { piecesOf } from '../manifest/file-pieces.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import { FileSource, StoreSource } from './block-sources.ts';
import type { BlockSource } from './block-sources.ts';
import { Library } from './library.ts';
import type { Intent, LibraryEntry, WebFile } from './library-store.ts';
import { MOST_COMPARED_SHARES } from './limits.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PeerPorts } from './ports.ts';
import { isSameShare, providedFiles } from './provided-files.ts';
import { spotChecked } from './spot-check.ts';
import { storedManifest } from './stored-manifest.ts';
import type { OpenShare } from './teller.ts';
import { storedHashes } from './stored-hashes.ts';
import type { MadeOfWeb } from './made-of-web.ts';
import type { WebTerms } from '../engine/web/web-swarm.ts';
import type { FilesMissing, ProvideIntent, ShareRequest, ShareRole } from './verbs.ts';

/** What a share begins with. */
export interface Beginning {
  readonly role: ShareRole;
  readonly manifest: Manifest | null;
  readonly owned: 'all' | readonly number[];
  /** [LB10] Null: all are wanted. */
  readonly files: ChosenFiles;
  readonly source: BlockSource;
  /** [LB3] Why the files of one's own share are to be given again; null: they are not. */
  readonly filesMissing: FilesMissing | null;
  /** It was written to the person's downloads earlier. */
  readonly saved: boolean;
  /** [LB2] What its machine is told, so that it is as it was left. */
  readonly asLeft: readonly Input[];
  /** [WS20] Nobody knows its hashes. Left out: it is a share. */
  readonly web?: WebTerms;
}

type Ports = Pick<
  PeerPorts,
  'clock' | 'store' | 'library' | 'marks' | 'kept' | 'digest' | 'entropy' | 'files'
>;

export class Keeper {
  readonly #ports: Ports;
  readonly #cache: PieceCache;
  readonly #library: Library;
  /** [LB8] Settles as soon as it is known what is unchecked; null: this is not the session that says so. */
  #begun: Promise<void> | null = null;

  constructor(ports: Ports, cache: PieceCache) {
    this.#ports = ports;
    this.#cache = cache;
    this.#library = new Library(ports.library);
  }

  /** [LB8] */
  begin(): Promise<void> {
    const { store, marks } = this.#ports;
    this.#begun ??= store.overview().then((shares) => marks.begun(shares.map(({ infoHash }) => infoHash)));
    return this.#begun;
  }

  /** Nothing is under way any more. */
  async end(): Promise<void> {
    await this.#begun;
    if (this.#begun !== null) await this.#ports.marks.ended();
  }

  /** [ST14] The mark of this session may be gone. */
  async markAgain(): Promise<void> {
    if (this.#begun !== null) await this.#ports.marks.begun([]);
  }

  entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    return this.#library.entry(infoHash);
  }

  /** [EN8] */
  delivered(infoHash: InfoHash): Promise<number | null> {
    return this.#library.delivered(infoHash);
  }

  /** The newest first. */
  entries(): Promise<LibraryEntry[]> {
    return this.#library.entries();
  }

  /**
   * [LB2] Those that go on by themselves: downloads first, whose people wait, then one's own that something leads back
   * to, whose files take a while to be compared.
   */
  async running(): Promise<InfoHash[]> {
    const { kept, store } = this.#ports;
    const [entries, withFiles, stored] = await Promise.all([
      this.#library.entries(),
      kept.shares(),
      store.overview(),
    ]);
    const copied = stored.filter(({ ownedPieces }) => ownedPieces > 0).map(({ infoHash }) => infoHash);
    const reachable = new Set([...withFiles, ...copied]);
    const running = entries.filter(({ intent }) => intent === 'sharing' || intent === 'downloading');
    const received = running.filter(({ role }) => role === 'receiving');
    const own = running.filter(({ role, infoHash }) => role === 'sharing' && reachable.has(infoHash));
    return [...received, ...own].map(({ infoHash }) => infoHash);
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

  /** With what is stored of it, and what leads back to its files. */
  async stored(infoHash: InfoHash): Promise<Beginning> {
    const [manifest, entry] = await Promise.all([this.manifestOf(infoHash), this.#library.entry(infoHash)]);
    if (entry?.web !== undefined && manifest !== null) return this.#ofWeb(manifest, entry, entry.web);
    const stored = manifest === null ? [] : await this.#trusted(infoHash, manifest);
    const isOwn = entry?.role === 'sharing' && manifest !== null;
    const files = isOwn ? null : (entry?.files ?? null);
    const lost = isOwn ? [] : lostOf(entry, manifest, stored);
    const beginning: Beginning = {
      role: 'receiving',
      manifest,
      owned: lost.length > 0 ? [...stored, ...lost] : stored,
      files,
      source: new StoreSource(infoHash, this.#ports, this.#cache),
      filesMissing: null,
      saved: (entry?.savedAt ?? null) !== null,
      asLeft: [
        ...(lost.length > 0 ? [{ kind: 'pieces-lost' as const, pieces: lost }] : []),
        ...(entry?.asksWeb === true ? [{ kind: 'web-seeds-allowed' as const, allowed: true }] : []),
        ...inputsFor(entry?.intent),
      ],
    };
    if (!isOwn) return beginning;
    return { ...beginning, role: 'sharing', ...(await this.#ownContent(infoHash, manifest, stored)) };
  }

  /** [WS20] The address stands with the entry, the hashes of what is here nowhere. */
  async #ofWeb(kept: Manifest, { infoHash, intent }: LibraryEntry, web: WebFile): Promise<Beginning> {
    const manifest = { ...kept, urls: [{ url: web.url, file: 0 }] };
    const hashes = await storedHashes({ infoHash, manifest }, new Set(web.doubted), this.#ports);
    const { size, etag, lastModified } = web;
    return {
      ...{ role: 'receiving', manifest, files: null, filesMissing: null, saved: false },
      owned: [...hashes.keys()],
      source: new StoreSource(infoHash, this.#ports, this.#cache),
      asLeft: [{ kind: 'web-seeds-allowed', allowed: true }, ...inputsFor(intent)],
      web: { facts: { size, etag, lastModified }, hashes },
    };
  }

  /** [LB6] Its copy, where that is whole; [LB5] else its files, where something leads back to them. */
  async #ownContent(
    infoHash: InfoHash,
    manifest: Manifest,
    stored: readonly number[],
  ): Promise<Partial<Beginning>> {
    if (stored.length === manifest.pieces.length) return { owned: 'all' };
    const opened = await this.#ports.kept.open(infoHash);
    if (opened.kind !== 'opened') return without(opened.kind);
    const provided = await providedFiles(infoHash, manifest, opened.files, this.#ports);
    if (provided.kind === 'refused') return without(provided.why);
    const { digest } = this.#ports;
    const source = new FileSource(
      infoHash,
      manifest.pieces,
      provided.content,
      digest,
      this.#cache,
      provided.files,
    );
    return { owned: 'all', source };
  }

  /** [LB8] The stored pieces, some of them or all looked at where the last session did not end. */
  async #trusted(infoHash: InfoHash, manifest: Manifest): Promise<readonly number[]> {
    const { store, marks } = this.#ports;
    await this.#begun;
    const stored = await store.ownedPieces(infoHash);
    const pieces = stored.filter((piece) => piece < manifest.pieces.length);
    if (!(await marks.isUnchecked(infoHash))) return pieces;
    const right = await spotChecked({ infoHash, manifest }, pieces, this.#ports);
    await marks.checked(infoHash);
    return right;
  }

  // What is noted

  /** [LB1] False: its manifest cannot be kept, and the link lives as long as this peer. */
  async madeOne(infoHash: InfoHash, manifest: Manifest): Promise<boolean> {
    const bytes = serialiseManifest(manifest);
    if (bytes === null) return false;
    const addedAt = this.#ports.clock.today();
    const kept = await this.#ports.store.putShare({ infoHash, manifest: bytes, addedAt });
    if (kept.kind !== 'stored') return false;
    const facts = factsOf(manifest);
    const times = { addedAt, finishedAt: addedAt, savedAt: null };
    await this.#library.add({ infoHash, ...facts, ...times, role: 'sharing', intent: 'sharing' });
    return true;
  }

  /** [WS20] The file at an address is wanted. `manifest` has no hashes. */
  async webAsked(infoHash: InfoHash, manifest: Manifest, web: WebFile): Promise<void> {
    const bytes = serialiseManifest({ ...manifest, urls: [] });
    const addedAt = this.#ports.clock.today();
    if (bytes !== null) await this.#ports.store.putShare({ infoHash, manifest: bytes, addedAt });
    const times = { addedAt, finishedAt: null, savedAt: null };
    const facts = factsOf(manifest);
    await this.#library.add({ infoHash, ...facts, ...times, web, role: 'receiving', intent: 'downloading' });
    await this.used(infoHash);
  }

  /** [WS23] */
  async doubts(infoHash: InfoHash, pieces: readonly number[]): Promise<void> {
    const web = (await this.#library.entry(infoHash))?.web;
    if (web === undefined) return;
    const doubted = [...new Set([...web.doubted, ...pieces])];
    await this.#library.note(infoHash, { web: { ...web, doubted } });
  }

  /** [WS20] All of a file is here: it is a share from now on, of pieces that are stored. False: there is no room to say so. */
  async webBecame(made: MadeOfWeb): Promise<boolean> {
    const { store, clock } = this.#ports;
    const { infoHash, manifest } = made;
    const bytes = serialiseManifest(manifest);
    if (bytes === null) return false;
    const kept = await store.putShare({ infoHash, manifest: bytes, addedAt: clock.today() });
    const pieces = manifest.pieces.map(({ sha256 }, piece) => ({ piece, sha256 }));
    const adopted = kept.kind === 'stored' ? await store.adopt(infoHash, pieces) : kept;
    if (adopted.kind === 'failed' || adopted.adopted.length < pieces.length) return false;
    await this.downloadAsked(infoHash, manifest, null, true);
    await this.#library.note(infoHash, { finishedAt: clock.today(), asksWeb: true });
    return true;
  }

  /** `files`: those that are wanted. */
  async downloadAsked(
    infoHash: InfoHash,
    manifest: Manifest | null,
    files: ChosenFiles,
    isWhole: boolean,
  ): Promise<void> {
    const times = { addedAt: this.#ports.clock.today(), finishedAt: null, savedAt: null };
    const intent = isWhole ? 'sharing' : 'downloading';
    const wanted = files === null ? {} : { files };
    await this.#library.add({
      infoHash,
      ...factsOf(manifest),
      ...wanted,
      ...times,
      role: 'receiving',
      intent,
    });
    await this.used(infoHash);
  }

  /** [ST14] Makes the entry where it is gone, as far as this peer knows what it said. */
  async keepAgain(
    {
      infoHash,
      role,
      saved,
      driver,
      listed,
    }: Pick<OpenShare, 'infoHash' | 'role' | 'saved' | 'driver' | 'listed'>,
    manifest: Manifest | null,
    { intent, isWhole }: { readonly intent: Intent; readonly isWhole: boolean },
  ): Promise<void> {
    if ((await this.#library.entry(infoHash)) !== null) return;
    if (role === 'receiving') await this.downloadAsked(infoHash, manifest, driver.files, false);
    else if (manifest !== null) await this.madeOne(infoHash, manifest);
    const today = this.#ports.clock.today();
    const finishedAt = isWhole || role === 'sharing' ? today : null;
    const news = { intent, finishedAt, savedAt: saved ? today : null };
    await this.#library.note(infoHash, { ...news, ...(listed === 'no' ? {} : { listed: true }) });
  }

  /** [WS2] */
  async asksWeb(infoHash: InfoHash, asksWeb: boolean): Promise<void> {
    await this.#library.note(infoHash, { asksWeb });
  }

  async intends(infoHash: InfoHash, intent: Intent): Promise<void> {
    await this.#library.note(infoHash, { intent });
    await this.used(infoHash);
  }

  /** [UI17] Makes the entry where there was no room for it when the download was asked for. */
  async completed(infoHash: InfoHash, manifest: Manifest | null, files: ChosenFiles): Promise<void> {
    const finishedAt = this.#ports.clock.today();
    await this.downloadAsked(infoHash, manifest, files, true);
    await this.#library.note(infoHash, { finishedAt });
  }

  /** [LB10] Part of the files, chosen before the download is asked for, has an entry of its own. */
  async chosen(
    infoHash: InfoHash,
    manifest: Manifest,
    files: ChosenFiles,
    news: Partial<LibraryEntry>,
  ): Promise<void> {
    if (files !== null && (await this.#library.entry(infoHash)) === null) {
      const times = { addedAt: this.#ports.clock.today(), finishedAt: null, savedAt: null };
      await this.#library.add({
        infoHash,
        ...factsOf(manifest),
        ...times,
        role: 'receiving',
        intent: 'looking',
      });
    }
    await this.#library.note(infoHash, { files, ...news });
    await this.used(infoHash);
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

  /** [LB18] */
  listed(infoHash: InfoHash, listed: boolean): Promise<void> {
    return this.#library.note(infoHash, { listed });
  }

  /** A share that cannot be removed now is listed until it can be. */
  async forget(infoHash: InfoHash): Promise<void> {
    const { store, marks, kept } = this.#ports;
    await this.#library.forget(infoHash, async () => {
      const isGone = (await store.removeShare(infoHash)).kind === 'removed';
      if (isGone) await Promise.all([kept.forget(infoHash), marks.checked(infoHash)]);
      return isGone;
    });
  }
}

/** A share of one's own whose files are here. */
export function ownFiles(manifest: Manifest, source: BlockSource, intent: ProvideIntent): Beginning {
  const here = { filesMissing: null, saved: false, asLeft: inputsFor(intent) };
  return { role: 'sharing', manifest, owned: 'all', files: null, source, ...here };
}

/** It waits for its files outside its swarm. */
function without(filesMissing: FilesMissing): Partial<Beginning> {
  return { filesMissing, asLeft: inputsFor('stopped') };
}

/** [UP3] What was here and is not: it is fetched anew, and that is no second completion. */
function lostOf(
  entry: LibraryEntry | null,
  manifest: Manifest | null,
  stored: readonly number[],
): readonly number[] {
  if (manifest === null || (entry?.finishedAt ?? null) === null) return [];
  const here = new Set(stored);
  const files = entry?.files ?? null;
  const wanted = files === null ? manifest.pieces.keys() : piecesOf(manifest, files).members();
  return [...wanted].filter((piece) => !here.has(piece));
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
