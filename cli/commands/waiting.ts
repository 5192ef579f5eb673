/** Lets time pass ([HL14]), in steps that a timer can wait, unless somebody wants everything to end. */
import type { Clock } from '../../shared/peer/ports.ts';
import { MOST_TIMER_MS } from './quantities.ts';

/** `ms`: `Infinity` for ever. */
export function waited(
  ms: number,
  clock: Clock,
  interrupted: AbortSignal,
): Promise<'passed' | 'interrupted'> {
  return new Promise((resolve) => {
    let cancel = (): void => undefined;
    const end = (how: 'passed' | 'interrupted'): void => {
      cancel();
      interrupted.removeEventListener('abort', given);
      resolve(how);
    };
    const given = (): void => end('interrupted');
    const step = (left: number): void => {
      const next = Math.min(left, MOST_TIMER_MS);
      cancel = clock.after(next, () => (left - next > 0 ? step(left - next) : end('passed')));
    };
    interrupted.addEventListener('abort', given, { once: true });
    if (interrupted.aborted) given();
    else step(ms);
  });
}

export function whenInterrupted(interrupted: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (interrupted.aborted) resolve(null);
    else interrupted.addEventListener('abort', () => resolve(null), { once: true });
  });
}
