/**
 * Brings up what the page needs to reach others ([WK5]): the worker, who we are, and the mesh between them. The
 * only file that knows Comlink on the page. Loaded after the first paint.
 */
import * as Comlink from 'comlink';
import { bytesToHex } from '../../shared/hex.ts';
import type { Session, SessionPage } from '../state/session.ts';
import type { PageApi, WorkerApi } from '../worker/contract.ts';
import type { Mesh } from './mesh.ts';

const BROWSER_PART_KEY = 'shoal.browser-part';
const BROWSER_PART_BYTES = 16;

export async function openSession(page: SessionPage): Promise<Session> {
  const worker = new Worker(new URL('../worker/main.ts', import.meta.url), { type: 'module', name: 'shoal' });
  worker.onerror = (event) => page.workerBroke(event.message);
  const api = Comlink.wrap<WorkerApi>(worker);
  const broke = (error: unknown): void => page.workerBroke(String(error));
  const mesh = once(async () =>
    (await import('./connections.ts')).openMesh({
      linkOpened: (link, port) => void api.linkOpened(link, Comlink.transfer(port, [port])).catch(broke),
      dialFailed: (swarm, peer) => void api.dialFailed(swarm, peer).catch(broke),
      sendSignal: (swarm, to, payload) => void api.sendSignal(swarm, to, payload).catch(broke),
    }),
  );
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
  // A page that goes says so at once; otherwise the others would wait for a silence.
  addEventListener('pagehide', () => withMesh((open) => open.closeAll()));
  await api.start(Comlink.proxy(callbacks), { trackerUrl: trackerUrl(location), browserPart: browserPart() });
  return {
    share: (request, progress) => api.share(request, Comlink.proxy(progress)),
    open: (infoHash) => {
      // Somebody will be connected to soon: by then it is here.
      withMesh(() => undefined);
      return api.open(infoHash);
    },
    download: (infoHash) => api.download(infoHash),
    pause: (infoHash) => api.pause(infoHash),
    stop: (infoHash) => api.stop(infoHash),
    savedByItself: (infoHash) => api.savedByItself(infoHash),
    blobOf: (infoHash, file) => api.blobOf(infoHash, file),
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

function trackerUrl({ protocol, host }: Location): string {
  return `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}/tracker`;
}

/** [ID2] Kept per browser where it keeps anything; else new with each tab. */
function browserPart(): string {
  const fresh = bytesToHex(crypto.getRandomValues(new Uint8Array(BROWSER_PART_BYTES)));
  try {
    const kept = localStorage.getItem(BROWSER_PART_KEY);
    if (kept !== null && /^[0-9a-f]{32}$/.test(kept)) return kept;
    localStorage.setItem(BROWSER_PART_KEY, fresh);
  } catch {
    return fresh;
  }
  return fresh;
}
