/**
 * Brings up what the page needs to reach others ([WK5]): the worker, who we are, and the mesh between them. The
 * only file that knows Comlink on the page. Opened after the first paint.
 */
import * as Comlink from 'comlink';
import { bytesToHex } from '../../shared/hex.ts';
import type { Session, SessionPage } from '../state/session.ts';
import { basePathOf, nameOnOrigin, trackerAddress } from '../worker/base-path.ts';
import type { PageApi, WorkerApi } from '../worker/contract.ts';
import type { Mesh } from './mesh.ts';
import { NotLoaded, ownServer, whenReached } from './reaching.ts';

const BROWSER_PART_BYTES = 16;

/** Settles when the worker's code is here; until then `page` is told that the server is away. */
export function openSession(page: SessionPage): Promise<Session> {
  return whenReached(
    () => tryToOpen(page),
    ownServer,
    () => page.serverAway(),
  );
}

async function tryToOpen(page: SessionPage): Promise<Session> {
  const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'shoal' });
  // An error without a message is no exception: the code did not come.
  const missing = new Promise<never>((_, reject) => {
    worker.onerror = (event) => {
      if (event instanceof ErrorEvent) page.workerBroke(event.message);
      else reject(new NotLoaded('the worker'));
    };
  });
  const api = Comlink.wrap<WorkerApi>(worker);
  const { callbacks, preload, closeAll } = connectionsOf(api, page);
  const basePath = basePathOf(location);
  const options = { trackerUrl: trackerAddress(location), browserPart: browserPart(basePath), basePath };
  await Promise.race([api.start(Comlink.proxy(callbacks), options), missing]);
  // A page that goes says so at once; otherwise the others would wait for a silence.
  addEventListener('pagehide', closeAll);
  return {
    share: (request, progress) => api.share(request, Comlink.proxy(progress)),
    open: (infoHash) => {
      preload(); // somebody will be connected to soon: by then it is here
      return api.open(infoHash);
    },
    download: (infoHash) => api.download(infoHash),
    pause: (infoHash) => api.pause(infoHash),
    stop: (infoHash) => api.stop(infoHash),
    savedByItself: (infoHash) => api.savedByItself(infoHash),
    blobOf: (infoHash, file) => api.blobOf(infoHash, file),
  };
}

interface Connections {
  /** What the worker asks of the page. */
  readonly callbacks: PageApi;
  preload(): void;
  closeAll(): void;
}

/** The mesh, whose code is loaded with its first use; what it is told before that is a dial that failed. */
function connectionsOf(api: Comlink.Remote<WorkerApi>, page: SessionPage): Connections {
  const broke = (error: unknown): void => page.workerBroke(String(error));
  let opened: Mesh | null = null;
  const mesh = once(async () => {
    if (!(await ownServer.answers())) throw new NotLoaded('the connections');
    opened = (await import('./connections.ts')).openMesh({
      linkOpened: (link, port) => void api.linkOpened(link, Comlink.transfer(port, [port])).catch(broke),
      dialFailed: (swarm, peer) => void api.dialFailed(swarm, peer).catch(broke),
      sendSignal: (swarm, to, payload) => void api.sendSignal(swarm, to, payload).catch(broke),
    });
    return opened;
  });
  // Code that cannot be fetched now is a dial that failed: it is tried again later.
  const withMesh = (act: (mesh: Mesh) => void, otherwise: () => void = () => undefined): void =>
    void mesh().then(act, otherwise).catch(broke);
  const callbacks: PageApi = {
    snapshotsTaken: (snapshots) => page.snapshotsTaken(snapshots),
    dial: (swarm, peer) =>
      withMesh(
        (open) => open.dial(swarm, peer),
        () => void api.dialFailed(swarm, peer).catch(broke),
      ),
    signalReceived: (own, swarm, from, payload) =>
      withMesh((open) => open.signalReceived(own, swarm, from, payload)),
    peerUnreachable: (swarm, peer) => withMesh((open) => open.peerUnreachable(swarm, peer)),
    workerBroke: (what) => page.workerBroke(what),
  };
  return {
    callbacks,
    preload: () => withMesh(() => undefined),
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

/** [ID2] Kept per browser where it keeps anything; else new with each tab. */
function browserPart(basePath: string): string {
  const key = nameOnOrigin(basePath, '.browser-part');
  const fresh = bytesToHex(crypto.getRandomValues(new Uint8Array(BROWSER_PART_BYTES)));
  try {
    const kept = localStorage.getItem(key);
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    localStorage.setItem(key, fresh);
  } catch {
    return fresh;
  }
  return fresh;
}
