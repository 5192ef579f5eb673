/**
 * Files of shares that were made earlier: given again ([LB3]), or read again with the person's permission ([LB5]). Owns
 * how far that is with each share. Knows no files.
 */
import type { InfoHash } from '../../shared/ids.ts';
import type { ProvideOutcome } from '../worker/contract.ts';
import type { Chosen } from './chosen-files.ts';
import { mayBeRead } from './permission.ts';
import type { AskSession } from './session.ts';

/** Why files that were given again are not taken ([LB3]). */
export type GivenRefused =
  Extract<ProvideOutcome, { kind: 'refused' }>['why'] | 'not-allowed' | 'unreadable' | 'broken';

/** Files that a person gives again: being compared, or refused. */
export type Given = { kind: 'nothing' } | { kind: 'comparing' } | { kind: 'refused'; why: GivenRefused };

const NOTHING_GIVEN: Given = { kind: 'nothing' };

export class GivenFiles {
  #given = $state.raw<Readonly<Record<InfoHash, Given>>>({});
  /** [LB3] The share whose page is shown and waits for its files: what is dropped is given to it. */
  wanted = $state.raw<InfoHash | null>(null);
  readonly #ask: AskSession;

  constructor(ask: AskSession) {
    this.#ask = ask;
  }

  of(infoHash: InfoHash): Given {
    return this.#given[infoHash] ?? NOTHING_GIVEN;
  }

  /** [LB3] The files of a share that was made earlier. */
  async give(infoHash: InfoHash, chosen: Chosen): Promise<void> {
    const tell = (given: Given): void => this.#tell(infoHash, given);
    if (chosen.kind === 'unreadable') return tell({ kind: 'refused', why: 'unreadable' });
    if (chosen.kind === 'too-many') return tell({ kind: 'refused', why: 'other-files' });
    tell({ kind: 'comparing' });
    const outcome = await this.#ask((session) => session.provide(infoHash, chosen.files, 'sharing'));
    if (outcome?.kind === 'provided') tell(NOTHING_GIVEN);
    else tell({ kind: 'refused', why: outcome?.why ?? 'broken' });
  }

  /** [LB5] Asks the person, in whose press this is called, whether its files may be read again. */
  async allow(infoHash: InfoHash): Promise<void> {
    const isAllowed = await this.#ask(async (session) => mayBeRead(await session.handlesOf(infoHash)));
    if (isAllowed !== true) {
      const why = isAllowed === false ? 'not-allowed' : 'broken';
      return this.#tell(infoHash, { kind: 'refused', why });
    }
    this.#tell(infoHash, { kind: 'comparing' });
    const isOpened = await this.#ask((session) => session.reopen(infoHash).then(() => true));
    this.#tell(infoHash, isOpened === true ? NOTHING_GIVEN : { kind: 'refused', why: 'broken' });
  }

  #tell(infoHash: InfoHash, given: Given): void {
    this.#given = { ...this.#given, [infoHash]: given };
  }
}
