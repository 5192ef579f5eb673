/**
 * Keeps the store in order: the clean-up by the person's rules ([LB9]), when the peer begins, once an hour, and whenever
 * a share finds no room; and compaction while there is nothing else to do. Owns what is being saved. Which shares go is
 * clean-up.ts's matter, when it is quiet enough idle-compaction.ts's.
 */
import type { SharePhase } from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import { dueForRemoval } from './clean-up.ts';
import { IdleCompaction } from './idle-compaction.ts';
import type { Keeper } from './keeper.ts';
import { CLEAN_UP_EVERY_MS } from './limits.ts';
import type { StoreUsage } from './piece-store.ts';
import type { Intent } from './library-store.ts';
import type { OpenShares } from './open-shares.ts';
import type { PeerPorts } from './ports.ts';
import type { SettingsBook } from './settings.ts';
import type { OpenShare } from './teller.ts';

interface House {
  readonly keeper: Keeper;
  readonly settings: SettingsBook;
  readonly shares: OpenShares;
  readonly opening: { has(infoHash: InfoHash): boolean };
  /** [LB6] */
  isCopying(infoHash: InfoHash): boolean;
  remove(infoHash: InfoHash): Promise<void>;
}

type Ports = Pick<PeerPorts, 'clock' | 'store'>;

export class Housekeeping {
  readonly #ports: Ports;
  readonly #house: House;
  readonly #compaction: IdleCompaction;
  /** What is being written to the person's downloads. */
  readonly #saving = new Set<InfoHash>();
  #cleaning: Promise<boolean> | null = null;
  #cancel: () => void = () => undefined;
  #closed = false;

  constructor(ports: Ports, house: House) {
    this.#ports = ports;
    this.#house = house;
    this.#compaction = new IdleCompaction(ports.clock, ports.store, {
      isBusy: () => this.#saving.size > 0,
      freed: () => this.#roomMade(),
    });
    ports.store.onInterrupted(() => void this.#lookAfterAll());
  }

  /** Now, and every hour from now on. */
  async begin(): Promise<void> {
    if (this.#closed) return;
    this.#cancel = this.#ports.clock.after(CLEAN_UP_EVERY_MS, () => void this.begin());
    await this.makesRoom();
    this.#compaction.stored();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    this.#compaction.close();
  }

  // What the host asks for

  /** What is stored of each share. */
  usage(): Promise<StoreUsage> {
    return this.#ports.store.usage();
  }

  /** [LB9] What is pinned is never cleaned up. */
  pin(infoHash: InfoHash, pinned: boolean): Promise<void> {
    return this.#house.keeper.pin(infoHash, pinned);
  }

  /** It is being written to the person's downloads, or not any more. */
  async saving(infoHash: InfoHash, isUnderWay: boolean): Promise<void> {
    if (isUnderWay) this.#saving.add(infoHash);
    else this.#saving.delete(infoHash);
    this.moved();
    await this.#house.keeper.used(infoHash);
  }

  // What happens

  /** Pieces are being received, hashed, stored or sent. Called very often. */
  moved(): void {
    this.#compaction.moved();
  }

  /** Whoever is told of progress is told, too, and the store left alone meanwhile. */
  noting<Progress>(tell: (progress: Progress) => void): (progress: Progress) => void {
    return (progress) => {
      this.moved();
      tell(progress);
    };
  }

  stored(): void {
    this.#compaction.stored();
  }

  /** A share is gone, with what was stored of it. */
  removed(): void {
    this.#compaction.removed();
    this.#roomMade();
  }

  /** Cleans up. True: something was removed. Who asks while it runs waits for the same run. */
  makesRoom(): Promise<boolean> {
    this.#cleaning ??= this.#cleanUp().finally(() => {
      this.#cleaning = null;
    });
    return this.#cleaning;
  }

  async #cleanUp(): Promise<boolean> {
    const { settings, keeper, remove } = this.#house;
    const rules = await settings.current();
    if (rules.keepDays === null && rules.mostBytes === null) return false;
    const asked = new Set<InfoHash>();
    let isAnyGone = false;
    for (;;) {
      const [entries, usage] = await Promise.all([keeper.entries(), this.usage()]);
      const here = { entries, usage, isInUse: (infoHash: InfoHash) => this.#isInUse(infoHash) };
      const due = dueForRemoval(here, rules, this.#ports.clock.today());
      // What is still there after its removal cannot be removed now.
      const fresh = due.filter((infoHash) => !asked.has(infoHash));
      if (fresh.length === 0 || this.#closed) return isAnyGone;
      for (const infoHash of fresh) {
        asked.add(infoHash);
        // It may have been opened since the figures were read.
        if ((await this.#isGivingContent(infoHash)) || this.#isInUse(infoHash)) continue;
        await remove(infoHash);
        isAnyGone = true;
      }
    }
  }

  /** [ST14] What was complete here is not fetched again unless somebody asks for it. */
  async #lookAfterAll(): Promise<void> {
    const { shares, keeper } = this.#house;
    for (const share of [...shares.values()]) {
      const { manifest, phase } = share.driver.snapshot().engine;
      const intent = intentOf(share, phase);
      if (intent !== null) await keeper.keepAgain(share, manifest, intent);
      await share.driver.storeInterrupted(intent === null);
    }
  }

  #roomMade(): void {
    this.#house.shares.feedAll({ kind: 'room-made' });
  }

  /** [LB7] A download finds some of its pieces in this share. */
  async #isGivingContent(infoHash: InfoHash): Promise<boolean> {
    const { shares, keeper } = this.#house;
    const takers = [...shares.values()]
      .map(({ driver }) => driver.snapshot().engine)
      .filter(({ phase, foundBytes }) => foundBytes > 0 && (phase === 'downloading' || phase === 'full'));
    const manifest = takers.length === 0 ? null : await keeper.manifestOf(infoHash);
    const contents = new Set(manifest?.pieces.map(({ sha256 }) => sha256));
    return takers.some((taker) => taker.manifest?.pieces.some(({ sha256 }) => contents.has(sha256)) === true);
  }

  /** It is being opened, received, sent, copied or saved. */
  #isInUse(infoHash: InfoHash): boolean {
    const { opening, shares, isCopying } = this.#house;
    if (opening.has(infoHash) || this.#saving.has(infoHash) || isCopying(infoHash)) return true;
    const share = shares.get(infoHash);
    if (share === undefined) return false;
    const { phase, peers } = share.driver.snapshot().engine;
    const moves = peers.some(({ up, down }) => up + down > 0);
    return share.saveDue || moves || phase === 'downloading' || phase === 'full';
  }
}

/** What the person wants of it, as far as it shows; null: nothing that would have to be kept. */
function intentOf({ role, saveDue }: OpenShare, phase: SharePhase): Intent | null {
  if (role === 'sharing') return phase === 'stopped' ? 'stopped' : 'sharing';
  if (phase === 'paused') return 'paused';
  const isWanted = phase === 'downloading' || phase === 'full' || phase === 'failed' || saveDue;
  return isWanted ? 'downloading' : null;
}
