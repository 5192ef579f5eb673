/**
 * What this peer fetches for others, where its person lends the connection ([WS32] [WS33] [WS35]): which jobs it takes, and
 * when all of that ends. Asks a server only about what somebody asked for, and only by the rules of its person and of the
 * platform. What one job does is lent-job.ts's.
 */
import { Allowance } from '../allowance.ts';
import type { PeerId } from '../ids.ts';
import { isSameFile } from '../protocol/web-texts.ts';
import type { JobAnswer, WebFacts, WebFound, WebJob } from '../protocol/web-texts.ts';
import { normalUrl } from '../url/normal-form.ts';
import type { UrlFacts } from '../url/probe.ts';
import type { LendersSwarm } from './lenders-swarm.ts';
import { LentJob } from './lent-job.ts';
import type { LentEnd } from './lent-job.ts';
import { LentToday } from './lent-today.ts';
import { LENT_PROBES_A_SECOND, LENT_PROBES_AT_ONCE, MOST_LENT_BYTES, MOST_LENT_JOBS } from './limits.ts';
import type { PeerPorts } from './ports.ts';
import type { Settings, SettingsBook } from './settings.ts';
import type { SideSwarms } from './side-swarms.ts';

/** What the person lends. */
export interface LendTerms {
  readonly lends: boolean;
  /** A day; null: no limit. */
  readonly dailyBytes: number | null;
  /** These and what lies below them; empty: all. */
  readonly hosts: readonly string[];
  readonly mostJobs: number;
}

export type LendEvent =
  | { kind: 'began'; url: string; bytes: number }
  | { kind: 'refused'; url: string; answer: JobAnswer }
  /** `bytes`: that came from the server. */
  | { kind: 'ended'; url: string; why: LentEnd; bytes: number };

export interface LendingState {
  readonly lends: boolean;
  readonly jobs: readonly { readonly url: string; readonly bytes: number; readonly peers: number }[];
  readonly todayBytes: number;
}

export interface LendingHost {
  readonly sides: Pick<SideSwarms, 'join' | 'leave'>;
  readonly swarm: () => Pick<LendersSwarm, 'lends' | 'answer'>;
  readonly settings: Pick<SettingsBook, 'change'>;
}

interface Asked {
  /** Null: its server is being asked. */
  job: LentJob | null;
  /** What stands there; null: it is being asked. */
  found: WebFound | null;
  /** Whether each of them knew that. */
  readonly askers: Map<PeerId, boolean>;
}

export class Lending {
  readonly #ports: PeerPorts;
  readonly #host: LendingHost;
  readonly #today: LentToday;
  readonly #probes = new Allowance(LENT_PROBES_AT_ONCE, LENT_PROBES_A_SECOND);
  readonly #asked = new Map<string, Asked>();
  readonly #watchers = new Set<(event: LendEvent) => void>();
  #terms: LendTerms = { lends: false, dailyBytes: null, hosts: [], mostJobs: MOST_LENT_JOBS };
  /** Who runs this peer says what is lent, whatever the settings say. */
  #isSaid = false;
  #closed = false;

  constructor(ports: PeerPorts, host: LendingHost) {
    this.#ports = ports;
    this.#host = host;
    this.#today = new LentToday(ports.clock, host.settings);
  }

  /** As the person has set it. */
  set({ lend, lendDailyBytes, lendHosts, lent }: Settings): void {
    this.#today.read(lent);
    if (this.#isSaid) return;
    const terms = { lends: lend, dailyBytes: lendDailyBytes, hosts: lendHosts, mostJobs: MOST_LENT_JOBS };
    this.#become(terms);
  }

  /** In place of what is set, while this peer lives. */
  lend(terms: Omit<LendTerms, 'lends'>): void {
    this.#isSaid = true;
    this.#become({ ...terms, lends: true });
  }

  /** The answer ends it. */
  watch(told: (event: LendEvent) => void): () => void {
    this.#watchers.add(told);
    return () => this.#watchers.delete(told);
  }

  get state(): LendingState {
    const jobs = [...this.#asked].flatMap(([url, { job }]) =>
      job === null ? [] : [{ url, bytes: job.bytes, peers: job.peers }],
    );
    return { lends: this.#terms.lends, jobs, todayBytes: this.#today.bytes };
  }

  /** [WS32] Somebody asks for it. */
  async asked(peer: PeerId, { url, facts }: WebJob): Promise<void> {
    const known = this.#asked.get(url);
    const refusal = this.#refusalOf(url, facts, known);
    if (refusal !== null) return this.#refuse([peer], url, refusal);
    if (known !== undefined) {
      known.askers.set(peer, facts !== null);
      if (known.job !== null) this.#took(url, known, peer);
      return;
    }
    const asked: Asked = { job: null, found: null, askers: new Map([[peer, facts !== null]]) };
    this.#asked.set(url, asked);
    const answer = await this.#begin(url, facts, asked);
    // It may have ended before it began.
    if (answer !== 'taken') {
      if (this.#asked.get(url) === asked) this.#asked.delete(url);
      return this.#refuse(asked.askers.keys(), url, answer);
    }
    for (const asker of asked.askers.keys()) this.#took(url, asked, asker);
    this.#tell({ kind: 'began', url, bytes: asked.found?.size ?? 0 });
  }

  #took(url: string, { found, askers }: Asked, asker: PeerId): void {
    this.#host.swarm().answer(asker, url, 'taken', askers.get(asker) === false ? found : null);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stopAll('stopped');
    await this.#today.close();
  }

  /** Whether the network may be used for others changed, perhaps. */
  look(): void {
    const { lends } = this.#terms;
    this.#host.swarm().lends(lends && this.#mayLend && !this.#closed);
    if (!lends || !this.#mayLend) this.#stopAll('stopped');
    else if (this.#isOverLimit) this.#stopAll('limit');
  }

  #become(terms: LendTerms): void {
    this.#terms = terms;
    this.look();
    for (const [url, { job }] of this.#asked) if (!this.#isHostLent(url)) job?.stop('stopped');
  }

  get #mayLend(): boolean {
    const { webRanges, urlProbe, mayLend } = this.#ports;
    return webRanges !== undefined && urlProbe !== undefined && mayLend?.() !== false;
  }

  get #isOverLimit(): boolean {
    const { dailyBytes } = this.#terms;
    return dailyBytes !== null && this.#today.bytes >= dailyBytes;
  }

  /** Null: nothing is in the way, as far as it can be told without asking the server. */
  #refusalOf(url: string, facts: WebFacts | null, known: Asked | undefined): JobAnswer | null {
    if (this.#closed || !this.#terms.lends || !this.#mayLend || this.#isOverLimit) return 'full';
    const normal = normalUrl(url, this.#ports.mayAskHost);
    if (normal.kind === 'refused' || normal.url !== url || !this.#isHostLent(url)) return 'not-this-host';
    if (facts !== null && !isLendable(facts)) return 'cannot-reach';
    if (known !== undefined)
      return known.job === null || facts === null || isSameFile(known.job.facts, facts) ? null : 'other-file';
    if (this.#jobs >= this.#terms.mostJobs && !this.#makeRoom()) return 'full';
    return this.#probes.take(1, this.#ports.clock.now()) ? null : 'full';
  }

  /** Servers that are being asked about keep nobody from being heard: they may never answer. */
  get #jobs(): number {
    return [...this.#asked.values()].filter(({ job }) => job !== null).length;
  }

  /** False: somebody is there for each of them, or may still come. */
  #makeRoom(): boolean {
    const jobs = [...this.#asked.values()].map(({ job }) => job);
    const alone = jobs.find((job) => job?.isAlone === true);
    const quiet = jobs.find((job) => job?.isQuiet === true);
    if (alone !== undefined) alone?.stop('alone');
    else quiet?.stop('idle');
    return alone !== undefined || quiet !== undefined;
  }

  #isHostLent(url: string): boolean {
    const { hosts } = this.#terms;
    const host = /^https?:\/\/([^/:]+|\[[^\]]*\])/.exec(url)?.[1] ?? '';
    return hosts.length === 0 || hosts.some((lent) => host === lent || host.endsWith(`.${lent}`));
  }

  async #begin(url: string, wanted: WebFacts | null, asked: Asked): Promise<JobAnswer> {
    const { urlProbe, webRanges: web } = this.#ports;
    if (urlProbe === undefined || web === undefined) return 'cannot-reach';
    const outcome = await urlProbe.probe(url);
    if (outcome.kind === 'refused' || !outcome.facts.ranges) return 'cannot-reach';
    const found = webFactsOf(outcome.facts);
    if (found === null || !isLendable(found)) return 'cannot-reach';
    if (wanted !== null && !isSameFile(found, wanted)) return 'other-file';
    if (!this.#isHostLent(outcome.facts.finalUrl)) return 'not-this-host';
    // Things may have changed while the server was asked.
    if (this.#closed || !this.#terms.lends || this.#isOverLimit || !this.#isHostLent(url)) return 'full';
    if (this.#jobs >= this.#terms.mostJobs && !this.#makeRoom()) return 'full';
    const job: LentJob = new LentJob(found, {
      ...{ sides: this.#host.sides, ports: this.#ports, web },
      came: (bytes) => {
        this.#today.add(bytes);
        if (this.#isOverLimit) this.#stopAll('limit');
      },
      ended: (why) => this.#ended(url, job, why),
    });
    asked.job = job;
    asked.found = { ...found, name: outcome.facts.name };
    return (await job.begin(outcome.facts)) ? 'taken' : 'full';
  }

  #ended(url: string, job: LentJob, why: LentEnd): void {
    const asked = this.#asked.get(url);
    if (asked?.job !== job) return;
    this.#asked.delete(url);
    for (const asker of asked.askers.keys()) this.#host.swarm().answer(asker, url, 'done');
    this.#tell({ kind: 'ended', url, why, bytes: job.bytes });
  }

  #stopAll(why: 'limit' | 'stopped'): void {
    for (const { job } of [...this.#asked.values()]) job?.stop(why);
  }

  #refuse(peers: Iterable<PeerId>, url: string, answer: JobAnswer): void {
    for (const peer of peers) this.#host.swarm().answer(peer, url, answer);
    this.#tell({ kind: 'refused', url, answer });
  }

  #tell(event: LendEvent): void {
    for (const told of this.#watchers) told(event);
  }
}

function isLendable({ size }: WebFacts): boolean {
  return size > 0 && size <= MOST_LENT_BYTES;
}

/** Null: the server does not say how long it is. */
function webFactsOf({ size, etag, lastModified }: UrlFacts): WebFacts | null {
  return size === null ? null : { size, etag: etag?.startsWith('"') === true ? etag : null, lastModified };
}
