/**
 * [SA16] Which files are saved while they come: those that the person asked for in this tab, from the first piece that
 * comes after that. Each press begins one. Knows no service worker.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { Transfer } from '../state/session.ts';
import { savedWhole } from '../worker/saving/save-plan.ts';
import { ComingSave } from './coming-save.ts';
import type { CameTo } from './coming-save.ts';

export class ComingSaves {
  /** Asked for, and not begun since; with whom to tell that another tab does it. */
  readonly #asked = new Map<InfoHash, () => void>();
  readonly #saves = new Map<InfoHash, ComingSave>();

  askedFor(infoHash: InfoHash, isElsewhere: () => void): void {
    if (this.#saves.get(infoHash)?.isOver === false) return;
    this.#saves.delete(infoHash);
    this.#asked.set(infoHash, isElsewhere);
  }

  /** The figures of a share. */
  taken(transfer: Transfer): void {
    const { infoHash } = transfer;
    const save = this.#saves.get(infoHash);
    if (save !== undefined) return save.taken(transfer);
    const isElsewhere = this.#asked.get(infoHash);
    if (isElsewhere === undefined) return;
    const file = fileThatComes(transfer);
    if (transfer.phase === 'complete' || file !== null) this.#asked.delete(infoHash);
    if (file === null) return;
    const begun = new ComingSave(infoHash, file, transfer);
    this.#saves.set(infoHash, begun);
    void begun.end.then((end) => {
      if (end === 'elsewhere') isElsewhere();
    });
  }

  /** It is complete, and to be saved. Null: nothing was begun. */
  finish(infoHash: InfoHash): Promise<CameTo> | null {
    const save = this.#saves.get(infoHash);
    this.#saves.delete(infoHash);
    save?.whole();
    return save?.end ?? null;
  }

  /** Nothing of it comes any more. */
  removed(infoHash: InfoHash): void {
    this.#asked.delete(infoHash);
    this.#saves.get(infoHash)?.giveUp();
    this.#saves.delete(infoHash);
  }
}

/** Null: what comes is not one file, or nothing has come yet: a download that stands still would only break off. */
function fileThatComes({ phase, manifest, wanted, web, down, storedBytes }: Transfer): number | null {
  if (phase !== 'downloading' || web !== null || manifest === null || down === 0 || storedBytes === 0)
    return null;
  const file = savedWhole(manifest, wanted);
  return file === 'zip' ? null : file;
}
