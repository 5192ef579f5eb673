/**
 * Resource files of shares, as others of TorrentInno load them ([MF10]): given out, and opened. What is opened is a
 * share like one whose link was opened, with its manifest known from the start. Knows no machine and no page.
 */
import { assert } from '../assert.ts';
import { infoHash } from '../ids.ts';
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import { readResourceFile } from '../manifest/resource-file.ts';
import { sha256Base64url, sha256Hex } from './digests.ts';
import type { Beginning, Keeper } from './keeper.ts';
import type { Digest } from './ports.ts';
import type { OpenShare } from './teller.ts';
import type { ResourceOutcome } from './verbs.ts';

export interface ResourceHost {
  readonly digest: Digest;
  readonly keeper: Pick<Keeper, 'stored' | 'manifestOf' | 'used'>;
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
    const read = readResourceFile(file);
    if (read.kind === 'refused') return read;
    const { manifest, preimage, shoalText } = read;
    const { digest, keeper } = this.#host;
    if (shoalText !== null && (await sha256Base64url(digest, shoalText)) !== manifest.shoal?.digest) {
      return { kind: 'refused', why: 'not-allowed', reason: 'marker' };
    }
    const id = infoHash(await sha256Hex(digest, preimage));
    assert(id !== null, 'a SHA-256 has 64 hex digits');
    await this.#openWith(id, manifest);
    await keeper.used(id);
    return { kind: 'opened', infoHash: id };
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
