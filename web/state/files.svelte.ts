/**
 * The files of one share as its page shows them ([UI14]) and as the person chooses among them ([UI25]): the tree, what is
 * wanted and how far each is. What is pressed holds here at once and is asked of the worker one after another; where it
 * is refused, what is so is shown again. Knows no screen.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { displayName } from '../../shared/manifest/display.ts';
import { fileTree } from '../../shared/words/file-tree.ts';
import type { FileTree } from '../../shared/words/file-tree.ts';
import { choiceRefusedSentence, fileSavedSentence } from './file-sentences.ts';
import {
  ALL_CLOSED,
  asChoice,
  moved,
  openAtFirst,
  shownRows,
  toggled,
  wantedFiles,
  withOpen,
} from './file-tree.ts';
import type { Wanted } from './file-tree.ts';
import type { Transfers } from './transfers.svelte.ts';

const NOTHING: Wanted = new Uint8Array();

export class ShareFiles {
  /** Null: not here yet. */
  tree = $state.raw<FileTree | null>(null);
  /** It cannot be had now. */
  failed = $state.raw(false);
  /** What came of the last thing that was pressed; empty: what was to come of it. */
  message = $state.raw('');
  /** What was pressed last is not noted by the worker yet. */
  isAsking = $state.raw(false);
  #paths: readonly (readonly string[])[] = [];
  #wanted = $state.raw<Wanted>(NOTHING);
  #stored = $state.raw<Float64Array>(new Float64Array());
  #open = $state.raw(ALL_CLOSED);
  #current = $state.raw(0);
  #saving = $state.raw<readonly number[]>([]);
  readonly #transfers: Transfers;
  readonly #infoHash: InfoHash;

  readonly rows = $derived(this.tree === null ? [] : shownRows(this.tree, this.#open));
  readonly wantedFiles = $derived(
    this.tree === null ? new Uint32Array() : wantedFiles(this.tree, this.#wanted),
  );
  readonly chosen = $derived(this.#sumOf());

  constructor(transfers: Transfers, infoHash: InfoHash) {
    this.#transfers = transfers;
    this.#infoHash = infoHash;
  }

  /** The place in the tree that the keys are at. */
  get current(): number {
    return this.#current;
  }

  isOpen(at: number): boolean {
    return this.#open.has(at);
  }

  /** Of a folder: some of its files are, others are not. */
  isWanted(at: number): boolean | 'mixed' {
    const count = this.wantedFiles[at] ?? 0;
    return count === 0 ? false : count === this.tree?.[at]?.files || 'mixed';
  }

  stored(file: number): number {
    return this.#stored[file] ?? 0;
  }

  isSaving(file: number): boolean {
    return this.#saving.includes(file);
  }

  async load(): Promise<void> {
    const [rows, folders] = await Promise.all([
      this.#transfers.ask((session) => session.filesOf(this.#infoHash)),
      this.#transfers.ask((session) => session.foldersOf(this.#infoHash)),
    ]);
    this.failed = rows === null;
    if (rows === null) return;
    this.#paths = rows.map(({ path }) => path);
    this.#wanted = Uint8Array.from(rows, ({ wanted }) => (wanted ? 1 : 0));
    this.#stored = Float64Array.from(rows, ({ storedBytes }) => storedBytes);
    const tree = fileTree(rows, folders ?? []);
    this.#open = openAtFirst(tree);
    this.tree = tree;
  }

  /** How far each is, and what is wanted unless that is being changed here. */
  async refresh(): Promise<void> {
    if (this.tree === null) return;
    const before = this.#wanted;
    const told = await this.#transfers.ask((session) => session.fileProgress(this.#infoHash));
    if (told === null || told.wanted.length !== before.length) return;
    this.#stored = told.storedBytes;
    const isOurs = this.isAsking || before !== this.#wanted || this.chosen.files === 0;
    if (!isOurs && told.wanted.some((value, file) => value !== before[file])) this.#wanted = told.wanted;
  }

  // What is pressed

  goTo(at: number): void {
    this.#current = at;
  }

  setOpen(at: number, isOpen: boolean): void {
    this.#open = withOpen(this.#open, at, isOpen);
    const { tree } = this;
    const isInside = this.#current > at && this.#current < (tree?.[at]?.end ?? 0);
    if (!isOpen && isInside) this.#current = at;
  }

  /** False: the key is none of the tree's. */
  press(key: string): boolean {
    if (this.tree === null) return false;
    const place = moved(this.tree, { open: this.#open, at: this.#current }, key);
    if (place === null) return false;
    this.#open = place.open;
    this.#current = place.at;
    return true;
  }

  toggle(at: number): void {
    if (this.tree !== null) this.#choose(toggled(this.tree, at, this.#wanted));
  }

  chooseAll(): void {
    this.#choose(this.#wanted.slice().fill(1));
  }

  /** The way to a few out of many. While none is chosen nothing is asked of the worker. */
  chooseNone(): void {
    this.#choose(this.#wanted.slice().fill(0));
  }

  /** [SA14] */
  async save(file: number): Promise<void> {
    const transfer = this.#transfers.of(this.#infoHash);
    if (transfer === null || this.isSaving(file)) return;
    if (transfer.wanted?.onlyFile === file) return this.#transfers.save(this.#infoHash);
    this.#saving = [...this.#saving, file];
    const end = await this.#transfers.saveFile(this.#infoHash, file);
    this.#saving = this.#saving.filter((other) => other !== file);
    const plan = await this.#transfers.ask((session) => session.blobPlan(this.#infoHash, file));
    const name = this.#paths[file]?.at(-1) ?? '';
    this.message = fileSavedSentence(displayName(name), end, plan?.renamed[0]?.to.at(-1) ?? null);
  }

  #choose(wanted: Wanted): void {
    this.message = '';
    this.#wanted = wanted;
    if (this.chosen.files > 0) void this.#ask();
  }

  /** One after another: what was pressed last is what holds. */
  async #ask(): Promise<void> {
    if (this.isAsking) return;
    this.isAsking = true;
    let asked: Wanted | null = null;
    while (asked !== this.#wanted && this.chosen.files > 0) {
      asked = this.#wanted;
      const choice = asChoice(asked);
      const outcome = await this.#transfers.ask((session) => session.choose(this.#infoHash, choice));
      if (outcome !== 'chosen') this.message = choiceRefusedSentence(outcome);
    }
    this.isAsking = false;
    await this.refresh();
  }

  #sumOf(): {
    readonly files: number;
    readonly bytes: number;
    readonly allFiles: number;
    readonly allBytes: number;
  } {
    const sum = { files: 0, bytes: 0, allFiles: 0, allBytes: 0 };
    for (const { file, size } of this.tree ?? []) {
      if (file < 0) continue;
      const isWanted = this.#wanted[file] === 1;
      sum.files += isWanted ? 1 : 0;
      sum.bytes += isWanted ? size : 0;
      sum.allFiles += 1;
      sum.allBytes += size;
    }
    return sum;
  }
}
