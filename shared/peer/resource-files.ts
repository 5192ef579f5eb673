/**
 * Resource files of shares, as others of TorrentInno load them ([MF10]): given out, and opened. What is opened is a
 * share like one whose link was opened, with its manifest known from the start. Knows no machine and no page.
 */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import type { Beginning } from './beginning.ts';
import type { Keeper } from './keeper.ts';
import type { OwnShares } from './own-shares.ts';
import type { Digest, FileToShare } from './ports.ts';
import { readResource } from './read-resource.ts';
import type { OpenShare } from './teller.ts';
import type { ResourceOutcome, SeedOutcome } from './verbs.ts';

export interface ResourceHost {
  readonly digest: Digest;
  readonly keeper: Pick<Keeper, 'stored' | 'manifestOf' | 'used'>;
  readonly own: Pick<OwnShares, 'take'>;
  /** Waits for one that is being opened; null: there is none. */
  readonly openShare: (infoHash: InfoHash) => Promise<OpenShare | null>;
  /** Null: it was removed meanwhile. */
  readonly open: (infoHash: InfoHash, content: () => Promise<Beginning>) => Promise<OpenShare | null>;
  readonly close: (share: OpenShare) => Promise<void>;
}

export class ResourceFiles {
  readonly #host: ResourceHost;

  constructor(host: ResourceHost) {
    this.#host = host;
  }

  /** The whole file; null while the share's manifest is not known. */
  async bytesOf(infoHash: InfoHash): Promise<Uint8Array<ArrayBuffer> | null> {
    const share = await this.#host.openShare(infoHash);
    const manifest = manifestOf(share) ?? (await this.#host.keeper.manifestOf(infoHash));
    return manifest === null ? null : serialiseManifest(manifest);
  }

  /** Its share is open afterwards, as it was left where it is here already. */
  async open(file: Uint8Array): Promise<ResourceOutcome> {
    const read = await readResource(file, this.#host.digest);
    if (read.kind === 'refused') return read;
    const { infoHash, manifest } = read;
    await this.#openWith(infoHash, manifest);
    await this.#host.keeper.used(infoHash);
    return { kind: 'opened', infoHash };
  }

  /** [LB19] Shares files by a resource file that was made of them earlier, here or elsewhere: its link is theirs. */
  async seed(file: Uint8Array, files: readonly FileToShare[]): Promise<SeedOutcome> {
    const { digest, own } = this.#host;
    const read = await readResource(file, digest);
    if (read.kind === 'refused') return { kind: 'no-resource', fault: read };
    const { infoHash, manifest } = read;
    const taken = await own.take(infoHash, manifest, files);
    return taken.kind === 'provided' ? { kind: 'seeded', infoHash } : { ...taken, infoHash };
  }

  async #openWith(infoHash: InfoHash, manifest: Manifest): Promise<void> {
    const { openShare, open, close, keeper } = this.#host;
    const known = await openShare(infoHash);
    if (manifestOf(known) !== null) return;
    let isKept = true;
    // One that looks for its manifest goes on as another machine, as it was left.
    const closed = known === null ? null : close(known);
    const share = await open(infoHash, async () => {
      const stored = await keeper.stored(infoHash);
      isKept = stored.manifest !== null;
      return { ...stored, manifest: stored.manifest ?? manifest };
    });
    await closed;
    if (!isKept) await share?.driver.keepManifest(manifest);
  }
}

function manifestOf(share: OpenShare | null): Manifest | null {
  return share?.driver.snapshot().engine.manifest ?? null;
}
