/**
 * Tells the host what changed ([WK3]): figures of the shares that changed, at most five times a second, and only where
 * they are others than before; each manifest once; and whether the peer has anything to do. Owns what was told. Takes
 * snapshots; decides nothing about shares.
 */
import type { InfoHash, SwarmId } from '../ids.ts';
import { TELL_INTERVAL_MS } from './limits.ts';
import type { Clock } from './ports.ts';
import type { ShareDriver } from './share-driver.ts';
import type { PeerListener, ShareRole, TransferSnapshot } from './verbs.ts';

export interface OpenShare {
  readonly infoHash: InfoHash;
  readonly role: ShareRole;
  /** Derived once, when the share was opened. */
  readonly swarm: SwarmId;
  readonly driver: ShareDriver;
  /** A download that ran here is complete and was not saved yet. */
  saveDue: boolean;
}

interface Told {
  readonly snapshot: TransferSnapshot;
  readonly manifest: boolean;
}

export class Teller {
  readonly #clock: Clock;
  readonly #shares: ReadonlyMap<InfoHash, OpenShare>;
  readonly #listener: PeerListener;
  readonly #changed = new Set<OpenShare>();
  readonly #told = new Map<InfoHash, Told>();
  #cancelTelling: (() => void) | null = null;
  #toldAt = -Infinity;
  #busy = false;

  constructor(clock: Clock, shares: ReadonlyMap<InfoHash, OpenShare>, listener: PeerListener) {
    this.#clock = clock;
    this.#shares = shares;
    this.#listener = listener;
  }

  changed(share: OpenShare): void {
    this.#changed.add(share);
    this.#plan();
  }

  removed(infoHash: InfoHash): void {
    this.#told.delete(infoHash);
    this.#listener.removed(infoHash);
    this.#plan();
  }

  close(): void {
    this.#cancelTelling?.();
    this.#tellBusy(false);
  }

  #plan(): void {
    if (this.#cancelTelling !== null) return;
    const wait = Math.max(0, this.#toldAt + TELL_INTERVAL_MS - this.#clock.now());
    this.#cancelTelling = this.#clock.after(wait, () => this.#tell());
  }

  #tell(): void {
    this.#cancelTelling = null;
    this.#toldAt = this.#clock.now();
    const changed = [...this.#changed];
    this.#changed.clear();
    const snapshots: TransferSnapshot[] = [];
    for (const share of changed) {
      // It may have been removed since.
      if (this.#shares.get(share.infoHash) === share) this.#tellOne(share, snapshots);
    }
    if (snapshots.length > 0) this.#listener.snapshotsTaken(snapshots);
    let busy = false;
    for (const { snapshot } of this.#told.values()) busy ||= isBusy(snapshot);
    this.#tellBusy(busy);
  }

  #tellOne(share: OpenShare, snapshots: TransferSnapshot[]): void {
    const { infoHash, driver } = share;
    const { manifest, broken, ...taken } = driver.snapshot();
    const told = this.#told.get(infoHash);
    if (manifest !== null && told?.manifest !== true) this.#listener.manifestKnown(infoHash, manifest);
    const whole = manifest !== null && taken.storedBytes === taken.totalBytes;
    const snapshot: TransferSnapshot = {
      ...taken,
      trouble: broken ? { kind: 'broken' } : taken.trouble,
      infoHash,
      role: share.role,
      savable: share.role === 'receiving' && whole && (taken.totalBytes > 0 || taken.phase === 'complete'),
      saveDue: share.saveDue,
    };
    this.#told.set(infoHash, { snapshot, manifest: manifest !== null });
    if (told === undefined || !isSame(told.snapshot, snapshot)) snapshots.push(snapshot);
  }

  #tellBusy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#listener.busyChanged(busy);
  }
}

function isBusy({ phase }: TransferSnapshot): boolean {
  return phase !== 'stopped' && phase !== 'failed';
}

/** Would a person see any difference? */
function isSame(one: TransferSnapshot, other: TransferSnapshot): boolean {
  for (const key of Object.keys(one) as (keyof TransferSnapshot)[]) {
    if (!isEqual(one[key], other[key])) return false;
  }
  return true;
}

function isEqual(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (one instanceof Uint8Array) return other instanceof Uint8Array && isEqualBytes(one, other);
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return false;
  const [keys, others] = [Object.keys(one), Object.keys(other)];
  return (
    keys.length === others.length &&
    keys.every((key) => isEqual(Reflect.get(one, key), Reflect.get(other, key)))
  );
}

function isEqualBytes(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false;
  return true;
}
