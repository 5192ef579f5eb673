/** One command to have Shoal: builds the page where it is not current, then serves page and tracker. */
import { serve } from '../signal-server/serve.ts';
import { buildPage } from './build.ts';

try {
  await buildPage();
} catch (failure) {
  console.error(
    `The page could not be built: ${failure instanceof Error ? failure.message : String(failure)}`,
  );
  process.exit(1);
}
await serve();
