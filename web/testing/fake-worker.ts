/** A worker for the tests of the state and the views. Knows no protocol: it answers and tells what a test says. */
import type { InfoHash, PeerId } from '../../shared/ids.ts';
import { NO_TOTALS } from '../../shared/peer/activity-store.ts';
import { FIRST_SETTINGS } from '../../shared/peer/settings.ts';
import type {
  BlobPlan,
  ChooseOutcome,
  FetchOutcome,
  FileHandle,
  FileRow,
  ForgetOutcome,
  HistoryEntry,
  Lenders,
  Lending,
  LibraryEntry,
  ListOutcome,
  LoggedTransfer,
  ProvideOutcome,
  SearchOutcome,
  SearchRequest,
  ResourceOutcome,
  ShareChronicle,
  Settings,
  ShareOutcome,
  ShareRequest,
  StoreUsage,
  StreamProgress,
  Totals,
} from '../worker/contract.ts';
import type { Route } from '../state/route.ts';
import type {
  OpenSession,
  Place,
  SaveEnd,
  SaveOutcome,
  Session,
  SessionPage,
  Transfer,
} from '../state/session.ts';
import { transferOf } from '../state/transfer.fixture.ts';
import { Transfers } from '../state/transfers.svelte.ts';

/** Lets everything that is already settled run. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A worker that does nothing of its own: it notes what it is asked for and answers when told. */
export class FakeWorker {
  readonly asked: string[] = [];
  /** The share that each verb was about. */
  readonly about: InfoHash[] = [];
  readonly saves: { transfer: Transfer; ended: (end: SaveEnd) => void; one?: number | undefined }[] = [];
  /** [SA16] What was asked for and what was removed, of the files that may be saved while they come. */
  readonly coming: string[] = [];
  isElsewhere: () => void = () => undefined;
  /** The figures that were told of them last. */
  comes: Transfer | null = null;
  readonly went: string[] = [];
  request: ShareRequest | null = null;
  progress: (hashedBytes: number) => void = () => undefined;
  answer: (outcome: ShareOutcome) => void = () => undefined;
  page: SessionPage | null = null;
  saveOutcome: SaveOutcome = { kind: 'started' };
  /** What the outcome of saving waits for. */
  saveAnswer: Promise<void> = Promise.resolve();
  refusing: string | null = null;
  route: Route = { page: 'making' };

  /** What there is of this browser's shares. */
  entries: readonly LibraryEntry[] = [];
  /** Of each piece among the connected. */
  copies = new Uint8Array();
  stored: StoreUsage = { bytes: 0, shares: [] };
  settings: Settings = FIRST_SETTINGS;
  /** What is to be set is none. */
  refuses = false;
  /** What went on: rows of both lists, the newest first. */
  history: readonly HistoryEntry[] = [];
  logged: readonly LoggedTransfer[] = [];
  totals: Totals = NO_TOTALS;
  readonly kicked: PeerId[] = [];
  /** [WS2] What was said last; null: nothing. [WS6] What the server says, null: nothing yet. */
  webAllowed: boolean | null = null;
  urlSources: boolean | null = null;
  /** [WS20] What was asked for, what becomes of it, and how the test tells of its stream. */
  readonly fetched: string[] = [];
  fetchOutcome: FetchOutcome | Promise<FetchOutcome> = { kind: 'nobody-lends', refusal: null };
  streamed: (progress: StreamProgress) => void = () => undefined;
  lenders: Lenders | null = null;
  lent: Lending = { lends: false, jobs: [], todayBytes: 0, metered: false };
  /** [LB18] What was said of which share. */
  readonly listings: [InfoHash, boolean][] = [];
  listOutcome: ListOutcome = 'noted';
  /** [PN13] What is searched for is answered by this, or not before it is told. */
  readonly searched: SearchRequest[] = [];
  found: SearchOutcome | ((request: SearchRequest) => SearchOutcome | Promise<SearchOutcome>) = {
    ...{ kind: 'found', total: 0, results: [] },
  };
  /** [LB17] Of whatever share is asked about. */
  told: ShareChronicle | null = null;
  forgets: ForgetOutcome = 'forgotten';
  /** What it was told of saves. */
  readonly savings: boolean[] = [];
  /** The share that files which are chosen have already. */
  before: InfoHash | null = null;
  /** Whether what came to its end is this tab's to save. */
  maySave = true;
  readonly given: Parameters<Session['provide']>[] = [];
  /** [LB5] Of the files of whatever share is asked about. */
  handles: readonly FileHandle[] = [];
  provided: ProvideOutcome = { kind: 'provided' };
  /** [MF10] What was opened, what becomes of it, and what is given out. */
  readonly resources: Uint8Array[] = [];
  resourceOutcome: ResourceOutcome | null = null;
  resource: Uint8Array<ArrayBuffer> | null = null;
  /** [LB10] The files of whatever share is asked about, and those that were chosen last. */
  rows: readonly FileRow[] | null = null;
  chosen: readonly number[] | null = null;
  folders: readonly (readonly string[])[] | null = [];
  choice: ChooseOutcome = 'chosen';
  /** What whatever share is asked about is saved as, and the bytes of each of its files; null: they are not here. */
  plan: BlobPlan | null = null;
  bytesOf: (file: number) => Uint8Array<ArrayBuffer> | null = () => null;
  partBytes = 4;

  #verb(name: string): (infoHash: InfoHash) => Promise<void> {
    return async (infoHash) => {
      this.asked.push(name);
      this.about.push(infoHash);
      if (this.refusing !== null) throw new Error(this.refusing);
    };
  }

  readonly session: Session = {
    share: (request, progress) => {
      this.request = request;
      const totalBytes = request.files.reduce((sum, { file }) => sum + file.size, 0);
      this.progress = (hashedBytes) => progress({ hashedBytes, totalBytes });
      return new Promise((resolve) => {
        this.answer = resolve;
      });
    },
    sharedBefore: async (request) => {
      this.request = request;
      return this.before;
    },
    provide: async (infoHash, files, intent) => {
      this.given.push([infoHash, files, intent]);
      await this.#verb('provide')(infoHash);
      return this.provided;
    },
    handlesOf: async () => this.handles,
    reopen: this.#verb('reopen'),
    settings: async () => this.settings,
    changeSettings: async (change) =>
      (this.settings = this.refuses ? this.settings : { ...this.settings, ...change }),
    library: async () => this.entries,
    usage: async () => this.stored,
    availability: async () => this.copies,
    cancelShare: async () => this.answer({ kind: 'cancelled' }),
    history: async () => this.history,
    clearHistory: async () => {
      this.asked.push('clearHistory');
      this.history = [];
    },
    transferLog: async ({ before = Infinity, limit }) =>
      this.logged.filter(({ id }) => id < before).slice(0, limit),
    totals: async () => this.totals,
    allowWeb: async (infoHash, allowed) => {
      await this.#verb('allowWeb')(infoHash);
      this.webAllowed = allowed;
    },
    fetchUrl: async (text, progress) => {
      this.fetched.push(text);
      this.streamed = progress;
      return this.fetchOutcome;
    },
    cancelFetch: async () => void this.asked.push('cancelFetch'),
    lendersOf: async () => this.lenders,
    lending: async () => this.lent,
    list: async (infoHash, wanted) => {
      this.listings.push([infoHash, wanted]);
      return this.listOutcome;
    },
    search: async (request) => {
      this.searched.push(request);
      return typeof this.found === 'function' ? this.found(request) : this.found;
    },
    chronicle: async (_, after = -1) =>
      this.told === null ? null : { ...this.told, events: this.told.events.filter(({ id }) => id > after) },
    disconnect: async (infoHash, peer) => {
      await this.#verb('disconnect')(infoHash);
      this.kicked.push(peer);
    },
    forgetEverything: async () => {
      this.asked.push('forgetEverything');
      return this.forgets;
    },
    pin: async (infoHash, pinned) => {
      await this.#verb('pin')(infoHash);
      this.entries = this.entries.map((entry) =>
        entry.infoHash === infoHash ? { ...entry, pinned } : entry,
      );
    },
    choose: async (infoHash, files) => {
      await this.#verb('choose')(infoHash);
      if (this.choice !== 'chosen') return this.choice;
      this.chosen = files;
      this.rows =
        this.rows?.map((row, file) => ({ ...row, wanted: files === null || files.includes(file) })) ?? null;
      return 'chosen';
    },
    filesOf: async () => this.rows,
    foldersOf: async () => this.folders,
    fileProgress: async () =>
      this.rows === null
        ? null
        : {
            storedBytes: Float64Array.from(this.rows, ({ storedBytes }) => storedBytes),
            wanted: Uint8Array.from(this.rows, ({ wanted }) => (wanted ? 1 : 0)),
          },
    saving: async (_, isUnderWay) => void this.savings.push(isUnderWay),
    remove: async (infoHash) => {
      await this.#verb('remove')(infoHash);
      this.entries = this.entries.filter((entry) => entry.infoHash !== infoHash);
      this.page?.removed(infoHash);
    },
    join: this.#verb('join'),
    saved: this.#verb('saved'),
    open: this.#verb('open'),
    openResource: async (file) => {
      this.resources.push(file);
      if (this.resourceOutcome === null) throw new Error('no resource is expected');
      return this.resourceOutcome;
    },
    resourceOf: async () => this.resource,
    download: this.#verb('download'),
    pause: this.#verb('pause'),
    stop: this.#verb('stop'),
    savedByItself: async (infoHash) => {
      await this.#verb('savedByItself')(infoHash);
      return this.maySave;
    },
    blobPlan: async () => this.plan,
    blobOf: async () => null,
    fileBytes: async (_, file, from) => this.bytesOf(file)?.slice(from, from + this.partBytes) ?? null,
  };

  readonly open: OpenSession = async (page) => {
    this.page = page;
    this.asked.push('opened');
    await Promise.resolve();
    page.began();
    return this.session;
  };

  transfers(openSession = this.open, place = this.#place()): Transfers {
    return new Transfers({
      openSession,
      save: async (transfer, _session, ended, one) => {
        if (one === 'due') this.asked.push('save-due');
        this.saves.push({ transfer, ended, ...(typeof one === 'number' ? { one } : {}) });
        await this.saveAnswer;
        return this.saveOutcome;
      },
      coming: {
        askedFor: (infoHash, isElsewhere) => {
          this.coming.push(`asked ${infoHash.slice(0, 2)}`);
          this.isElsewhere = isElsewhere;
        },
        taken: (transfer) => (this.comes = transfer),
        removed: (infoHash) => this.coming.push(`removed ${infoHash.slice(0, 2)}`),
      },
      askToKeep: () => this.asked.push('keep'),
      urlSources: async () => this.urlSources,
      place,
    });
  }

  /** Notes where the state wants to go, and stays. */
  #place(): Place {
    return {
      host: 'localhost',
      port: '8000',
      route: this.route,
      go: (fragment) => this.went.push(fragment),
      replace: (fragment) => this.went.push(`replace ${fragment}`),
    };
  }

  push(...changes: Partial<Transfer>[]): void {
    const told = changes.map((change) => transferOf(change));
    for (const { infoHash, manifest } of told) {
      if (manifest !== null) this.page?.manifestKnown(infoHash, manifest);
    }
    // More than figures, which the page must not go by.
    this.page?.snapshotsTaken(told.map((transfer) => ({ ...transfer, manifest: null })));
  }
}

/** Loose files of five bytes each, as they are chosen or dropped. */
export const chosen = (...names: string[]) => ({
  kind: 'files' as const,
  files: names.map((name) => ({ file: new File(['12345'], name), path: [name] })),
  folders: [],
});
