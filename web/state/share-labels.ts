/** What a share is called where several are listed ([UI20]): by a label that no other one has. Pure. */
import { displayName } from '../../shared/manifest/display.ts';
import type { InfoHash } from '../../shared/ids.ts';

export interface NamedShare {
  readonly infoHash: InfoHash;
  /** Null or empty: not known. */
  readonly name: string | null;
}

const NAMELESS = 'A share without a name';

/** The name as a person reads it. */
export function shareTitle(name: string | null): string {
  return displayName(name || NAMELESS);
}

/** Of shares with one name all but the first have a number behind it. One that is listed twice is one. */
export function shareLabels(shares: Iterable<NamedShare>): ReadonlyMap<InfoHash, string> {
  const counts = new Map<string, number>();
  const labels = new Map<InfoHash, string>();
  for (const { infoHash, name } of shares) {
    if (labels.has(infoHash)) continue;
    const title = shareTitle(name);
    const nth = (counts.get(title) ?? 0) + 1;
    counts.set(title, nth);
    labels.set(infoHash, nth === 1 ? title : `${title} (${nth})`);
  }
  return labels;
}
