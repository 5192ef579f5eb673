/** What a peer tells its host, kept for whoever waits for it: the last figures of each share, its manifest, its end. */
import type { InfoHash } from '../../shared/ids.ts';
import type { Manifest } from '../../shared/manifest/manifest.ts';
import type { FileChange, PeerListener, TransferSnapshot } from '../../shared/peer/verbs.ts';
import type { Report } from '../../shared/engine/io.ts';
import type { Log } from './command.ts';
import { loggedError } from './log-error.ts';

/** Of an id in the log: enough to tell shares apart, too little to open one. */
const SHORT_ID = 8;

export interface Made {
  readonly share: InfoHash;
  readonly last: TransferSnapshot | null;
}

export class Telling implements PeerListener {
  readonly snapshots = new Map<InfoHash, TransferSnapshot>();
  readonly manifests = new Map<InfoHash, Manifest>();
  readonly broken = new Set<InfoHash>();
  /** [WS20] What files at web addresses became, each with its last figures; and which turned out to be others. */
  readonly made = new Map<InfoHash, Made>();
  readonly changes = new Map<InfoHash, FileChange>();
  readonly #looks = new Set<() => void>();
  readonly #log: Log;

  constructor(log: Log) {
    this.#log = log;
  }

  /** `look` is called whenever something was told. Answers how to stop that. */
  watch(look: () => void): () => void {
    this.#looks.add(look);
    return () => void this.#looks.delete(look);
  }

  /** Settles as soon as there is an answer; null: somebody wants everything to end. */
  until<Answer>(find: () => Answer | null, interrupted: AbortSignal): Promise<Answer | null> {
    return new Promise((resolve) => {
      const end = (answer: Answer | null): void => {
        stop();
        interrupted.removeEventListener('abort', given);
        resolve(answer);
      };
      const look = (): void => {
        const answer = find();
        if (answer !== null) end(answer);
      };
      const given = (): void => end(null);
      const stop = this.watch(look);
      interrupted.addEventListener('abort', given, { once: true });
      if (interrupted.aborted) given();
      else look();
    });
  }

  snapshotsTaken(snapshots: readonly TransferSnapshot[]): void {
    for (const snapshot of snapshots) this.snapshots.set(snapshot.infoHash, snapshot);
    this.#looked();
  }

  manifestKnown(infoHash: InfoHash, manifest: Manifest): void {
    this.manifests.set(infoHash, manifest);
    this.#looked();
  }

  becameShare(file: InfoHash, share: InfoHash): void {
    this.made.set(file, { share, last: this.snapshots.get(file) ?? null });
    this.#looked();
  }

  fileChanged(file: InfoHash, change: FileChange): void {
    this.#log.warn({ share: file.slice(0, SHORT_ID), change }, 'the file at a web address is another one');
    this.changes.set(file, change);
    this.#looked();
  }

  removed(infoHash: InfoHash): void {
    this.snapshots.delete(infoHash);
    this.manifests.delete(infoHash);
    this.#looked();
  }

  busyChanged(): void {
    // A terminal has nothing to keep awake.
  }

  reported(infoHash: InfoHash, event: Report): void {
    const share = infoHash.slice(0, SHORT_ID);
    if (event.kind === 'peer-dropped') {
      this.#log.debug(
        { share, peer: event.peer?.slice(0, SHORT_ID), why: event.why.kind },
        'a peer was let go',
      );
    } else if (event.kind === 'piece-refused') {
      this.#log.warn({ share, piece: event.piece }, 'a piece was damaged and is fetched again');
    } else if (event.kind === 'completed' || event.kind === 'manifest-accepted') {
      this.#log.info(
        { share },
        event.kind === 'completed' ? 'all of it is here' : 'the list of files is here',
      );
    } else if (event.kind === 'pieces-doubted') {
      this.#log.warn({ share, pieces: event.pieces.length }, 'pieces are fetched again: who sent them lied');
    } else if (event.kind === 'address-lost') {
      this.#log.warn({ share, why: event.why }, 'a server on the web is asked no more');
    } else if (event.kind === 'peer-completed') {
      this.#log.info({ share, peer: event.peer.slice(0, SHORT_ID) }, 'a peer has all of it');
    }
  }

  shareBroke(infoHash: InfoHash, error: unknown): void {
    this.#log.error({ share: infoHash.slice(0, SHORT_ID), ...loggedError(error) }, 'a share broke');
    this.broken.add(infoHash);
    this.#looked();
  }

  #looked(): void {
    for (const look of [...this.#looks]) look();
  }
}
