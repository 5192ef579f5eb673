/**
 * Resource files that a person opens ([UI26]): chosen or pasted into the box, dropped, pasted or launched elsewhere. Owns
 * what is said of the last one that came from elsewhere than the box. What judges them is loaded with the first.
 */
import { chunk } from './chunks.ts';
import type { Route } from './route.ts';
import type { AskSession, Place } from './session.ts';
import { notLoadedSentence } from './storage-sentences.ts';

/** Dropped or pasted onto a page, where any other file is shared; or by the system ([AP4]). */
type From = 'page' | 'system';

interface Said {
  readonly sentence: string;
  readonly bad: boolean;
  /** The page that it is said on, and no other. */
  readonly at: string;
}

export class Resources {
  #said = $state.raw<Said | null>(null);
  readonly #ask: AskSession;
  readonly #place: Place;

  constructor(ask: AskSession, place: Place) {
    this.#ask = ask;
    this.#place = place;
  }

  /** Goes to its share. Else answers what is wrong, in a sentence. */
  async open(file: Blob, from: From | 'box' = 'box'): Promise<string> {
    this.#said = null;
    const code = await chunk(() => import('./opened-resource.ts')).catch(() => null);
    const opened = await code?.openedResource(file, this.#ask);
    if (opened?.kind === 'opened') this.#place.go(opened.address);
    const bad = opened?.kind !== 'opened';
    const sentence = bad ? (opened?.sentence ?? notLoadedSentence()) : '';
    const told = sentence || (from === 'page' ? (code?.NOT_SHARED_SENTENCE ?? '') : '');
    if (from !== 'box' && told !== '') {
      this.#said = { sentence: told, bad, at: nameOf(this.#place.route) };
    }
    return sentence;
  }

  /** Another page is shown. */
  left(route: Route): void {
    if (this.#said !== null && this.#said.at !== nameOf(route)) this.#said = null;
  }

  saidAt(route: Route): Said | null {
    return this.#said?.at === nameOf(route) ? this.#said : null;
  }
}

/** The pages of a share are one. */
function nameOf(route: Route): string {
  return 'infoHash' in route ? route.infoHash : route.page;
}
