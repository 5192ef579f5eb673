/** The worker's composition root: the peer with this browser's ports, and what Comlink exposes of it. Nothing else. */
import * as Comlink from 'comlink';
import { assert } from '../../shared/assert.ts';
import { Peer } from '../../shared/peer/peer.ts';
import type { PeerPorts } from '../../shared/peer/ports.ts';
import type { FileToShare, PeerListener, ShareRequest as PeerRequest } from '../../shared/peer/verbs.ts';
import { BlobContent } from './blob-content.ts';
import { browserTabs } from './browser-tabs.ts';
import type { ChosenFile, PageApi, ShareRequest, WorkerApi } from './contract.ts';
import { newIdentity } from './identity.ts';
import { PageDialler } from './page-dialler.ts';
import { whenNetworkChanges } from './network-changes.ts';
import { clock, digest, entropy, files, fraction, wholeDigest } from './platform.ts';
import { blobOf, blobPlan } from './saving/blob-of.ts';
import { StoredFiles } from './saving/stored-files.ts';
import { SeedingLock } from './seeding-lock.ts';
import { shownManifest } from './shown-manifest.ts';
import { openStore } from './store/open-store.ts';
import type { OpenedStore } from './store/open-store.ts';
import { WebTrackerSocket } from './tracker-socket.ts';
import { isMetered, nowAndThen, WebPorts } from './web-ports.ts';

interface Running {
  readonly peer: Peer;
  readonly opened: OpenedStore;
  readonly dialler: PageDialler;
  readonly reader: StoredFiles;
  readonly web: WebPorts;
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
    becameShare: (file, share) => page.becameShare(file, share),
    fileChanged: (file, change) => page.fileChanged(file, change),
    busyChanged: (busy) => lock.hold(busy),
    reported: () => undefined,
    // The share's own figures tell the person; this tells whoever looks for the fault.
    shareBroke: (infoHash, error) => console.error(`Share ${infoHash} stopped:`, error),
  };
}

function contentsOf(chosen: readonly ChosenFile[]): FileToShare[] {
  return chosen.map(({ file, path, handle }) => ({
    content: new BlobContent(file, handle ?? null),
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
    const [opened, identity] = await Promise.all([openStore(basePath), newIdentity()]);
    if (opened.kind === 'passing') page.keptInMemory(opened.why);
    const dialler = new PageDialler(page, () => peer.preferences.relayOnly());
    const tracker: PeerPorts['tracker'] = (listener) => new WebTrackerSocket(trackerUrl, listener, fraction);
    const web = new WebPorts(basePath, () => peer.lending.look());
    const ports: PeerPorts = {
      clock,
      digest,
      wholeDigest,
      entropy,
      store: opened.store,
      library: opened.library,
      marks: opened.marks,
      settings: opened.settings,
      activity: opened.activity,
      files,
      kept: opened.kept,
      dialler,
      identify: () => newIdentity(),
      ownTabs: browserTabs(basePath),
      tracker,
      ...web.ports,
    };
    const peer = new Peer(identity, ports, listenerFor(page, new SeedingLock(basePath)));
    whenNetworkChanges(() => peer.networkChanged());
    running = { peer, opened, dialler, reader: new StoredFiles(opened.store), web };
    void peer.restore();
  },
  share: (request, progress) => started().peer.share(withContents(request), progress),
  sharedBefore: (request) => started().peer.sharedBefore(withContents(request)),
  provide: (infoHash, chosen, intent) => started().peer.provide(infoHash, contentsOf(chosen), intent),
  handlesOf: (infoHash) => started().opened.handlesOf(infoHash),
  reopen: (infoHash) => started().peer.reopen(infoHash),
  history: () => started().peer.activity.history(),
  clearHistory: () => started().peer.activity.clearHistory(),
  transferLog: (page) => started().peer.activity.transferLog(page),
  totals: () => started().peer.activity.totals(),
  chronicle: async (infoHash, after) => started().peer.activity.chronicle.of(infoHash, after),
  disconnect: (infoHash, peer) => started().peer.disconnect(infoHash, peer),
  async forgetEverything() {
    const { peer, opened } = started();
    await peer.forgetEverything();
    return opened.erase();
  },
  allowWeb: (infoHash, allowed) => started().peer.web.allow(infoHash, allowed),
  async fetchUrl(text, progress) {
    return started().peer.webFiles.fetch(text, null, nowAndThen(progress));
  },
  cancelFetch: async () => started().peer.webFiles.cancel(),
  lendersOf: async (url) => started().peer.borrowing.lendersOf(url),
  lending: async () => ({ ...started().peer.lending.state, metered: isMetered() }),
  list: (infoHash, wanted) => started().peer.directory.list(infoHash, wanted),
  search: (request) => started().peer.directory.search(request),
  settings: () => started().peer.settings.current(),
  changeSettings: (change) => started().peer.settings.change(change),
  library: () => started().peer.library(),
  usage: () => started().peer.house.usage(),
  availability: async (infoHash) => started().peer.availability(infoHash),
  cancelShare: async () => started().peer.cancelShare(),
  pin: (infoHash, pinned) => started().peer.house.pin(infoHash, pinned),
  remove: (infoHash) => started().peer.remove(infoHash),
  join: (infoHash) => started().peer.join(infoHash),
  open: (infoHash) => started().peer.open(infoHash),
  download: (infoHash) => started().peer.download(infoHash),
  pause: (infoHash) => started().peer.pause(infoHash),
  stop: (infoHash) => started().peer.stop(infoHash),
  limit: async (limits) => started().peer.preferences.limit(limits),
  choose: (infoHash, chosen) => started().peer.files.choose(infoHash, chosen),
  filesOf: (infoHash) => started().peer.files.rows(infoHash),
  foldersOf: (infoHash) => started().peer.files.folders(infoHash),
  fileProgress: (infoHash) => started().peer.files.progress(infoHash),
  order: (infoHash, order) => started().peer.files.order(infoHash, order),
  openResource: (file) => started().peer.resources.open(file),
  resourceOf: (infoHash) => started().peer.resources.bytesOf(infoHash),
  savedByItself: async (infoHash) => started().peer.saves.byItself(infoHash),
  saving(infoHash, isUnderWay) {
    const { peer } = started();
    if (isUnderWay) peer.saves.begun(infoHash);
    return peer.house.saving(infoHash, isUnderWay);
  },
  saved: (infoHash) => started().peer.saves.saved(infoHash),
  end: () => started().peer.close(),
  blobPlan: (infoHash, file) => blobPlan(started().opened, infoHash, file),
  blobOf: (infoHash, file) => blobOf(started().opened.store, infoHash, file),
  async fileBytes(infoHash, file, from) {
    const bytes = await started().reader.bytes(infoHash, file, from);
    return bytes === null ? null : Comlink.transfer(bytes, [bytes.buffer]);
  },
  attemptSignalled: async (attempt, signals) => started().dialler.signalled(attempt, signals),
  attemptOpened: async (attempt, port, path) => started().dialler.opened(attempt, port, path),
  attemptInterrupted: async (attempt) => started().dialler.interrupted(attempt),
  attemptEnded: async (attempt) => started().dialler.ended(attempt),
  cameBack: async () => started().peer.networkChanged(),
};

Comlink.expose(api);
