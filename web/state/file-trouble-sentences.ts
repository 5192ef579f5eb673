/**
 * What the page says of files that their sharer cannot read any more ([UP7]), and of files that nobody who is online can
 * send ([PK7]). Pure.
 */
import { counted, nameInSentence } from '../../shared/words/format.ts';
import type { Transfer } from './session.ts';

type Unreadable = NonNullable<Transfer['unreadable']>;
type SomeFiles = Pick<Unreadable, 'files' | 'first'>;

/** The rest is shared as before. */
export function partlySentence(unreadable: Unreadable): string {
  const { files, why, neighbours } = unreadable;
  const nextTo =
    neighbours === 0
      ? ''
      : ` ${counted(neighbours, 'small file that is', 'small files that are')} sent together with ${them(files)} can't be sent either.`;
  return `${goneSentence(unreadable)}${nextTo} Everything else is still shared. ${nextStep(why, files)}`;
}

/** Nothing can be sent any more; null: that is not for one of several files. */
export function unsendableSentence({ unreadable, trouble, manifest }: Transfer): string | null {
  if (trouble?.kind !== 'source' || unreadable === null || (manifest?.fileCount ?? 1) === 1) return null;
  return `${goneSentence(unreadable)} Nothing is shared any more. ${nextStep(unreadable.why, unreadable.files)}`;
}

/** There are other files, which are here. */
export function canDoWithout({ lacking, wanted, manifest }: Transfer): boolean {
  return lacking !== null && lacking.files < (wanted?.files ?? manifest?.fileCount ?? 0);
}

/** All else that is wanted is here. */
export function lackingSentence(lacking: SomeFiles): string {
  return `Nobody who is online can send ${named(lacking)}. Everything else has arrived. Uncheck ${them(lacking.files)} below to finish without ${them(lacking.files)}, or keep this page open: your download continues when somebody can.`;
}

function goneSentence({ why, files, first }: Unreadable): string {
  const happened = why === 'changed' ? 'changed' : 'moved or deleted';
  return `${named({ files, first })} ${files === 1 ? 'was' : 'were'} ${happened} after the link was made and can no longer be sent.`;
}

function nextStep(why: Unreadable['why'], files: number): string {
  return why === 'changed'
    ? 'To share what is there now, make a new link.'
    : `Put ${them(files)} back and press Try again.`;
}

function them(files: number): string {
  return files === 1 ? 'it' : 'them';
}

/** By the name of the first. */
function named({ files, first }: SomeFiles): string {
  const name = `“${nameInSentence(first.at(-1) ?? '')}”`;
  return files === 1 ? name : `${name} and ${counted(files - 1, 'more file', 'more files')}`;
}
