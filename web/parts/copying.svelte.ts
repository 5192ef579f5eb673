/** Copies a field's text and says for a moment what came of it ([UI13]). */
import { copyField } from './clipboard.ts';
import type { Copied } from './clipboard.ts';

const SAID_FOR_MS = 4_000;

export class Copying {
  said = $state.raw<Copied | null>(null);
  #forgetting: ReturnType<typeof setTimeout> | undefined;

  async copy(field: HTMLInputElement): Promise<void> {
    this.said = await copyField(field);
    this.end();
    this.#forgetting = setTimeout(() => {
      this.said = null;
    }, SAID_FOR_MS);
  }

  /** Who copied is gone. */
  end(): void {
    clearTimeout(this.#forgetting);
  }
}
