/** The table of public shares ([UI23]): what each row says, under a label that no other row has. Pure. */
import type { InfoHash } from '../../shared/ids.ts';
import { displayName, displayText } from '../../shared/manifest/display.ts';
import { counted, formatBytes } from '../../shared/words/format.ts';
import { labelsOf } from '../../shared/words/labels.ts';
import type { SearchResult } from './session.ts';

export interface FoundRow {
  readonly infoHash: InfoHash;
  readonly label: string;
  readonly size: string;
  /** Empty for one. */
  readonly files: string;
  /** Its beginning, on one line; empty where there is none. */
  readonly comment: string;
  readonly seeds: string;
  readonly leechers: string;
  readonly availability: string;
}

/** What is left of a comment here; all of it stands on the share's page. UTF-16 units. */
const MOST_COMMENT = 200;

/** In the order of `results`. */
export function foundRows(results: readonly SearchResult[]): FoundRow[] {
  const labels = labelsOf(results.map(({ name }) => displayName(name)));
  return results.map(({ infoHash, size, files, comment, complete, incomplete }, nth) => ({
    infoHash,
    label: labels[nth] ?? '',
    size: formatBytes(size),
    files: files === 1 ? '' : counted(files, 'file', 'files'),
    comment: shortened(displayText(comment ?? '')),
    seeds: String(complete),
    leechers: String(incomplete),
    availability: availabilityOf(complete),
  }));
}

/** Each share once: anybody may list one that somebody else has listed, in a swarm of its own. */
export function distinct(results: readonly SearchResult[]): SearchResult[] {
  const seen = new Set<InfoHash>();
  return results.filter(({ infoHash }) => !seen.has(infoHash) && seen.add(infoHash));
}

/** What is shown keeps its place, so that nothing moves under a person's hand; what is new stands behind it. */
export function inPlace(shown: readonly SearchResult[], fresh: readonly SearchResult[]): SearchResult[] {
  const byHash = new Map(fresh.map((result) => [result.infoHash, result]));
  const kept = shown.flatMap(({ infoHash }) => byHash.get(infoHash) ?? []);
  const known = new Set(kept);
  return [...kept, ...fresh.filter((result) => !known.has(result))];
}

/** A seed has all of it. */
function availabilityOf(seeds: number): string {
  return seeds === 0 ? 'nobody has all of it' : counted(seeds, 'full copy', 'full copies');
}

function shortened(comment: string): string {
  const line = comment.replace(/\s+/g, ' ').trim();
  if (line.length <= MOST_COMMENT) return line;
  return `${line
    .slice(0, MOST_COMMENT)
    .replace(/[\ud800-\udbff]$/, '')
    .trimEnd()}…`;
}
