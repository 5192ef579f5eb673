/** What a share is opened with, as it was left ([LB2]): one made here, one that is loaded, one without hashes. */
import type { Input } from '../engine/io.ts';
import type { WebTerms } from '../engine/web/web-swarm.ts';
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { Manifest } from '../manifest/manifest.ts';
import type { BlockSource } from './block-sources.ts';
import type { Intent, LibraryEntry, WebOrigin } from './library-store.ts';
import type { FilesMissing, ShareRole } from './verbs.ts';

/** What a share begins with. */
export interface Beginning {
  readonly role: ShareRole;
  readonly manifest: Manifest | null;
  readonly owned: 'all' | readonly number[];
  /** [LB10] Null: all are wanted. */
  readonly files: ChosenFiles;
  readonly source: BlockSource;
  /** [LB3] Why the files of one's own share are to be given again; null: they are not. */
  readonly filesMissing: FilesMissing | null;
  /** It was written to the person's downloads earlier. */
  readonly saved: boolean;
  /** [LB2] What its machine is told, so that it is as it was left. */
  readonly asLeft: readonly Input[];
  /** [WS20] Nobody knows its hashes. Left out: it is a share. */
  readonly web?: WebTerms;
  /** [WS26] What that must be as a whole. Left out or null: nobody said so. */
  readonly sha256?: string | null;
  /** [WS27] Left out: it was no file without hashes. */
  readonly cameFrom?: WebOrigin;
}

export function inputsFor(intent: Intent | undefined): Input[] {
  switch (intent) {
    case 'downloading':
      return [{ kind: 'download-requested' }];
    case 'paused':
      return [{ kind: 'download-requested' }, { kind: 'download-paused' }];
    case 'stopped':
      return [{ kind: 'sharing-stopped' }];
    default:
      return [];
  }
}

export function factsOf(manifest: Manifest | null): Pick<LibraryEntry, 'name' | 'totalBytes' | 'fileCount'> {
  return {
    name: manifest?.name ?? '',
    totalBytes: manifest?.totalBytes ?? 0,
    fileCount: manifest?.files.length ?? 0,
  };
}
