/** Types only: what a share on disk needs of the store around it. */
import type { InfoHash } from '../../shared/ids.ts';
import type { Claims } from './claims.ts';
import type { Descriptors } from './descriptors.ts';
import type { LooseContents } from './loose-contents.ts';
import type { Notices } from './notices.ts';
import type { TargetFolder } from './target-folder.ts';

export interface ShareHost {
  /** Each share has a folder of its own in it. */
  readonly stateFolder: string;
  readonly target: TargetFolder;
  readonly descriptors: Descriptors;
  readonly claims: Claims;
  readonly notices: Notices;
  readonly loose: LooseContents;
  /** Nothing more is to be read of what is here of it. */
  readonly isLeft: (infoHash: InfoHash) => boolean;
  /** [PK4] */
  isWanted(infoHash: InfoHash, file: number): boolean;
  /** The journal knows something that the state does not. `isMuch`: more than should wait. */
  changed(infoHash: InfoHash, isMuch: boolean): void;
  /** Pieces that were here are not, and not by anybody's wish. */
  lost(infoHash: InfoHash): void;
  /** A file is whole and could not get its name. */
  notNamed(infoHash: InfoHash, file: number, error: unknown): void;
}
