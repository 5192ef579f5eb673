/**
 * Finds names by any part of them without looking at all of them: for every one, two and three characters in a row
 * (a "gram") it keeps which names hold them, and a search looks only at those that hold its rarest gram. What the
 * names stand for, and how they were folded, is the directory's.
 *
 * Owner of the bounds: a search looks at no more than `MAX_LOOKS` names, and a name takes at most 4 bytes in each of
 * its grams' lists, twice that while they grow or shrink, however it was chosen.
 */

/** UTF-16 code units of a name by which it is found. Folding can make a name longer than any that may be listed. */
export const MAX_INDEXED_UNITS = 255;
/** Names that one search looks at. */
export const MAX_LOOKS = 2_000;
/** Lists of names. Grams that share one cost looks, never a wrong answer, and strange grams cost no new list. */
const LISTS = 65_536;
const LONGEST_GRAM = 3;
const NONE = new Uint32Array(0);

/** Numbers in the order in which they came; gone ones stay until half of them are. */
interface NumberList {
  numbers: Uint32Array;
  length: number;
  gone: number;
}

interface Named<T> {
  readonly name: string;
  readonly what: T;
}

export class NameIndex<T> {
  readonly #names = new Map<number, Named<T>>();
  readonly #lists = new Map<number, NumberList>();
  #next = 0;

  get size(): number {
    return this.#names.size;
  }

  /** The bytes of all lists: what the index takes beside the names. */
  get bytes(): number {
    let bytes = 0;
    for (const { numbers } of this.#lists.values()) bytes += numbers.byteLength;
    return bytes;
  }

  /** Answers the number by which the name can be taken out again. */
  add(name: string, what: T): number {
    const number = this.#freeNumber();
    const kept = name.slice(0, MAX_INDEXED_UNITS);
    this.#names.set(number, { name: kept, what });
    for (const gram of gramsOf(kept)) this.#append(gram, number);
    return number;
  }

  remove(number: number): void {
    const named = this.#names.get(number);
    if (!named) return;
    this.#names.delete(number);
    for (const gram of gramsOf(named.name)) this.#lose(gram);
  }

  /** Whose names hold `part`, the first added first, as far as the looks reach; an empty part is in all of them. */
  find(part: string): T[] {
    const found: T[] = [];
    let looks = 0;
    for (const number of part === '' ? this.#names.keys() : this.#holding(part)) {
      if (++looks > MAX_LOOKS) break;
      const named = this.#names.get(number);
      if (named?.name.includes(part)) found.push(named.what);
    }
    return found;
  }

  #holding(part: string): Uint32Array {
    const list = this.#rarest(part);
    return list ? list.numbers.subarray(0, Math.min(list.length, MAX_LOOKS)) : NONE;
  }

  /** Undefined: no name holds one of the part's grams. */
  #rarest(part: string): NumberList | undefined {
    let rarest: NumberList | undefined;
    const size = Math.min(part.length, LONGEST_GRAM);
    for (let at = 0; at + size <= part.length; at++) {
      const list = this.#lists.get(gramAt(part, at, size));
      if (!list) return undefined;
      if (!rarest || list.length < rarest.length) rarest = list;
    }
    return rarest;
  }

  #append(gram: number, number: number): void {
    let list = this.#lists.get(gram);
    if (!list) {
      list = { numbers: new Uint32Array(2), length: 0, gone: 0 };
      this.#lists.set(gram, list);
    }
    if (list.length === list.numbers.length)
      list.numbers = resized(list.numbers, Math.ceil(list.length * 1.5));
    list.numbers[list.length] = number;
    list.length += 1;
  }

  /** What is gone is cleared out when it is half of the list: a few steps for each that went. */
  #lose(gram: number): void {
    const list = this.#lists.get(gram);
    if (!list) return;
    list.gone += 1;
    if (list.gone * 2 < list.length) return;
    let kept = 0;
    for (let at = 0; at < list.length; at++) {
      const number = list.numbers[at] ?? 0;
      if (this.#names.has(number)) list.numbers[kept++] = number;
    }
    if (kept === 0) return void this.#lists.delete(gram);
    list.numbers = resized(list.numbers.subarray(0, kept), kept);
    list.length = kept;
    list.gone = 0;
  }

  /** Numbers begin anew after four billion: whoever is still known by one keeps it. */
  #freeNumber(): number {
    do this.#next = (this.#next + 1) >>> 0;
    while (this.#names.has(this.#next));
    return this.#next;
  }
}

function resized(numbers: Uint32Array, length: number): Uint32Array {
  const other = new Uint32Array(length);
  other.set(numbers);
  return other;
}

/** Each list that a name stands in, once. */
function gramsOf(name: string): Set<number> {
  const grams = new Set<number>();
  for (let size = 1; size <= LONGEST_GRAM; size++) {
    for (let at = 0; at + size <= name.length; at++) grams.add(gramAt(name, at, size));
  }
  return grams;
}

/** The number of the list for `size` code units: FNV-1a, and the length, so that no gram is part of another's. */
function gramAt(text: string, at: number, size: number): number {
  let hash = 0x811c9dc5 ^ size;
  for (let unit = at; unit < at + size; unit++) hash = Math.imul(hash ^ text.charCodeAt(unit), 0x01000193);
  return (hash ^ (hash >>> 16)) & (LISTS - 1);
}
