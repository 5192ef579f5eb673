/**
 * One command to have Shoal: builds the page where it is not current, then serves page and tracker. The command line
 * in package.json gives the shell's place to this process (`exec`), where the shell can: a signal to npm alone then
 * arrives here. Windows' shell cannot, and knows no signals.
 */
import { serve } from '../signal-server/serve.ts';
import { buildPage } from './build.ts';
import { endWhenOrphaned } from './orphaned.ts';

endWhenOrphaned();
try {
  await buildPage();
} catch (failure) {
  console.error(
    `The page could not be built: ${failure instanceof Error ? failure.message : String(failure)}`,
  );
  process.exit(1);
}
await serve();
