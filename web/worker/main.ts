/** The worker's composition root: the peer with this browser's ports, and what Comlink exposes of it. Nothing else. */
import * as Comlink from 'comlink';
import { assert } from '../../shared/assert.ts';
import { Peer } from '../../shared/peer/peer.ts';
import type { PieceStore } from '../../shared/peer/piece-store.ts';
import type { PeerPorts } from '../../shared/peer/ports.ts';
import type { FileToShare, PeerListener, ShareRequest as PeerRequest } from '../../shared/peer/verbs.ts';
import { BlobContent } from './blob-content.ts';
import { browserTabs } from './browser-tabs.ts';
import type { ChosenFile, PageApi, ShareRequest, WorkerApi } from './contract.ts';
import { whileFirst } from './first-tab.ts';
import { newIdentity } from './identity.ts';
import { PageDialler } from './page-dialler.ts';
import { clock, digest, entropy, files } from './platform.ts';
import { blobOf, blobPlan } from './saving/blob-of.ts';
import { SeedingLock } from './seeding-lock.ts';
import { shownManifest } from './shown-manifest.ts';
import { openStore } from './store/open-store.ts';
import { WebTrackerSocket } from './tracker-socket.ts';

interface Running {
  readonly peer: Peer;
  readonly store: PieceStore;
  readonly dialler: PageDialler;
}

let running: Running | null = null;

function started(): Running {
  assert(running !== null, 'start is the first call');
  return running;
}

function listenerFor(page: PageApi, lock: SeedingLock): PeerListener {
  return {
    snapshotsTaken: (snapshots) => page.snapshotsTaken(snapshots),
    manifestKnown: (infoHash, manifest) => page.manifestKnown(infoHash, shownManifest(manifest)),
    removed: (infoHash) => page.removed(infoHash),
    busyChanged: (busy) => lock.hold(busy),
    reported: () => undefined,
    // The share's own figures tell the person; this tells whoever looks for the fault.
    shareBroke: (infoHash, error) => console.error(`Share ${infoHash} stopped:`, error),
  };
}

function contentsOf(chosen: readonly ChosenFile[]): FileToShare[] {
  return chosen.map(({ file, path }) => ({
    content: new BlobContent(file),
    path,
    modified: file.lastModified,
  }));
}

function withContents({ files: chosen, ...details }: ShareRequest): PeerRequest {
  return { ...details, files: contentsOf(chosen) };
}

const api: WorkerApi = {
  async start(page, { trackerUrl, basePath }) {
    self.addEventListener('unhandledrejection', ({ reason }) => page.workerBroke(String(reason)));
    const [{ store, library, settings }, identity] = await Promise.all([openStore(basePath), newIdentity()]);
    const dialler = new PageDialler(page);
    const tracker: PeerPorts['tracker'] = (listener) => new WebTrackerSocket(trackerUrl, listener);
    const ports: PeerPorts = {
      clock,
      digest,
      entropy,
      store,
      library,
      settings,
      files,
      dialler,
      identify: () => newIdentity(),
      ownTabs: browserTabs(basePath),
      tracker,
    };
    const peer = new Peer(identity, ports, listenerFor(page, new SeedingLock(basePath)));
    self.addEventListener('online', () => peer.networkIsBack());
    running = { peer, store, dialler };
    void whileFirst(basePath, () => peer.restore());
  },
  share: (request, progress) => started().peer.share(withContents(request), progress),
  sharedBefore: (request) => started().peer.sharedBefore(withContents(request)),
  provide: (infoHash, chosen) => started().peer.provide(infoHash, contentsOf(chosen)),
  library: () => started().peer.library(),
  usage: () => started().peer.house.usage(),
  pin: (infoHash, pinned) => started().peer.house.pin(infoHash, pinned),
  settings: () => started().peer.settings.current(),
  changeSettings: (change) => started().peer.settings.change(change),
  remove: (infoHash) => started().peer.remove(infoHash),
  join: (infoHash) => started().peer.join(infoHash),
  open: (infoHash) => started().peer.open(infoHash),
  download: (infoHash) => started().peer.download(infoHash),
  pause: (infoHash) => started().peer.pause(infoHash),
  stop: (infoHash) => started().peer.stop(infoHash),
  limit: async (limits) => started().peer.limit(limits),
  order: (infoHash, order) => started().peer.order(infoHash, order),
  savedByItself: async (infoHash) => started().peer.savedByItself(infoHash),
  saving: (infoHash, isUnderWay) => started().peer.house.saving(infoHash, isUnderWay),
  saved: (infoHash) => started().peer.saved(infoHash),
  blobPlan: (infoHash) => blobPlan(started().store, infoHash),
  blobOf: (infoHash, file) => blobOf(started().store, infoHash, file),
  attemptSignalled: async (attempt, signals) => started().dialler.signalled(attempt, signals),
  attemptOpened: async (attempt, port, path) => started().dialler.opened(attempt, port, path),
  attemptEnded: async (attempt) => started().dialler.ended(attempt),
};

Comlink.expose(api);
