/**
 * Looking among the public shares ([UI23]): what is typed, what was found, page by page, and asking again while somebody
 * looks. Of several searches the last one counts, whatever comes first. Knows no clock and no element of the page.
 */
import type { Clock } from '../../shared/peer/ports.ts';
import { distinct, foundRows, inPlace } from './found-rows.ts';
import type { FoundRow } from './found-rows.ts';
import type { AskSession, SearchOutcome, SearchResult, WhyNoSearch } from './session.ts';
import { soughtBy } from './sought.ts';
import type { Sought } from './sought.ts';

/** ms without a key after which is searched … */
export const TYPING_MS = 300;
/** … between two searches for the same … */
export const AGAIN_MS = 10_000;
/** … and where the server said that these are too many. */
export const REST_MS = 30_000;
/** Rows of a page. */
export const RESULTS_AT_ONCE = 25;

interface FindingParts {
  readonly ask: AskSession;
  readonly after: Clock['after'];
  /** What was typed before, also where the person comes back to this page. */
  readonly typed: { get(): string; set(text: string): void };
}

type Found = SearchOutcome & { kind: 'found' };

/** For something else, for another page of it, or for what is shown, which keeps its place. */
type How = 'anew' | 'turn' | 'again';

const FIRST_PAGE: readonly number[] = [0];

export class Finding {
  readonly #parts: FindingParts;
  #text = $state('');
  /** Of what is typed now. */
  readonly sought: Sought = $derived(soughtBy(this.#text));
  isSearching = $state(true);
  why = $state.raw<WhyNoSearch | null>(null);
  total = $state(0);
  #results = $state.raw<readonly SearchResult[]>([]);
  readonly rows: readonly FoundRow[] = $derived(foundRows(this.#results));
  /** How many the server told: where the next page begins. */
  #told = $state(0);
  /** Where each page up to this one begins. */
  #starts = $state.raw(FIRST_PAGE);
  #isOpen = false;
  #isVisible = true;
  /** Of the search that counts. */
  #turn = 0;
  #cancel: () => void = () => undefined;

  constructor(parts: FindingParts) {
    this.#parts = parts;
    this.#text = parts.typed.get();
  }

  get text(): string {
    return this.#text;
  }

  /** How many stand on the pages before this one. */
  get offset(): number {
    return this.#starts.at(-1) ?? 0;
  }

  get hasPrevious(): boolean {
    return this.#starts.length > 1;
  }

  get hasNext(): boolean {
    return this.#told > 0 && this.offset + this.#told < this.total;
  }

  /** The page is shown. */
  begin(): void {
    this.#isOpen = true;
    void this.#anew();
  }

  end(): void {
    this.#isOpen = false;
    this.#forgetSearch();
  }

  /** Whether somebody can see the page: it is not asked again while nobody does. */
  set visible(visible: boolean) {
    if (visible === this.#isVisible) return;
    this.#isVisible = visible;
    if (!this.#isOpen) return;
    this.#cancel();
    if (visible) void (this.isSearching ? this.#anew() : this.#search('again', this.#starts));
  }

  typed(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#forgetSearch();
    this.isSearching = this.sought.kind !== 'link';
    this.#cancel = this.#parts.after(TYPING_MS, () => void this.#anew());
  }

  /** At once, as by the enter key. */
  searchNow(): Promise<void> {
    return this.#anew();
  }

  /** Settles when the page is there, or something else was looked for meanwhile. */
  async next(): Promise<void> {
    if (this.hasNext) await this.#search('turn', [...this.#starts, this.offset + this.#told]);
  }

  async previous(): Promise<void> {
    if (this.hasPrevious) await this.#search('turn', this.#starts.slice(0, -1));
  }

  #forgetSearch(): void {
    this.#turn += 1;
    this.#cancel();
  }

  #anew(): Promise<void> {
    this.#parts.typed.set(this.#text);
    return this.#search('anew', FIRST_PAGE);
  }

  async #search(how: How, starts: readonly number[]): Promise<void> {
    this.#forgetSearch();
    const turn = this.#turn;
    const { sought } = this;
    if (sought.kind === 'link') return this.#leadsElsewhere();
    if (how !== 'again') this.isSearching = true;
    const { query } = sought;
    const offset = starts.at(-1) ?? 0;
    const outcome = await this.#parts.ask((session) =>
      session.search({ query, offset, limit: RESULTS_AT_ONCE }),
    );
    if (turn !== this.#turn) return;
    if (outcome?.kind === 'found') return this.#found(outcome, how, starts);
    const why = outcome?.why ?? 'refused';
    // Another tab's searches came between.
    if (why === 'superseded') return this.#after(TYPING_MS, how, starts);
    this.#failed(why, how);
  }

  async #found({ total, results }: Found, how: How, starts: readonly number[]): Promise<void> {
    // What was on this page has gone: the one before is the last one.
    if (results.length === 0 && starts.length > 1) return this.#search('turn', starts.slice(0, -1));
    const once = distinct(results);
    this.#results = how === 'again' ? inPlace(this.#results, once) : once;
    [this.total, this.#told, this.#starts] = [total, results.length, starts];
    [this.why, this.isSearching] = [null, false];
    this.#after(AGAIN_MS, 'again', starts);
  }

  /** What was found before stays, unless it was something else. */
  #failed(why: WhyNoSearch, how: How): void {
    if (how === 'anew') this.#empty();
    [this.why, this.isSearching] = [why, false];
    this.#after(why === 'too-often' ? REST_MS : AGAIN_MS, 'again', this.#starts);
  }

  #leadsElsewhere(): void {
    this.#empty();
    [this.why, this.isSearching] = [null, false];
  }

  #empty(): void {
    [this.#results, this.total, this.#told, this.#starts] = [[], 0, 0, FIRST_PAGE];
  }

  #after(ms: number, how: How, starts: readonly number[]): void {
    if (!this.#isOpen || !this.#isVisible) return;
    this.#cancel = this.#parts.after(ms, () => void this.#search(how, starts));
  }
}
