/** `npm run bench -- transfer`, `shaped`, `tracker`, `core`, `store`, `copy`, `memory`, `headless` and `url`; what follows is the benchmark's own. */
const [which, ...args] = process.argv.slice(2);

switch (which) {
  case 'transfer':
    await (await import('./transfer.ts')).run(args);
    break;
  case 'shaped':
    await (await import('./shaped.ts')).run(args);
    break;
  case 'tracker':
    await (await import('./tracker.ts')).run(args);
    break;
  case 'core':
    await (await import('./core.ts')).run(args);
    break;
  case 'store':
    await (await import('./store.ts')).run(args);
    break;
  case 'copy':
    await (await import('./copy.ts')).run(args);
    break;
  case 'memory':
    await (await import('./memory.ts')).run(args);
    break;
  case 'headless':
    await (await import('./headless.ts')).run(args);
    await (await import('./headless-tcp.ts')).run(args);
    break;
  case 'url':
    await (await import('./url.ts')).run(args);
    break;
  default:
    console.error(
      'Say which: npm run bench -- transfer, shaped, tracker, core, store, copy, memory, headless or url (with --json for figures alone).',
    );
    process.exitCode = 2;
}

export {};
