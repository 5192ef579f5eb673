/**
 * Shares of this person's own files: made of them ([LB1]), found again ([LB4]), gone on with when the files are given
 * again ([LB3]). Owns that what leads back to the files is kept ([LB5]), or else a copy ([LB6]). Knows no machine.
 */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { FileSource } from './block-sources.ts';
import { ownFiles } from './keeper.ts';
import type { Beginning } from './beginning.ts';
import type { Keeper } from './keeper.ts';
import type { PieceCache } from './piece-cache.ts';
import type { FileToShare, PeerPorts } from './ports.ts';
import { providedFiles } from './provided-files.ts';
import type { StoreCare } from './share-driver.ts';
import { makeShare } from './share-maker.ts';
import type { SettingsBook } from './settings.ts';
import { SmallCopies } from './small-copies.ts';
import type { OwnContent } from './small-copies.ts';
import type { OpenShare } from './teller.ts';
import type { HashingProgress, ProvideIntent, ProvideOutcome, ShareOutcome, ShareRequest } from './verbs.ts';

export interface OwnSharesHost {
  readonly keeper: Keeper;
  readonly cache: PieceCache;
  readonly settings: SettingsBook;
  readonly care: StoreCare;
  /** All that are open, also those of others. */
  readonly shares: ReadonlyMap<InfoHash, OpenShare>;
  /** Opens a share with its files, also one that waits for them. */
  readonly open: (infoHash: InfoHash, beginning: Beginning) => Promise<void>;
}

type Ports = Pick<PeerPorts, 'clock' | 'entropy' | 'digest' | 'files' | 'kept' | 'store'>;

export class OwnShares {
  readonly #ports: Ports;
  readonly #host: OwnSharesHost;
  readonly #copies: SmallCopies;
  #hashing = 0;
  /** How often the shares that were being made were cancelled. */
  #cancellations = 0;

  constructor(ports: Ports, host: OwnSharesHost) {
    this.#ports = ports;
    this.#host = host;
    const { settings, shares, care } = host;
    this.#copies = new SmallCopies(ports, { settings, shares, care, isHashing: () => this.#hashing > 0 });
  }

  async share(request: ShareRequest, onProgress: (progress: HashingProgress) => void): Promise<ShareOutcome> {
    this.#hashing += 1;
    const begun = this.#cancellations;
    const ports = { ...this.#ports, isCancelled: () => this.#cancellations > begun };
    const made = await makeShare(request, ports, onProgress).finally(() => (this.#hashing -= 1));
    if (made.kind !== 'made') return made;
    if (ports.isCancelled()) return { kind: 'cancelled' };
    const { infoHash, manifest } = made;
    const files = request.files.map((file) => file.content);
    const own = { infoHash, manifest, content: this.#ports.files.join(files), files };
    await this.#open(own, 'sharing');
    const isKept = await this.#host.keeper.madeOne(infoHash, manifest);
    if (isKept) await this.#keep(own, request.files);
    return { kind: 'shared', infoHash };
  }

  /** Those that are being made now are not. */
  cancel(): void {
    this.#cancellations += 1;
  }

  async provide(
    infoHash: InfoHash,
    files: readonly FileToShare[],
    intent: ProvideIntent,
  ): Promise<ProvideOutcome> {
    const manifest = await this.#host.keeper.ownManifest(infoHash);
    if (manifest === null) return { kind: 'refused', why: 'unknown-share' };
    const provided = await providedFiles(infoHash, manifest, files, this.#ports);
    if (provided.kind === 'refused') return provided;
    const own = { infoHash, manifest, content: provided.content, files: provided.files };
    await this.#open(own, intent);
    await this.#host.keeper.intends(infoHash, intent);
    await this.#keep(own, files);
    return { kind: 'provided' };
  }

  /** [LB19] A share that was made elsewhere, whose files are here. One that is open stays as it is. */
  async take(infoHash: InfoHash, manifest: Manifest, files: readonly FileToShare[]): Promise<ProvideOutcome> {
    const open = this.#host.shares.get(infoHash);
    if (open !== undefined && open.filesMissing === null) return { kind: 'provided' };
    const provided = await providedFiles(infoHash, manifest, files, this.#ports);
    if (provided.kind === 'refused') return provided;
    const own = { infoHash, manifest, content: provided.content, files: provided.files };
    await this.#open(own, 'sharing');
    const isKept = await this.#host.keeper.madeOne(infoHash, manifest);
    if (isKept) await this.#keep(own, files);
    return { kind: 'provided' };
  }

  /** The first share that was made of these files earlier and goes on with them. */
  async before(request: ShareRequest): Promise<InfoHash | null> {
    for (const infoHash of await this.#host.keeper.madeOf(request)) {
      if ((await this.provide(infoHash, request.files, 'sharing')).kind === 'provided') return infoHash;
    }
    return null;
  }

  /** Nothing more of a share that was closed is written once this has settled. */
  forget(infoHash: InfoHash): Promise<void> {
    return this.#copies.forget(infoHash);
  }

  /** [LB6] Pieces of it are being copied. */
  isCopying(infoHash: InfoHash): boolean {
    return this.#copies.isCopying(infoHash);
  }

  close(): void {
    this.#copies.close();
  }

  #open({ infoHash, manifest, content, files }: OwnContent, intent: ProvideIntent): Promise<void> {
    const { cache, open } = this.#host;
    const source = new FileSource(infoHash, manifest.pieces, content, this.#ports.digest, cache, files);
    return open(infoHash, ownFiles(manifest, source, intent));
  }

  async #keep(content: OwnContent, files: readonly FileToShare[]): Promise<void> {
    const isKept = await this.#ports.kept.keep(content.infoHash, files);
    if (!isKept) await this.#copies.want(content);
  }
}
