/**
 * Files at bare web addresses ([WS20]): asks what is there, joins the swarm of the address, has those who lend their
 * connection fetch it, too, and makes an ordinary share of it when all of it is here. A file that changed meanwhile begins
 * anew. Owns what was asked for and is not a share yet; knows no machine.
 */
import type { RangeTrouble, Report } from '../engine/io.ts';
import type { InfoHash } from '../ids.ts';
import type { Manifest, ManifestPiece } from '../manifest/manifest.ts';
import { UNHASHED, unhashedManifest } from '../manifest/unhashed.ts';
import { seededRandom } from '../random.ts';
import { isSameFile } from '../protocol/web-texts.ts';
import { normalUrl } from '../url/normal-form.ts';
import { saferName } from '../url/file-name.ts';
import type { ProbeRefusal, ProbeRefused, UrlFacts } from '../url/probe.ts';
import type { WebFile, WebOrigin } from './library-store.ts';
import { madeBefore } from './made-before.ts';
import { madeOfWeb } from './made-of-web.ts';
import type { PeerPorts } from './ports.ts';
import { isAsServerHas } from './kept-looks.ts';
import { storedDigest } from './stored-hashes.ts';
import { streamedFile } from './streamed-file.ts';
import type { StreamProgress } from './streamed-file.ts';
import type { OpenShare } from './teller.ts';
import type { FetchOutcome } from './verbs.ts';
import { factsOf, nowOf, strong } from './web-facts.ts';
import type { WebFilesHost } from './web-files-host.ts';
import { WebPassingOn } from './web-passing-on.ts';
import { swarmOfUrl } from './web-swarm.ts';

/** [WS36] What is in the way of this peer alone. */
const FOR_OTHERS: ReadonlySet<ProbeRefusal> = new Set<ProbeRefusal>([
  'no-cors',
  'mixed-content',
  'not-from-here',
]);
/** ms until a server is asked again that said in between that it has another file, and has not. */
const ASKED_AGAIN_MS = 10_000;
/** ms until it is tried again to make a share where there was no room. */
const NO_ROOM_RETRY_MS = 5_000;

type Ports = Pick<
  PeerPorts,
  | 'clock'
  | 'digest'
  | 'entropy'
  | 'wholeDigest'
  | 'store'
  | 'urlProbe'
  | 'urlStream'
  | 'webRanges'
  | 'mayAskHost'
>;

export class WebFiles {
  readonly passingOn: WebPassingOn;
  readonly #ports: Ports;
  readonly #host: WebFilesHost;
  /** Those that are open, each with what it was asked for. */
  readonly #open = new Map<InfoHash, WebFile>();
  /** Being made a share, or looked at anew. */
  readonly #busy = new Set<InfoHash>();
  /** All of them is here and was looked at: they can be made shares. */
  readonly #through = new Set<InfoHash>();
  /** How often streams were given up. */
  #cancellations = 0;

  constructor(ports: Ports, host: WebFilesHost) {
    this.#ports = ports;
    this.#host = host;
    this.passingOn = new WebPassingOn(ports, host.sides);
  }

  /** Begins to load what is at an address, or goes on with it. `sha256`: what the person knows of it. */
  async fetch(
    text: string,
    sha256: string | null = null,
    progressed: (progress: StreamProgress) => void = () => undefined,
  ): Promise<FetchOutcome> {
    const { urlProbe, mayAskHost, digest } = this.#ports;
    const normal = normalUrl(text, mayAskHost);
    if (normal.kind === 'refused') return { kind: 'no-address', why: normal.why };
    const infoHash = await swarmOfUrl(digest, normal.url);
    const expected = sha256 ?? normal.sha256;
    if ((await this.#host.keeper.entry(infoHash)) !== null) return this.#goOn(infoHash, expected);
    const found = await urlProbe?.probe(normal.url);
    const seen = found?.kind === 'facts' ? found.facts : null;
    const here = await madeBefore(
      { url: normal.url, facts: seen, sha256: expected },
      this.#host,
      this.#ports,
    );
    if (here !== null) return { kind: 'here', infoHash: here };
    if (found === undefined || (found.kind === 'refused' && FOR_OTHERS.has(found.why)))
      return this.#beginByOthers(infoHash, normal.url, expected, found ?? null);
    if (found.kind === 'refused') return { kind: 'not-there', refusal: found };
    const { facts } = found;
    if (facts.size === null || !facts.ranges) return this.#stream(infoHash, facts, expected, progressed);
    return this.#begin(infoHash, normal.url, facts, expected);
  }

  /** It is being loaded. What the person knows of it they may know only now. */
  async #goOn(infoHash: InfoHash, sha256: string | null): Promise<FetchOutcome> {
    if (sha256 !== null) {
      await this.#host.keeper.expects(infoHash, sha256);
      const share = await this.#host.open(infoHash, () => this.#host.keeper.stored(infoHash));
      if (share !== null) share.sha256 = sha256;
    }
    await this.#host.download(infoHash);
    return { kind: 'begun', infoHash };
  }

  /** [WS36] Its server is not asked from here: those who lend say what stands there, and fetch it. */
  async #beginByOthers(
    infoHash: InfoHash,
    url: string,
    sha256: string | null,
    refusal: ProbeRefused | null,
  ): Promise<FetchOutcome> {
    const found = await this.#host.borrowing.found(url);
    if (found === null) return { kind: 'nobody-lends', refusal };
    const facts = { ...found, url, finalUrl: url, name: saferName(found.name, url), ranges: true };
    const outcome = await this.#begin(infoHash, url, facts, sha256, true);
    if (outcome.kind !== 'begun') this.#host.borrowing.unwant(url);
    return outcome;
  }

  async #begin(
    infoHash: InfoHash,
    url: string,
    facts: UrlFacts,
    sha256: string | null,
    byOthers = false,
  ): Promise<FetchOutcome> {
    const { size, name, etag, lastModified, ranges } = facts;
    // It changed, and comes in no ranges any more.
    if (size === null || !ranges) return { kind: 'no-ranges' };
    const manifest = unhashedManifest({ url, name, size });
    if (manifest === null) return { kind: 'too-large' };
    const known = { url, size, etag: strong(etag), lastModified, sha256, doubted: [] };
    const web: WebFile = byOthers ? { ...known, byOthers } : known;
    await this.#host.keeper.asked(infoHash, manifest, web);
    await this.#host.open(infoHash, () => this.#host.keeper.stored(infoHash));
    return { kind: 'begun', infoHash };
  }

  /** [WS25] Streams that are under way are given up. */
  cancel(): void {
    this.#cancellations++;
  }

  async #stream(
    infoHash: InfoHash,
    facts: UrlFacts,
    sha256: string | null,
    progressed: (progress: StreamProgress) => void,
  ): Promise<FetchOutcome> {
    const { urlStream, store, digest, wholeDigest, clock } = this.#ports;
    const { url, size } = facts;
    if (urlStream === undefined) return { kind: 'no-ranges' };
    if (this.#busy.has(infoHash)) return { kind: 'cancelled' };
    const begun = this.#cancellations;
    const begunAt = clock.now();
    const isCancelled = (): boolean => this.#cancellations > begun;
    let outcome: FetchOutcome = { kind: 'cancelled' };
    await this.#once(infoHash, async () => {
      const streamed = await streamedFile(
        { url, infoHash, size, sha256, progressed, isCancelled },
        { store, digest, wholeDigest, urlStream },
      );
      if (streamed.kind === 'failed') outcome = notStreamed(streamed.why);
      if (streamed.kind === 'streamed')
        outcome = await this.#streamed(facts, sha256, streamed.pieces, clock.now() - begunAt);
      await store.removeShare(infoHash);
    });
    return outcome;
  }

  async #streamed(
    { url, name, etag, lastModified }: UrlFacts,
    sha256: string | null,
    pieces: readonly ManifestPiece[],
    ms: number,
  ): Promise<FetchOutcome> {
    const size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    const unhashed = unhashedManifest({ url, name, size });
    if (unhashed === null) return { kind: 'too-large' };
    const share = await this.#share(
      { ...unhashed, pieces },
      pieces.map((piece) => piece.sha256),
      { url, size, etag: strong(etag), lastModified, sha256 },
    );
    if (share === null) return { kind: 'not-streamed', why: 'no-room' };
    this.#host.activity.streamed(share, { name, totalBytes: size }, ms);
    return { kind: 'streamed', infoHash: share };
  }

  // What happens

  /** It is open, newly or again. */
  async began(share: OpenShare): Promise<void> {
    const { infoHash } = share;
    const web = (await this.#host.keeper.entry(infoHash))?.web;
    if (web === undefined) return;
    this.#open.set(infoHash, web);
    this.#host.borrowing.want({ url: web.url, facts: factsOf(web) });
    const here = share.driver.pieceHashes.flatMap((hash, piece) => (hash === UNHASHED ? [] : [piece]));
    // [WS36] Its server is not this peer's to ask, also not when it is opened again.
    if (web.byOthers !== true) {
      await this.#lookAnew(infoHash, web);
      await this.#lookAtKept(share, web, here);
    }
    await this.#finishDue(share);
  }

  /** [WS22] What came before nobody looks at any more: where the server has something else, all of it comes again. */
  async #lookAtKept({ infoHash, driver }: OpenShare, web: WebFile, pieces: readonly number[]): Promise<void> {
    const { webRanges, entropy, store, clock } = this.#ports;
    const { manifest } = driver.snapshot().engine;
    if (webRanges === undefined || manifest === null || pieces.length === 0) return;
    await this.#once(infoHash, async () => {
      if (this.#open.get(infoHash) !== web) return;
      const random = seededRandom(new DataView(entropy.bytes(4).buffer).getUint32(0));
      if (await isAsServerHas({ infoHash, manifest, web, pieces }, { store, webRanges, random, clock }))
        return;
      if (this.#open.get(infoHash) !== web) return;
      this.#through.delete(infoHash);
      driver.feed({ kind: 'pieces-lost', pieces });
      await this.#host.keeper.doubts(infoHash, pieces);
    });
  }

  ended(infoHash: InfoHash): void {
    this.passingOn.ended(infoHash);
    const web = this.#open.get(infoHash);
    this.#through.delete(infoHash);
    if (!this.#open.delete(infoHash) || web === undefined) return;
    this.#host.borrowing.unwant(web.url);
  }

  async reported(share: OpenShare, event: Report): Promise<void> {
    const { infoHash } = share;
    // It may be said before it is known here that it is open.
    if (event.kind === 'looked-through') this.#through.add(infoHash);
    if (event.kind === 'pieces-doubted') this.#through.delete(infoHash);
    const web = this.#open.get(infoHash);
    if (web === undefined) return;
    if (event.kind === 'pieces-doubted') await this.#host.keeper.doubts(infoHash, event.pieces);
    if (event.kind === 'origin-refused') await this.#refused(infoHash);
    if (event.kind === 'looked-through') await this.#finishDue(share);
    const isOther = event.kind === 'address-lost' && (event.why === 'changed' || event.why === 'other-size');
    if (!isOther) return;
    await this.#lookAnew(infoHash, web);
    if (this.#open.get(infoHash) === web) this.#askAgainLater(share, web);
    await this.#finishDue(share);
  }

  /** [WS12] It is the same file after all, as of a server that is several. */
  #askAgainLater({ infoHash, driver }: OpenShare, web: WebFile): void {
    this.#ports.clock.after(ASKED_AGAIN_MS, () => {
      if (this.#open.get(infoHash) !== web) return;
      for (const allowed of [false, true]) driver.feed({ kind: 'web-seeds-allowed', allowed });
    });
  }

  /** Whether it is the same file as when it was asked for; where nobody answers, it is taken for that. */
  async #lookAnew(infoHash: InfoHash, web: WebFile): Promise<void> {
    await this.#once(infoHash, async () => {
      const found = await this.#ports.urlProbe?.probe(web.url);
      if (found?.kind !== 'facts' || !this.#open.has(infoHash)) return;
      const { facts } = found;
      if (isSameFile(nowOf(facts, web), web)) return;
      this.#host.listener.fileChanged?.(infoHash, facts.size !== null && facts.ranges ? 'begins' : 'ends');
      const sha256 = (await this.#host.keeper.entry(infoHash))?.web?.sha256 ?? null;
      await this.#host.remove(infoHash);
      await this.#begin(infoHash, web.url, facts, sha256);
    });
  }

  /** What was said while something else was done counts afterwards. */
  async #finishDue(share: OpenShare): Promise<void> {
    const { infoHash } = share;
    while (this.#open.has(infoHash) && !this.#busy.has(infoHash) && this.#through.delete(infoHash))
      await this.#once(infoHash, () => this.#finish(share));
  }

  async #finish(share: OpenShare): Promise<void> {
    const { infoHash, driver } = share;
    const { manifest } = driver.snapshot().engine;
    const web = this.#open.get(infoHash);
    if (manifest === null || web === undefined) return;
    if (share.sha256 !== null) {
      const whole = await storedDigest({ infoHash, manifest }, this.#ports);
      // It was removed or closed meanwhile, or pieces went.
      if (whole === null || !this.#open.has(infoHash)) return;
      if (whole !== share.sha256) return driver.feed({ kind: 'whole-refused' });
    }
    const { url, byOthers } = web;
    const cameFrom: WebOrigin = {
      ...{ ...factsOf(web), url, sha256: share.sha256 },
      ...(byOthers === true ? { byOthers } : {}),
    };
    const made = await this.#share(manifest, driver.pieceHashes, cameFrom);
    if (made === null) {
      this.#ports.clock.after(NO_ROOM_RETRY_MS, () => {
        if (!this.#open.has(infoHash)) return;
        this.#through.add(infoHash);
        void this.#finishDue(share);
      });
      return;
    }
    // Those with which it became one.
    this.#host.tell();
    this.#host.listener.becameShare?.(infoHash, made);
    await this.#host.remove(infoHash);
    const opened = await this.#host.open(made, () => this.#host.keeper.stored(made));
    if (opened !== null) this.passingOn.follow(opened);
  }

  /** [WS26] Who knows another one goes on without this. */
  async #refused(infoHash: InfoHash): Promise<void> {
    this.#host.listener.fileChanged?.(infoHash, 'refused');
    await this.#host.remove(infoHash);
  }

  /** Its pieces are stored, under whatever name. Null: there is no room to say that it is a share. */
  async #share(manifest: Manifest, hashes: readonly string[], cameFrom: WebOrigin): Promise<InfoHash | null> {
    const { keeper, open } = this.#host;
    const made = await madeOfWeb(manifest, hashes, this.#ports.digest);
    if (!(await keeper.became(made, cameFrom))) return null;
    const opened = await open(made.infoHash, () => keeper.stored(made.infoHash));
    if (opened !== null) opened.saveDue = true;
    return made.infoHash;
  }

  /** One thing at a time. */
  async #once(infoHash: InfoHash, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(infoHash)) return;
    this.#busy.add(infoHash);
    await work().finally(() => this.#busy.delete(infoHash));
  }
}

function notStreamed(why: RangeTrouble | 'too-large' | 'no-room' | 'other-file'): FetchOutcome {
  return why === 'too-large' || why === 'other-file' ? { kind: why } : { kind: 'not-streamed', why };
}
