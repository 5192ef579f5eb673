/**
 * [ST13] Where the next pieces of a share lie, asked for together as pieces are asked for in order. Only hints: others
 * may have changed it since, so who finds nothing at a place asks again.
 */
import type { Connection } from './connection.ts';
import { PLACES_AHEAD } from './limits.ts';
import { beginReading } from './schema.ts';
import type { Place, PieceKey } from './schema.ts';
import { inOne } from './settled.ts';

type Places = ReadonlyMap<number, Place>;

interface Ahead {
  readonly infoHash: string;
  readonly from: number;
  readonly places: Promise<Places>;
  /** Changed since. */
  readonly changed: Set<number>;
}

export class PlacesAhead {
  readonly #connection: Connection;
  #ahead: Ahead | null = null;
  #last: PieceKey | null = null;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** To be told of every piece that is asked for. True: it is the one behind the last. */
  isNext([infoHash, piece]: PieceKey): boolean {
    const last = this.#last;
    this.#last = [infoHash, piece];
    return last !== null && last[0] === infoHash && last[1] + 1 === piece;
  }

  /** Undefined: not known. Those behind it are asked for, too, where it `isNext`. */
  async placeOf([infoHash, piece]: PieceKey, isNext: boolean): Promise<Place | undefined> {
    if (isNext && !this.#covers(infoHash, piece)) {
      this.#ahead = { infoHash, from: piece, places: this.#ask(infoHash, piece), changed: new Set() };
    }
    const ahead = this.#ahead;
    if (ahead === null || !this.#covers(infoHash, piece)) return undefined;
    const place = (await ahead.places).get(piece);
    return ahead.changed.has(piece) ? undefined : place;
  }

  forgetPiece([infoHash, piece]: PieceKey): void {
    if (this.#covers(infoHash, piece)) this.#ahead?.changed.add(piece);
  }

  forget(): void {
    this.#ahead = null;
  }

  #covers(infoHash: string, piece: number): boolean {
    const ahead = this.#ahead;
    if (ahead === null || ahead.infoHash !== infoHash) return false;
    return ahead.from <= piece && piece < ahead.from + PLACES_AHEAD;
  }

  async #ask(infoHash: string, from: number): Promise<Places> {
    const range = IDBKeyRange.bound([infoHash, from], [infoHash, from + PLACES_AHEAD], false, true);
    return this.#connection.reading(async (database) => {
      const store = beginReading(database).objectStore('places');
      const [keys, places] = await inOne([() => store.getAllKeys(range), () => store.getAll(range)]);
      const found = keys.flatMap(([, piece], at) => {
        const place = places[at];
        return place === undefined ? [] : [[piece, place] as const];
      });
      return new Map(found);
    }, new Map());
  }
}
