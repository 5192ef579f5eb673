/**
 * Which pieces of which shares have a content, by its SHA-256 ([ST9]): of every piece a share has, whether it is here or
 * not. A number for each piece, so that a hundred thousand of them take some megabytes.
 */
import type { Layout } from './layout.ts';

export interface Indexed {
  readonly layout: Layout | null;
}

export interface PieceOf<Share> {
  readonly share: Share;
  readonly piece: number;
}

/** More than any share has pieces. */
const STRIDE = 65_536;

export class ContentIndex<Share extends Indexed> {
  readonly #shares = new Map<number, Share>();
  readonly #numbers = new Map<Share, number>();
  /** By 48 bits of the digest: share and piece as one number, or several of them. */
  readonly #places = new Map<number, number | number[]>();
  #count = 0;

  add(share: Share): void {
    const { layout } = share;
    if (layout === null || this.#numbers.has(share)) return;
    const number = ++this.#count;
    this.#shares.set(number, share);
    this.#numbers.set(share, number);
    for (let piece = 0; piece < layout.pieceCount; piece++) {
      const place = number * STRIDE + piece;
      const known = this.#places.get(layout.shortDigest(piece));
      if (known === undefined) this.#places.set(layout.shortDigest(piece), place);
      else if (typeof known === 'number') this.#places.set(layout.shortDigest(piece), [known, place]);
      else known.push(place);
    }
  }

  remove(share: Share): void {
    const number = this.#numbers.get(share);
    const { layout } = share;
    if (number === undefined || layout === null) return;
    this.#shares.delete(number);
    this.#numbers.delete(share);
    const pieces = Array.from({ length: layout.pieceCount }, (_, piece) => layout.shortDigest(piece));
    for (const short of new Set(pieces)) {
      const known = this.#places.get(short);
      const left = typeof known === 'number' ? [known] : (known ?? []);
      const others = left.filter((place) => Math.floor(place / STRIDE) !== number);
      if (others.length === 0) this.#places.delete(short);
      else this.#places.set(short, others.length === 1 ? (others[0] ?? others) : others);
    }
  }

  /** Every piece with this content, here or not. */
  *of(sha256: string): Generator<PieceOf<Share>> {
    const known = this.#places.get(parseInt(sha256.slice(0, 12), 16));
    for (const place of typeof known === 'number' ? [known] : (known ?? [])) {
      const [share, piece] = [this.#shares.get(Math.floor(place / STRIDE)), place % STRIDE];
      if (share?.layout?.sha256(piece) === sha256) yield { share, piece };
    }
  }
}
