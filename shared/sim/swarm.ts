/**
 * Runs one scenario to its end ([SM4]): sets up the seed, the leechers and the tracker, lets people come, leave and
 * be cut off, and says what came of it. The same scenario with the same number always gives the same run. Decides
 * nothing that a machine decides.
 */
import { assert } from '../assert.ts';
import { peerId } from '../ids.ts';
import type { PeerId } from '../ids.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import { seededRandom, shuffle } from '../random.ts';
import type { Random } from '../random.ts';
import { EventQueue } from './event-queue.ts';
import { Network } from './network.ts';
import { SimPeer } from './peer.ts';
import type { PeerOptions, World } from './peer.ts';
import { charactersOf, SLOW_PART } from './scenario.ts';
import type { Character, Scenario } from './scenario.ts';
import { hexId, SyntheticShare } from './share.ts';
import { SimTracker } from './tracker.ts';

/** ms until others notice that a peer closed its tab or a path is cut. */
const DETECTION_MS = 5_000;
/** A run without a stored piece for so long is over, in ms. */
const STUCK_AFTER_MS = 300_000;
const BITS_PER_BYTE_AND_MS = 8_000;

export interface Leecher {
  readonly peer: SimPeer;
  readonly character: Character;
  /** Null: all files. */
  readonly wants: ChosenFiles;
  /** Left for good. */
  left: boolean;
}

export class SimSwarm implements World {
  readonly scenario: Scenario;
  readonly queue = new EventQueue();
  readonly network: Network;
  readonly tracker: SimTracker;
  readonly share: SyntheticShare;
  readonly seed: SimPeer;
  readonly leechers: readonly Leecher[];
  seedLeft = false;
  readonly #peers = new Map<PeerId, SimPeer>();
  #progressAt = 0;
  /** Leechers that stay, are honest and are not complete. */
  #awaited: number;

  constructor(scenario: Scenario) {
    this.scenario = scenario;
    const { bytes, pieceBytes, hostile, wrongBlocks, files } = scenario;
    const random = seededRandom(scenario.rng);
    this.network = new Network(this.queue, scenario.latency, DETECTION_MS);
    this.tracker = new SimTracker(this.queue, seededRandom(random.uint32()), scenario.latency);
    this.share = new SyntheticShare(bytes, pieceBytes, random, {
      corruptible: hostile > 0 && wrongBlocks > 0,
      files,
    });
    this.seed = this.#settle(null, 0, random);
    const characters = shuffle(charactersOf(scenario), random);
    this.leechers = characters.map((character, at) => {
      const peer = this.#settle(character, at + 1, random);
      return { peer, character, wants: peer.engine.files, left: false };
    });
    this.#awaited = this.leechers.filter(isAwaited).length;
    this.#planArrivals(random);
    this.#planPartition();
  }

  /** Everybody who is to complete has. */
  get isDone(): boolean {
    return this.#awaited === 0;
  }

  /** Nothing has moved for so long that nothing will. */
  get isStuck(): boolean {
    return this.queue.now - this.#progressAt > STUCK_AFTER_MS + this.scenario.join * 1000;
  }

  peerById(id: PeerId): SimPeer | undefined {
    return this.#peers.get(id);
  }

  progressed(peer: SimPeer, completed: boolean): void {
    this.#progressAt = this.queue.now;
    const leecher = this.leechers[peer.number - 1];
    if (leecher === undefined) return;
    if (completed && isAwaited(leecher)) this.#awaited--;
    if (!leecher.character.leaves || leecher.left) return;
    if (peer.watch.stored.count * 2 < this.share.pieceCount) return;
    leecher.left = true;
    peer.vanish();
  }

  /** One step. False: the run is over. */
  step(): boolean {
    if (this.isDone || this.isStuck || !this.queue.step()) return false;
    this.#maySeedLeave();
    return true;
  }

  #maySeedLeave(): void {
    const copies = this.scenario.seedLeavesAfter;
    if (copies === null || this.seedLeft) return;
    if (this.seed.port.uplink.sentPayload < copies * this.share.totalBytes) return;
    this.seedLeft = true;
    this.seed.vanish();
  }

  #settle(character: Character | null, number: number, random: Random): SimPeer {
    const id = peerId(hexId(random));
    assert(id !== null, 'hexId makes ids');
    const peer = new SimPeer(this, this.#optionsOf(character, number, id, random));
    this.#peers.set(id, peer);
    return peer;
  }

  #optionsOf(character: Character | null, number: number, id: PeerId, random: Random): PeerOptions {
    const { seedUp, peerUp, peerDown, manifestKnown, wrongBlocks, files, originDown } = this.scenario;
    const part = character?.slow === true ? SLOW_PART : 1;
    return {
      number,
      id,
      seed: character === null,
      manifestKnown,
      upRate: ((character === null ? seedUp : peerUp) * part) / BITS_PER_BYTE_AND_MS,
      downRate: (peerDown * part) / BITS_PER_BYTE_AND_MS,
      random: seededRandom(random.uint32()),
      wrongBlocks: character?.hostile === true ? wrongBlocks : 0,
      boasts: character?.boasts === true,
      mute: character?.mute === true,
      files: character?.partial === true ? someOf(files, random) : null,
      originRate: originDown / BITS_PER_BYTE_AND_MS,
    };
  }

  #planArrivals(random: Random): void {
    // Where a server has it, there is no seed.
    if (this.scenario.originDown === 0) this.queue.after(0, () => this.seed.start());
    for (const { peer } of this.leechers) {
      this.queue.after(this.scenario.join * 1000 * random.fraction(), () => peer.start());
    }
  }

  #planPartition(): void {
    const { partition } = this.scenario;
    if (partition === null) return;
    const ports = (): SimPeer['port'][] => [this.seed.port, ...this.leechers.map(({ peer }) => peer.port)];
    const divide = (sides: (character: Character) => number) => () => {
      for (const { peer, character } of this.leechers) peer.port.side = sides(character);
      this.network.partition(ports());
    };
    this.queue.after(
      partition.atSeconds * 1000,
      divide((character) => (character.cutOff ? 1 : 0)),
    );
    this.queue.after(
      (partition.atSeconds + partition.forSeconds) * 1000,
      divide(() => 0),
    );
  }
}

/** Of so many files one at least, and each with half a chance; null: all of them. */
function someOf(files: number, random: Random): ChosenFiles {
  const sure = random.below(files);
  const some = Array.from({ length: files }, (_, file) => file).filter(
    (file) => file === sure || random.below(2) === 0,
  );
  return some.length === files ? null : some;
}

/** Is the run over only when this leecher has everything that it wants? */
export function isAwaited({ character }: Leecher): boolean {
  const { leaves, hostile, boasts, mute } = character;
  return !leaves && !hostile && !boasts && !mute;
}
