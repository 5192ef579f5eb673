/**
 * What outlives this peer ([LB1]): which shares there are, what was wanted of each, and with what one is opened again.
 * Owns the library, and that a share of one's own is in it as soon as its manifest is kept. Knows no machine and no
 * connection.
 */
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { InfoHash } from '../ids.ts';
import { piecesOf } from '../manifest/file-pieces.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import { FileSource, StoreSource } from './block-sources.ts';
import type { BlockSource } from './block-sources.ts';
import { factsOf, inputsFor } from './beginning.ts';
import type { Beginning } from './beginning.ts';
import { Library } from './library.ts';
import type { Intent, LibraryEntry } from './library-store.ts';
import { MOST_COMPARED_SHARES } from './limits.ts';
import type { PieceCache } from './piece-cache.ts';
import type { PeerPorts } from './ports.ts';
import { isSameShare, providedFiles } from './provided-files.ts';
import { spotChecked } from './spot-check.ts';
import { storedManifest } from './stored-manifest.ts';
import type { OpenShare } from './teller.ts';
import { ofWeb } from './web-beginning.ts';
import type { FilesMissing, ProvideIntent, ShareRequest } from './verbs.ts';

type Ports = Pick<
  PeerPorts,
  'clock' | 'store' | 'library' | 'marks' | 'kept' | 'digest' | 'entropy' | 'files'
>;

export class Keeper {
  readonly #ports: Ports;
  readonly #cache: PieceCache;
  /** Of all that is noted. */
  readonly library: Library;
  /** [LB8] Settles as soon as it is known what is unchecked; null: this is not the session that says so. */
  #begun: Promise<void> | null = null;

  constructor(ports: Ports, cache: PieceCache) {
    this.#ports = ports;
    this.#cache = cache;
    this.library = new Library(ports.library);
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
    return this.library.entry(infoHash);
  }

  /** [EN8] */
  delivered(infoHash: InfoHash): Promise<number | null> {
    return this.library.delivered(infoHash);
  }

  /** The newest first. */
  entries(): Promise<LibraryEntry[]> {
    return this.library.entries();
  }

  /**
   * [LB2] Those that go on by themselves: downloads first, whose people wait, then one's own that something leads back
   * to, whose files take a while to be compared.
   */
  async running(): Promise<InfoHash[]> {
    const { kept, store } = this.#ports;
    const [entries, withFiles, stored] = await Promise.all([
      this.library.entries(),
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
    const entry = await this.library.entry(infoHash);
    return entry?.role === 'sharing' ? this.manifestOf(infoHash) : null;
  }

  /** [LB4] Shares that were made of files of these names, sizes and dates, the newest first. */
  async madeOf(request: ShareRequest): Promise<InfoHash[]> {
    const totalBytes = request.files.reduce((sum, { content }) => sum + content.size, 0);
    const alike = (await this.library.entries())
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
    const [manifest, entry] = await Promise.all([this.manifestOf(infoHash), this.library.entry(infoHash)]);
    if (entry?.web !== undefined && manifest !== null)
      return ofWeb(manifest, entry, entry.web, this.#ports, this.#cache);
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
      ...(entry?.cameFrom === undefined ? {} : { cameFrom: entry.cameFrom }),
      asLeft: [
        ...(lost.length > 0 ? [{ kind: 'pieces-lost' as const, pieces: lost }] : []),
        ...(entry?.asksWeb === true ? [{ kind: 'web-seeds-allowed' as const, allowed: true }] : []),
        ...inputsFor(entry?.intent),
      ],
    };
    if (!isOwn) return beginning;
    return { ...beginning, role: 'sharing', ...(await this.#ownContent(infoHash, manifest, stored)) };
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
    await this.library.add({ infoHash, ...facts, ...times, role: 'sharing', intent: 'sharing' });
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
    await this.library.add({
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
    if ((await this.library.entry(infoHash)) !== null) return;
    if (role === 'receiving') await this.downloadAsked(infoHash, manifest, driver.files, false);
    else if (manifest !== null) await this.madeOne(infoHash, manifest);
    const today = this.#ports.clock.today();
    const finishedAt = isWhole || role === 'sharing' ? today : null;
    const news = { intent, finishedAt, savedAt: saved ? today : null };
    await this.library.note(infoHash, { ...news, ...(listed === 'no' ? {} : { listed: true }) });
  }

  /** [WS2] Leave that is given before the download is asked for has an entry of its own. */
  async asksWeb(infoHash: InfoHash, manifest: Manifest | null, asksWeb: boolean): Promise<void> {
    if (asksWeb && manifest !== null) await this.#lookedAt(infoHash, manifest);
    await this.library.note(infoHash, { asksWeb });
  }

  async intends(infoHash: InfoHash, intent: Intent): Promise<void> {
    await this.library.note(infoHash, { intent });
    await this.used(infoHash);
  }

  /** [UI17] Makes the entry where there was no room for it when the download was asked for. */
  async completed(infoHash: InfoHash, manifest: Manifest | null, files: ChosenFiles): Promise<void> {
    const finishedAt = this.#ports.clock.today();
    await this.downloadAsked(infoHash, manifest, files, true);
    await this.library.note(infoHash, { finishedAt });
  }

  /** [LB10] Part of the files, chosen before the download is asked for, has an entry of its own. */
  async chosen(
    infoHash: InfoHash,
    manifest: Manifest,
    files: ChosenFiles,
    news: Partial<LibraryEntry>,
  ): Promise<void> {
    if (files !== null) await this.#lookedAt(infoHash, manifest);
    await this.library.note(infoHash, { files, ...news });
    await this.used(infoHash);
  }

  /** Makes the entry where there is none. */
  async #lookedAt(infoHash: InfoHash, manifest: Manifest): Promise<void> {
    if ((await this.library.entry(infoHash)) !== null) return;
    const times = { addedAt: this.#ports.clock.today(), finishedAt: null, savedAt: null };
    const facts = factsOf(manifest);
    await this.library.add({ infoHash, ...facts, ...times, role: 'receiving', intent: 'looking' });
  }

  async saved(infoHash: InfoHash): Promise<void> {
    await this.library.note(infoHash, { savedAt: this.#ports.clock.today() });
    await this.used(infoHash);
  }

  /** [LB9] The person has to do with it. */
  used(infoHash: InfoHash): Promise<void> {
    return this.library.use(infoHash, this.#ports.clock.today());
  }

  pin(infoHash: InfoHash, pinned: boolean): Promise<void> {
    return this.library.note(infoHash, { pinned });
  }

  /** [LB18] */
  listed(infoHash: InfoHash, listed: boolean): Promise<void> {
    return this.library.note(infoHash, { listed });
  }

  /** A share that cannot be removed now is listed until it can be. */
  async forget(infoHash: InfoHash): Promise<void> {
    const { store, marks, kept } = this.#ports;
    await this.library.forget(infoHash, async () => {
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
