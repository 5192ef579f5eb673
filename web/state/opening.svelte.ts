/**
 * What somebody opens by hand ([UI2]): the text in the box and what is wrong with it, and other text that was pasted or
 * dropped and can be shared. Nothing is shared unless that is asked for. Knows no transfer.
 */
import type { Chosen } from './chosen-files.ts';
import { openedSentence } from './link-sentences.ts';
import { openedText } from '../../shared/manifest/opened-text.ts';
import type { OpenedText } from '../../shared/manifest/opened-text.ts';
import { openedTransfer } from './opened-transfer.ts';
import { receiveRoute } from './route.ts';
import { webAddressIn } from './web-address.ts';

interface Verbs {
  readonly go: (fragment: string) => void;
  /** The address of the page, which is no file ([WS40]). */
  readonly here: string;
  /** Where text can be shared, which only there is offered. */
  readonly share?: (chosen: Chosen) => void;
  /** [UI26] Goes to the share of a resource file; else answers what is wrong with it. */
  readonly resource: (file: Blob) => Promise<string>;
}

/** What is longer is not put into the box: nobody mends it there. */
const MAX_MENDED_LENGTH = 2_000;

export class Opening {
  /** What stands in the box. */
  text = $state('');
  complaint = $state('');
  /** Other text that came, for the person to decide about. */
  offered = $state.raw<string | null>(null);
  /** [WS40] Loads what is at the address in the box; set by what says there who learns of it. */
  load: () => void = () => undefined;
  readonly #verbs: Verbs;

  constructor(verbs: Verbs) {
    this.#verbs = verbs;
  }

  /** [WS40] The web address that stands in the box; null: there is none, or it leads to a share. */
  get address(): string | null {
    return webAddressIn(this.text, this.#verbs.here);
  }

  /** Opens what stands in the box. */
  open(): void {
    if (this.address !== null) return this.load();
    this.#open(openedText(this.text), this.text);
  }

  /** A resource file, or what one has in it. */
  async openFile(file: Blob): Promise<void> {
    this.complaint = '';
    this.complaint = await this.#verbs.resource(file);
  }

  /** The text in the box was changed by hand. */
  changed(): void {
    this.complaint = '';
  }

  /** Judges what was pasted or dropped elsewhere; false: there is no text in it. */
  take(transfer: Pick<DataTransfer, 'getData'>): boolean {
    const opened = openedTransfer(transfer);
    const typed = opened.kind === 'text' ? opened.text : '';
    if (webAddressIn(typed, this.#verbs.here) !== null) {
      this.text = typed.trim();
      this.changed();
      this.offered = null;
      return true;
    }
    this.offered = opened.kind === 'text' ? opened.text : null;
    if (opened.kind === 'nothing') return false;
    if (opened.kind === 'text') return true;
    const text = transfer.getData('text/plain');
    if (!this.#open(opened, text) && text.length <= MAX_MENDED_LENGTH) {
      // The field has one line, and would join what stands on two.
      this.text = text.trim().replace(/\s+/g, ' ');
    }
    return true;
  }

  /** Makes a share of the text that is offered. */
  share(): void {
    if (this.offered === null) return;
    const file = new File([this.offered], 'text.txt', { type: 'text/plain' });
    this.offered = null;
    this.#verbs.share?.({
      kind: 'files',
      files: [{ file, path: [file.name], handle: undefined }],
      folders: [],
    });
  }

  /** The person does not want to share it. */
  decline(): void {
    this.offered = null;
  }

  /** False: it cannot be opened, and the complaint says why. */
  #open(opened: OpenedText, text: string): boolean {
    if (opened.kind === 'link' || opened.kind === 'magnet') {
      this.#verbs.go(receiveRoute(opened.infoHash));
      return true;
    }
    if (opened.kind === 'resource') {
      // Nobody mends it in the box, whatever is wrong with it.
      void this.openFile(new Blob([text]));
      return true;
    }
    this.complaint = openedSentence(opened, text);
    return false;
  }
}
