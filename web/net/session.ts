/**
 * Brings up what the page needs to reach others ([WK5]): the worker, and the connections between them.
 * The only file that knows Comlink on the page. Opened after the first paint.
 */
import * as Comlink from 'comlink';
import { chunk, codeIsMissing } from '../state/chunks.ts';
import type { OwnSession, Session, WorkerPage } from '../state/session.ts';
import { basePathOf, trackerAddress } from '../worker/base-path.ts';
import type { PageApi, WorkerApi } from '../worker/contract.ts';
import type { PageLinks } from './links.ts';
import { watchPage } from './page-life.ts';
import { NotLoaded, ownServer, whenReached } from './reaching.ts';

/** Settles when the worker's code is here; until then `page` is told that the server is away. */
export function openSession(page: WorkerPage): Promise<OwnSession> {
  return whenReached(
    () => tryToOpen(page),
    ownServer,
    () => page.serverAway(),
  );
}

async function tryToOpen(page: WorkerPage): Promise<OwnSession> {
  const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'shoal' });
  // Whatever it still does would be done by a worker that is not what it should be.
  let isOver = false;
  let unwatch = (): void => undefined;
  const end = (): void => {
    isOver = true;
    unwatch();
    closeAll();
    worker.terminate();
  };
  const broke = (what: string): void => {
    if (isOver) return;
    end();
    page.workerBroke(what);
  };
  // An error without a message is no exception: the code did not come.
  const missing = new Promise<never>((_, reject) => {
    worker.onerror = (event) => {
      if (event instanceof ErrorEvent) broke(event.message);
      else {
        codeIsMissing();
        reject(new NotLoaded('the worker'));
      }
    };
  });
  const api = Comlink.wrap<WorkerApi>(worker);
  const { callbacks, preload, closeAll } = connectionsOf(api, page, broke);
  const basePath = basePathOf(location);
  const options = { trackerUrl: trackerAddress(location), basePath };
  await Promise.race([api.start(Comlink.proxy(callbacks), options), missing]);
  unwatch = watchPage({
    goes: (forGood) => {
      closeAll();
      // One that may come back goes on with what it has.
      if (forGood) void api.end();
    },
    isBack: () => void api.cameBack().catch((error) => broke(String(error))),
  });
  return { ...sessionOf(api, preload), end };
}

function sessionOf(api: Comlink.Remote<WorkerApi>, preload: () => void): Session {
  return {
    share: (request, progress) => api.share(request, Comlink.proxy(progress)),
    open: (infoHash) => {
      preload(); // somebody will be connected to soon: by then it is here
      return api.open(infoHash);
    },
    join: (infoHash) => {
      preload();
      return api.join(infoHash);
    },
    provide: (infoHash, files, intent) => api.provide(infoHash, files, intent),
    handlesOf: (infoHash) => api.handlesOf(infoHash),
    reopen: (infoHash) => api.reopen(infoHash),
    settings: () => api.settings(),
    changeSettings: (change) => api.changeSettings(change),
    sharedBefore: (request) => api.sharedBefore(request),
    library: () => api.library(),
    usage: () => api.usage(),
    availability: (infoHash) => api.availability(infoHash),
    cancelShare: () => api.cancelShare(),
    history: () => api.history(),
    clearHistory: () => api.clearHistory(),
    transferLog: (page) => api.transferLog(page),
    totals: () => api.totals(),
    chronicle: (infoHash, after) => api.chronicle(infoHash, after),
    disconnect: (infoHash, peer) => api.disconnect(infoHash, peer),
    forgetEverything: () => api.forgetEverything(),
    allowWeb: (infoHash, allowed) => api.allowWeb(infoHash, allowed),
    fetchUrl: (text, progress) => {
      preload();
      return api.fetchUrl(text, Comlink.proxy(progress));
    },
    cancelFetch: () => api.cancelFetch(),
    lendersOf: (url) => api.lendersOf(url),
    lending: () => api.lending(),
    list: (infoHash, wanted) => api.list(infoHash, wanted),
    search: (request) => api.search(request),
    pin: (infoHash, pinned) => api.pin(infoHash, pinned),
    choose: (infoHash, files) => api.choose(infoHash, files),
    filesOf: (infoHash) => api.filesOf(infoHash),
    foldersOf: (infoHash) => api.foldersOf(infoHash),
    fileProgress: (infoHash) => api.fileProgress(infoHash),
    saving: (infoHash, isUnderWay) => api.saving(infoHash, isUnderWay),
    remove: (infoHash) => api.remove(infoHash),
    saved: (infoHash) => api.saved(infoHash),
    openResource: (file) => {
      preload();
      return api.openResource(file);
    },
    resourceOf: (infoHash) => api.resourceOf(infoHash),
    download: (infoHash) => api.download(infoHash),
    pause: (infoHash) => api.pause(infoHash),
    stop: (infoHash) => api.stop(infoHash),
    savedByItself: (infoHash) => api.savedByItself(infoHash),
    blobPlan: (infoHash, file) => api.blobPlan(infoHash, file),
    blobOf: (infoHash, file) => api.blobOf(infoHash, file),
    fileBytes: (infoHash, file, from) => api.fileBytes(infoHash, file, from),
  };
}

interface Connections {
  /** What the worker asks of the page. */
  readonly callbacks: PageApi;
  preload(): void;
  closeAll(): void;
}

/** Connections, whose code is loaded with the first of them; what is asked before that is an attempt that failed. */
function connectionsOf(
  api: Comlink.Remote<WorkerApi>,
  page: WorkerPage,
  workerBroke: (what: string) => void,
): Connections {
  const broke = (error: unknown): void => workerBroke(String(error));
  let opened: PageLinks | null = null;
  const links = once(async () => {
    if (!(await ownServer.answers())) throw new NotLoaded('the connections');
    opened = (await chunk(() => import('./connections.ts'))).openLinks({
      attemptSignalled: (attempt, signals) => void api.attemptSignalled(attempt, signals).catch(broke),
      attemptOpened: (attempt, port, path) =>
        void api.attemptOpened(attempt, Comlink.transfer(port, [port]), path).catch(broke),
      attemptInterrupted: (attempt) => void api.attemptInterrupted(attempt).catch(broke),
      attemptEnded: (attempt) => void api.attemptEnded(attempt).catch(broke),
    });
    return opened;
  });
  // Code that cannot be fetched now is an attempt that failed: it is tried again later.
  const withLinks = (act: (links: PageLinks) => void, otherwise: () => void = () => undefined): void =>
    void links().then(act, otherwise).catch(broke);
  const callbacks: PageApi = {
    snapshotsTaken: (snapshots) => page.snapshotsTaken(snapshots),
    manifestKnown: (infoHash, manifest) => page.manifestKnown(infoHash, manifest),
    removed: (infoHash) => page.removed(infoHash),
    becameShare: (file, share) => page.becameShare(file, share),
    fileChanged: (file, change) => page.fileChanged(file, change),
    keptInMemory: (why) => page.keptInMemory(why),
    workerBroke,
    connect: (attempt, role, relayOnly) =>
      withLinks(
        (open) => open.connect(attempt, role, relayOnly),
        () => void api.attemptEnded(attempt).catch(broke),
      ),
    signal: (attempt, signals) => withLinks((open) => open.signal(attempt, signals)),
    disconnect: (attempt) => withLinks((open) => open.disconnect(attempt)),
  };
  return {
    callbacks,
    preload: () => withLinks(() => undefined),
    closeAll: () => opened?.closeAll(),
  };
}

/** Makes it at the first call; a failure is forgotten, so that the next call tries again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = null;
      throw error;
    });
    return made;
  };
}
