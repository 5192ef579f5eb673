/**
 * [HL33] All shares of one state folder: finds them at the start, chooses their places, looks once for what is here of each
 * already, and sees to it that what the journals know gets on the disk for good. Owns which shares there are and the index
 * of their content.
 */
import { readdir } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { InfoHash } from '../../shared/ids.ts';
import { infoHash as readInfoHash } from '../../shared/ids.ts';
import { madeFolder } from '../made-folder.ts';
import { Queue } from './at-once.ts';
import { choosePlace } from './choose-place.ts';
import { Claims } from './claims.ts';
import { ContentIndex } from './content-index.ts';
import type { Descriptors } from './descriptors.ts';
import { DiskShare } from './disk-share.ts';
import { takeWhatIsHere } from './here-already.ts';
import { SYNC_EVERY_MS } from './limits.ts';
import { LocalFiles } from './local-files.ts';
import { LooseContents } from './loose-contents.ts';
import type { Notices } from './notices.ts';
import type { OnVerifyProgress } from './right-pieces.ts';
import type { ShareHost } from './share-host.ts';
import { TargetFolder } from './target-folder.ts';
import { tellTrouble } from './tell-trouble.ts';
import { isWorlds } from './trouble.ts';

export interface ShelfOptions {
  readonly stateFolder: string;
  readonly targetFolder: string;
  /** Beside the target folder: where content may lie already. */
  readonly lookIn: readonly string[];
  /** Whether what lies there is linked and not copied. */
  readonly links: boolean;
  readonly notices: Notices;
  readonly descriptors: Descriptors;
  /** [PK4] */
  readonly isWanted: (infoHash: InfoHash, file: number) => boolean;
  /** What is stored of it lies in no files: it was made here, and these are copies; or it has no hashes yet ([WS20]). */
  readonly hasNoFiles: (infoHash: InfoHash) => boolean;
  readonly onVerify: (infoHash: InfoHash, progress: Parameters<OnVerifyProgress>[0]) => void;
  readonly after: (ms: number, task: () => void) => () => void;
}

export class ShareShelf {
  readonly loose: LooseContents;
  readonly index = new ContentIndex<DiskShare>();
  readonly target: TargetFolder;
  readonly #options: ShelfOptions;
  readonly #host: ShareHost;
  readonly #shares = new Map<InfoHash, DiskShare>();
  readonly #local: LocalFiles;
  readonly #claims: Claims;
  readonly #placing = new Queue();
  readonly #gathering = new Map<InfoHash, Promise<void>>();
  readonly #due = new Set<InfoHash>();
  #cancelSync: (() => void) | null = null;
  #whenLost: () => void = () => undefined;
  #lostToTell = false;
  /** Shares of which nothing more is looked for; or of any. */
  readonly #leaving = new Set<InfoHash>();
  #looksNoMore = false;

  private constructor(options: ShelfOptions) {
    const { stateFolder, targetFolder, lookIn, notices, descriptors } = options;
    this.#options = options;
    this.target = new TargetFolder(targetFolder);
    this.loose = new LooseContents(join(stateFolder, 'contents'));
    this.#claims = new Claims(reservedIn(targetFolder, stateFolder));
    this.#local = new LocalFiles([targetFolder, ...lookIn], [stateFolder]);
    this.#host = {
      ...{ stateFolder, notices, descriptors, target: this.target, claims: this.#claims, loose: this.loose },
      isWanted: options.isWanted,
      isLeft: (infoHash) => this.#isLeft(infoHash),
      changed: (infoHash, isMuch) => this.#changed(infoHash, isMuch),
      lost: () => this.#lost(),
      notNamed: (infoHash, file, error) => {
        const path = this.#shares.get(infoHash)?.placed?.names.final(file) ?? [];
        tellTrouble(notices, this.target.shown(path), error);
      },
    };
  }

  /** Rejects where the state folder cannot be made or read. */
  static async open(options: ShelfOptions): Promise<ShareShelf> {
    const shelf = new ShareShelf(options);
    await madeFolder(options.stateFolder);
    for (const name of await readdir(options.stateFolder)) {
      const infoHash = readInfoHash(name);
      if (infoHash === null) continue;
      const share = new DiskShare(infoHash, shelf.#host);
      if (!(await share.load())) continue;
      shelf.#shares.set(infoHash, share);
      shelf.index.add(share);
    }
    await shelf.loose.sweep(new Set(shelf.all().flatMap((share) => share.noted())));
    return shelf;
  }

  onLost(listener: () => void): void {
    this.#whenLost = listener;
  }

  all(): DiskShare[] {
    return [...this.#shares.values()];
  }

  get(infoHash: InfoHash): DiskShare | undefined {
    return this.#shares.get(infoHash);
  }

  /** Made where there is none. */
  shareOf(infoHash: InfoHash): DiskShare {
    const known = this.#shares.get(infoHash);
    if (known !== undefined) return known;
    const share = new DiskShare(infoHash, this.#host);
    this.#shares.set(infoHash, share);
    return share;
  }

  /** It has a place, and what is here of it was looked for, where it is one that comes from others. Rejects with what the system says. */
  async prepare(share: DiskShare, onProgress: OnVerifyProgress = () => undefined): Promise<void> {
    await share.look();
    const { infoHash, layout, isGathered } = share;
    if (layout === null || isGathered || this.#options.hasNoFiles(infoHash)) return;
    const underWay = this.#gathering.get(infoHash);
    if (underWay !== undefined) return underWay;
    const gathering = this.#gather(share, onProgress).finally(() => this.#gathering.delete(infoHash));
    this.#gathering.set(infoHash, gathering);
    return gathering;
  }

  /** Shares that may be the one that asks for all of these, and were not prepared yet. */
  async prepareFor(sha256s: readonly string[]): Promise<void> {
    const [first] = sha256s;
    if (first === undefined) return;
    const asking = new Set([...this.index.of(first)].map(({ share }) => share));
    for (const share of asking) {
      if (share.isGathered || this.#options.hasNoFiles(share.infoHash)) continue;
      const own = new Set<string>();
      const { layout } = share;
      for (let piece = 0; piece < (layout?.pieceCount ?? 0); piece++) own.add(layout?.sha256(piece) ?? '');
      if (sha256s.every((sha256) => own.has(sha256))) await this.#tried(share);
    }
  }

  /** It is going to be removed. */
  leave({ infoHash }: DiskShare): void {
    this.#leaving.add(infoHash);
  }

  forget(share: DiskShare): void {
    this.#leaving.delete(share.infoHash);
    this.index.remove(share);
    this.#due.delete(share.infoHash);
    this.#shares.delete(share.infoHash);
  }

  /** All that only journals know gets on the disk for good. */
  async syncAll(): Promise<void> {
    this.#cancelSync?.();
    this.#cancelSync = null;
    const due = [...this.#due];
    this.#due.clear();
    for (const infoHash of due) await this.#sync(infoHash);
  }

  /** It is going to be closed: what is here is read for nobody any more. What was not looked at is the next time. */
  stopLooking(): void {
    this.#looksNoMore = true;
  }

  async close(): Promise<void> {
    this.stopLooking();
    await Promise.allSettled(this.#gathering.values());
    for (const share of this.all()) await share.queue.idle();
    await this.syncAll();
    this.#cancelSync?.();
    for (const share of this.all()) await share.close();
  }

  async #tried(share: DiskShare): Promise<void> {
    try {
      await this.prepare(share, (progress) => this.#options.onVerify(share.infoHash, progress));
    } catch (error) {
      if (!isWorlds(error)) throw error;
      // Whoever stores a piece of it hears of it again.
      tellTrouble(this.#options.notices, this.target.shown([share.layout?.names.top ?? '']), error);
    }
  }

  async #gather(share: DiskShare, onProgress: OnVerifyProgress): Promise<void> {
    const { infoHash, layout } = share;
    if (layout === null) return;
    const { notices, descriptors, links, isWanted } = this.#options;
    await share.queue.run(async () => {
      const placed =
        share.placed ??
        (await this.#placing.run(async () => {
          const top = await choosePlace(layout, infoHash, {
            target: this.target,
            claims: this.#claims,
            notices,
          });
          return share.place(top);
        }));
      const whole = this.#wholeFiles(share);
      const host = {
        ...{ layout, ...placed, target: this.target, descriptors, notices, links },
        elsewhere: async (size: number, name: string) => [
          ...(whole.get(size) ?? []),
          ...(await this.#local.find(size, name)),
        ],
        isWanted: (file: number) => isWanted(infoHash, file),
        isCancelled: () => this.#isLeft(infoHash),
      };
      const here = await takeWhatIsHere(host, onProgress);
      if (here !== null) await share.gathered(here);
    });
    this.#local.forget();
  }

  /** Those of other shares, by their sizes. */
  #wholeFiles(but: DiskShare): ReadonlyMap<number, readonly string[]> {
    const bySize = new Map<number, string[]>();
    for (const { infoHash, layout, placed } of this.all()) {
      if (infoHash === but.infoHash || layout === null || placed === null) continue;
      for (let file = 0; file < layout.fileCount; file++) {
        if (placed.files.placeOf(file) !== 'whole') continue;
        const path = this.target.shown(placed.names.final(file));
        const known = bySize.get(layout.fileSize(file));
        if (known === undefined) bySize.set(layout.fileSize(file), [path]);
        else known.push(path);
      }
    }
    return bySize;
  }

  #isLeft(infoHash: InfoHash): boolean {
    return this.#looksNoMore || this.#leaving.has(infoHash);
  }

  #changed(infoHash: InfoHash, isMuch: boolean): void {
    this.#due.add(infoHash);
    if (isMuch) void this.#sync(infoHash);
    else this.#cancelSync ??= this.#options.after(SYNC_EVERY_MS, () => void this.syncAll());
  }

  async #sync(infoHash: InfoHash): Promise<void> {
    const share = this.#shares.get(infoHash);
    if (share === undefined || !share.needsSync) return;
    try {
      // What is asked for in the queue is whole; the disk's own time is nobody's to wait for.
      const { done } = await share.queue.run(async () => ({ done: share.sync() }));
      await done;
    } catch (error) {
      if (!isWorlds(error)) throw error;
      tellTrouble(this.#options.notices, join(this.#options.stateFolder, infoHash), error);
      this.#due.add(infoHash);
      this.#cancelSync ??= this.#options.after(SYNC_EVERY_MS, () => void this.syncAll());
    }
  }

  /** Once for all that is found out in one go. */
  #lost(): void {
    if (this.#lostToTell) return;
    this.#lostToTell = true;
    setImmediate(() => {
      this.#lostToTell = false;
      this.#whenLost();
    });
  }
}

/** What leads to the state folder, where it lies in the target folder. */
function reservedIn(targetFolder: string, stateFolder: string): string[] {
  const [first = ''] = relative(targetFolder, stateFolder).split(/[/\\]/);
  return first === '' || first === '..' || isAbsolute(first) ? [] : [first];
}
