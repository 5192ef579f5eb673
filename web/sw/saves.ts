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
  readonly #underWay = new Map<string, () => void>();

  watch(id: string, port: NewsPort): void {
    this.#ports.set(id, port);
    port.postMessage({ kind: 'watching' });
  }

  pulse(id: string): SavePulse {
    return this.#underWay.has(id) || this.#ports.has(id) ? { kind: 'under-way' } : { kind: 'unknown' };
  }

  /** `until`: resolves when the save has ended, for the browser to keep the service worker alive. */
  begin(id: string): { watcher: SaveWatcher; until: Promise<void> } {
    const until = new Promise<void>((ended) => this.#underWay.set(id, ended));
    const watcher: SaveWatcher = {
      begun: () => this.#tell(id, { kind: 'begun' }),
      saved: () => this.#end(id, { kind: 'saved' }),
      failed: (why) => this.#end(id, { kind: 'failed', why }),
    };
    return { watcher, until };
  }

  #tell(id: string, news: SaveNews): void {
    this.#ports.get(id)?.postMessage(news);
  }

  #end(id: string, news: SaveNews): void {
    this.#tell(id, news);
    this.#ports.delete(id);
    this.#underWay.get(id)?.();
    this.#underWay.delete(id);
  }
}
