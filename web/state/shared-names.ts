/** [UI30] What the sender's page says of names that a share could not have as they were. Pure. */
import { counted } from '../../shared/words/format.ts';

export { renamedWhenShared } from '../worker/saving/renamed.ts';

export function sharedNamesSentence(count: number): string {
  return count === 1
    ? '1 name was changed, so that every system can save it'
    : `${counted(count, 'name was', 'names were')} changed, so that every system can save them`;
}
