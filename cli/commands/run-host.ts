/** A peer for as long as a command needs one ([HL12]): disk and host are opened and closed in their order, come what may. */
import type { PeerListener, RateLimits } from '../../shared/peer/verbs.ts';
import type { Here } from './command.ts';
import { notDone } from './exit.ts';
import type { Doors, DiskOptions, Host, OpenedDisk, TorrentInno } from './ports.ts';

export interface Connecting {
  readonly serverUrl: string;
  readonly disk: DiskOptions;
  readonly listener: PeerListener;
  readonly limits: RateLimits;
  readonly relayOnly: boolean;
  readonly torrentInno: TorrentInno | null;
  /** [WS5] Whatever the environment says, public addresses alone. Left out: as it says. */
  readonly publicAlone?: boolean;
}

export async function withHost<Result>(
  doors: Doors,
  { disk: diskOptions, limits, publicAlone = false, ...options }: Connecting,
  use: (host: Host, disk: OpenedDisk) => Promise<Result>,
  { screen, interrupted, env }: Pick<Here, 'screen' | 'interrupted' | 'env'>,
): Promise<Result> {
  const disk = await doors.openDisk(diskOptions);
  // Files of any size may be read just then, and everything that closes waits for that.
  const stopLooking = (): void => disk.stopLooking();
  interrupted.addEventListener('abort', stopLooking, { once: true });
  if (interrupted.aborted) stopLooking();
  try {
    const onNotice = (message: string): void => screen.tell({ type: 'note', message });
    const privateWeb = !publicAlone && env['SHOAL_WEB_PRIVATE'] === 'on';
    const host = await doors.startHost({ ...options, disk, privateWeb, env, onNotice });
    try {
      if (host.peer.preferences.limit(limits) === 'refused') throw notDone('The limits could not be set.');
      if (host.unreachable !== null) screen.tell({ type: 'note', message: host.unreachable });
      await host.restored;
      return await use(host, disk);
    } finally {
      stopLooking();
      await host.close();
    }
  } finally {
    interrupted.removeEventListener('abort', stopLooking);
    await disk.close();
  }
}

/** What the disk has to say. */
export function diskNews({ screen }: Pick<Here, 'screen'>): Pick<DiskOptions, 'onNotice' | 'onVerify'> {
  return {
    onNotice: (message) => screen.tell({ type: 'note', message }),
    onVerify: (readBytes, totalBytes) => screen.tell({ type: 'reading', readBytes, totalBytes }),
  };
}
