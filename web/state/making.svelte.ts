/**
 * Shares in the making, one after another: which is read, how far, which wait for their turn, and why one could not be
 * made. Owns the way to their pages. Knows no peer.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { ContentUrl } from '../../shared/manifest/manifest.ts';
import type { NamedUrls, NamedUrlRefusal } from '../../shared/manifest/named-urls.ts';
import type { ChosenFile, HashingProgress, ShareOutcome } from '../worker/contract.ts';
import { nameOf } from './chosen-files.ts';
import type { PathList } from '../../shared/manifest/path-tree.ts';
import type { Chosen, ChosenContent } from './chosen-files.ts';
import { HOME, MAKING, shareRoute } from './route.ts';
import type { AskSession, Place } from './session.ts';

/** [UI27] What was typed for a share before its files were chosen, as it stands in the fields. */
export interface ShareDetails {
  /** Empty: as ever, that of what is chosen. */
  readonly name: string;
  readonly note: string;
  /** Null: automatic. */
  readonly pieceBytes: number | null;
  /** [WS8] Web addresses, one a line. */
  readonly addresses: string;
  /** [WS8] Which of the files that are chosen they are those of. */
  readonly urlsOf: (files: readonly ChosenFile[]) => NamedUrls;
  readonly flaw: DetailsFlaw | null;
}

/** What is too long, and how long: a name in bytes of UTF-8, a note in UTF-16 units. Or what is wrong with an address. */
export type DetailsFlaw =
  | { readonly field: 'name'; readonly size: number }
  | { readonly field: 'note'; readonly size: number }
  | { readonly field: 'address'; readonly why: NamedUrlRefusal };

/** Why files that were chosen did not become a share. */
export type ShareFailure =
  | Exclude<ShareOutcome, { kind: 'shared' | 'cancelled' }>
  /** [UI27] [WS8] What was typed for it is too long, or no address of what was chosen. */
  | { kind: 'details'; flaw: DetailsFlaw }
  /** The session could not be opened, or the worker broke while it read. */
  | { kind: 'broken' };

/** The share under way, from the choice of its files to its link. `since`: in ms of the page's clock. */
export type Making =
  | { kind: 'nothing' }
  | { kind: 'hashing'; name: string; files: number; progress: HashingProgress; since: number }
  | { kind: 'failed'; why: ShareFailure };

interface Turn {
  readonly chosen: Chosen;
  /** By a new link, also where these files have one. */
  readonly anew: boolean;
  readonly details: ShareDetails | null;
  /** [WS8] */
  readonly urls?: readonly ContentUrl[];
}

/** A share that waits for its turn. */
export interface Waiting {
  readonly name: string;
  readonly files: number;
}

interface Surroundings {
  /** The worker's answer; null where there is none. */
  readonly ask: AskSession;
  readonly place: Place;
  readonly now: () => number;
}

export class ShareMaking {
  state = $state.raw<Making>({ kind: 'nothing' });
  /** [UI27] What is typed for the next choice on the first page; null: nothing. */
  details = $state.raw<ShareDetails | null>(null);
  #turns = $state.raw<readonly Turn[]>([]);
  /** [LB4] Files that had a link already, and which. */
  #again = $state.raw<{ readonly infoHash: InfoHash; readonly turn: Turn } | null>(null);
  /** [UI30] As the person's system has the paths of what was shared from this page. */
  #paths = $state.raw<Readonly<Record<InfoHash, PathList>>>({});
  #working: Promise<void> | null = null;
  #broken = false;
  readonly #outside: Surroundings;

  constructor(outside: Surroundings) {
    this.#outside = outside;
  }

  /** Those that wait for their turn, the next one first. */
  get waiting(): readonly Waiting[] {
    return this.#turns.map(({ chosen, details }) =>
      chosen.kind === 'files'
        ? { name: nameFor(chosen, details), files: chosen.files.length }
        : { name: '', files: 0 },
    );
  }

  /** Makes a share of chosen files and goes to its page. */
  share(chosen: Chosen): Promise<void> {
    return this.#inTurn({ chosen, anew: false, details: null });
  }

  /** [UI27] The same with what was typed for it, which holds for this choice alone; what is wrong stays to be mended. */
  shareWithDetails(chosen: Chosen): Promise<void> {
    const turn = turnOf(chosen, this.details);
    if ((turn.details?.flaw ?? null) === null) this.details = null;
    return this.#inTurn(turn);
  }

  /** [LB4] Whether the files just chosen had this link already. */
  hadLink(infoHash: InfoHash): boolean {
    return this.#again?.infoHash === infoHash;
  }

  /** [UI30] Null: it was made elsewhere, or before this page was loaded. */
  pathsOf(infoHash: InfoHash): PathList | null {
    return this.#paths[infoHash] ?? null;
  }

  /** Makes another link for files that had one. */
  async anew(): Promise<void> {
    const again = this.#again;
    this.#again = null;
    if (again !== null) await this.#inTurn({ ...again.turn, anew: true });
  }

  /** The one that is read is not made; those that wait are. */
  cancel(): void {
    if (this.state.kind === 'hashing') void this.#outside.ask((session) => session.cancelShare());
  }

  /** Leaves a share that could not be made behind. */
  forgetFailure(): void {
    if (this.state.kind === 'failed') this.state = { kind: 'nothing' };
    this.#outside.place.go(HOME);
  }

  /** [WK1] A worker that broke never answers. */
  broke(): void {
    this.#broken = true;
    if (this.state.kind === 'hashing') this.state = { kind: 'failed', why: { kind: 'broken' } };
  }

  began(): void {
    this.#broken = false;
  }

  #inTurn(turn: Turn): Promise<void> {
    this.#turns = [...this.#turns, turn];
    if (this.#working !== null) this.#outside.place.go(MAKING);
    this.#working ??= this.#takeTurns().finally(() => (this.#working = null));
    return this.#working;
  }

  async #takeTurns(): Promise<void> {
    for (;;) {
      const [next, ...rest] = this.#turns;
      if (next === undefined) return;
      this.#turns = rest;
      await this.#make(next);
    }
  }

  async #make(turn: Turn): Promise<void> {
    const { chosen, anew, details: typed, urls = [] } = turn;
    const flaw = typed?.flaw ?? null;
    if (flaw !== null) return this.#fail({ kind: 'details', flaw });
    if (chosen.kind === 'too-many') return this.#fail({ kind: 'refused', why: 'too-many-files' });
    if (chosen.kind === 'unreadable') return this.#fail({ kind: 'unreadable', file: chosen.name });
    if (chosen.files.length === 0) return this.#fail({ kind: 'refused', why: 'no-files' });
    const { ask, place, now } = this.#outside;
    const { files, folders } = chosen;
    const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    const since = now();
    const name = nameFor(chosen, typed);
    const hashed = (progress: HashingProgress): void => this.#hashed(name, files.length, progress, since);
    hashed({ hashedBytes: 0, totalBytes });
    place.go(MAKING);
    // What is told after the answer, on a way of its own, is no news any more.
    let answered = false;
    const { note = '', pieceBytes = null } = typed ?? {};
    const details = { name, comment: note.trim(), pieceBytes, salted: true };
    const request = { files, folders, ...details, urls, trackerHost: place.host, trackerPort: place.port };
    const before = anew ? null : await ask((session) => session.sharedBefore(request));
    if (before !== null) this.#again = { infoHash: before, turn };
    const outcome: ShareOutcome | null =
      before !== null
        ? { kind: 'shared', infoHash: before }
        : await ask((session) => session.share(request, (progress) => answered || hashed(progress)));
    answered = true;
    if (outcome?.kind === 'shared') {
      const paths = { files: files.map(({ path }) => path), folders };
      this.#paths = { ...this.#paths, [outcome.infoHash]: paths };
    }
    this.#made(outcome);
  }

  #hashed(name: string, files: number, progress: HashingProgress, since: number): void {
    if (this.#broken) return;
    this.state = { kind: 'hashing', name, files, progress, since };
  }

  #made(outcome: ShareOutcome | null): void {
    if (this.state.kind !== 'hashing') return;
    const { place } = this.#outside;
    // Whoever went on to another page meanwhile stays there.
    const watched = place.route.page === 'making';
    if (outcome?.kind === 'shared') {
      if (watched) place.replace(shareRoute(outcome.infoHash));
      this.state = { kind: 'nothing' };
    } else if (outcome?.kind === 'cancelled') {
      if (watched && this.#turns.length === 0) place.replace(HOME);
      this.state = { kind: 'nothing' };
    } else {
      this.state = { kind: 'failed', why: outcome ?? { kind: 'broken' } };
    }
  }

  #fail(why: ShareFailure): void {
    this.state = { kind: 'failed', why };
    this.#outside.place.go(MAKING);
  }
}

/** [WS8] Web addresses mean something of these files, or cannot stand in their link. */
function turnOf(chosen: Chosen, details: ShareDetails | null): Turn {
  const turn = { chosen, anew: false, details };
  if (details === null || details.flaw !== null || chosen.kind !== 'files') return turn;
  const named = details.urlsOf(chosen.files);
  return named.kind === 'named'
    ? { ...turn, urls: named.urls }
    : { ...turn, details: { ...details, flaw: { field: 'address', why: named.why } } };
}

function nameFor(chosen: ChosenContent, details: ShareDetails | null): string {
  return details?.name.trim() || nameOf(chosen);
}
