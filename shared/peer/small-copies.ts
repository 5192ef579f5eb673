/**
 * [LB6] Copies of small shares whose files nothing leads back to: their pieces go into the store, so that the link
 * outlives the page without the files. Done a few pieces at a time while this peer has nothing else to do. Owns which
 * shares are still to be copied. What cannot be copied is no trouble of the share.
 */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { FileSource } from './block-sources.ts';
import type { BlockSource } from './block-sources.ts';
import { COPY_GAP_MS, COPY_LOOK_MS, COPY_STEP_BYTES } from './limits.ts';
import { PieceCache } from './piece-cache.ts';
import type { StoredPiece } from './piece-store.ts';
import type { FileContent, PeerPorts } from './ports.ts';
import type { SettingsBook } from './settings.ts';
import type { StoreCare } from './share-driver.ts';
import type { OpenShare } from './teller.ts';

/** A share and its files, one behind the other. */
export interface OwnContent {
  readonly infoHash: InfoHash;
  readonly manifest: Manifest;
  readonly content: FileContent;
  /** Each of them by itself. */
  readonly files: readonly FileContent[];
}

type Ports = Pick<PeerPorts, 'clock' | 'store' | 'digest'>;

export interface CopyHost {
  readonly settings: SettingsBook;
  readonly care: Pick<StoreCare, 'moved' | 'stored'>;
  /** All that are open, also those of others. */
  readonly shares: ReadonlyMap<InfoHash, OpenShare>;
  /** A person's files are being read. */
  isHashing(): boolean;
}

interface Copy extends Omit<OwnContent, 'content' | 'files'> {
  /** Verifies each piece by its hash ([SO3]). */
  readonly source: BlockSource;
  /** Pieces that are not stored; null: not looked at yet. */
  missing: number[] | null;
}

export class SmallCopies {
  readonly #ports: Ports;
  readonly #host: CopyHost;
  readonly #copies = new Map<InfoHash, Copy>();
  #step: Promise<void> | null = null;
  #copying: InfoHash | null = null;
  #cancelStep: () => void = () => undefined;

  constructor(ports: Ports, host: CopyHost) {
    this.#ports = ports;
    this.#host = host;
  }

  /** Copies it when there is time, if it is small. */
  async want({ infoHash, manifest, content }: OwnContent): Promise<void> {
    const { keepSmallCopies, smallCopyBytes } = await this.#host.settings.current();
    if (!keepSmallCopies || manifest.totalBytes > smallCopyBytes) return;
    if (this.#standing(infoHash) === 'gone') return;
    // What is copied is not asked for again: it would only take the room of what is.
    const cache = new PieceCache(0);
    const source = new FileSource(infoHash, manifest.pieces, content, this.#ports.digest, cache);
    this.#copies.set(infoHash, { infoHash, manifest, source, missing: null });
    if (this.#copies.size === 1) this.#plan(COPY_LOOK_MS);
  }

  /** Nothing more of it is written once this has settled. */
  async forget(infoHash: InfoHash): Promise<void> {
    this.#copies.delete(infoHash);
    await this.#step;
  }

  isCopying(infoHash: InfoHash): boolean {
    return this.#copying === infoHash;
  }

  close(): void {
    this.#cancelStep();
    this.#copies.clear();
  }

  #plan(ms: number): void {
    this.#cancelStep();
    this.#cancelStep = this.#ports.clock.after(ms, () => {
      this.#step = this.#copySome().finally(() => (this.#step = null));
    });
  }

  async #copySome(): Promise<void> {
    const { keepSmallCopies } = await this.#host.settings.current();
    if (!keepSmallCopies) this.#copies.clear();
    const copy = this.#next();
    this.#copying = copy?.infoHash ?? null;
    if (copy !== undefined) await this.#copyPiecesOf(copy);
    this.#copying = null;
    if (this.#copies.size > 0) this.#plan(copy === undefined ? COPY_LOOK_MS : COPY_GAP_MS);
  }

  #next(): Copy | undefined {
    for (const { infoHash } of [...this.#copies.values()]) {
      if (this.#standing(infoHash) === 'gone') this.#copies.delete(infoHash);
    }
    if (!this.#isIdle()) return undefined;
    return [...this.#copies.values()].find(({ infoHash }) => this.#standing(infoHash) === 'shared');
  }

  #isIdle(): boolean {
    if (this.#host.isHashing()) return false;
    const figures = [...this.#host.shares.values()].map(({ driver }) => driver.snapshot().engine);
    return figures.every(({ up, down }) => up + down === 0);
  }

  /** `resting`: it was stopped, and may go on. */
  #standing(infoHash: InfoHash): 'shared' | 'resting' | 'gone' {
    const share = this.#host.shares.get(infoHash);
    if (share === undefined) return 'gone';
    return share.driver.snapshot().engine.phase === 'complete' ? 'shared' : 'resting';
  }

  async #copyPiecesOf(copy: Copy): Promise<void> {
    const { care } = this.#host;
    care.moved();
    copy.missing ??= await this.#missingOf(copy);
    const pieces = await this.#read(copy, nextPieces(copy.manifest, copy.missing));
    // Whoever stopped or removed it meanwhile wants nothing written any more.
    const { infoHash } = copy;
    if (this.#copies.get(infoHash) !== copy || this.#standing(infoHash) !== 'shared') return;
    const outcome = pieces === null ? null : await this.#ports.store.putPieces(infoHash, pieces);
    care.moved();
    care.stored();
    copy.missing.splice(0, pieces?.length ?? 0);
    if (outcome?.kind !== 'stored' || copy.missing.length === 0) this.#copies.delete(infoHash);
  }

  /** Null: one of them cannot be read as it was shared. */
  async #read({ manifest, source }: Copy, pieces: readonly number[]): Promise<StoredPiece[] | null> {
    const read = pieces.map(async (piece): Promise<StoredPiece[]> => {
      const { size = 0, sha256 = '' } = manifest.pieces[piece] ?? {};
      const block = await source.read(piece, 0, size, sha256);
      return block.kind === 'block' ? [{ piece, sha256, bytes: block.bytes }] : [];
    });
    const whole = (await Promise.all(read)).flat();
    return whole.length === pieces.length ? whole : null;
  }

  async #missingOf({ infoHash, manifest }: Copy): Promise<number[]> {
    const stored = new Set(await this.#ports.store.ownedPieces(infoHash));
    return [...manifest.pieces.keys()].filter((piece) => !stored.has(piece));
  }
}

/** Those that are copied at once: at least one, where there is any. */
function nextPieces({ pieces }: Manifest, missing: readonly number[]): number[] {
  let bytes = 0;
  let count = 0;
  for (const piece of missing) {
    bytes += pieces[piece]?.size ?? 0;
    if (count > 0 && bytes > COPY_STEP_BYTES) break;
    count += 1;
  }
  return missing.slice(0, count);
}
