/** Types only: what the keeper of files at web addresses ([WS20]) finds around it in its peer. */
import type { InfoHash } from '../ids.ts';
import type { Activity } from './activity.ts';
import type { Beginning } from './beginning.ts';
import type { Borrowing } from './borrowing.ts';
import type { SideSwarms } from './side-swarms.ts';
import type { OpenShare } from './teller.ts';
import type { PeerListener } from './verbs.ts';
import type { WebKeeper } from './web-keeper.ts';

export interface WebFilesHost {
  readonly keeper: Pick<
    WebKeeper,
    'asked' | 'became' | 'doubts' | 'entry' | 'expects' | 'madeAt' | 'stored' | 'wasCompared'
  >;
  readonly sides: Pick<SideSwarms, 'join' | 'leave'>;
  readonly borrowing: Pick<Borrowing, 'found' | 'want' | 'unwant'>;
  readonly activity: Pick<Activity, 'streamed'>;
  /** Null: it was removed meanwhile. */
  readonly open: (infoHash: InfoHash, content: () => Promise<Beginning>) => Promise<OpenShare | null>;
  /** Goes on with a download, also one that was left. */
  readonly download: (infoHash: InfoHash) => Promise<void>;
  readonly remove: (infoHash: InfoHash) => Promise<void>;
  /** Tells the figures of all shares as they are now. */
  readonly tell: () => void;
  /** [WS12] Told of a change before what came of it is removed. */
  readonly listener: Pick<PeerListener, 'becameShare' | 'fileChanged'>;
}
