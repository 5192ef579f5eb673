/** `shoal seed` ([HL15]): always on; shares what lies in a folder with its resource file, and looks after it. */
import { resolve } from 'node:path';
import type { TransferSnapshot } from '../../shared/peer/verbs.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import type { Serving } from '../terminal/said.ts';
import type { Command, Here } from './command.ts';
import { Ended, INTERRUPTED, notDone } from './exit.ts';
import { watchFolder } from './folder-watch.ts';
import type { Figures } from './health.ts';
import { CONNECTION_OPTIONS, LIMIT_UP, limitsOf, torrentInnoOf } from './limits.ts';
import type { Host } from './ports.ts';
import { loggedError } from './log-error.ts';
import { listenOf } from './quantities.ts';
import type { Listen } from './quantities.ts';
import { diskNews, withHost } from './run-host.ts';
import { Seeder } from './seeder.ts';
import { SERVER_OPTION, serverFor } from './server.ts';
import { daemonStateIn } from './state-folders.ts';
import { stateOfPath, writableFolder } from './system.ts';
import { Telling } from './telling.ts';
import { waited } from './waiting.ts';

/** ms that the server has to be away until it is said. */
const AWAY_MS = 5_000;

export const seed: Command = {
  name: 'seed',
  summary: 'share everything in a folder, always',
  usage: 'seed DIR',
  about: [
    'Shares every resource file (.torrentinno) in DIR and the folders below it whose content lies beside it, and what `shoal get` has loaded there; what is put there later is picked up, what is removed is let go. It goes on after a restart where it was. `shoal share --keep DIR` and `shoal get -o DIR` put shares there.',
  ],
  operands: { least: 1, most: 1, what: 'one folder' },
  options: {
    state: {
      kind: 'text',
      value: 'FOLDER',
      about: 'where to remember things (otherwise DIR/.shoal): for a DIR that is read-only',
    },
    health: {
      kind: 'text',
      value: 'PORT',
      about: '/healthz and /metrics on this port, for this machine; ADDRESS:PORT for others',
    },
    ...LIMIT_UP,
    ...CONNECTION_OPTIONS,
    ...SERVER_OPTION,
  },
  examples: [
    ['seed /srv/shoal', 'until Ctrl+C'],
    ['seed /srv/shoal --health 9100 --limit-up 5MB --server https://share.example.org', 'as a service'],
  ],
  async run(call, here) {
    const listen = call.has('health') ? listenOf('health', call.text('health') ?? '') : null;
    const [limits, torrentInno] = [limitsOf(call), torrentInnoOf(call)];
    const serverUrl = serverFor(call, here);
    const folder = resolve(here.folder, call.first);
    const found = await stateOfPath(folder);
    if (found !== 'folder') {
      throw notDone(
        found === 'missing' ? `There is no folder ${call.first}.` : `${call.first} is no folder. Name one.`,
      );
    }
    const state = call.text('state');
    const stateFolder = state === null ? daemonStateIn(folder) : resolve(here.folder, state);
    await writableFolder(stateFolder);
    const telling = new Telling(here.log);
    const disk = { stateFolder, targetFolder: folder, ...diskNews(here) };
    const relayOnly = call.has('relay-only');
    return withHost(
      here.doors,
      { serverUrl, disk, listener: telling, limits, relayOnly, torrentInno },
      (host) => seeded({ here, telling, host, folder, serverUrl, listen }),
      here,
    );
  },
};

interface Parts {
  readonly here: Here;
  readonly telling: Telling;
  readonly host: Host;
  readonly folder: string;
  readonly serverUrl: string;
  readonly listen: Listen | null;
}

async function seeded({ here, telling, host, folder, serverUrl, listen }: Parts): Promise<never> {
  const { doors, screen, log } = here;
  const { clock, digest } = await doors.platform();
  const { peer } = host;
  const chosenPaths: typeof doors.chosenPaths = (paths) => doors.chosenPaths(paths);
  const seeder = new Seeder({ folder, serverUrl, peer, chosenPaths, digest, screen, log });
  const figures = (): Promise<Figures> => figuresOf(host, telling, seeder);
  const health = listen === null ? null : await (await import('./health.ts')).openHealth(listen, figures);
  if (health !== null) screen.tell({ type: 'health', url: health.url });
  const stopTelling = telling.watch(() => screen.tell(servingOf([...telling.snapshots.values()])));
  const stopServer = watchServer(telling, here, clock);
  const look = (): void =>
    void seeder.look().catch((error: unknown) => log.error(loggedError(error), 'a look failed'));
  try {
    const isDone = await Promise.race([
      seeder.look().then(() => true),
      waited(Infinity, clock, here.interrupted).then(() => false),
    ]);
    if (isDone) {
      screen.tell({ type: 'watching', folder, shares: seeder.shares });
      const stop = watchFolder(folder, clock, look);
      await waited(Infinity, clock, here.interrupted);
      stop();
    }
    throw new Ended(INTERRUPTED, 'Stopped. What is shared here goes on when `shoal seed` runs again.');
  } finally {
    await seeder.stop();
    stopServer();
    stopTelling();
    await health?.close();
  }
}

async function figuresOf(host: Host, telling: Telling, seeder: Seeder): Promise<Figures> {
  const snapshots = [...telling.snapshots.values()];
  const totals = await host.peer.activity.totals();
  return {
    shares: seeder.shares,
    skipped: seeder.skipped,
    links: sum(snapshots.map(({ peers }) => peers.length)),
    peers: servingOf(snapshots).peers,
    uploadedBytes: totals.up,
    downloadedBytes: totals.down,
    up: sum(snapshots.map(({ up }) => up)),
    down: sum(snapshots.map(({ down }) => down)),
    delivered: sum(snapshots.map(({ delivered }) => delivered)),
    isServerReached: snapshots.length === 0 ? null : snapshots.every(({ trackerOnline }) => trackerOnline),
  };
}

function servingOf(snapshots: readonly TransferSnapshot[]): Serving {
  return {
    type: 'serving',
    shares: snapshots.length,
    up: Math.round(sum(snapshots.map(({ up }) => up))),
    uploadedBytes: sum(snapshots.map(({ uploadedBytes }) => uploadedBytes)),
    peers: peopleAmong(snapshots.flatMap(({ peers }) => peers)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Says once that the server is away, and once that it is back: all shares go through it. */
function watchServer(
  telling: Telling,
  { screen, log }: Here,
  clock: { after(ms: number, run: () => void): () => void },
): () => void {
  let isAway = false;
  let cancel: (() => void) | null = null;
  const said = (): void => {
    isAway = true;
    log.warn({}, 'the server is away');
    screen.tell({
      type: 'note',
      message: "Can't reach the Shoal server. Those who are connected can go on; Shoal keeps trying.",
    });
  };
  const stop = telling.watch(() => {
    const snapshots = [...telling.snapshots.values()];
    const isLost = snapshots.length > 0 && snapshots.every(({ trackerOnline }) => !trackerOnline);
    if (isLost && !isAway) cancel ??= clock.after(AWAY_MS, said);
    if (isLost) return;
    cancel?.();
    cancel = null;
    if (isAway && snapshots.length > 0) {
      isAway = false;
      log.info({}, 'the server is back');
      screen.tell({ type: 'note', message: 'The Shoal server is back.' });
    }
  });
  return () => {
    stop();
    cancel?.();
  };
}
