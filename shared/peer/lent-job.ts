/**
 * One file that is fetched for others ([WS33]): its swarm, where this peer is a seed, and the server that its bytes come from.
 * Ends by itself when nobody is there, when nothing is asked for, or when the server cannot go on. Decides nothing else.
 */
import type { RangeTrouble } from '../engine/io.ts';
import { unhashedManifest } from '../manifest/unhashed.ts';
import type { WebFacts } from '../protocol/web-texts.ts';
import type { UrlFacts } from '../url/probe.ts';
import { validatorOf } from '../url/validator.ts';
import { LENT_ALONE_MS, LENT_IDLE_MS, LENT_LEFT_MS, LENT_LOOK_MS, LENT_QUIET_MS } from './limits.ts';
import { OriginSource } from './origin-source.ts';
import type { Clock, Digest, WebRanges } from './ports.ts';
import type { ShareDriver } from './share-driver.ts';
import type { SideSwarms } from './side-swarms.ts';
import { swarmOfUrl } from './web-swarm.ts';

export type LentEnd = RangeTrouble | 'alone' | 'idle' | 'limit' | 'stopped' | 'broken';

export interface LentJobHost {
  readonly sides: Pick<SideSwarms, 'join' | 'leave'>;
  readonly ports: { readonly clock: Clock; readonly digest: Digest };
  readonly web: WebRanges;
  readonly came: (bytes: number) => void;
  /** Told once, and nothing after it. */
  readonly ended: (why: LentEnd) => void;
}

export class LentJob {
  readonly facts: WebFacts;
  readonly #host: LentJobHost;
  #source: OriginSource | null = null;
  #driver: ShareDriver | null = null;
  #bytes = 0;
  #askedAt: number;
  #linkedAt: number;
  #over = false;
  #cancelLook: () => void = () => undefined;

  constructor(facts: WebFacts, host: LentJobHost) {
    this.facts = facts;
    this.#host = host;
    this.#askedAt = this.#linkedAt = host.ports.clock.now();
  }

  /** Bytes that came from the server. */
  get bytes(): number {
    return this.#bytes;
  }

  get peers(): number {
    return this.#driver?.snapshot().engine.peers.length ?? 0;
  }

  /** Nobody is there for it, and was not a moment ago. */
  get isAlone(): boolean {
    return this.peers === 0 && this.#host.ports.clock.now() - this.#linkedAt >= LENT_LEFT_MS;
  }

  /** Somebody may be there, and asks for nothing, as whoever only keeps the place. */
  get isQuiet(): boolean {
    return this.#host.ports.clock.now() - this.#askedAt >= LENT_QUIET_MS;
  }

  /** False: this peer is there already, for somebody or for its own person, or the file is none that can be shared. */
  async begin(found: UrlFacts): Promise<boolean> {
    const { sides, ports } = this.#host;
    const { url, name } = found;
    const manifest = unhashedManifest({ url, name, size: this.facts.size });
    if (manifest === null) return false;
    const source = new OriginSource({
      ...{ url, size: this.facts.size, validator: validatorOf(found), pieces: manifest.pieces },
      ...{ web: this.#host.web, clock: ports.clock },
      ahead: (mostBytes) => this.#driver?.upcoming(mostBytes) ?? [],
      came: (bytes) => this.#came(bytes),
      ended: (why) => this.#end(why),
    });
    this.#source = source;
    const infoHash = await swarmOfUrl(ports.digest, url);
    const web = { facts: this.facts, lends: true };
    const broke = (): void => this.#end('broken');
    const gaveWay = (): void => this.#end('stopped');
    const driver = await sides.join({ infoHash, manifest, owned: 'all', source, web, broke, gaveWay });
    if (driver !== null && this.#over) sides.leave(driver);
    if (driver === null || this.#over) return false;
    this.#driver = driver;
    this.#planLook();
    return true;
  }

  stop(why: 'limit' | 'stopped' | 'alone' | 'idle'): void {
    this.#end(why);
  }

  #came(bytes: number): void {
    this.#bytes += bytes;
    this.#askedAt = this.#host.ports.clock.now();
    this.#host.came(bytes);
  }

  #planLook(): void {
    this.#cancelLook = this.#host.ports.clock.after(LENT_LOOK_MS, () => this.#look());
  }

  #look(): void {
    const now = this.#host.ports.clock.now();
    if (this.peers > 0) this.#linkedAt = now;
    this.#source?.look();
    if (now - this.#linkedAt >= LENT_ALONE_MS) this.#end('alone');
    else if (now - this.#askedAt >= LENT_IDLE_MS) this.#end('idle');
    else this.#planLook();
  }

  #end(why: LentEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelLook();
    if (this.#driver !== null) this.#host.sides.leave(this.#driver);
    this.#source?.close();
    this.#host.ended(why);
  }
}
