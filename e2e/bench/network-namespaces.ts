/**
 * A small network inside this machine (Linux, root): a network namespace for each member, all of them and this process
 * on one bridge, which lies in a namespace of its own. What a member sends goes through a token bucket (`tc tbf`), what
 * it receives does not. Names carry this process's id; nothing of the machine's own network is touched, and what a
 * killed process left is removed by the next one. Knows no browser.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { run } from '../../scripts/processes.ts';

const PREFIX = 'shoal-bench-';
const NAMESPACES = '/var/run/netns';
/** Of the token bucket: bytes that go at once, and bytes that wait before packets are dropped (65 ms of 16 Mbit). */
const BURST_BYTES = 16_000;
const QUEUE_BYTES = 131_072;
/** What is sent to nobody in this network goes to an address of it that nobody has. */
const NOBODY = 254;
/** Second bytes of the addresses that are tried. */
const FIRST_NET = 200;
const LAST_NET = 249;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export type LaidNetwork = { kind: 'laid'; network: BenchNetwork } | { kind: 'absent'; sentence: string };

/** A member's place: what runs in it sees nothing but this network. */
export interface Place {
  readonly namespace: string;
  readonly address: string;
}

export class BenchNetwork {
  readonly places: readonly Place[];
  /** Where members reach this process. */
  readonly hostAddress: string;
  readonly #namespaces: string[];
  readonly #removeAtExit = (): void => this.#removeNow();
  /** A signal by itself would end the process without its exit, with which browsers are ended, too. */
  readonly #exit = (): void => process.exit(1);

  private constructor(net: string, members: number) {
    const name = `${PREFIX}${process.pid}-`;
    this.hostAddress = `${net}.1`;
    this.places = Array.from({ length: members }, (_, at) => ({
      namespace: `${name}${at}`,
      address: `${net}.${at + 2}`,
    }));
    this.#namespaces = [`${name}hub`, ...this.places.map(({ namespace }) => namespace)];
  }

  /** `uplink`: bits a second of each member. */
  static async lay(members: number, uplink: number): Promise<LaidNetwork> {
    if (process.platform !== 'linux' || process.getuid?.() !== 0)
      return { kind: 'absent', sentence: 'network namespaces need Linux and root.' };
    removeOrphans();
    const network = new BenchNetwork(freeNet(), members);
    process.on('exit', network.#removeAtExit);
    for (const signal of SIGNALS) process.on(signal, network.#exit);
    const failure = await network.#lay(uplink);
    if (failure === null) return { kind: 'laid', network };
    network.remove();
    return { kind: 'absent', sentence: `this machine does not allow it: ${failure}` };
  }

  remove(): void {
    process.off('exit', this.#removeAtExit);
    for (const signal of SIGNALS) process.off(signal, this.#exit);
    this.#removeNow();
  }

  /** The first command that failed, with its own words; null: none. */
  async #lay(uplink: number): Promise<string | null> {
    const [hub = ''] = this.#namespaces;
    // Names of interfaces have at most 15 characters.
    const cable = (at: number | string): string => `sb${process.pid}x${at}`;
    const commands = [
      ...this.#namespaces.map((namespace) => `ip netns add ${namespace}`),
      `ip -n ${hub} link add hub type bridge`,
      `ip -n ${hub} link set hub up`,
      `ip link add ${cable('h')} type veth peer name host netns ${hub}`,
      `ip -n ${hub} link set host master hub up`,
      `ip addr add ${this.hostAddress}/24 dev ${cable('h')}`,
      `ip link set ${cable('h')} up`,
    ];
    for (const [at, { namespace, address }] of this.places.entries()) {
      commands.push(
        `ip -n ${hub} link add ${cable(at)} type veth peer name wan netns ${namespace}`,
        `ip -n ${hub} link set ${cable(at)} master hub up`,
        `ip -n ${namespace} link set lo up`,
        `ip -n ${namespace} addr add ${address}/24 dev wan`,
        `ip -n ${namespace} link set wan up`,
        `ip -n ${namespace} route add default via ${address.replace(/\d+$/, String(NOBODY))}`,
        `tc -n ${namespace} qdisc add dev wan root tbf rate ${uplink}bit burst ${BURST_BYTES} limit ${QUEUE_BYTES}`,
      );
    }
    for (const command of commands) {
      const [program = '', ...args] = command.split(' ');
      const { code, output } = await run(program, args, { output: 'collect' });
      if (code !== 0) return `${command}: ${output.trim()}`;
    }
    return null;
  }

  /** With its last namespace a cable is gone, too. */
  #removeNow(): void {
    removeAll(this.#namespaces.filter((name) => namespacesHere().includes(name)));
  }
}

function freeNet(): string {
  const taken = Object.values(networkInterfaces()).flatMap((all) =>
    (all ?? []).map(({ address }) => address),
  );
  for (let net = FIRST_NET; net <= LAST_NET; net++) {
    const prefix = `10.${net}.`;
    if (!taken.some((address) => address.startsWith(prefix))) return `${prefix}${process.pid % 256}`;
  }
  throw new Error('all private networks that the benchmark knows are in use on this machine');
}

function namespacesHere(): string[] {
  try {
    return readdirSync(NAMESPACES);
  } catch {
    return []; // there has never been one
  }
}

/** Of processes that are gone. */
function removeOrphans(): void {
  const pattern = new RegExp(`^${PREFIX}(\\d+)-`);
  removeAll(
    namespacesHere().filter((name) => {
      const pid = pattern.exec(name)?.[1];
      return pid !== undefined && !isRunning(Number(pid));
    }),
  );
}

/** At once, because this is also done while the process ends. What somebody else has removed meanwhile is no trouble. */
function removeAll(names: readonly string[]): void {
  for (const name of names) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // there is no such process
  }
}
