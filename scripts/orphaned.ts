/**
 * Ends a process that npm started when npm, or the shell between the two, has ended without telling it ([SV11]): a
 * shell that does not give its place to the program dies of a signal without passing it on, and so does whoever is
 * killed. Outside npm a process may well outlive what started it, as a daemon does. Knows nothing of what runs.
 */
const LOOK_EVERY_MS = 500;

/** To be called first: the parent of that moment is the one that counts. */
export function endWhenOrphaned(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM'); // the signal that did not come
  }, LOOK_EVERY_MS).unref();
}
