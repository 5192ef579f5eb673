/** What a share is called where several are listed ([UI20]): by a label that no other one has. Pure. */
import { displayName } from '../../shared/manifest/display.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { labelsOf } from '../../shared/words/labels.ts';

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
  const titles = new Map<InfoHash, string>();
  for (const { infoHash, name } of shares) if (!titles.has(infoHash)) titles.set(infoHash, shareTitle(name));
  const labels = labelsOf([...titles.values()]);
  return new Map([...titles.keys()].map((infoHash, nth) => [infoHash, labels[nth] ?? '']));
}
