/** What became of files that were to be shared by a resource file, in words ([HL15]). Pure. */
import { unreachable } from '../../shared/assert.ts';
import type { InfoHash } from '../../shared/ids.ts';
import { displayName } from '../../shared/manifest/display.ts';
import type { SeedOutcome } from '../../shared/peer/verbs.ts';
import { notDone } from './exit.ts';
import { resourceFaultSentence } from './resource-at.ts';

type Refused = Extract<SeedOutcome, { kind: 'refused' }>['why'];

/** Ends the command where they are not shared. */
export function resourceOutcomeOf(outcome: SeedOutcome, resource: string): InfoHash {
  switch (outcome.kind) {
    case 'seeded':
      return outcome.infoHash;
    case 'no-resource':
      throw notDone(`${displayName(resource)}: ${resourceFaultSentence(outcome.fault)}`);
    case 'refused':
      throw notDone(refusedSentence(outcome.why));
    default:
      return unreachable(outcome);
  }
}

export function refusedSentence(why: Refused): string {
  switch (why) {
    case 'other-files':
      return 'These are not the files of this resource file: there are more or fewer of them, or others by name.';
    case 'changed':
      return 'This is not what the resource file was made of: it has been changed since.';
    case 'gone':
    case 'unknown-share':
      return 'The files cannot be read: they were moved or deleted, or are not yours to open.';
    default:
      return unreachable(why);
  }
}
