/** For tests: whole peers in this process with TorrentInno over real TCP, whose other ports are in memory. */
import { createHash } from 'node:crypto';
import { peerId } from '../../../shared/ids.ts';
import type { InfoHash, PeerId } from '../../../shared/ids.ts';
import { MemoryActivity } from '../../../shared/peer/activity-store.ts';
import { MemoryLibrary } from '../../../shared/peer/library.ts';
import { MemoryStore } from '../../../shared/peer/memory-store.ts';
import { NOTHING_KEPT } from '../../../shared/peer/nothing-kept.ts';
import type { Clock, OtherSwarms, PeerPorts } from '../../../shared/peer/ports.ts';
import { MemoryMarks } from '../../../shared/peer/session-marks.ts';
import { MemorySettings } from '../../../shared/peer/settings.ts';
import { memoryFiles } from '../../../shared/peer/testing/memory-files.ts';
import { MemoryBrowser, memoryIdentity } from '../../../shared/peer/testing/memory-identity.ts';
import { MemoryNetwork } from '../../../shared/peer/testing/memory-network.ts';
import { MemoryTracker } from '../../../shared/peer/testing/memory-tracker.ts';
import {
  nodeClock,
  nodeDigest,
  seededEntropy,
  nodeWholeDigest,
} from '../../../shared/peer/testing/node-ports.ts';
import { TestPeer } from '../../../shared/peer/testing/test-peer.ts';
import { openTorrentInno } from '../torrentinno.ts';
import type { TorrentInno } from '../torrentinno.ts';
import { trackerUrlOf } from '../choice.ts';

export function testId(digits: string): PeerId {
  const id = peerId(digits.repeat(32));
  if (id === null) throw new Error('two hex digits');
  return id;
}

export interface TcpPeer {
  readonly peer: TestPeer;
  readonly swarms: TorrentInno;
  /** Settles when TorrentInno's tracker has answered it for the first time. */
  readonly announced: Promise<void>;
}

/** Peers that reach each other through memory, as browsers do, and some of them others through TCP. */
export class TcpLab {
  readonly network = new MemoryNetwork(nodeClock, 1);
  readonly tracker = new MemoryTracker(nodeClock, 1);
  readonly #open: { peer: TestPeer; swarms: OtherSwarms | null }[] = [];
  #made = 0;

  /** `tracker`: TorrentInno's; `clock`: what its times are measured by. */
  async withTcp(id: PeerId, tracker: string | null, clock: Clock = nodeClock): Promise<TcpPeer> {
    let answered = (): void => undefined;
    const announced = new Promise<void>((resolve) => (answered = resolve));
    const opened = await openTorrentInno({
      port: 0,
      tracker: tracker === null ? null : trackerUrlOf(tracker),
      publicIp: '127.0.0.1',
      clock,
      entropy: seededEntropy(700 + this.#made),
      told: { tracker: (trouble) => (trouble === null ? answered() : undefined) },
    });
    if (opened.kind === 'refused') throw new Error(opened.sentence);
    return { peer: this.peer(id, opened.swarms), swarms: opened.swarms, announced };
  }

  /** `otherSwarms` left out: as a browser is. */
  peer(id: PeerId, otherSwarms?: OtherSwarms): TestPeer {
    const store = new MemoryStore();
    const ports: PeerPorts = {
      clock: nodeClock,
      digest: nodeDigest,
      wholeDigest: nodeWholeDigest,
      entropy: seededEntropy(++this.#made),
      files: memoryFiles,
      dialler: this.network.dialler,
      identify: async () => memoryIdentity(testId((0xa0 + ++this.#made).toString(16))),
      ownTabs: new MemoryBrowser().ownTabs,
      library: new MemoryLibrary(),
      marks: new MemoryMarks(),
      settings: new MemorySettings(),
      activity: new MemoryActivity(),
      kept: NOTHING_KEPT,
      tracker: this.tracker.socket,
      store,
      ...(otherSwarms === undefined ? {} : { otherSwarms }),
    };
    const peer = new TestPeer(memoryIdentity(id), ports, store);
    this.#open.push({ peer, swarms: otherSwarms ?? null });
    return peer;
  }

  async close(): Promise<void> {
    for (const { peer, swarms } of this.#open.splice(0)) {
      await peer.peer.close();
      swarms?.close();
    }
  }
}

/** Pieces as TorrentInno's client cuts a file, and the resource file that it writes. */
export interface MadeResource {
  readonly file: Uint8Array<ArrayBuffer>;
  readonly pieces: readonly { readonly sha256: string; readonly size: number }[];
}

export function resourceOf(content: Uint8Array, pieceBytes: number): MadeResource {
  const pieces = [];
  for (let at = 0; at < content.length; at += pieceBytes) {
    const piece = content.subarray(at, at + pieceBytes);
    pieces.push({ sha256: createHash('sha256').update(piece).digest('hex'), size: piece.length });
  }
  const resource = {
    trackerIp: '80.71.232.39',
    trackerPort: 8080,
    comment: 'made elsewhere',
    creationDate: '2026-11-20T17:44:01.990471',
    name: 'film.bin',
    pieces,
  };
  return { file: new Uint8Array(Buffer.from(JSON.stringify(resource, null, 4))), pieces };
}

/** Opens it; `content`: it is all here already. */
export async function opened(peer: TestPeer, made: MadeResource, content?: Uint8Array): Promise<InfoHash> {
  if (content !== undefined) await filled(peer, made, content);
  const outcome = await peer.peer.resources.open(made.file);
  if (outcome.kind !== 'opened') throw new Error(`the resource is ${outcome.kind}`);
  return outcome.infoHash;
}

async function filled(peer: TestPeer, made: MadeResource, content: Uint8Array): Promise<void> {
  const infoHash = await opened(peer, made);
  await peer.peer.remove(infoHash);
  let at = 0;
  const pieces = made.pieces.map(({ sha256, size }, piece) => ({
    piece,
    sha256,
    bytes: new Uint8Array(content.subarray(at, (at += size))),
  }));
  await peer.store.putShare({ infoHash, manifest: made.file, addedAt: 0 });
  await peer.store.putPieces(infoHash, pieces);
}
