/** [HL32] What became of a share's files on disk: where each of them is, and which names are others than in the share. */
import type { DiskShare } from './disk-share.ts';
import type { FilePlace } from './share-files.ts';
import type { Below, TargetFolder } from './target-folder.ts';

/** `unsafe`: [MF9]. `taken`: something else was there. `refused`: the disk cannot hold it. */
export interface ChangedName {
  /** Below the target folder; a folder's stands for all that lies in it. */
  readonly from: Below;
  readonly to: Below;
  readonly why: 'unsafe' | 'taken' | 'refused';
}

export interface SavedFile {
  /** As the share has it. */
  readonly path: Below;
  readonly size: number;
  readonly place: FilePlace;
  /** Where it is, or will be when it is whole. */
  readonly at: string;
}

export interface SavedOutcome {
  /** The share's folder, or its one file. */
  readonly path: string;
  /** In the manifest's order. */
  readonly files: readonly SavedFile[];
  readonly changedNames: readonly ChangedName[];
}

/** Null: its files have no place. */
export function outcomeOf({ layout, placed }: DiskShare, target: TargetFolder): SavedOutcome | null {
  if (layout === null || placed === null) return null;
  const { names, files } = placed;
  const why = new Map(names.others().map(([file, , one]) => [file, one]));
  const changed = new Map<string, ChangedName>();
  const saved = layout.paths.map((path, file): SavedFile => {
    const to = names.final(file);
    note(
      changed,
      // Where files lie in no folder together, that of the share's name is around them.
      layout.names.files[file]?.length === path.length ? [layout.name, ...path] : path,
      to,
      why.get(file) ?? null,
      names.top !== layout.names.top,
    );
    return { path, size: layout.fileSize(file), place: files.placeOf(file), at: target.shown(to) };
  });
  const path = layout.names.files[0]?.length === 0 ? (saved[0]?.at ?? '') : target.shown([names.top]);
  return { path, files: saved, changedNames: [...changed.values()] };
}

function note(
  changed: Map<string, ChangedName>,
  from: Below,
  to: Below,
  why: 'taken' | 'refused' | null,
  isOtherTop: boolean,
): void {
  if (from.length !== to.length) {
    changed.set(from.join('/'), { from, to, why: why ?? 'refused' });
    return;
  }
  for (const [depth, name] of from.entries()) {
    if (name === to[depth]) continue;
    const isLast = depth === from.length - 1;
    const reason = (isLast ? why : null) ?? (depth === 0 && isOtherTop ? 'taken' : 'unsafe');
    const above = from.slice(0, depth + 1);
    changed.set(above.join('/'), { from: above, to: to.slice(0, depth + 1), why: reason });
  }
}
