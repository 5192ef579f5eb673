/**
 * What the views read about shares, and the verbs they call. Owns: the latest snapshot of every share, the one
 * share that is being made, how far saving got, and what broke. A finished download of one plain file is saved
 * here, once ([UI5]). Knows no peer, no frame and no storage.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { HashingProgress, ShareOutcome, TransferSnapshot } from '../worker/contract.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import { nameOf, type Chosen, type ChosenContent } from './chosen-files.ts';
import { HOME, MAKING, shareRoute } from './route.ts';
import type { OpenSession, Place, SaveShare, SaveState, Session } from './session.ts';

/** Why files that were chosen did not become a share. */
export type ShareFailure =
  | Exclude<ShareOutcome, { kind: 'shared' }>
  /** The session could not be opened, or the worker broke while it read. */
  | { kind: 'broken' };

/** The share under way, from the choice of its files to its link. */
export type Making =
  | { kind: 'nothing' }
  | { kind: 'hashing'; name: string; files: number; progress: HashingProgress }
  | { kind: 'failed'; why: ShareFailure };

interface Surroundings {
  readonly openSession: OpenSession;
  readonly save: SaveShare;
  /** Asks the browser to keep what is stored. */
  readonly askToKeep: () => void;
  readonly place: Place;
}

const NOTHING_SAVED: SaveState = { kind: 'none' };

export class Transfers {
  making = $state.raw<Making>({ kind: 'nothing' });
  /** What the worker threw; everything has stopped then, what is stored stays. */
  broken = $state.raw<string | null>(null);
  /** Nothing can begin before the server is back: the worker's code is still there. */
  away = $state.raw(false);
  #snapshots = $state.raw<Readonly<Record<InfoHash, TransferSnapshot>>>({});
  #saves = $state.raw<Readonly<Record<InfoHash, SaveState>>>({});
  #shared = $state.raw<readonly InfoHash[]>([]);
  #session: Promise<Session> | null = null;
  #queue: Promise<void> = Promise.resolve();
  #keepAsked = false;
  readonly #outside: Surroundings;

  constructor(outside: Surroundings) {
    this.#outside = outside;
  }

  snapshot(infoHash: InfoHash): TransferSnapshot | null {
    return this.#snapshots[infoHash] ?? null;
  }

  /** Whether this tab made the share's link; its first snapshot may still be on the way. */
  madeHere(infoHash: InfoHash): boolean {
    return this.#shared.includes(infoHash);
  }

  get all(): readonly TransferSnapshot[] {
    return Object.values(this.#snapshots);
  }

  saveOf(infoHash: InfoHash): SaveState {
    return this.#saves[infoHash] ?? NOTHING_SAVED;
  }

  /** Whether closing the page now would cut something off. */
  get moving(): boolean {
    if (this.making.kind === 'hashing') return true;
    if (Object.values(this.#saves).some((save) => save.kind === 'saving' || save.kind === 'started'))
      return true;
    return this.all.some(
      ({ phase, up, down, peers }) => phase === 'downloading' || (peers.length > 0 && up + down > 0),
    );
  }

  /** Opens the worker if it is not open yet; harmless when called again. */
  start(): Promise<Session> {
    this.#session ??= this.#outside
      .openSession({
        snapshotsTaken: (snapshots) => this.#taken(snapshots),
        workerBroke: (what) => this.#broke(what),
        serverAway: () => (this.away = true),
      })
      .then((session) => {
        this.away = false;
        return session;
      })
      .catch((error: unknown) => {
        this.#broke(error);
        throw error;
      });
    return this.#session;
  }

  /** Makes a share of chosen files and goes to its page; one after another. */
  share(chosen: Chosen): Promise<void> {
    if (this.making.kind === 'hashing') this.#outside.place.go(MAKING);
    this.#queue =
      this.making.kind === 'hashing' ? this.#queue.then(() => this.#make(chosen)) : this.#make(chosen);
    return this.#queue;
  }

  async #make(chosen: Chosen): Promise<void> {
    if (chosen.kind !== 'files') return this.#refused(chosen);
    if (chosen.files.length === 0) return this.#fail({ kind: 'refused', why: 'no-files' });
    const { files, folders } = chosen;
    const totalBytes = files.reduce((sum, { file }) => sum + file.size, 0);
    this.#hashed(chosen, { hashedBytes: 0, totalBytes });
    this.#outside.place.go(MAKING);
    // What is told after the answer, on a way of its own, is no news any more.
    let answered = false;
    const outcome = await this.#attempt((session) =>
      session.share(
        {
          files,
          folders,
          name: nameOf(chosen),
          comment: '',
          pieceBytes: null,
          salted: true,
          trackerHost: this.#outside.place.host,
          trackerPort: this.#outside.place.port,
        },
        (progress) => answered || this.#hashed(chosen, progress),
      ),
    );
    answered = true;
    this.#made(outcome);
  }

  /** On the way to a share's page: opens it unless it runs, or was stopped, here. */
  async join(infoHash: InfoHash): Promise<void> {
    if (this.snapshot(infoHash) === null) await this.open(infoHash);
  }

  open(infoHash: InfoHash): Promise<void> {
    return this.#order((session) => session.open(infoHash));
  }

  download(infoHash: InfoHash): Promise<void> {
    // Now there is something to keep, and the person has just asked for it; once is enough.
    if (!this.#keepAsked) this.#outside.askToKeep();
    this.#keepAsked = true;
    return this.#order((session) => session.download(infoHash));
  }

  pause(infoHash: InfoHash): Promise<void> {
    return this.#order((session) => session.pause(infoHash));
  }

  stop(infoHash: InfoHash): Promise<void> {
    return this.#order((session) => session.stop(infoHash));
  }

  /** Puts the finished share into the browser's downloads, also a second time. */
  async save(infoHash: InfoHash): Promise<void> {
    const snapshot = this.snapshot(infoHash);
    if (snapshot === null || this.saveOf(infoHash).kind === 'saving') return;
    this.#saving(infoHash, { kind: 'saving' });
    let ended = false;
    const outcome = await this.#attempt((session) =>
      this.#outside.save(snapshot, session, (end) => {
        ended = true;
        this.#saving(infoHash, end);
      }),
    );
    // A small file may be written before the order to save it is answered.
    if (!ended) this.#saving(infoHash, outcome ?? { kind: 'failed', why: '' });
  }

  #taken(snapshots: readonly TransferSnapshot[]): void {
    this.#snapshots = Object.fromEntries(snapshots.map((snapshot) => [snapshot.infoHash, snapshot]));
    for (const snapshot of snapshots) this.#saveWhenDue(snapshot);
  }

  #saveWhenDue({ infoHash, saveDue, manifest }: TransferSnapshot): void {
    if (!saveDue || manifest === null || this.saveOf(infoHash).kind !== 'none') return;
    if (savedWhole(manifest) === 'zip') return;
    void this.save(infoHash);
    void this.#order((session) => session.savedByItself(infoHash));
  }

  #hashed(chosen: ChosenContent, progress: HashingProgress): void {
    if (this.broken !== null) return;
    this.making = { kind: 'hashing', name: nameOf(chosen), files: chosen.files.length, progress };
  }

  #made(outcome: ShareOutcome | null): void {
    if (this.making.kind !== 'hashing') return;
    if (outcome?.kind === 'shared') {
      this.#shared = [...this.#shared, outcome.infoHash];
      // Whoever went on to another page meanwhile stays there.
      if (this.#outside.place.route.page === 'making')
        this.#outside.place.replace(shareRoute(outcome.infoHash));
      this.making = { kind: 'nothing' };
    } else {
      this.making = { kind: 'failed', why: outcome ?? { kind: 'broken' } };
    }
  }

  #refused(chosen: Exclude<Chosen, { kind: 'files' }>): void {
    if (chosen.kind === 'too-many') this.#fail({ kind: 'refused', why: 'too-many-files' });
    else this.#fail({ kind: 'unreadable', file: chosen.name });
  }

  #fail(why: ShareFailure): void {
    this.making = { kind: 'failed', why };
    this.#outside.place.go(MAKING);
  }

  /** Leaves a share that could not be made behind. */
  forgetFailure(): void {
    if (this.making.kind === 'failed') this.making = { kind: 'nothing' };
    this.#outside.place.go(HOME);
  }

  #saving(infoHash: InfoHash, state: SaveState): void {
    this.#saves = { ...this.#saves, [infoHash]: state };
  }

  #order(verb: (session: Session) => Promise<void>): Promise<void> {
    return this.#attempt(verb).then(() => undefined);
  }

  /** The answer of the worker, or null when it broke, which `broken` then tells. */
  async #attempt<T>(verb: (session: Session) => Promise<T>): Promise<T | null> {
    try {
      return await verb(await this.start());
    } catch (error) {
      this.#broke(error);
      return null;
    }
  }

  #broke(what: unknown): void {
    this.broken ??= what instanceof Error ? what.message : String(what);
    // A worker that broke never answers.
    if (this.making.kind === 'hashing') this.making = { kind: 'failed', why: { kind: 'broken' } };
  }
}
