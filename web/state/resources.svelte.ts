/**
 * Resource files that a person opens ([UI26]): chosen or pasted into the box, dropped, pasted or launched elsewhere. Owns
 * what is said of the last one that came from elsewhere than the box. What judges them is loaded with the first.
 */
import { chunk } from './chunks.ts';
import type { Route } from './route.ts';
import type { AskSession, Place } from './session.ts';
import { notLoadedSentence } from './storage-sentences.ts';

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
  async open(file: Blob): Promise<string> {
    this.#said = null;
    const code = await chunk(() => import('./opened-resource.ts')).catch(() => null);
    if (code === null) return notLoadedSentence();
    const opened = await code.openedResource(file, this.#ask);
    if (opened.kind === 'refused') return opened.sentence;
    this.#place.go(opened.address);
    return '';
  }

  /** [AP4] The system opened it: there is no box to say what is wrong beside. */
  async launched(file: File): Promise<void> {
    const wrong = await this.open(file);
    if (wrong !== '') this.#say(wrong, true);
  }

  /** Any other file that is dropped or pasted is shared: what became of this one is said. */
  async dropped(file: File): Promise<void> {
    await this.launched(file);
    if (this.#said !== null) return;
    this.#say(
      'This resource file was opened, not shared. To share the file itself, use Choose files.',
      false,
    );
  }

  saidAt(route: Route): Said | null {
    return this.#said?.at === nameOf(route) ? this.#said : null;
  }

  /** It was read. */
  forget(): void {
    this.#said = null;
  }

  #say(sentence: string, bad: boolean): void {
    this.#said = { sentence, bad, at: nameOf(this.#place.route) };
  }
}

/** The pages of a share are one. */
function nameOf(route: Route): string {
  return 'infoHash' in route ? route.infoHash : route.page;
}
