/**
 * The saves that are under way in this service worker, by their id, and who wants to hear of each ([SA2]). Knows
 * no streams and no storage; everything here is forgotten when the browser stops the service worker, which the
 * page learns from the answer to its next pulse.
 */
import type { SaveNews, SavePulse } from '../worker/saving/save-messages.ts';
import type { SaveWatcher } from './save-response.ts';

/** Where news go: a MessagePort, or anything like one. */
export interface NewsPort {
  postMessage(news: SaveNews): void;
}

export class Saves {
  readonly #ports = new Map<string, NewsPort>();
  /** How many downloads run under an id: a browser may ask for an address again. */
  readonly #underWay = new Map<string, number>();

  watch(id: string, port: NewsPort): void {
    this.#ports.set(id, port);
    port.postMessage({ kind: 'watching' });
  }

  pulse(id: string): SavePulse {
    return this.#underWay.has(id) || this.#ports.has(id) ? { kind: 'under-way' } : { kind: 'unknown' };
  }

  /** A page of ours said that it will open the address with this id, which nobody else can know. */
  isAwaited(id: string): boolean {
    return this.#ports.has(id);
  }

  /** `until`: resolves when the save has ended, for the browser to keep the service worker alive. */
  begin(id: string): { watcher: SaveWatcher; until: Promise<void> } {
    this.#underWay.set(id, (this.#underWay.get(id) ?? 0) + 1);
    let ended = (): void => undefined;
    const until = new Promise<void>((resolve) => (ended = resolve));
    const end = (news: SaveNews): void => {
      this.#end(id, news);
      ended();
    };
    const watcher: SaveWatcher = {
      begun: () => this.#tell(id, { kind: 'begun' }),
      saved: () => end({ kind: 'saved' }),
      failed: (why) => end({ kind: 'failed', why }),
    };
    return { watcher, until };
  }

  #tell(id: string, news: SaveNews): void {
    this.#ports.get(id)?.postMessage(news);
  }

  #end(id: string, news: SaveNews): void {
    this.#tell(id, news);
    this.#ports.delete(id);
    const others = (this.#underWay.get(id) ?? 0) - 1;
    if (others > 0) this.#underWay.set(id, others);
    else this.#underWay.delete(id);
  }
}
