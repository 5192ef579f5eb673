/**
 * Drives one share's machine ([WK1]): performs every Output with the ports, and feeds back what came of it. One
 * exhaustive switch, no protocol. A broken invariant stops the share: nothing is performed after it.
 */
import { unreachable } from '../assert.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import { Engine } from '../engine/engine.ts';
import type { EngineConfig } from '../engine/engine.ts';
import type { EngineSnapshot, Input, LinkRole, Output, Report } from '../engine/io.ts';
import { OWNED } from '../engine/pieces/ledger.ts';
import { PieceMemory } from '../engine/pieces/memory.ts';
import { linkId } from '../ids.ts';
import type { InfoHash, LinkId, PeerId } from '../ids.ts';
import { serialiseManifest } from '../manifest/resource.ts';
import type { Manifest } from '../manifest/resource.ts';
import { encodePiece, pieceFrameBytes } from '../protocol/codec.ts';
import type { BlockRange } from '../protocol/frames.ts';
import { Adopter } from './adopter.ts';
import type { BlockSource } from './block-sources.ts';
import { sha256Base64url, sha256Hex } from './digests.ts';
import { joinedSends } from './joined-sends.ts';
import type { Clock, Digest, Link, LinkPath, WebRanges } from './ports.ts';
import type { PieceStore } from './piece-store.ts';
import { INTERRUPTED_MS, RETRY_PUT_MS } from './limits.ts';
import { RangeFetches } from './range-fetches.ts';
import { ReadAhead } from './read-ahead.ts';
import { STILL } from './still.ts';
import { StoreWriter, isFull, isUnavailable } from './store-writer.ts';
import { Wakeup } from './wakeup.ts';

/** Who keeps the store in order. */
export interface StoreCare {
  /** Pieces are being received, hashed, stored or sent. */
  moved(): void;
  stored(): void;
  /** The store has no room. True: something was removed. */
  makesRoom(): Promise<boolean>;
}

/** What a share's driver needs of the peer around it. */
export interface DriverHost {
  readonly clock: Clock;
  readonly digest: Digest;
  readonly store: PieceStore;
  readonly care: StoreCare;
  /** Left out: this platform asks no servers. */
  readonly webRanges?: WebRanges;
  dial(peer: PeerId): void;
  giveUp(peer: PeerId): void;
  announce(announce: Output & { kind: 'announce' }): void;
  /** Something a person sees may have changed. */
  changed(): void;
  reported(event: Report): void;
  /** So many bytes of a piece went to that peer. Called very often. */
  sent(peer: PeerId, piece: number, bytes: number): void;
  /** A fault of ours: the share does nothing any more. */
  broke(error: unknown): void;
  /** It has left its swarm, or is in it again ([HL50]). */
  swarmChanged(): void;
}

export interface DriverSnapshot {
  readonly engine: EngineSnapshot;
  /** How what goes between us and each peer travels. */
  readonly paths: ReadonlyMap<PeerId, LinkPath>;
  readonly broken: boolean;
}

export class ShareDriver {
  readonly infoHash: InfoHash;
  readonly #engine: Engine;
  readonly #host: DriverHost;
  readonly #source: BlockSource;
  readonly #readAhead: ReadAhead;
  readonly #writer: StoreWriter;
  readonly #adopter: Adopter;
  readonly #memory = new PieceMemory();
  readonly #links = new Map<LinkId, { readonly peer: PeerId; readonly link: Link }>();
  readonly #ranges: RangeFetches;
  #linkCount = 0;
  readonly #wakeup: Wakeup;
  #broken = false;
  #wasInSwarm: boolean;
  /** [ST14] When the browser ended the store last. */
  #interruptedAt = -Infinity;
  /** The store had no room for it. */
  #unkept: Manifest | null = null;
  /** What was so when the machine last answered. */
  #last: EngineSnapshot;

  constructor(
    config: Omit<EngineConfig, 'allocate' | 'findsContent' | 'mostUnstoredBytes'>,
    source: BlockSource,
    host: DriverHost,
  ) {
    this.infoHash = config.infoHash;
    this.#engine = new Engine({
      ...{ ...config, findsContent: true, allocate: this.#memory.allocate },
      mostUnstoredBytes: host.store.mostWaitingBytes ?? Infinity,
    });
    this.#source = source;
    this.#readAhead = new ReadAhead(source);
    this.#host = host;
    this.#wakeup = new Wakeup(host.clock, () => this.feed({ kind: 'time-passed' }));
    this.#writer = new StoreWriter(host.store, config.infoHash, host.clock);
    this.#adopter = new Adopter(host.store, host.digest, config.infoHash);
    this.#ranges = new RangeFetches(host.webRanges, config.web?.facts, (input) => this.feed(input));
    this.#last = this.#engine.snapshot(host.clock.now());
    this.#wasInSwarm = this.#engine.isInSwarm;
  }

  feed(input: Input): void {
    if (this.#broken) return;
    try {
      const now = this.#host.clock.now();
      for (const output of joinedSends(this.#engine.handle(input, now))) this.#perform(output);
      this.#wakeup.next(this.#engine.nextWakeup(), now);
    } catch (error) {
      this.#break(error);
    }
    this.#host.changed();
    if (this.isInSwarm !== this.#wasInSwarm) this.#swarmChanged();
  }

  availability(): Uint8Array<ArrayBuffer> {
    return this.#engine.availability();
  }

  /** [WS34] */
  upcoming(mostBytes: number): readonly BlockRange[] {
    return this.#broken ? [] : this.#engine.upcoming(mostBytes);
  }

  snapshot(): DriverSnapshot {
    if (!this.#broken) this.#takeSnapshot();
    const paths = new Map([...this.#links.values()].map(({ peer, link }) => [peer, link.path]));
    return { engine: this.#last, paths, broken: this.#broken };
  }

  /** It is stopped, or there is something that could not be read and can be tried again ([UP7]). */
  get canResume(): boolean {
    const { engine } = this.snapshot();
    return engine.phase === 'stopped' || engine.unreadable !== null;
  }

  /** Of all pieces, as far as they are known ([WS20]). */
  get pieceHashes(): readonly string[] {
    return this.#engine.pieceHashes();
  }

  /** [PK4] The files that are wanted; null: all. */
  get files(): ChosenFiles {
    return this.#engine.files;
  }

  /** [SW3] Whether a connection that this peer begins may come to something. */
  welcomes(peer: PeerId): boolean {
    return !this.#broken && this.#engine.welcomes(peer);
  }

  /** Links may be made for it. */
  get isInSwarm(): boolean {
    return !this.#broken && this.#engine.isInSwarm;
  }

  isLinked(peer: PeerId): boolean {
    return this.#engine.isLinked(peer);
  }

  /** `greeted`: both have shaken hands on it already, and this is what the peer is called here ([HL51]). */
  linkOpened(peer: PeerId, role: LinkRole, link: Link, greeted = false): void {
    if (this.#broken) return link.close();
    const id = linkId(++this.#linkCount);
    this.#links.set(id, { peer, link });
    link.listen({
      received: (bytes, subflow = 0) => {
        this.#host.care.moved();
        this.feed({ kind: 'bytes-received', link: id, bytes, subflow });
      },
      subflowEnded: (subflow, lost) => this.feed({ kind: 'subflow-ended', link: id, subflow, lost }),
      sent: (bytes) => this.feed({ kind: 'bytes-sent', link: id, bytes }),
      closed: (why) => {
        this.#links.delete(id);
        this.feed({ kind: why === 'flooded' ? 'link-flooded' : 'link-closed', link: id });
      },
    });
    this.feed({ kind: 'link-opened', link: id, role, expected: peer, greeted });
  }

  /** [ST14] Of what is owned some may have gone from the store. `pauses`: what was complete is not fetched again by itself. */
  async storeInterrupted(pauses: boolean): Promise<void> {
    const { store, clock } = this.#host;
    this.#interruptedAt = clock.now();
    const { manifest, pieces } = this.snapshot().engine;
    if (manifest !== null && (await store.share(this.infoHash)) === null) await this.keepManifest(manifest);
    if (this.#broken) return;
    if (!this.#source.isStored) return;
    const owned = [...pieces.keys()].filter((piece) => pieces[piece] === OWNED);
    const stored = new Set(await store.ownedPieces(this.infoHash));
    const lost = owned.filter((piece) => !stored.has(piece));
    if (lost.length > 0) this.feed({ kind: 'pieces-lost', pieces: lost, pauses });
    // What failed meanwhile failed for that.
    const { trouble } = this.snapshot().engine;
    if (trouble?.kind === 'store' && trouble.why === 'unavailable') this.feed({ kind: 'download-requested' });
  }

  /** Nothing is done for the share any more, and nobody is told. Settles when what was being written is written. */
  async close(): Promise<void> {
    this.#broken = true;
    this.#wakeup.close();
    const written = [this.#writer.close(), this.#adopter.close()];
    for (const { link } of this.#links.values()) link.close();
    this.#links.clear();
    this.#ranges.close();
    await Promise.all(written);
  }

  #takeSnapshot(): void {
    try {
      this.#last = this.#engine.snapshot(this.#host.clock.now());
    } catch (error) {
      this.#break(error);
    }
  }

  #perform(output: Output): void {
    switch (output.kind) {
      case 'send':
        return this.#links.get(output.link)?.link.send(output.bytes);
      case 'serve-block':
        return this.#run(this.#serve(output));
      case 'read-ahead':
        return this.#run(this.#readAhead.read(output.piece, output.sha256));
      case 'close-link':
        this.#links.get(output.link)?.link.close();
        this.#links.delete(output.link);
        return;
      case 'fetch-range':
        return this.#ranges.fetch(output);
      case 'abort-range':
        return this.#ranges.abort(output.range);
      case 'dial':
        return this.#host.dial(output.peer);
      case 'give-up-dial':
        return this.#host.giveUp(output.peer);
      case 'announce':
        return this.#host.announce(output);
      case 'hash-manifest':
        return this.#run(this.#hashManifest(output));
      case 'keep-manifest':
        return this.#run(this.keepManifest(output.manifest));
      case 'hash-piece':
        return this.#run(this.#hashPiece(output.piece, output.bytes));
      case 'store-piece':
        return this.#run(this.#storePiece(output));
      case 'look-up-pieces':
        return this.#run(this.#lookUp(output));
      case 'adopt-pieces':
        return this.#run(this.#adopt(output));
      case 'report':
        return this.#host.reported(output.event);
      default:
        return unreachable(output);
    }
  }

  async #serve({ link, piece, offset, length, sha256 }: Output & { kind: 'serve-block' }): Promise<void> {
    this.#host.care.moved();
    const read = await this.#source.read(piece, offset, length, sha256);
    if (read.kind === 'unreadable') {
      const { why, file = null } = read;
      return this.feed({ kind: 'block-unreadable', link, piece, offset, length, why, file });
    }
    const open = this.#links.get(link);
    if (open === undefined) return;
    open.link.send(encodePiece(piece, offset, read.bytes, open.link.frame?.(pieceFrameBytes(length))), true);
    this.#host.sent(open.peer, piece, read.bytes.length);
  }

  async #hashManifest({ link, preimage, shoalText }: Output & { kind: 'hash-manifest' }): Promise<void> {
    const { digest } = this.#host;
    const infoHash = await sha256Hex(digest, preimage);
    const shoalDigest = shoalText === null ? null : await sha256Base64url(digest, shoalText);
    this.feed({ kind: 'manifest-hashed', link, infoHash, shoalDigest });
  }

  /** A manifest that cannot be kept costs the resuming after a reload, nothing else: pieces will say what is wrong. */
  async keepManifest(manifest: Manifest): Promise<void> {
    const bytes = serialiseManifest(manifest);
    if (bytes === null || this.#broken) return;
    const { store, clock } = this.#host;
    const kept = await store.putShare({ infoHash: this.infoHash, manifest: bytes, addedAt: clock.today() });
    this.#unkept = isFull(kept) ? manifest : null;
  }

  async #hashPiece(piece: number, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.feed({ kind: 'piece-hashed', piece, sha256: await sha256Hex(this.#host.digest, bytes) });
  }

  async #storePiece({ piece, sha256, bytes, awaitedBytes }: Output & { kind: 'store-piece' }): Promise<void> {
    if (this.#broken) return;
    this.#host.care.moved();
    let outcome = await this.#writer.put({ piece, sha256, bytes }, awaitedBytes);
    if (isFull(outcome) && (await this.#host.care.makesRoom())) {
      outcome = await this.#writer.put({ piece, sha256, bytes });
    }
    while (isUnavailable(outcome) && this.#isJustInterrupted) {
      await new Promise<void>((passed) => this.#host.clock.after(RETRY_PUT_MS, passed));
      if (this.#broken) return;
      outcome = await this.#writer.put({ piece, sha256, bytes });
    }
    if (outcome.kind === 'failed') return this.feed({ kind: 'store-failed', piece, why: outcome.why });
    this.#host.care.stored();
    // [UI17] Where there is room for a piece there is for the manifest, without which it is worth nothing later.
    if (this.#unkept !== null) await this.keepManifest(this.#unkept);
    this.feed({ kind: 'piece-stored', piece });
    // The store has a copy of its own.
    this.#memory.reuse(bytes);
  }

  async #lookUp({ pieces }: Output & { kind: 'look-up-pieces' }): Promise<void> {
    this.feed({ kind: 'pieces-looked-up', ...(await this.#adopter.lookUp(pieces)) });
  }

  async #adopt(content: Output & { kind: 'adopt-pieces' }): Promise<void> {
    const { care } = this.#host;
    care.moved();
    let outcome = await this.#adopter.adopt(content);
    if (outcome.kind === 'refused' && (await care.makesRoom())) outcome = await this.#adopter.adopt(content);
    care.moved();
    const asked = content.pieces;
    if (outcome.kind === 'refused') this.feed({ kind: 'adoption-refused', asked });
    else this.feed({ kind: 'pieces-adopted', asked, adopted: outcome.pieces });
  }

  get #isJustInterrupted(): boolean {
    return this.#host.clock.now() - this.#interruptedAt < INTERRUPTED_MS;
  }

  #run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      this.#break(error);
      this.#host.changed();
    });
  }

  #swarmChanged(): void {
    this.#wasInSwarm = this.isInSwarm;
    this.#host.swarmChanged();
  }

  #break(error: unknown): void {
    if (this.#broken) return;
    void this.close();
    // What is here stays; nothing moves any more.
    this.#last = { ...this.#last, ...STILL };
    this.#host.broke(error);
    if (this.#wasInSwarm) this.#swarmChanged();
  }
}
