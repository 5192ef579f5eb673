/** The figures of the share and receiving pages, from a snapshot. Pure. */
import type { TransferSnapshot } from '../worker/contract.ts';
import { peopleAmong } from './people.ts';
import { formatBytes, formatEta, formatRate, percentOf } from './format.ts';

/** 0–100; 100 exactly when every piece is checked and stored, also of an empty share. */
export function receivedPercent({
  phase,
  manifest,
  storedBytes,
  receivedBytes,
  totalBytes,
}: TransferSnapshot): number {
  if (manifest === null) return 0;
  // Of an empty share nothing is ever missing: there only the phase tells whether it was fetched.
  const whole = storedBytes >= totalBytes && (totalBytes > 0 || phase === 'stopped');
  if (phase === 'complete' || whole) return 100;
  return Math.min(99, percentOf(receivedBytes, totalBytes));
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** How many others are in the swarm, connected or not. */
function peopleFact(snapshot: TransferSnapshot): string {
  const { online, peers } = snapshot;
  const told = online === null ? 0 : online.seeds + online.leechers;
  return withRelayed(Math.max(peopleAmong(peers), told), snapshot);
}

/** How many others this tab is connected to, and that they are relayed where they are. */
export function connectedFact(snapshot: TransferSnapshot): string {
  return withRelayed(peopleAmong(snapshot.peers), snapshot);
}

function withRelayed(count: number, { relayedPeers }: TransferSnapshot): string {
  if (relayedPeers === 0) return String(count);
  return relayedPeers >= count ? `${count}, relayed` : `${count}, ${relayedPeers} relayed`;
}

/** Always the same four places: what stands in them follows the phase, and nothing jumps. */
export function receiveFacts(snapshot: TransferSnapshot): Fact[] {
  const running = snapshot.phase === 'downloading';
  const files = snapshot.manifest?.files.length ?? 0;
  return [
    running
      ? { name: 'Coming in', value: formatRate(snapshot.down) }
      : { name: 'Size', value: formatBytes(snapshot.totalBytes) },
    running ? { name: 'Time left', value: formatEta(snapshot.eta) } : { name: 'Files', value: String(files) },
    { name: 'People here', value: peopleFact(snapshot) },
    { name: 'Passed on', value: formatBytes(snapshot.uploadedBytes) },
  ];
}
