/** The figures of the share and receiving pages, from what is known of a share. Pure. */
import { savedWhole } from '../worker/saving/save-plan.ts';
import { peopleAmong } from '../../shared/words/people.ts';
import { formatBytes, formatEta, formatRate, percentOf } from '../../shared/words/format.ts';
import { wantedBytes } from '../../shared/words/wanted-bytes.ts';
import type { Transfer } from './session.ts';

/** 0–100; 100 exactly when every wanted piece is checked and stored, also of an empty share. */
export function receivedPercent(transfer: Transfer): number {
  const { phase, manifest } = transfer;
  if (manifest === null) return 0;
  const { total, received, stored } = wantedBytes(transfer);
  // Of an empty share nothing is ever missing: there only the phase tells whether it was fetched.
  const whole = stored >= total && (total > 0 || phase === 'stopped');
  if (phase === 'complete' || whole) return 100;
  return Math.min(99, percentOf(received, total));
}

/** [SA1] Several files stay together. */
export function isSavedAsZip({ manifest, wanted }: Transfer): boolean {
  return manifest !== null && savedWhole(manifest, wanted) === 'zip';
}

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** How many others are in the swarm, connected or not. */
function peopleFact(transfer: Transfer): string {
  const { online, peers } = transfer;
  const told = online === null ? 0 : online.seeds + online.leechers;
  return withRelayed(Math.max(peopleAmong(peers), told), peers);
}

/** How many others this tab is connected to, and that they are relayed where they are. */
export function connectedFact(transfer: Transfer): string {
  return withRelayed(peopleAmong(transfer.peers), transfer.peers);
}

function withRelayed(count: number, peers: Transfer['peers']): string {
  const relayed = peopleAmong(peers, (peer) => peer.path === 'relayed');
  if (relayed === 0) return String(count);
  return relayed === count ? `${count}, relayed` : `${count}, ${relayed} relayed`;
}

/** What stands in the places follows how far it is, and nothing jumps meanwhile; the size stands beside the bar while that moves. */
export function receiveFacts(transfer: Transfer): Fact[] {
  const running = transfer.phase === 'downloading';
  const isWhole = transfer.manifest !== null && receivedPercent(transfer) === 100;
  const begun = running || (transfer.receivedBytes > 0 && !isWhole);
  const size = { name: 'Size', value: formatBytes(transfer.totalBytes) };
  const files = { name: 'Files', value: String(transfer.manifest?.fileCount ?? 0) };
  const moving: Fact[] = [
    { name: 'Speed', value: running ? formatRate(transfer.down) : '–' },
    { name: 'Time left', value: running ? formatEta(transfer.eta) : '–' },
  ];
  return [
    ...(begun ? moving : isWhole ? [files] : [size, files]),
    { name: 'Others online', value: peopleFact(transfer) },
    { name: 'Uploaded', value: formatBytes(transfer.uploadedBytes) },
  ];
}
