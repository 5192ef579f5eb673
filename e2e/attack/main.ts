/**
 * `npm run attack [-- server | pages | NAME …] [--short] [--redis]`: strangers do their worst, to a fresh server with a
 * small heap ([SV15]) and to pages of the built product in each browser that is here ([PN9]), one attack after the other,
 * and what the others feel meanwhile is told. `--short`: a second or two each, on one server, and some of those on pages; `--redis`: the server keeps its swarms in
 * Redis. Fails where a server ends, grows too much, loses somebody honest or does not stop when it is told to, and where
 * a page stands still, grows too much, says what is not so or does not come to an honest transfer's end.
 */
import { attackPages } from './on-pages.ts';
import { attackServers } from './on-server.ts';
import { PAGE_ATTACKS } from './page-attacks.ts';
import { SERVER_ATTACKS } from './server-attacks.ts';

async function main(words: readonly string[]): Promise<number> {
  const names = words.filter((word) => !word.startsWith('--'));
  const known = ['server', 'pages', ...[...SERVER_ATTACKS, ...PAGE_ATTACKS].map(({ name }) => name)];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    console.log(`There is no attack ${unknown}. There are: ${known.join(', ')}.`);
    return 2;
  }
  const chosen = <T extends { readonly name: string }>(part: string, all: readonly T[]): readonly T[] =>
    names.length === 0 || names.includes(part) ? all : all.filter(({ name }) => names.includes(name));
  const short = words.includes('--short');
  const some = short && names.length === 0 ? PAGE_ATTACKS.filter(({ inShort }) => inShort) : PAGE_ATTACKS;
  const [onServer, onPages] = [chosen('server', SERVER_ATTACKS), chosen('pages', some)];
  const withRedis = words.includes('--redis');
  let failed = onServer.length === 0 ? 0 : await attackServers(onServer, { short, withRedis });
  if (onPages.length > 0) failed += await attackPages(onPages, short);
  console.log(failed === 0 ? '\nall held' : `\n${failed} failed`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
