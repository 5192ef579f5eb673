/**
 * Drives one share's machine in the worker ([WK1]): performs every Output with storage, WebCrypto, ports and the
 * tracker, and feeds back what came of it. One exhaustive switch, no protocol. A broken invariant stops the share:
 * nothing is performed after it.
 */
import { unreachable } from '../../shared/assert.ts';
import { encodeBase64url } from '../../shared/base64url.ts';
import { Engine } from '../../shared/engine/engine.ts';
import type { EngineConfig } from '../../shared/engine/engine.ts';
import type { Input, Output, Report } from '../../shared/engine/io.ts';
import { PieceMemory } from '../../shared/engine/pieces/memory.ts';
import type { EngineSnapshot } from '../../shared/engine/io.ts';
import { linkId } from '../../shared/ids.ts';
import type { InfoHash, LinkId, PeerId } from '../../shared/ids.ts';
import { serialiseManifest } from '../../shared/manifest/resource.ts';
import type { Manifest } from '../../shared/manifest/resource.ts';
import { encodePiece } from '../../shared/protocol/codec.ts';
import type { BlockRange } from '../../shared/protocol/frames.ts';
import type { OpenedLink } from './contract.ts';
import { sha256Hex } from './hashing.ts';
import { joinedSends } from './joined-sends.ts';
import { PeerPort } from './peer-port.ts';
import type { BlockSource } from './sources.ts';
import type { PieceStore } from './store/piece-store.ts';
import { StoreWriter } from './store/store-writer.ts';

/** What a share's driver needs of the tab around it. */
export interface DriverHost {
  readonly store: PieceStore;
  dial(infoHash: InfoHash, peer: PeerId): void;
  announce(infoHash: InfoHash, announce: Output & { kind: 'announce' }): void;
  /** Something a person sees may have changed. */
  changed(): void;
  reported(infoHash: InfoHash, event: Report): void;
  broke(infoHash: InfoHash, error: unknown): void;
}

export class ShareDriver {
  readonly infoHash: InfoHash;
  readonly #engine: Engine;
  readonly #host: DriverHost;
  readonly #source: BlockSource;
  readonly #writer: StoreWriter;
  readonly #memory = new PieceMemory();
  readonly #ports = new Map<LinkId, PeerPort>();
  #links = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #wakeAt = Infinity;
  #broken = false;

  constructor(config: EngineConfig, source: BlockSource, host: DriverHost) {
    this.infoHash = config.infoHash;
    this.#engine = new Engine({ ...config, allocate: this.#memory.allocate });
    this.#source = source;
    this.#host = host;
    this.#writer = new StoreWriter(host.store, config.infoHash);
  }

  feed(input: Input): void {
    if (this.#broken) return;
    try {
      const now = performance.now();
      for (const output of joinedSends(this.#engine.handle(input, now))) this.#perform(output);
      this.#sleep(now);
    } catch (error) {
      this.#break(error);
    }
    this.#host.changed();
  }

  snapshot(): EngineSnapshot {
    return this.#engine.snapshot(performance.now());
  }

  get relayedPeers(): number {
    let relayed = 0;
    for (const port of this.#ports.values()) if (port.path === 'relayed') relayed++;
    return relayed;
  }

  linkOpened({ peer, role, path }: OpenedLink, port: MessagePort): void {
    const link = linkId(++this.#links);
    const peerPort = new PeerPort(port, path, {
      received: (bytes) => this.feed({ kind: 'bytes-received', link, bytes }),
      sent: (bytes) => this.feed({ kind: 'bytes-sent', link, bytes }),
      closed: () => {
        this.#ports.delete(link);
        this.feed({ kind: 'link-closed', link });
      },
    });
    this.#ports.set(link, peerPort);
    this.feed({ kind: 'link-opened', link, role, expected: peer });
  }

  #perform(output: Output): void {
    switch (output.kind) {
      case 'send':
        return this.#ports.get(output.link)?.send(output.bytes);
      case 'serve-block':
        return this.#run(this.#serve(output.link, output));
      case 'close-link':
        this.#ports.get(output.link)?.close();
        this.#ports.delete(output.link);
        return;
      case 'dial':
        return this.#host.dial(this.infoHash, output.peer);
      case 'announce':
        return this.#host.announce(this.infoHash, output);
      case 'hash-manifest':
        return this.#run(this.#hashManifest(output));
      case 'keep-manifest':
        return this.#run(this.#keepManifest(output.manifest));
      case 'hash-piece':
        return this.#run(this.#hashPiece(output.piece, output.bytes));
      case 'store-piece':
        return this.#run(this.#storePiece(output.piece, output.bytes));
      case 'report':
        return this.#host.reported(this.infoHash, output.event);
      default:
        return unreachable(output);
    }
  }

  async #serve(link: LinkId, { piece, offset, length }: BlockRange): Promise<void> {
    const read = await this.#source.read(piece, offset, length);
    if (read.kind === 'unreadable') {
      return this.feed({ kind: 'block-unreadable', link, piece, offset, length, why: read.why });
    }
    this.#ports.get(link)?.send(encodePiece(piece, offset, read.bytes));
  }

  async #hashManifest({ link, preimage, shoalText }: Output & { kind: 'hash-manifest' }): Promise<void> {
    const infoHash = await sha256Hex(preimage);
    const shoalDigest =
      shoalText === null
        ? null
        : encodeBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', shoalText)));
    this.feed({ kind: 'manifest-hashed', link, infoHash, shoalDigest });
  }

  /** A manifest that cannot be kept costs the resuming after a reload, nothing else: pieces will say what is wrong. */
  async #keepManifest(manifest: Manifest): Promise<void> {
    const bytes = serialiseManifest(manifest);
    if (bytes === null) return;
    await this.#host.store.putShare({ infoHash: this.infoHash, manifest: bytes, addedAt: Date.now() });
  }

  async #hashPiece(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.feed({ kind: 'piece-hashed', piece, sha256: await sha256Hex(bytes) });
  }

  async #storePiece(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const outcome = await this.#writer.put(piece, bytes);
    if (outcome.kind === 'failed') return this.feed({ kind: 'store-failed', piece, why: outcome.why });
    this.feed({ kind: 'piece-stored', piece });
    // The store has a copy of its own.
    this.#memory.giveBack(bytes);
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => this.#break(error));
  }

  #break(error: unknown): void {
    if (this.#broken) return;
    this.#broken = true;
    clearTimeout(this.#timer);
    for (const port of this.#ports.values()) port.close();
    this.#ports.clear();
    this.#host.broke(this.infoHash, error);
  }

  /** One timer for the machine's next deadline; moved only when it comes earlier or has passed. */
  #sleep(now: number): void {
    const wakeAt = this.#engine.nextWakeup() ?? Infinity;
    if (wakeAt >= this.#wakeAt) return;
    clearTimeout(this.#timer);
    this.#wakeAt = wakeAt;
    this.#timer = setTimeout(() => this.#wake(), Math.max(0, wakeAt - now));
  }

  #wake(): void {
    this.#wakeAt = Infinity;
    this.feed({ kind: 'time-passed' });
  }
}
