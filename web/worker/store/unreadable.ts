/**
 * [ST4] Segments whose bytes were found to be gone (Chromium keeps large values in files that can vanish). Known for
 * as long as the store is open: the database itself does not know, and after the next start reading finds out again.
 */
import type { SegmentKey } from './schema.ts';
import { segmentId } from './segment-keys.ts';

export class Unreadable {
  readonly #segments = new Set<string>();

  get count(): number {
    return this.#segments.size;
  }

  has(segment: SegmentKey): boolean {
    return this.#segments.has(segmentId(segment));
  }

  add(segment: SegmentKey): void {
    this.#segments.add(segmentId(segment));
  }

  /** It could be read after all. */
  delete(segment: SegmentKey): void {
    this.#segments.delete(segmentId(segment));
  }
}
