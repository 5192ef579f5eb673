/**
 * What is kept of a file at a web address while it has no hashes ([WS20]): its entry with the address and what the server said
 * of it, and its pieces; until it becomes a share, of the same pieces. Knows no machine and no network.
 */
import type { InfoHash } from '../ids.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import { factsOf } from './beginning.ts';
import type { Beginning } from './beginning.ts';
import type { Keeper } from './keeper.ts';
import type { LibraryEntry, WebFile, WebOrigin } from './library-store.ts';
import type { MadeOfWeb } from './made-of-web.ts';
import type { PeerPorts } from './ports.ts';

export interface MadeAt {
  readonly infoHash: InfoHash;
  readonly cameFrom: WebOrigin;
}

export class WebKeeper {
  readonly #keeper: Keeper;
  readonly #ports: Pick<PeerPorts, 'store' | 'clock'>;
  #turn: Promise<void> = Promise.resolve();

  constructor(keeper: Keeper, ports: Pick<PeerPorts, 'store' | 'clock'>) {
    this.#keeper = keeper;
    this.#ports = ports;
  }

  entry(infoHash: InfoHash): Promise<LibraryEntry | null> {
    return this.#keeper.entry(infoHash);
  }

  stored(infoHash: InfoHash): Promise<Beginning> {
    return this.#keeper.stored(infoHash);
  }

  /** [WS40] The shares that what was at this address became here, the newest first. */
  async madeAt(url: string): Promise<MadeAt[]> {
    const entries = await this.#keeper.entries();
    return entries.flatMap(({ infoHash, cameFrom }) =>
      cameFrom?.url === url ? [{ infoHash, cameFrom }] : [],
    );
  }

  /** [WS20] The file at an address is wanted. `manifest` has no hashes. */
  async asked(infoHash: InfoHash, manifest: Manifest, web: WebFile): Promise<void> {
    const bytes = serialiseManifest({ ...manifest, urls: [] });
    const addedAt = this.#ports.clock.today();
    if (bytes !== null) await this.#ports.store.putShare({ infoHash, manifest: bytes, addedAt });
    const times = { addedAt, finishedAt: null, savedAt: null };
    const facts = factsOf(manifest);
    await this.#keeper.library.add({
      infoHash,
      ...facts,
      ...times,
      web,
      role: 'receiving',
      intent: 'downloading',
    });
    await this.#keeper.used(infoHash);
  }

  /** [WS23] */
  doubts(infoHash: InfoHash, pieces: readonly number[]): Promise<void> {
    return this.#change(infoHash, (web) => ({ ...web, doubted: [...new Set([...web.doubted, ...pieces])] }));
  }

  /** [WS26] The person says, perhaps only now, what the whole file must be. */
  expects(infoHash: InfoHash, sha256: string): Promise<void> {
    return this.#change(infoHash, (web) => ({ ...web, sha256 }));
  }

  /** One behind the other: what is written goes by what stands there. */
  #change(infoHash: InfoHash, changed: (web: WebFile) => WebFile): Promise<void> {
    const { library } = this.#keeper;
    this.#turn = this.#turn.then(async () => {
      const web = (await library.entry(infoHash))?.web;
      if (web !== undefined) await library.note(infoHash, { web: changed(web) });
    });
    return this.#turn;
  }

  /** [WS26] The share that it became is as a whole what the person says. */
  async wasCompared(infoHash: InfoHash, sha256: string): Promise<void> {
    const cameFrom = (await this.#keeper.library.entry(infoHash))?.cameFrom;
    if (cameFrom !== undefined)
      await this.#keeper.library.note(infoHash, { cameFrom: { ...cameFrom, sha256 } });
  }

  /** [WS20] All of a file is here: it is a share from now on, of pieces that are stored. False: there is no room to say so. */
  async became(made: MadeOfWeb, cameFrom: WebOrigin): Promise<boolean> {
    const { store, clock } = this.#ports;
    const { infoHash, manifest } = made;
    const bytes = serialiseManifest(manifest);
    if (bytes === null) return false;
    const kept = await store.putShare({ infoHash, manifest: bytes, addedAt: clock.today() });
    const pieces = manifest.pieces.map(({ sha256 }, piece) => ({ piece, sha256 }));
    const adopted = kept.kind === 'stored' ? await store.adopt(infoHash, pieces) : kept;
    if (adopted.kind === 'failed' || adopted.adopted.length < pieces.length) return false;
    await this.#keeper.downloadAsked(infoHash, manifest, null, true);
    await this.#keeper.library.note(infoHash, {
      finishedAt: clock.today(),
      asksWeb: cameFrom.byOthers !== true,
      cameFrom,
    });
    return true;
  }
}
