/**
 * The real doors: what stands behind each of them is loaded when a command opens it. Puts what the world gets in the way
 * with into the sentence that ends a command. Nothing else.
 */
import { notDone, wrongCall } from './commands/exit.ts';
import type { Doors, TorrentInno } from './commands/ports.ts';

async function platform() {
  const [{ clock, digest, entropy }, { diskFiles }] = await Promise.all([
    import('./platform.ts'),
    import('./disk/disk-content.ts'),
  ]);
  return { clock, digest, entropy, files: diskFiles };
}

const chosenPaths: Doors['chosenPaths'] = async (paths) => {
  const [{ chosenPaths: chosen }, sentences] = await Promise.all([
    import('./disk/chosen-paths.ts'),
    import('./disk/chosen-sentences.ts'),
  ]);
  const outcome = await chosen(paths);
  return outcome.kind === 'refused'
    ? { kind: 'refused', message: sentences.notChosenSentence(outcome.why, outcome.path) }
    : { ...outcome, notices: outcome.notices.map(sentences.chosenNoticeSentence) };
};

const verifyFiles: Doors['verifyFiles'] = async (manifest, path, onProgress) => {
  const { verifyFiles: verify } = await import('./disk/verify-files.ts');
  return verify(manifest, path, ({ verifiedBytes, totalBytes }) => onProgress(verifiedBytes, totalBytes));
};

const openDisk: Doors['openDisk'] = async ({ onNotice, onVerify, ...options }) => {
  const [{ openDisk: open, DiskUnusable }, { noticeSentence }] = await Promise.all([
    import('./disk/open-disk.ts'),
    import('./disk/notices.ts'),
  ]);
  try {
    return await open({
      ...options,
      onNotice: (notice) => onNotice?.(noticeSentence(notice)),
      onVerify: (_, { verifiedBytes, totalBytes }) => onVerify?.(verifiedBytes, totalBytes),
    });
  } catch (error) {
    throw error instanceof DiskUnusable ? notDone(error.message) : error;
  }
};

const startHost: Doors['startHost'] = async ({
  serverUrl,
  disk,
  listener,
  relayOnly,
  torrentInno,
  privateWeb,
  env,
  onNotice,
}) => {
  const [{ startHost: start }, { anyAddress }, { waysOf }, { anyHost }] = await Promise.all([
    import('./host.ts'),
    import('./web/address-policy.ts'),
    import('./web/proxies.ts'),
    import('../shared/url/literal-address.ts'),
  ]);
  const server = await addressOf(serverUrl);
  const swarms = torrentInno === null ? null : await swarmsOf(torrentInno, onNotice);
  try {
    return await start({
      server,
      disk,
      listener,
      relayOnly,
      ways: waysOf(env),
      ...(privateWeb ? { mayConnect: anyAddress, mayAskHost: anyHost } : {}),
      ...(swarms === null ? {} : { ports: { otherSwarms: swarms } }),
    });
  } catch (error) {
    swarms?.close();
    throw error;
  }
};

/** [HL12] TorrentInno's own clients, over TCP. Ends with the peer. */
async function swarmsOf({ port, tracker, publicIp }: TorrentInno, onNotice: (sentence: string) => void) {
  const [{ openTorrentInno }, { clock, entropy }] = await Promise.all([
    import('./torrentinno/torrentinno.ts'),
    import('./platform.ts'),
  ]);
  const opened = await openTorrentInno({
    ...{ port, tracker, publicIp, clock, entropy },
    told: {
      tracker: (trouble) =>
        onNotice(
          trouble === null
            ? "TorrentInno's tracker takes us."
            : `TorrentInno's tracker cannot be used: ${trouble}. Shoal keeps trying.`,
        ),
    },
  });
  if (opened.kind === 'refused') throw notDone(opened.sentence);
  const { announced } = opened.swarms;
  onNotice(`TorrentInno's clients reach this at ${announced.host}:${announced.port}.`);
  return opened.swarms;
}

const trackerSocket: Doors['trackerSocket'] = async (serverUrl, listener) => {
  const [{ NodeTrackerSocket }, { fraction }] = await Promise.all([
    import('./net/tracker-socket.ts'),
    import('./platform.ts'),
  ]);
  return new NodeTrackerSocket((await addressOf(serverUrl)).tracker, listener, fraction);
};

async function addressOf(serverUrl: string) {
  const { serverAddress } = await import('./net/server-address.ts');
  const outcome = serverAddress(serverUrl);
  if (outcome.kind === 'refused') throw wrongCall(outcome.sentence);
  return outcome.address;
}

export const doors: Doors = { platform, chosenPaths, verifyFiles, openDisk, startHost, trackerSocket };
