/**
 * The web seeds of one share ([WS1]–[WS4]): which there are, once the person agreed, what of their bytes is whose, and when
 * one that failed is asked again. Stands between them and the download, which asks them as it asks peers. Knows no HTTP.
 */
import type { Bitfield } from '../../bitfield.ts';
import type { Content } from '../content.ts';
import { linkId } from '../../ids.ts';
import type { PeerId } from '../../ids.ts';
import type { BlockRange } from '../../protocol/frames.ts';
import type { Random } from '../../random.ts';
import type { Source } from '../download/source.ts';
import type { Input, Output, WebSeedSnapshot } from '../io.ts';
import { hostOf, Layout, mirrorsOf } from './mirrors.ts';
import { WebSeed } from './web-seed.ts';
import type { Came } from './web-seed.ts';

export type WebInput = Input & { kind: 'web-seeds-allowed' | 'range-came' | 'range-ended' | 'range-failed' };

export interface WebSeedsOptions {
  /** Everybody who can be asked: web seeds are put among them. */
  readonly sources: Set<Source>;
  readonly random: Random;
}

export class WebSeeds {
  readonly #options: WebSeedsOptions;
  readonly #seeds: WebSeed[] = [];
  #content: Content | null = null;
  #allowed = false;
  #ranges = 0;
  /** Of those that may be asked no more. */
  #formerBytes = 0;
  /** What is told before the person agrees, of the manifest that is known. */
  #offered: readonly WebSeedSnapshot[] = [];

  constructor(options: WebSeedsOptions) {
    this.#options = options;
  }

  /** The manifest is known, and with it where the content can be had. */
  contentKnown(content: Content, now: number): void {
    this.#content = content;
    this.#offered = mirrorsOf(content.manifest).map((mirror) => {
      const [url = ''] = mirror.values();
      return { host: hostOf(url), state: 'not-allowed', trouble: null, down: 0, receivedBytes: 0 };
    });
    if (this.#allowed) this.#begin(content, now);
  }

  handle(input: WebInput, now: number, out: Output[]): void {
    if (input.kind === 'web-seeds-allowed') return this.#allow(input.allowed, now, out);
    const [content, seed] = [this.#content, this.#seeds.find((other) => other.isOut(input.range))];
    // It was given up, and this was on its way.
    if (content === null || seed === undefined) return;
    if (input.kind === 'range-came')
      return this.#tell(content, seed, seed.came(input.range, input.bytes), now, out);
    const [why, retryMs] = input.kind === 'range-failed' ? [input.why, input.retryMs] : [null, 0];
    const before = seed.has;
    const came = seed.ended(input.range, why, retryMs, now);
    if (seed.has !== before) {
      content.download.recount(before, seed.has, content.pieceCount);
      if (why !== null)
        out.push({ kind: 'report', event: { kind: 'address-lost', host: hostOf(seed.url), why } });
    }
    this.#tell(content, seed, came, now, out);
    if (seed.choked) content.download.choked(seed, out);
  }

  /** [RQ5] Who is silent for too long; who may be asked again. */
  tick(now: number, out: Output[]): void {
    const content = this.#content;
    if (content === null) return;
    for (const seed of this.#seeds) {
      if (seed.isBusy && content.download.requests.expire(seed, now, out)) {
        seed.timedOut(now);
        content.download.choked(seed, out);
      }
      if (now < seed.retryAt) continue;
      seed.retry();
      content.download.unchoked(seed);
    }
  }

  /** At the end of a step, when all is asked for that is asked for in it. */
  flush(out: Output[]): void {
    for (const seed of this.#seeds) seed.flush(out);
  }

  /** [PL5] False: it is nobody here. */
  expel(peer: PeerId, out: Output[]): boolean {
    const [seed, content] = [this.#seeds.find((other) => other.peer === peer), this.#content];
    if (seed === undefined || content === null) return false;
    const before = seed.has;
    content.download.requests.cancelAll(seed, out);
    seed.giveUpAll('other-content');
    content.download.recount(before, seed.has, content.pieceCount);
    return true;
  }

  /** [WS24] What is measured of them. */
  standing(now: number): { fromServer: number; isBusy: boolean } {
    const fromServer = this.#seeds.reduce((sum, seed) => sum + seed.pipeline.rate(now), 0);
    return { fromServer, isBusy: this.isBusy };
  }

  /** [WS24] From now on they are asked to begin these pieces alone; null: all. What is asked for stays so. */
  spare(pieces: Bitfield | null): void {
    const content = this.#content;
    if (content === null) return;
    for (const seed of this.#seeds) {
      const before = seed.has;
      if (!seed.spare(pieces)) continue;
      content.download.recount(before, seed.has, content.pieceCount);
      content.download.mayAsk(seed);
    }
  }

  /** Is it one of them, who sends what the server has? */
  has(peer: PeerId): boolean {
    return this.#seeds.some((seed) => seed.peer === peer);
  }

  /** [WS22] Orders a part of one file beside what is missing, of the first that may be asked now. Null: none may. */
  order(block: BlockRange, out: Output[]): number | null {
    const [content, seed] = [this.#content, this.#seeds.find((one) => !one.isGone && !one.choked)];
    if (content === null || seed === undefined) return null;
    return seed.order(block, out);
  }

  /** When one of them has to be looked at without being asked, in ms; Infinity: never. */
  get dueAt(): number {
    return Math.min(Infinity, ...this.#seeds.map((seed) => seed.retryAt));
  }

  /** Some range is out: somebody has to look whether it goes on. */
  get isBusy(): boolean {
    return this.#seeds.some((seed) => seed.isBusy);
  }

  /** Payload that came from all of them, since the share was opened. */
  get receivedBytes(): number {
    return this.#seeds.reduce((sum, { pipeline }) => sum + pipeline.receivedBytes, this.#formerBytes);
  }

  snapshot(now: number): readonly WebSeedSnapshot[] {
    if (!this.#allowed) return this.#offered;
    return this.#seeds.map((seed) => ({
      host: hostOf(seed.url),
      state: seed.isGone ? 'gone' : seed.choked ? 'waiting' : seed.isBusy ? 'asked' : 'idle',
      trouble: seed.trouble,
      down: seed.pipeline.rate(now),
      receivedBytes: seed.pipeline.receivedBytes,
    }));
  }

  #allow(allowed: boolean, now: number, out: Output[]): void {
    if (allowed === this.#allowed) return;
    this.#allowed = allowed;
    const content = this.#content;
    if (content === null) return;
    if (allowed) this.#begin(content, now);
    else this.#end(content, out);
  }

  #begin(content: Content, now: number): void {
    const { manifest, download, pieceCount } = content;
    const layout = new Layout(manifest);
    const sizes = manifest.files.map(({ size }) => size);
    for (const [nth, mirror] of mirrorsOf(manifest).entries()) {
      const seed = new WebSeed({
        link: linkId(-1 - nth), // a driver's are numbered from 1 on
        peer: this.#newId(),
        mirror,
        layout,
        sizes,
        nextRange: () => ++this.#ranges,
        now,
      });
      this.#seeds.push(seed);
      this.#options.sources.add(seed);
      download.recount(null, seed.has, pieceCount);
      download.greeted(seed);
    }
    download.mayAskAll();
  }

  #end({ download, pieceCount }: Content, out: Output[]): void {
    this.#formerBytes = this.receivedBytes;
    for (const seed of this.#seeds.splice(0)) {
      download.requests.cancelAll(seed, out);
      download.closed(seed);
      download.recount(seed.has, null, pieceCount);
      this.#options.sources.delete(seed);
    }
    download.mayAskAll();
  }

  #tell({ download }: Content, seed: WebSeed, { blocks, rejected }: Came, now: number, out: Output[]): void {
    for (const block of blocks) download.requests.blockCame(seed, block, now, out);
    for (const range of rejected) download.requests.rejected(seed, range, out);
    if (rejected.length > 0) download.mayAskAll();
    else if (blocks.length > 0) download.mayAsk(seed);
  }

  /** Who answers for what it sends is known by it as a peer is by its id. */
  #newId(): PeerId {
    const digits = Array.from({ length: 8 }, () =>
      this.#options.random.uint32().toString(16).padStart(8, '0'),
    );
    return digits.join('') as PeerId;
  }
}
