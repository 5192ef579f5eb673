/** What the system said, as a person should hear it. */
import type { Notices } from './notices.ts';
import { codeOf, storeTroubleOf, UnsafePath } from './trouble.ts';

export function tellTrouble(notices: Notices, path: string, error: unknown): void {
  if (error instanceof UnsafePath) notices.tell({ kind: 'unsafe-path', path: error.path });
  else if (storeTroubleOf(error) === 'quota') notices.tell({ kind: 'no-room', path });
  else notices.tell({ kind: 'not-writable', path, code: codeOf(error) });
}
