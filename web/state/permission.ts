/** [LB5] Asks the person whether files may be read again. Only in their own press: no browser asks otherwise. */
import type { FileHandle } from '../worker/contract.ts';

/** Whether all of them may. One answer may hold for many: the browser decides how often it asks. */
export async function mayBeRead(handles: readonly FileHandle[]): Promise<boolean> {
  for (const handle of handles) {
    const answer = await handle.requestPermission?.({ mode: 'read' }).catch(() => null);
    if (answer !== 'granted') return false;
  }
  return handles.length > 0;
}
