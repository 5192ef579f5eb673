/** What processes hold in memory, as Linux tells it: resident bytes. */
import { readdir, readFile } from 'node:fs/promises';

const PAGE_BYTES = 4_096;

/** NaN where nobody tells. */
export async function memoryOf(pid: number): Promise<number> {
  try {
    const statm = await readFile(`/proc/${pid}/statm`, 'utf8');
    return Number(statm.split(' ')[1]) * PAGE_BYTES;
  } catch {
    return NaN;
  }
}

/** Of the process and all that descend from it. */
export async function memoryOfTree(root: number): Promise<number> {
  const children = await childrenByParent();
  const memory = async (pid: number): Promise<number> => {
    const below = await Promise.all((children.get(pid) ?? []).map(memory));
    // One that ended meanwhile holds nothing.
    return ((await memoryOf(pid)) || 0) + below.reduce((sum, bytes) => sum + bytes, 0);
  };
  return memory(root);
}

export async function childrenOf(pid: number): Promise<readonly number[]> {
  return (await childrenByParent()).get(pid) ?? [];
}

async function childrenByParent(): Promise<Map<number, number[]>> {
  const children = new Map<number, number[]>();
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^[0-9]+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
    // The name in parentheses may hold anything; behind it stand the state and the parent.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}
