/**
 * Keeps the store in order: the clean-up by the person's rules ([LB9]), when the peer begins, once an hour, and whenever
 * a share finds no room; and compaction while there is nothing else to do. Owns what is being saved. Which shares go is
 * clean-up.ts's matter, when it is quiet enough idle-compaction.ts's.
 */
import type { SharePhase } from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import { dueForRemoval, isFinished, lastUseOf } from './clean-up.ts';
import { IdleCompaction } from './idle-compaction.ts';
import type { Keeper } from './keeper.ts';
import { CLEAN_UP_EVERY_MS } from './limits.ts';
import type { StoreUsage } from './piece-store.ts';
import type { Intent, LibraryEntry } from './library-store.ts';
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
    // What is still there when it was this one's turn stays: the choice goes on with the next one.
    const asked = new Set<InfoHash>();
    const isInUse = (infoHash: InfoHash): boolean => asked.has(infoHash) || this.#isInUse(infoHash);
    let isAnyGone = false;
    for (;;) {
      const [entries, usage] = await Promise.all([keeper.entries(), this.usage()]);
      const due = dueForRemoval({ entries, usage, isInUse }, rules, this.#ports.clock.today());
      if (due.length === 0) return isAnyGone;
      for (const entry of due) {
        asked.add(entry.infoHash);
        const mayGo = await this.#mayStillGo(entry);
        if (this.#closed) return isAnyGone;
        if (!mayGo) continue;
        await remove(entry.infoHash);
        isAnyGone ||= (await keeper.entry(entry.infoHash)) === null;
      }
    }
  }

  /** It may have been pinned, used, opened or begun since the figures were read. */
  async #mayStillGo(then: LibraryEntry): Promise<boolean> {
    const { infoHash } = then;
    const isGiving = await this.#isGivingContent(infoHash);
    const now = await this.#house.keeper.entry(infoHash);
    if (isGiving || now === null || now.pinned === true || !isFinished(now)) return false;
    return lastUseOf(now) === lastUseOf(then) && !this.#isInUse(infoHash);
  }

  /** [ST14] What was complete here is not fetched again unless somebody asks for it. */
  async #lookAfterAll(): Promise<void> {
    const { shares, keeper } = this.#house;
    await keeper.markAgain();
    for (const share of [...shares.values()]) {
      const { infoHash } = share;
      if (shares.get(infoHash) !== share) continue;
      const { manifest, phase } = share.driver.snapshot().engine;
      const intent = intentOf(share, phase);
      if (intent !== null) await keeper.keepAgain(share, manifest, { intent, isWhole: phase === 'complete' });
      if (shares.has(infoHash)) await share.driver.storeInterrupted(intent === null);
      // Removed meanwhile: nothing that was written again stays.
      if (!shares.has(infoHash) && intent !== null) await keeper.forget(infoHash);
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
