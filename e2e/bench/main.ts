/**
 * `npm run bench -- PART …`: runs one part, whose arguments follow (`--help` names them); without a part those that
 * the README quotes, one after the other.
 */
import { PARTS } from './figures.ts';
import { WrongArgument } from './wrong-argument.ts';

interface Part {
  run(args: string[]): Promise<void>;
}

const ALL: Readonly<Record<string, () => Promise<Part>>> = {
  transfer: () => import('./transfer.ts'),
  swarm: () => import('./swarm.ts'),
  shaped: () => import('./shaped.ts'),
  link: () => import('./link.ts'),
  latency: () => import('./latency.ts'),
  memory: () => import('./memory.ts'),
  start: () => import('./start.ts'),
  profile: () => import('./profile.ts'),
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

/** Of the parts that read their arguments themselves. */
const HELP: Readonly<Record<string, string>> = {
  core: '[--json]\nWhat both machines of a transfer spend on a block, and the memory of a silent link.',
  store:
    '[--size 512] [--runs 3] [--piece 256] [--order shuffled] [--waiting 64,4,2,1] [--json] (MiB, KiB)\n' +
    "How fast pieces go into the browser's storage and come out of it, so many waiting at a time: in files, and otherwise.",
  copy:
    '[--size 1024] [--runs 3] [--json] (MiB)\n' +
    'How fast a share gets content that the browser has already of another one, verified.',
  headless:
    '[--size 256MiB] [--runs 3] [--receivers 20] [--json]\n' +
    'How fast a headless peer gives a file to another one and to a browser, and the memory of one that serves many.',
  url:
    '[--size 48MiB] [--rate 1MB] [--runs 3] [--lenders 3] [--browsers 2] [--json]\n' +
    'How much sooner a file at a web address is here when others lend their connection.',
};

const args = process.argv.slice(2);
const which = args[0]?.startsWith('--') === false ? args.shift() : undefined;

if (which === undefined) {
  for (const name of PARTS) await runAlone(name);
} else if (ALL[which] === undefined) {
  console.error(
    `Say one of these: npm run bench -- ${Object.keys(ALL).join(', ')} (with --json the last line is the report). ` +
      `Without any, these run: ${PARTS.join(', ')}.`,
  );
  process.exitCode = 2;
} else if (HELP[which] !== undefined && args.includes('--help')) {
  console.log(`npm run bench -- ${which} ${HELP[which]}`);
} else {
  await (await ALL[which]()).run(args).catch((error: unknown) => {
    if (!(error instanceof WrongArgument)) throw error;
    console.error(`${error.message}\nnpm run bench -- ${which} --help names its arguments.`);
    process.exitCode = 2;
  });
}

/** One of several: what goes wrong in it is told, and the others run all the same. */
async function runAlone(name: string): Promise<void> {
  if (!args.includes('--json')) console.log(`\n${name}`);
  try {
    await (await ALL[name]?.())?.run(args);
  } catch (error) {
    console.error(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
