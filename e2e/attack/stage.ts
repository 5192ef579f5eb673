/**
 * Where a page is attacked: a fresh server with the built page, the victim's browser, another one for the attacker and
 * for whoever is honest, and what happens there under each kind of attack. Tells times and what went wrong.
 */
import type { Page } from 'playwright/test';
import type { InfoHash } from '../../shared/ids.ts';
import { linkFragment, parseLink, swarmOf } from '../../shared/manifest/link.ts';
import { announce, connect, three } from '../../signal-server/testing/client.ts';
import { sha256Of } from '../files.ts';
import type { MadeFile } from '../files.ts';
import type { AttackerPage } from '../pages/attacker-page.ts';
import type { Order } from '../pages/hostile-speech.ts';
import type { Person } from '../person.ts';
import type { PageAttack, Scene } from './page-attacks.ts';
import { openOtherAddress } from './other-address.ts';
import type { OtherAddress } from './other-address.ts';
import { Target } from './target.ts';
import type { Felt, Victims } from './victim.ts';

declare const attacker: AttackerPage;

/** An honest transfer that takes longer is one that does not finish. */
const PATIENCE_MS = 60_000;
export const PIECE_BYTES = 262_144;

export interface Suffered {
  readonly felt: Felt;
  /** From the opening of the link to the saved file; null: it did not finish. */
  readonly transferMs: number | null;
  /** From the opening of the link to the list of files; null: not part of this. */
  readonly listMs: number | null;
  /** What there was of the attack. */
  readonly amount: string;
  readonly faults: readonly string[];
}

export interface StageParts {
  readonly victims: Victims;
  readonly others: Victims;
  /** Where the attacker's page is served. */
  readonly attackerUrl: string;
  readonly file: MadeFile;
  readonly pieces: number;
  readonly seconds: number;
}

type Happened = Omit<Suffered, 'amount' | 'faults'> & { readonly faults?: readonly string[] };

export class Stage {
  readonly #parts: StageParts;
  #target: Target;
  readonly #address: OtherAddress;
  readonly #people: Person[] = [];
  #attacker: Page | null = null;
  #ended: Promise<string> = Promise.resolve('');
  /** Why an honest transfer did not finish, where that is known. */
  #unfinished = '';

  private constructor(parts: StageParts, target: Target, address: OtherAddress) {
    this.#parts = parts;
    this.#target = target;
    this.#address = address;
  }

  /** The attack in its scene; or, for comparison, the scene alone. */
  static async play(
    parts: StageParts,
    { kind, scene }: Pick<PageAttack, 'kind' | 'scene'>,
  ): Promise<Suffered> {
    const target = await Target.start({ page: true });
    const address = await openOtherAddress(`${target.url.replace('http', 'ws')}/tracker`);
    const stage = new Stage(parts, target, address);
    try {
      return await stage.#play(kind, scene);
    } finally {
      await stage.#close();
    }
  }

  async #play(kind: PageAttack['kind'], scene: Scene): Promise<Suffered> {
    const victim = await this.#person(this.#parts.victims);
    const happened = await this.#scene(kind, scene, victim);
    const amount = await this.#ended;
    const exceptions = victim.complaints.filter(
      (complaint) => complaint.startsWith('exception') && !NO_FAULT.test(complaint),
    );
    const broke = (await victim.page.getByText('Something in this page broke').count()) > 0;
    const faults = [
      ...(happened.faults ?? []),
      ...exceptions,
      ...(broke ? ['the page says that it broke'] : []),
      ...(happened.transferMs === null ? [`an honest transfer did not finish${this.#unfinished}`] : []),
    ];
    return { ...happened, amount, faults };
  }

  #scene(kind: PageAttack['kind'], scene: Scene, victim: Person): Promise<Happened> {
    switch (scene.kind) {
      case 'sharing':
        return this.#sharing(kind, victim);
      case 'opening':
        return this.#opening(kind, victim);
      case 'hostile-link':
        return this.#hostileLink(kind, scene, victim);
      case 'theft':
        return this.#theft(victim);
    }
  }

  async #sharing(kind: PageAttack['kind'], victim: Person): Promise<Happened> {
    const link = await victim.share(this.#target.url, this.#parts.file.path);
    const receiver = await this.#person(this.#parts.others);
    const felt = await this.#parts.victims.watch(victim.page);
    if (kind !== null) await this.#attack(kind, { infoHash: infoHashIn(link), seconds: this.#parts.seconds });
    const transferMs = await this.#transfer(receiver, link);
    await this.#ended;
    return { felt: await felt(), transferMs, listMs: null };
  }

  async #opening(kind: PageAttack['kind'], victim: Person): Promise<Happened> {
    const sharer = await this.#person(this.#parts.others);
    const link = await sharer.share(this.#target.url, this.#parts.file.path);
    await victim.page.goto(this.#target.url);
    if (kind !== null) await this.#attack(kind, { infoHash: infoHashIn(link), seconds: Infinity });
    const felt = await this.#parts.victims.watch(victim.page);
    const begun = performance.now();
    let listMs = NaN;
    const transferMs = await this.#transfer(victim, link, () => (listMs = performance.now() - begun));
    const told = await felt();
    await this.#endAttack();
    return { felt: told, transferMs, listMs };
  }

  async #hostileLink(
    kind: PageAttack['kind'],
    { make, says }: Scene & { kind: 'hostile-link' },
    victim: Person,
  ): Promise<Happened> {
    const sharer = await this.#person(this.#parts.others);
    const honest = await sharer.share(this.#target.url, this.#parts.file.path);
    await victim.page.goto(this.#target.url);
    const felt = await this.#parts.victims.watch(victim.page);
    const { infoHash, bytes } = make();
    const faults: string[] = [];
    if (kind !== null) {
      await this.#attack(kind, { infoHash, seconds: Infinity, manifest: bytes.toString('base64') });
      await victim.page.goto(`${this.#target.url}/#${linkFragment(infoHash)}`);
      const said = victim.status.filter({ hasText: says }).waitFor({ timeout: PATIENCE_MS });
      if (!(await said.then(...TRUE_OR_FALSE)))
        faults.push(`the page says: ${await victim.status.textContent()}`);
    }
    const transferMs = await this.#transfer(victim, honest);
    const told = await felt();
    await this.#endAttack();
    return { felt: told, transferMs, listMs: null, faults };
  }

  async #theft(victim: Person): Promise<Happened> {
    const { port } = this.#target;
    const link = await victim.share(this.#target.url, this.#parts.file.path);
    const swarm = await swarmOf(infoHashIn(link));
    const watcher = await connect(port);
    watcher.say(announce(three, { swarm }));
    const id = (await watcher.hear('peers')).peers[0]?.peerId ?? three;
    const felt = await this.#parts.victims.watch(victim.page);
    await this.#target.stop();
    this.#target = await Target.start({ page: true, port });
    const thief = await connect(port);
    thief.say(announce(id, { swarm, left: 0 }));
    const transferMs = await this.#transfer(await this.#person(this.#parts.others), link);
    thief.close();
    return { felt: await felt(), transferMs, listMs: null };
  }

  /** From the link to the saved file, which is compared afterwards. */
  async #transfer(
    receiver: Person,
    link: string,
    listed: () => void = () => undefined,
  ): Promise<number | null> {
    const begun = performance.now();
    const work = (async () => {
      await receiver.page.goto(link);
      await receiver.button('Download').waitFor({ timeout: PATIENCE_MS });
      listed();
      const path = await (await receiver.download()).path();
      const ms = performance.now() - begun;
      return (await sha256Of(path)) === this.#parts.file.sha256 ? ms : null;
    })().catch((error: unknown) => {
      this.#unfinished = `: ${String(error)}`;
      return null;
    });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS, null)));
    // One that goes on would keep the process from ending.
    return Promise.race([work, late]).finally(() => clearTimeout(timer));
  }

  async #attack(
    kind: NonNullable<PageAttack['kind']>,
    about: Pick<Order, 'infoHash' | 'seconds' | 'manifest'>,
  ): Promise<void> {
    const { others, attackerUrl, pieces } = this.#parts;
    const page = await others.page();
    this.#attacker = page;
    await page.goto(attackerUrl);
    const order: Order = { ...about, tracker: this.#address.url, pieces, pieceBytes: PIECE_BYTES };
    await page.evaluate(([name, what]) => attacker.begin(name, what), [kind, order] as const);
    this.#ended = page.evaluate(() => attacker.ended());
  }

  async #endAttack(): Promise<void> {
    await this.#attacker?.evaluate(() => attacker.end());
  }

  async #person(browser: Victims): Promise<Person> {
    const person = await browser.person();
    this.#people.push(person);
    return person;
  }

  async #close(): Promise<void> {
    await this.#attacker?.context().close();
    await Promise.all(this.#people.map((person) => person.leave()));
    this.#address.close();
    await this.#target.stop();
  }
}

/** Firefox tells of a connection that came to nothing, or that ended with its page, as if it were an exception. */
const NO_FAULT =
  /ICE failed|was interrupted while the page was loading|establish a connection to the server at ws/;
const TRUE_OR_FALSE = [() => true, () => false] as const;

function infoHashIn(link: string): InfoHash {
  const parsed = parseLink(link);
  if (parsed.kind !== 'link') throw new Error(`${link} is no link.`);
  return parsed.infoHash;
}
