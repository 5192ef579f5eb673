/**
 * What the views read about shares, and the verbs they call. Owns: the latest figures of every share, the one
 * share that is being made, how far saving got, and what broke. A finished download of one plain file is saved
 * here, once ([UI5]). Knows no peer, no frame and no storage.
 */
import type { InfoHash } from '../../shared/ids.ts';
import { STILL } from '../../shared/peer/still.ts';
import type { ShownManifest, TransferSnapshot } from '../worker/contract.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import type { Chosen } from './chosen-files.ts';
import { DueSaves } from './due-saves.ts';
import { Fetched } from './fetched.svelte.ts';
import { GivenFiles } from './given.svelte.ts';
import { isOnlySource, isTransferring } from './leaving.ts';
import { Kept } from './kept.svelte.ts';
import { Resources } from './resources.svelte.ts';
import { SaveStates, without } from './save-states.svelte.ts';
import { ShareMaking } from './making.svelte.ts';
import { receiveRoute, transferRoute } from './route.ts';
import type {
  Broken,
  ComingSaves,
  OpenSession,
  Place,
  SaveEnd,
  SaveShare,
  SaveState,
  Session,
  TabPlace,
  Transfer,
  WhyPassing,
} from './session.ts';

const BROKE_HERE = 'something in this page broke';

interface Surroundings {
  readonly openSession: OpenSession;
  readonly save: SaveShare;
  readonly coming: ComingSaves;
  /** Asks the browser to keep what is stored. */
  readonly askToKeep: () => void;
  /** [WS6] Whether pages of this server may fetch from web addresses; null: it does not say so now. */
  readonly urlSources: () => Promise<boolean | null>;
  readonly place: Place;
}

export class Transfers {
  /** What the worker threw, where that was no single share's fault; everything has stopped then, what is stored stays. */
  broken = $state.raw<string | null>(null);
  /** Nothing can begin before the server is back: the worker's code is still there. */
  away = $state.raw(false);
  /** [ST7] Why nothing that comes outlives the page; null: it does. */
  keptInMemory = $state.raw<WhyPassing | null>(null);
  #transfers = $state.raw<Readonly<Record<InfoHash, Transfer>>>({});
  /** Told before or after the first figures of its share. */
  #manifests: Readonly<Record<InfoHash, ShownManifest>> = {};
  /** Of which the worker could not do what it was asked for, by a fault of ours. */
  #faulty = $state.raw<readonly InfoHash[]>([]);
  readonly kept = new Kept((verb) => this.#askOpen(verb));
  /** [LB3] [LB5] Files of earlier shares. */
  readonly given = new GivenFiles((verb) => this.#attempt(verb));
  /** [WS41] What comes from bare web addresses. */
  readonly fetched = new Fetched();
  /** This tab among those of its browser. */
  tabs = $state.raw<TabPlace>({ owner: true, alone: true });
  #session: Promise<Session> | null = null;
  readonly #dueSaves = new DueSaves(
    async (infoHash) => (await this.#attempt((session) => session.savedByItself(infoHash))) === true,
    (infoHash) =>
      void this.save(infoHash, (transfer, session, ended) =>
        this.#outside.save(transfer, session, ended, 'due'),
      ),
  );
  #keepAsked = false;
  readonly #saves = new SaveStates(
    (infoHash) => this.of(infoHash) !== null,
    (infoHash, runs) => void this.#askOpen((session) => session.saving(infoHash, runs)),
  );
  readonly making: ShareMaking;
  readonly resources: Resources;
  readonly #outside: Surroundings;

  constructor(outside: Surroundings) {
    this.#outside = outside;
    this.resources = new Resources((verb) => this.#attempt(verb), outside.place);
    this.making = new ShareMaking({
      ask: (verb) => this.#attempt(verb),
      place: outside.place,
      now: () => performance.now(),
    });
  }

  of(infoHash: InfoHash): Transfer | null {
    return this.#transfers[infoHash] ?? null;
  }

  get all(): readonly Transfer[] {
    return Object.values(this.#transfers);
  }

  /** [WK1] What a fault of ours stopped, seen from this share. */
  brokenFor(infoHash: InfoHash): Broken {
    if (this.broken !== null) return 'everything';
    return this.brokenShares.includes(infoHash) ? 'share' : 'nothing';
  }

  /** [WK1] Those that a fault of ours stopped, and only those. */
  get brokenShares(): readonly InfoHash[] {
    const told = this.all.filter(({ trouble }) => trouble?.kind === 'broken').map(({ infoHash }) => infoHash);
    return [...told, ...this.#faulty.filter((infoHash) => !told.includes(infoHash))];
  }

  saveOf(infoHash: InfoHash): SaveState {
    return this.#saves.of(infoHash);
  }

  /** Whether anything is read, loaded, sent or saved. */
  get moving(): boolean {
    return this.bytesMove || (this.broken === null && this.all.some(({ phase }) => phase === 'downloading'));
  }

  /** [PN12] Files are read or saved, or something comes or goes: no mere waiting. */
  get bytesMove(): boolean {
    const reads = this.making.state.kind === 'hashing' || this.fetched.streams;
    return reads || this.#saves.isAnyUnderWay || (this.broken === null && this.all.some(isTransferring));
  }

  /** [UI5] Whether closing the page would cut something off that no other tab goes on with. */
  get leavingCuts(): boolean {
    if (!this.tabs.alone) return this.reloadCuts;
    return this.moving || (this.broken === null && this.all.some(isOnlySource));
  }

  /** [AP6] Whether something would begin again that no reload goes on with. */
  get reloadCuts(): boolean {
    return this.making.state.kind === 'hashing' || this.fetched.streams || this.#saves.isAnyBegunHere;
  }

  /** Opens the worker if it is not open yet; harmless when called again. */
  start(): Promise<Session> {
    this.#session ??= this.#outside
      .openSession({
        snapshotsTaken: (snapshots) => this.#taken(snapshots),
        manifestKnown: (infoHash, manifest) => this.#known(infoHash, manifest),
        removed: (infoHash) => this.#removed(infoHash),
        becameShare: (file, share) => this.#became(file, share),
        fileChanged: (file, change) => this.fetched.changed(file, change),
        keptInMemory: (why) => (this.keptInMemory = why),
        workerBroke: (what) => this.#broke(what),
        serverAway: () => (this.away = true),
        began: () => this.#began(),
        tabsKnown: (tabs) => (this.tabs = tabs),
      })
      .catch((error: unknown) => {
        this.#broke(error);
        throw error;
      });
    return this.#session;
  }

  /** Makes a share of chosen files and goes to its page; one after another. */
  share(chosen: Chosen): Promise<void> {
    return this.making.share(chosen);
  }

  /** The worker's answer; null: there is none. */
  ask<T>(verb: (session: Session) => Promise<T>): Promise<T | null> {
    return this.#attempt(verb);
  }

  /** [WS6] */
  urlSources(): Promise<boolean | null> {
    return this.#outside.urlSources();
  }

  /** On the way to a share's page: opens it as it was left, unless it is open here. */
  async join(infoHash: InfoHash): Promise<void> {
    // What changed at its server is gone, and comes by itself where it is loaded anew ([WS12]).
    if (this.of(infoHash) === null && this.fetched.changeOf(infoHash) === null)
      await this.#order(infoHash, (session) => session.join(infoHash));
  }

  open(infoHash: InfoHash): Promise<void> {
    return this.#order(infoHash, (session) => session.open(infoHash));
  }

  download(infoHash: InfoHash): Promise<void> {
    this.#askedFor(infoHash);
    return this.#order(infoHash, (session) => session.download(infoHash));
  }

  /** [WS40] A file at a web address was asked for, and is loaded from now on. */
  fetchBegan(infoHash: InfoHash): void {
    this.fetched.begun(infoHash);
    this.#askedFor(infoHash);
  }

  #askedFor(infoHash: InfoHash): void {
    // Now there is something to keep, and the person has just asked for it; once is enough.
    if (!this.#keepAsked) this.#outside.askToKeep();
    this.#keepAsked = true;
    this.#dueSaves.askedFor(infoHash);
    // One that failed while it came is asked for anew.
    if (this.saveOf(infoHash).kind === 'failed') this.#saves.outdated(infoHash);
    this.#outside.coming.askedFor(infoHash, () => this.#dueSaves.leave(infoHash));
  }

  pause(infoHash: InfoHash): Promise<void> {
    return this.#order(infoHash, (session) => session.pause(infoHash));
  }

  /** [UI18] Stops at once; what has come goes when the ten seconds to think better of it are over. */
  async cancel(infoHash: InfoHash): Promise<void> {
    const ran = this.of(infoHash)?.phase === 'downloading';
    this.kept.remove(infoHash, () => {
      if (ran) void this.download(infoHash);
      const transfer = this.of(infoHash);
      if (transfer !== null) this.#saveWhenDue(transfer);
    });
    await this.pause(infoHash);
  }

  stop(infoHash: InfoHash): Promise<void> {
    return this.#order(infoHash, (session) => session.stop(infoHash));
  }

  /** Puts the finished share into the browser's downloads, also a second time; or elsewhere, by another way to save it. */
  async save(infoHash: InfoHash, way: SaveShare = this.#outside.save): Promise<void> {
    const transfer = this.of(infoHash);
    if (transfer === null || this.saveOf(infoHash).kind === 'saving') return;
    const becomes = this.#saves.begin(infoHash);
    let ended = false;
    const outcome = await this.#attempt((session) =>
      way(transfer, session, (end) => {
        ended = true;
        becomes(end);
        if (end.kind === 'saved') this.#noteSaved(infoHash);
      }),
    );
    // A small file may be written before the order to save it is answered.
    if (!ended) becomes(outcome ?? { kind: 'failed', why: BROKE_HERE });
  }

  /** [SA14] Puts one file of a share into the downloads, which saves no share ([SA12]). Answers how that ended. */
  async saveFile(infoHash: InfoHash, file: number): Promise<SaveEnd> {
    const over = this.#saves.beginOne(infoHash);
    const end = await new Promise<SaveEnd>((resolve) => {
      void this.#attempt(async (session) => {
        const transfer = this.of(infoHash);
        return transfer === null ? null : this.#outside.save(transfer, session, resolve, file);
      }).then((outcome) => {
        if (outcome?.kind !== 'started') resolve(outcome ?? { kind: 'failed', why: BROKE_HERE });
      });
    });
    over();
    return end;
  }

  /** [SA10] A save that another tab began, or this one before it was loaded. */
  heardOfSave(infoHash: InfoHash, state: { kind: 'started' } | SaveEnd): void {
    // Every tab hears it, and the peer needs to be told once.
    if (state.kind === 'saved' && this.tabs.owner) this.#noteSaved(infoHash);
    this.#saves.heard(infoHash, state);
  }

  #noteSaved(infoHash: InfoHash): void {
    void this.#order(infoHash, (session) => session.saved(infoHash));
  }

  #taken(snapshots: readonly TransferSnapshot[]): void {
    const changed = snapshots.map((snapshot) => {
      const { infoHash } = snapshot;
      // [LB10] Other files are wanted than were saved, or are being saved: what this page knows of that save is told no more.
      const before = this.of(infoHash);
      if (before && !snapshot.saved && (before.saved || before.wanted?.bytes !== snapshot.wanted?.bytes))
        this.#saves.outdated(infoHash);
      const pieces = snapshot.pieces ?? before?.pieces ?? new Uint8Array();
      return [infoHash, { ...snapshot, pieces, manifest: this.#manifests[infoHash] ?? null }] as const;
    });
    this.#transfers = { ...this.#transfers, ...Object.fromEntries(changed) };
    for (const [, transfer] of changed) this.#saveWhenDue(transfer);
  }

  #known(infoHash: InfoHash, manifest: ShownManifest): void {
    this.#manifests = { ...this.#manifests, [infoHash]: manifest };
    const transfer = this.of(infoHash);
    if (transfer !== null) this.#taken([transfer]);
  }

  #removed(infoHash: InfoHash): void {
    this.#manifests = without(this.#manifests, infoHash);
    this.#transfers = without(this.#transfers, infoHash);
    this.#faulty = this.#faulty.filter((faulty) => faulty !== infoHash);
    this.#saves.outdated(infoHash);
    this.#outside.coming.removed(infoHash);
    void this.kept.refresh();
  }

  /** [WS41] Whoever looks at it goes on to the share, before what it was is gone. */
  #became(file: InfoHash, share: InfoHash): void {
    this.fetched.became(share, this.of(file));
    this.#dueSaves.becomes(file, share);
    const { place } = this.#outside;
    const { route } = place;
    if (!('infoHash' in route) || route.infoHash !== file) return;
    place.replace(route.page === 'transfer' ? transferRoute(share) : receiveRoute(share));
  }

  #saveWhenDue(transfer: Transfer): void {
    const { infoHash, saveDue, manifest, wanted } = transfer;
    // The last piece may have come while it was being cancelled.
    if (this.kept.isLeaving(infoHash)) return;
    this.#outside.coming.taken(transfer);
    if (!saveDue || manifest === null || this.saveOf(infoHash).kind !== 'none') return;
    if (savedWhole(manifest, wanted) !== 'zip') this.#dueSaves.due(infoHash, this.tabs);
  }

  #began(): void {
    this.away = false;
    this.broken = null;
    this.making.began();
    this.#saves.tellAgain();
    void this.kept.refresh();
  }

  /** Looking at the list is no reason to open the session before its time. */
  async #askOpen<T>(verb: (session: Session) => Promise<T>): Promise<T | null> {
    return this.#session === null ? null : this.#attempt(verb);
  }

  #order(infoHash: InfoHash, verb: (session: Session) => Promise<void>): Promise<void> {
    return this.#attempt(
      (session) => verb(session),
      () => (this.#faulty = [...this.#faulty.filter((faulty) => faulty !== infoHash), infoHash]),
    ).then(() => undefined);
  }

  /** The worker's answer, or null: there is no worker, which `broken` then tells, or a fault of ours kept it from answering. */
  async #attempt<T>(
    verb: (session: Session) => Promise<T>,
    failed: () => void = () => undefined,
  ): Promise<T | null> {
    const session = await this.start().catch(() => null);
    if (session === null) return null;
    try {
      return await verb(session);
    } catch (error) {
      // Nobody expected it: it is told to whoever looks for the fault.
      console.error(error);
      failed();
      return null;
    }
  }

  #broke(what: unknown): void {
    this.broken ??= what instanceof Error ? what.message : String(what);
    const stopped = Object.entries(this.#transfers).map(([key, transfer]) => [
      key,
      { ...transfer, ...STILL },
    ]);
    this.#transfers = Object.fromEntries(stopped) as Readonly<Record<InfoHash, Transfer>>;
    this.making.broke();
  }
}
