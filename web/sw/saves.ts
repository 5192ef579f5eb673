/**
 * The saves of this service worker, by their id: which are under way and how the last ones ended, who wants to hear of
 * each ([SA2]), and that everybody else hears, too ([SA10]). Knows no streams and no storage; everything here is
 * forgotten when the browser stops the service worker, which a page learns from the answer to its next pulse.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { SaveFailure, SaveNews, SaveOver, SavePulse, ToldSave } from '../worker/saving/save-messages.ts';
import type { StoredFront } from './coming-saves.ts';
import type { SaveWatcher } from './save-response.ts';

/** Where news go: a MessagePort, or anything like one. */
export interface NewsPort {
  postMessage(news: SaveNews): void;
}

interface About {
  /** [SA12] */
  readonly isPart?: boolean;
  /** [SA16] How much of it is stored; null: all. */
  readonly front?: StoredFront | null;
}

/** [SA18] A page that goes takes its frame along, which looks like a cancel: its lock is free within so many ms then. */
const LEAVING_MS = 1_000;

/** Ends that are remembered for pages that were reloaded meanwhile. */
const MOST_ENDED = 32;

export class Saves {
  readonly #ports = new Map<string, NewsPort>();
  /** How many downloads run under an id: a browser may ask for an address again. */
  readonly #underWay = new Map<string, number>();
  /** In the order in which they changed. */
  readonly #told = new Map<string, ToldSave>();
  readonly #tellAll: (save: ToldSave) => void;

  constructor(tellAll: (save: ToldSave) => void) {
    this.#tellAll = tellAll;
  }

  watch(id: string, port: NewsPort): void {
    this.#ports.set(id, port);
    port.postMessage({ kind: 'watching' });
  }

  pulse(id: string): SavePulse {
    return this.isUnderWay(id) || this.isAwaited(id) ? { kind: 'under-way' } : { kind: 'unknown' };
  }

  /** The address may have been asked for twice. */
  isUnderWay(id: string): boolean {
    return this.#underWay.has(id);
  }

  /** A page of ours said that it will open the address with this id, which nobody else can know. */
  isAwaited(id: string): boolean {
    return this.#ports.has(id);
  }

  /** The latest last. */
  known(): ToldSave[] {
    return [...this.#told.values()];
  }

  /** `until`: resolves when the save has ended, for the browser to keep the service worker alive. */
  begin(
    id: string,
    infoHash: InfoHash,
    { isPart = false, front = null }: About = {},
  ): { watcher: SaveWatcher; until: Promise<SaveNews> } {
    const about = { id, infoHash, ...(isPart ? { isPart: true as const } : {}) };
    // [SA16] While it comes it is nobody's news: where it breaks off it is saved from storage when all of it is there.
    let isTold = front === null;
    let isUnderWay = false;
    const tellUnderWay = (): void => {
      if (isUnderWay && isTold) this.#stands({ ...about, stands: { kind: 'under-way' } });
    };
    front?.onWhole(() => {
      isTold = true;
      tellUnderWay();
    });
    this.#underWay.set(id, (this.#underWay.get(id) ?? 0) + 1);
    let ended: (end: SaveNews) => void = () => undefined;
    const until = new Promise<SaveNews>((resolve) => (ended = resolve));
    const end = (news: SaveOver, isNews: boolean): void => {
      isUnderWay = false;
      this.#end(id, news);
      if (isNews) this.#stands({ ...about, stands: news });
      ended(news);
    };
    const failed = (why: SaveFailure, isNews: boolean): void => end({ kind: 'failed', why }, isNews);
    const watcher: SaveWatcher = {
      begun: () => {
        isUnderWay = true;
        this.#tell(id, { kind: 'begun' });
        tellUnderWay();
      },
      saved: () => end({ kind: 'saved' }, true),
      failed: (why) => {
        if (why !== 'cancelled' || front === null || front.isWhole)
          return failed(why, isTold || why === 'cancelled');
        // Who cancelled it in the browser does not want it anew.
        void front.isLeftWithin(LEAVING_MS).then((isLeft) => failed(isLeft ? 'gone' : why, !isLeft));
      },
    };
    return { watcher, until };
  }

  #tell(id: string, news: SaveNews): void {
    this.#ports.get(id)?.postMessage(news);
  }

  #stands(save: ToldSave): void {
    this.#told.delete(save.id);
    this.#told.set(save.id, save);
    const ended = this.known().filter(({ stands }) => stands.kind !== 'under-way');
    for (const { id } of ended.slice(0, -MOST_ENDED)) this.#told.delete(id);
    this.#tellAll(save);
  }

  #end(id: string, news: SaveNews): void {
    this.#tell(id, news);
    this.#ports.delete(id);
    const others = (this.#underWay.get(id) ?? 0) - 1;
    if (others > 0) this.#underWay.set(id, others);
    else this.#underWay.delete(id);
  }
}
