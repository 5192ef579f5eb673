/**
 * A whole peer without a platform: all its shares, the tracker, and who is connected. Makes and opens shares, routes
 * what the tracker and the connections say to the right driver, and tells its host what changed. Owns which share
 * this peer has in which role. Knows no frames; the machine of each share is its driver's.
 */
import type { Input } from '../engine/io.ts';
import type { InfoHash, PeerId, SwarmId } from '../ids.ts';
import { DeliveryCount } from './delivery-count.ts';
import { Activity } from './activity.ts';
import type { Directory } from './directory.ts';
import type { Borrowing } from './borrowing.ts';
import { FileChoice } from './file-choice.ts';
import { Housekeeping } from './housekeeping.ts';
import { Keeper } from './keeper.ts';
import { Kicked } from './kicked.ts';
import type { Lending } from './lending.ts';
import type { Beginning } from './beginning.ts';
import type { ListingsHost } from './listings.ts';
import { LentConnections } from './lent-connections.ts';
import type { LibraryEntry } from './library-store.ts';
import { OpenShares } from './open-shares.ts';
import { Openings } from './openings.ts';
import { OwnShares } from './own-shares.ts';
import { PieceCache } from './piece-cache.ts';
import type { Identity, PeerPorts } from './ports.ts';
import { Preferences } from './preferences.ts';
import { Reach } from './reach.ts';
import { ResourceFiles } from './resource-files.ts';
import { Saves } from './saves.ts';
import { Self } from './self.ts';
import { FIRST_SETTINGS, SettingsBook } from './settings.ts';
import { startShare } from './share-start.ts';
import { Teller } from './teller.ts';
import type { OpenShare } from './teller.ts';
import { WebFiles } from './web-files.ts';
import { WebKeeper } from './web-keeper.ts';
import { WebSeeding } from './web-seeding.ts';
import type {
  FileToShare,
  HashingProgress,
  PeerListener,
  ProvideIntent,
  ProvideOutcome,
  ShareOutcome,
  ShareRequest,
} from './verbs.ts';

export class Peer {
  readonly settings: SettingsBook;
  readonly house: Housekeeping;
  readonly activity: Activity;
  readonly preferences: Preferences;
  readonly saves: Saves;
  readonly files: FileChoice;
  readonly resources: ResourceFiles;
  readonly web: WebSeeding;
  /** [WS20] */
  readonly webFiles: WebFiles;
  /** [WS31] What others fetch for this peer from servers on the web. */
  readonly borrowing: Borrowing;
  /** [WS32] What this peer fetches for others. */
  readonly lending: Lending;
  readonly #self: Self;
  readonly #ports: PeerPorts;
  readonly #listener: PeerListener;
  readonly #reach: Reach;
  readonly #keeper: Keeper;
  readonly #own: OwnShares;
  readonly #cache: PieceCache;
  readonly #shares = new OpenShares();
  readonly #lent: LentConnections;
  readonly #kicked = new Kicked();
  readonly #openings: Openings;
  readonly #teller: Teller;
  readonly #deliveries: DeliveryCount<OpenShare>;

  constructor(identity: Identity, ports: PeerPorts, listener: PeerListener) {
    this.#ports = ports;
    this.#cache = new PieceCache(ports.pieceCacheBytes);
    this.activity = new Activity(ports, () => this.preferences.logLevel);
    this.#listener = this.activity.beside(listener);
    this.settings = new SettingsBook(ports.settings, (now) => {
      this.preferences.changed(now);
      this.#lent.lending.set(now);
    });
    this.preferences = new Preferences(this.settings, {
      tellAll: (input) => this.#tellAll(input),
      logLevelChanged: () => this.activity.levelChanged(),
    });
    this.#keeper = new Keeper(ports, this.#cache);
    this.#openings = new Openings(this.#shares, (...beginning) => this.#start(...beginning));
    this.#teller = new Teller(ports.clock, this.#shares, this.#listener);
    const own = { keeper: this.#keeper, settings: this.settings };
    const known = { ...own, shares: this.#shares, teller: this.#teller };
    this.house = new Housekeeping(ports, {
      ...known,
      opening: this.#openings,
      isCopying: (infoHash) => this.#own.isCopying(infoHash),
      remove: (infoHash) => this.remove(infoHash),
    });
    this.#lent = new LentConnections(ports, this.settings, {
      self: () => this.#self,
      reach: () => this.#reach,
      preferences: () => this.preferences,
      care: this.house,
      isTaken: (infoHash) => this.#shares.has(infoHash) || this.#openings.has(infoHash),
    });
    ({ borrowing: this.borrowing, lending: this.lending } = this.#lent);
    this.#own = new OwnShares(ports, {
      ...{ ...known, cache: this.#cache, care: this.house },
      open: (infoHash, beginning) => this.#openOwn(infoHash, beginning),
    });
    this.saves = new Saves({
      ...{ ...known, preferences: this.preferences },
      changed: (share) => this.#teller.changed(share),
      stop: (infoHash) => this.stop(infoHash),
    });
    const openShare = (infoHash: InfoHash): Promise<OpenShare | null> => this.#openings.current(infoHash);
    const asking = { ...known, openShare };
    this.files = new FileChoice(asking);
    this.web = new WebSeeding(asking);
    this.webFiles = this.#webFilesOver(ports);
    this.resources = new ResourceFiles({
      ...{ ...asking, digest: ports.digest, own: this.#own },
      open: (...beginning) => this.#openings.opened(...beginning),
      close: (share) => this.#close(share),
    });
    this.#self = new Self(identity, ports, {
      renamed: (fresh) => this.#renamed(fresh),
      ownTabsKnown: (peers) => this.#tellAll({ kind: 'own-tabs-known', peers }),
    });
    this.#deliveries = new DeliveryCount({ library: this.#keeper, self: this.#self, teller: this.#teller });
    this.#reach = this.#reachOf(identity, ports, asking);
  }

  #webFilesOver(ports: PeerPorts): WebFiles {
    return new WebFiles(ports, {
      ...{ keeper: new WebKeeper(this.#keeper, ports), borrowing: this.borrowing, sides: this.#lent.sides },
      ...{ activity: this.activity, listener: this.#listener, tell: () => this.#teller.tell() },
      open: (...beginning) => this.#openings.opened(...beginning),
      download: (infoHash) => this.download(infoHash),
      remove: (infoHash) => this.remove(infoHash),
    });
  }

  #reachOf(identity: Identity, ports: PeerPorts, listings: ListingsHost): Reach {
    return new Reach(identity, ports, {
      linkOpened: (...opened) => {
        if (!this.#lent.sides.linkOpened(...opened)) this.#shares.linkOpened(...opened);
      },
      heard: (swarm, input) => {
        this.#shares.feed(swarm, input);
        this.#lent.sides.feed(swarm, input);
      },
      allHeard: (input) => this.#tellAll(input),
      welcomes: (swarm, peer) =>
        this.#shares.bySwarm(swarm)?.driver.welcomes(peer) === true || this.#lent.sides.welcomes(swarm, peer),
      taken: (own) => this.#self.taken(own),
      listings,
    });
  }

  get directory(): Directory {
    return this.#reach.directory;
  }

  /** Makes a share of a person's files and serves it. */
  async share(
    request: ShareRequest,
    onProgress: (progress: HashingProgress) => void = () => undefined,
  ): Promise<ShareOutcome> {
    const outcome = await this.#own.share(request, this.house.noting(onProgress));
    if (outcome.kind === 'shared') this.activity.made(outcome.infoHash);
    return outcome;
  }

  /** The shares that are being made are not. */
  readonly cancelShare = (): void => this.#own.cancel();

  /** [LB2] Opens it as it was left: what was paused or stopped stays so. Harmless when the share is open. */
  async join(infoHash: InfoHash): Promise<void> {
    await this.#asLeft(infoHash);
    await this.#keeper.used(infoHash);
  }

  /** As `join`, and joins the swarm of one that was stopped. */
  async open(infoHash: InfoHash): Promise<void> {
    const share = await this.#asLeft(infoHash);
    if (share === null || share.filesMissing !== null || !share.driver.canResume) return;
    share.driver.feed({ kind: 'sharing-resumed' });
    const isWhole = share.role === 'sharing' || share.driver.snapshot().engine.phase === 'complete';
    await this.#keeper.intends(infoHash, isWhole ? 'sharing' : 'paused');
  }

  async download(infoHash: InfoHash): Promise<void> {
    const share = await this.#asLeft(infoHash);
    if (share === null) return;
    share.driver.feed({ kind: 'download-requested' });
    if (share.role === 'sharing') return;
    const { manifest, phase } = share.driver.snapshot().engine;
    if (phase !== 'complete') this.activity.downloadAsked(infoHash);
    await this.#keeper.downloadAsked(infoHash, manifest, share.driver.files, phase === 'complete');
    await this.web.downloadAsked(infoHash);
  }

  async pause(infoHash: InfoHash): Promise<void> {
    await this.#tell(infoHash, { kind: 'download-paused' });
    await this.#keeper.intends(infoHash, 'paused');
  }

  /** Leaves the swarm; what is stored stays. `open` or `download` starts again. */
  async stop(infoHash: InfoHash): Promise<void> {
    await this.#tell(infoHash, { kind: 'sharing-stopped' });
    await this.#keeper.intends(infoHash, 'stopped');
  }

  /** How many of the connected peers have each piece ([UI8]); empty where that is not known. */
  readonly availability = (infoHash: InfoHash): Uint8Array<ArrayBuffer> =>
    this.#shares.get(infoHash)?.driver.availability() ?? new Uint8Array(0);

  // What is kept

  readonly library = (): Promise<LibraryEntry[]> => this.#keeper.entries();

  /**
   * [LB2] What was running goes on, the newest first; then the store is put in order. Only for the first of several peers
   * over one store: it also knows whether the one before it ended ([LB8]).
   */
  async restore(): Promise<void> {
    await this.#keeper.begin();
    for (const infoHash of await this.#keeper.running())
      if (!this.#openings.isClosed) await this.#asLeft(infoHash);
    await this.house.begin();
  }

  /** [LB3] Takes the files of a share that was made earlier: the same link works again, unless it is to stay stopped. */
  provide(
    infoHash: InfoHash,
    files: readonly FileToShare[],
    intent: ProvideIntent = 'sharing',
  ): Promise<ProvideOutcome> {
    return this.#own.provide(infoHash, files, intent);
  }

  /** [LB5] The person has allowed what is kept of its files to be read. */
  async reopen(infoHash: InfoHash): Promise<void> {
    await this.#keeper.intends(infoHash, 'sharing');
    await this.#closeWaiting(infoHash);
    await this.join(infoHash);
  }

  /** [LB4] The share that was made of these files earlier, which goes on with them; null: there is none. */
  async sharedBefore(request: ShareRequest): Promise<InfoHash | null> {
    const infoHash = await this.#own.before(request);
    if (infoHash !== null) await this.open(infoHash);
    return infoHash;
  }

  /** Leaves the swarm and forgets the share, with all that is stored of it. */
  async remove(infoHash: InfoHash): Promise<void> {
    this.#openings.removed(infoHash);
    this.web.removed(infoHash);
    const share = this.#shares.get(infoHash);
    const written = share === undefined ? null : this.#close(share);
    this.#teller.removed(infoHash);
    await written;
    await this.#own.forget(infoHash);
    await this.#keeper.forget(infoHash);
    this.house.removed();
  }

  /** [LB15] The peer is dropped, and neither dialled nor let in again while this peer lives. */
  async disconnect(infoHash: InfoHash, peer: PeerId): Promise<void> {
    await this.#tell(infoHash, this.#kicked.add(infoHash, peer));
  }

  /** [LB16] Every share, and all that was noted or set; who we are from now on is somebody else. */
  async forgetEverything(): Promise<void> {
    const all = new Set([...this.#shares.keys(), ...this.#openings.shares]);
    for (const { infoHash } of await this.#keeper.entries()) all.add(infoHash);
    for (const infoHash of all) await this.remove(infoHash);
    this.#kicked.forget();
    await this.activity.forget();
    await this.settings.change(FIRST_SETTINGS);
    await this.#self.renew();
  }

  /** [PN11] The network is back, or another one, or we may have slept: nothing has to wait for its next try. */
  networkChanged(): void {
    this.#reach.networkChanged();
    this.#lent.lending.look();
  }

  /**
   * Leaves all swarms and closes all connections; nothing is opened afterwards. The store stays open: it is the host's.
   * Settles when it is noted that this was a clean end ([LB8]).
   */
  async close(): Promise<void> {
    this.#openings.close();
    const written = [...this.#shares.values()].map(({ driver }) => {
      driver.feed({ kind: 'sharing-stopped' });
      return driver.close();
    });
    this.#shares.clear();
    const lent = this.#lent.close();
    this.house.close();
    this.#own.close();
    this.#reach.close();
    this.#self.close();
    this.#teller.close();
    await Promise.all([...written, lent, this.activity.close()]);
    await this.#keeper.end();
  }

  // Opening

  readonly #asLeft = (infoHash: InfoHash): Promise<OpenShare | null> =>
    this.#openings.opened(infoHash, () => this.#keeper.stored(infoHash));

  /** With its files. One that waits for them goes on as another machine; one that has them stays as it is. */
  async #openOwn(infoHash: InfoHash, beginning: Beginning): Promise<void> {
    await this.#closeWaiting(infoHash);
    await this.#openings.opened(infoHash, async () => beginning);
    if (this.#openings.isClosed)
      throw new Error('The peer was closed while a share was opened with its files.');
  }

  async #closeWaiting(infoHash: InfoHash): Promise<void> {
    const waiting = await this.#openings.current(infoHash);
    if (waiting !== null && waiting.filesMissing !== null) await this.#close(waiting);
  }

  #start(...opening: readonly [InfoHash, SwarmId, Beginning]): OpenShare {
    this.#lent.sides.giveWay(opening[1]);
    return startShare(opening, this.#ports, {
      ...{ self: this.#self, reach: this.#reach, care: this.house, preferences: this.preferences },
      ...{ kicked: this.#kicked, shares: this.#shares, keeper: this.#keeper, webFiles: this.webFiles },
      ...{ activity: this.activity, deliveries: this.#deliveries, teller: this.#teller },
      listener: this.#listener,
    });
  }

  /** Settles when nothing of it is being written any more. */
  #close(share: OpenShare): Promise<void> {
    share.driver.feed({ kind: 'sharing-stopped' });
    const written = share.driver.close();
    this.webFiles.ended(share.infoHash);
    this.#shares.delete(share.infoHash);
    this.#teller.replaced(share.infoHash);
    return written;
  }

  // Between the parts

  /** [ID4] All shares go on: they leave under the old name, and are announced as soon as the new one is proved. */
  #renamed(identity: Identity): void {
    this.#tellAll({ kind: 'renamed', own: identity.id });
    this.#reach.renamed(identity);
  }

  #tellAll(input: Input): void {
    this.#shares.feedAll(input);
    this.#lent.sides.feedAll(input);
  }

  async #tell(infoHash: InfoHash, input: Input): Promise<void> {
    (await this.#openings.current(infoHash))?.driver.feed(input);
  }
}
