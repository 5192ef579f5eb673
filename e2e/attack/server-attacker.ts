/** One attack in a process of its own, so that its work is not what the others feel: `server-attacker.ts NAME PORT SECONDS`. */
import { setMaxListeners } from 'node:events';
import { SERVER_ATTACKS } from './server-attacks.ts';

const ADDRESS = '127.0.0.2';

const [name = '', port = '', seconds = ''] = process.argv.slice(2);
const attack = SERVER_ATTACKS.find((one) => one.name === name);
if (attack === undefined) throw new Error(`There is no attack ${name}.`);
const ending = new AbortController();
// Each of its sockets listens.
setMaxListeners(0, ending.signal);
const victim = { port: Number(port), address: ADDRESS, signal: ending.signal };
const timer = setTimeout(() => ending.abort(), Number(seconds) * 1_000);
await attack.run(victim);
clearTimeout(timer);
process.exit(0);
