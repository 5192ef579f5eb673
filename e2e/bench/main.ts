/**
 * `npm run bench -- PART …`: runs one part, whose arguments follow; without a part those that the README quotes, one
 * after the other.
 */
import { PARTS } from './figures.ts';

interface Part {
  run(args: string[]): Promise<void>;
}

const ALL: Readonly<Record<string, () => Promise<Part>>> = {
  transfer: () => import('./transfer.ts'),
  swarm: () => import('./swarm.ts'),
  link: () => import('./link.ts'),
  memory: () => import('./memory.ts'),
  start: () => import('./start.ts'),
  tracker: () => import('./tracker.ts'),
  core: () => import('./core.ts'),
  store: () => import('./store.ts'),
  copy: () => import('./copy.ts'),
  headless: async () => ({
    async run(own) {
      await (await import('./headless.ts')).run(own);
      await (await import('./headless-tcp.ts')).run(own);
    },
  }),
  url: () => import('./url.ts'),
};

const [which, ...args] = process.argv.slice(2);

if (which === undefined || which === '--json') {
  for (const name of PARTS) {
    const part = ALL[name];
    if (part === undefined) continue;
    console.log(`\n${name}`);
    await (await part()).run(which === undefined ? [] : ['--json']);
  }
} else {
  const part = ALL[which];
  if (part === undefined) {
    console.error(
      `Say one of these: npm run bench -- ${Object.keys(ALL).join(', ')} (with --json for figures alone). ` +
        `Without any, these run: ${PARTS.join(', ')}.`,
    );
    process.exitCode = 2;
  } else await (await part()).run(args);
}
