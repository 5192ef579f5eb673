/** A real host over a disk in memory, whose listener keeps the last of what it hears. */
import { createHash } from 'node:crypto';
import type { InfoHash } from '../../shared/ids.ts';
import type { PeerListener, TransferSnapshot } from '../../shared/peer/verbs.ts';
import { startHost } from '../host.ts';
import type { Host, HostDisk, HostOptions } from '../host.ts';
import { serverAddress } from '../net/server-address.ts';
import type { ServerAddress } from '../net/server-address.ts';
import { memoryDisk } from './memory-disk.ts';

export class TestHost {
  readonly host: Host;
  readonly disk: HostDisk;
  readonly #heard: Heard;

  /** [WS20] What is done when a file at a web address becomes a share. */
  set becameShare(became: (file: InfoHash, share: InfoHash) => void) {
    this.#heard.becameShare = became;
  }

  static async start(serverUrl: string, more: Partial<HostOptions> = {}): Promise<TestHost> {
    const heard = new Heard();
    const disk = memoryDisk();
    const host = await startHost({ server: addressOf(serverUrl), disk, listener: heard, ...more });
    return new TestHost(host, disk, heard);
  }

  private constructor(host: Host, disk: HostDisk, heard: Heard) {
    this.host = host;
    this.disk = disk;
    this.#heard = heard;
  }

  /** Settles as soon as what is told of a share makes it so; with what was told then. */
  told(infoHash: InfoHash, isSo: (snapshot: TransferSnapshot) => boolean): Promise<TransferSnapshot> {
    return this.#heard.told(infoHash, isSo);
  }

  /** In hex, of all pieces that are stored, one behind the other. */
  async sha256(infoHash: InfoHash): Promise<string> {
    const hash = createHash('sha256');
    for (const piece of await this.disk.store.ownedPieces(infoHash)) {
      hash.update((await this.disk.store.piece(infoHash, piece)) ?? new Uint8Array());
    }
    return hash.digest('hex');
  }
}

export function addressOf(serverUrl: string): ServerAddress {
  const outcome = serverAddress(serverUrl);
  if (outcome.kind === 'refused') throw new Error(outcome.sentence);
  return outcome.address;
}

class Heard implements PeerListener {
  readonly #last = new Map<InfoHash, TransferSnapshot>();
  #waiting: (() => boolean)[] = [];

  told(infoHash: InfoHash, isSo: (snapshot: TransferSnapshot) => boolean): Promise<TransferSnapshot> {
    return new Promise((resolve) => {
      this.#waiting.push(() => {
        const snapshot = this.#last.get(infoHash);
        if (snapshot === undefined || !isSo(snapshot)) return false;
        resolve(snapshot);
        return true;
      });
      this.#look();
    });
  }

  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void {
    for (const snapshot of snapshots) this.#last.set(snapshot.infoHash, snapshot);
    this.#look();
  }

  shareBroke(_: InfoHash, error: unknown): void {
    throw error;
  }

  becameShare: (file: InfoHash, share: InfoHash) => void = () => undefined;
  manifestKnown(): void {}
  removed(): void {}
  busyChanged(): void {}
  reported(): void {}

  #look(): void {
    this.#waiting = this.#waiting.filter((look) => !look());
  }
}
