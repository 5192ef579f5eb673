/**
 * Shares that came from a web address go on serving those who want what is there ([WS27]): beside its own swarm each is in
 * that of its address, as one that has all of it, for as long as it is passed on. Owns these places. Asks no server.
 */
import type { InfoHash } from '../ids.ts';
import { unhashedManifest } from '../manifest/unhashed.ts';
import { StoreSource } from './block-sources.ts';
import type { PeerPorts } from './ports.ts';
import type { ShareDriver } from './share-driver.ts';
import type { SideSwarms } from './side-swarms.ts';
import type { OpenShare } from './teller.ts';
import { swarmOfUrl } from './web-swarm.ts';

export class WebPassingOn {
  readonly #ports: Pick<PeerPorts, 'digest' | 'store'>;
  readonly #sides: Pick<SideSwarms, 'join' | 'leave'>;
  /** Those that are to be there. */
  readonly #wanted = new Map<InfoHash, OpenShare>();
  readonly #there = new Map<InfoHash, ShareDriver>();
  /** Being joined. */
  readonly #busy = new Set<InfoHash>();

  constructor(ports: Pick<PeerPorts, 'digest' | 'store'>, sides: Pick<SideSwarms, 'join' | 'leave'>) {
    this.#ports = ports;
    this.#sides = sides;
  }

  /** It was opened, completed, stopped or resumed. */
  follow(share: OpenShare): void {
    if (share.cameFrom === null) return;
    const isWhole = share.driver.snapshot().engine.phase === 'complete';
    if (share.driver.isInSwarm && isWhole) this.#wanted.set(share.infoHash, share);
    else this.#wanted.delete(share.infoHash);
    void this.#settle(share.infoHash);
  }

  ended(infoHash: InfoHash): void {
    this.#wanted.delete(infoHash);
    void this.#settle(infoHash);
  }

  async #settle(infoHash: InfoHash): Promise<void> {
    if (this.#busy.has(infoHash)) return;
    const [share, driver] = [this.#wanted.get(infoHash), this.#there.get(infoHash)];
    if (share === undefined && driver !== undefined) {
      this.#there.delete(infoHash);
      return this.#sides.leave(driver);
    }
    if (share === undefined || driver !== undefined) return;
    this.#busy.add(infoHash);
    const joined = await this.#join(share).finally(() => this.#busy.delete(infoHash));
    if (joined === null) return;
    this.#there.set(infoHash, joined);
    // It may have been stopped meanwhile.
    await this.#settle(infoHash);
  }

  /** Null: this peer is there already, as where its person loads anew what is at the address by now. */
  async #join({ infoHash, driver, cameFrom }: OpenShare): Promise<ShareDriver | null> {
    const { manifest: made } = driver.snapshot().engine;
    if (cameFrom === null || made === null) return null;
    const { url, size, etag, lastModified } = cameFrom;
    const unhashed = unhashedManifest({ url, name: made.name, size });
    // A stream is cut otherwise.
    if (unhashed === null || unhashed.pieces.length !== made.pieces.length) return null;
    const hashes = new Map(made.pieces.map(({ sha256 }, piece) => [piece, sha256] as const));
    return this.#sides.join({
      infoHash: await swarmOfUrl(this.#ports.digest, url),
      manifest: unhashed,
      owned: 'all',
      source: new StoreSource(infoHash, this.#ports),
      web: { facts: { size, etag, lastModified }, hashes },
      gaveWay: () => this.#there.delete(infoHash),
      broke: () => this.ended(infoHash),
    });
  }
}
