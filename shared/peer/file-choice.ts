/**
 * Which files of a share are wanted, as the host asks for it ([LB10]), in which order their pieces come ([WK6]), and how
 * far each file is. Checks what is asked at the edge, gives it to the machine and notes it. Owns nothing: what is wanted
 * is the machine's.
 */
import type { ChosenFiles } from '../manifest/file-pieces.ts';
import type { PieceOrder } from '../engine/io.ts';
import { OWNED } from '../engine/pieces/ledger.ts';
import type { InfoHash } from '../ids.ts';
import { storedBytesOf } from '../manifest/file-pieces.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { askedFiles } from './asked-files.ts';
import { askedOrder } from './asked-order.ts';
import type { Keeper } from './keeper.ts';
import type { OpenShare, Teller } from './teller.ts';
import type { ChooseOutcome, FileProgress, FileRow, OrderOutcome } from './verbs.ts';

export interface FileChoiceHost {
  readonly keeper: Pick<Keeper, 'chosen'>;
  readonly teller: Pick<Teller, 'changed'>;
  /** Waits for one that is being opened; null: there is none. */
  readonly openShare: (infoHash: InfoHash) => Promise<OpenShare | null>;
}

interface Known extends FileProgress {
  readonly manifest: Manifest;
}

export class FileChoice {
  readonly #host: FileChoiceHost;

  constructor(host: FileChoiceHost) {
    this.#host = host;
  }

  /** [PK4] [PK5] Null: all. Asks for no download by itself; one that was complete goes on with what is wanted more. */
  async choose(infoHash: InfoHash, asked: readonly number[] | null): Promise<ChooseOutcome> {
    const share = await this.#host.openShare(infoHash);
    if (share === null) return 'not-open';
    if (share.role === 'sharing') return 'own-share';
    const { manifest } = share.driver.snapshot().engine;
    if (manifest === null) return 'unknown';
    const checked = askedFiles(asked, manifest.files.length);
    if (checked === null) return 'no-files';
    const { files } = checked;
    const isMore = isWider(share.driver.files, files);
    // What was saved is not all that is wanted now.
    if (isMore) this.#unsaved(share);
    share.driver.feed({ kind: 'files-chosen', files });
    const { phase, wanted, storedBytes, totalBytes } = share.driver.snapshot().engine;
    const isHere = (wanted?.storedBytes ?? storedBytes) === (wanted?.bytes ?? totalBytes);
    const isUnderWay = phase === 'downloading' || phase === 'full';
    await this.#host.keeper.chosen(infoHash, manifest, files, {
      ...(isMore ? { savedAt: null } : {}),
      ...(isHere ? {} : { finishedAt: null }),
      ...(isUnderWay ? { intent: 'downloading' } : {}),
    });
    return 'chosen';
  }

  /** In which order the pieces of an open share are fetched. Asks for no download by itself. */
  async order(infoHash: InfoHash, asked: PieceOrder): Promise<OrderOutcome> {
    const order = askedOrder(asked);
    if (order === null) return 'refused';
    const share = await this.#host.openShare(infoHash);
    share?.driver.feed({ kind: 'order-changed', order });
    return share === null ? 'not-open' : 'set';
  }

  /** All of them, with their names; null: nothing is known of them. */
  async rows(infoHash: InfoHash): Promise<readonly FileRow[] | null> {
    const known = await this.#known(infoHash);
    if (known === null) return null;
    const { manifest, storedBytes, wanted } = known;
    return manifest.files.map(({ path, size }, file) => ({
      path,
      size,
      storedBytes: storedBytes[file] ?? 0,
      wanted: wanted[file] === 1,
    }));
  }

  /** The paths of all folders in which nothing lies; null: nothing is known of them. */
  async folders(infoHash: InfoHash): Promise<readonly (readonly string[])[] | null> {
    return (await this.#known(infoHash))?.manifest.folders ?? null;
  }

  /** What changes of the rows; null: nothing is known of them. */
  async progress(infoHash: InfoHash): Promise<FileProgress | null> {
    const known = await this.#known(infoHash);
    return known === null ? null : { storedBytes: known.storedBytes, wanted: known.wanted };
  }

  async #known(infoHash: InfoHash): Promise<Known | null> {
    const share = await this.#host.openShare(infoHash);
    const { manifest, pieces } = share?.driver.snapshot().engine ?? {};
    if (share === null || pieces === undefined || manifest === null || manifest === undefined) return null;
    const storedBytes = storedBytesOf(manifest, (piece) => pieces[piece] === OWNED);
    return { manifest, storedBytes, wanted: flagsOf(share.driver.files, manifest.files.length) };
  }

  #unsaved(share: OpenShare): void {
    share.saved = false;
    share.saveOutdated = true;
    share.saveDue = false;
    this.#host.teller.changed(share);
  }
}

function flagsOf(files: ChosenFiles, count: number): Uint8Array<ArrayBuffer> {
  const flags = new Uint8Array(count);
  if (files === null) return flags.fill(1);
  for (const file of files) flags[file] = 1;
  return flags;
}

/** Is anything among these that was not wanted before? */
function isWider(before: ChosenFiles, after: ChosenFiles): boolean {
  if (before === null) return false;
  if (after === null) return true;
  const known = new Set(before);
  return after.some((file) => !known.has(file));
}
