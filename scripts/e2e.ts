/**
 * `npm run e2e -- [what Playwright takes]`: builds what is not current, finds or installs the browsers, and runs the
 * tests of `e2e/` in them.
 */
import { findChromium, findFirefox } from './browsers.ts';
import { runTool } from './processes.ts';

async function main(): Promise<number> {
  const built = await runTool('tsx', ['scripts/build.ts']);
  if (built.code !== 0) return built.code;
  const chromium = await findChromium();
  console.log(chromium.sentence);
  if (chromium.kind === 'absent') return 1;
  const firefox = await findFirefox();
  console.log(firefox.sentence);
  const finished = await runTool('playwright', ['test', ...process.argv.slice(2)], {
    env: {
      CHROMIUM_PATH: chromium.path,
      CHROMIUM_SANDBOX: chromium.sandbox ? 'on' : 'off',
      FIREFOX_PATH: firefox.kind === 'found' ? firefox.path : '',
    },
  });
  return finished.code;
}

process.exitCode = await main();
