/** The worker's composition root: what Comlink exposes, and who we are. Nothing else. */
import * as Comlink from 'comlink';
import { assert } from '../../shared/assert.ts';
import { bytesToHex } from '../../shared/hex.ts';
import { peerId } from '../../shared/ids.ts';
import type { PeerId } from '../../shared/ids.ts';
import type { PageApi, WorkerApi } from './contract.ts';
import { Shares } from './shares.ts';
import { openStore } from './store/open-store.ts';

const TAB_PART_BYTES = 16;

let shares: Shares | null = null;

function started(): Shares {
  assert(shares !== null, 'start is the first call');
  return shares;
}

/** [ID2] Half of the id is kept per browser, half is new with each tab. */
function newPeerId(browserPart: string): PeerId {
  const id = peerId(browserPart + bytesToHex(crypto.getRandomValues(new Uint8Array(TAB_PART_BYTES))));
  assert(id !== null, 'the browser part has 32 lowercase hex digits');
  return id;
}

const api: WorkerApi = {
  async start(page, { trackerUrl, browserPart, basePath }) {
    const callbacks = page as PageApi;
    self.addEventListener('unhandledrejection', ({ reason }) => callbacks.workerBroke(String(reason)));
    const store = await openStore(basePath);
    shares = new Shares({ own: newPeerId(browserPart), store, page: callbacks, trackerUrl, basePath });
  },
  share: (request, progress) => started().share(request, progress),
  open: (infoHash) => started().open(infoHash),
  download: (infoHash) => started().download(infoHash),
  pause: async (infoHash) => started().tell(infoHash, { kind: 'download-paused' }),
  stop: async (infoHash) => started().tell(infoHash, { kind: 'sharing-stopped' }),
  limit: async (limits) => started().limit(limits),
  order: (infoHash, order) => started().order(infoHash, order),
  savedByItself: async (infoHash) => started().savedByItself(infoHash),
  blobOf: (infoHash, file) => started().blobOf(infoHash, file),
  linkOpened: async (link, port) => started().linkOpened(link, port),
  dialFailed: async (swarm, peer) => started().dialFailed(swarm, peer),
  sendSignal: async (swarm, to, payload) => started().sendSignal(swarm, to, payload),
};

Comlink.expose(api);
