/**
 * [HL43] One process at a time has a state folder. A file says which: one that does not live any more, or on another machine
 * has given no sign of life for a while, has lost it. Owns that file.
 */
import { createHash } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { madeFolder } from '../made-folder.ts';
import { LOCK_LIFE_MS, LOCK_PULSE_MS } from './limits.ts';
import { isTaken } from './free-path.ts';
import { codeOf, orNull } from './trouble.ts';

const Holder = v.object({ pid: v.number(), host: v.string(), began: v.nullable(v.string()), id: v.string() });
export type Holder = v.InferOutput<typeof Holder>;

export interface Lock {
  /** Others may have it. */
  release(): Promise<void>;
}

export type LockOutcome = { kind: 'held'; lock: Lock } | { kind: 'in-use'; pid: number; host: string };

/** Those of this process: nobody else can be behind its number. */
const ours = new Set<string>();
const TRIES = 5;
/** ms that whoever made the file has for writing into it who they are. */
const WRITING_MS = 2_000;

/** Rejects where nothing can be written there. */
export async function takeLock(folder: string): Promise<LockOutcome> {
  await madeFolder(folder);
  const path = join(folder, 'lock');
  const own: Holder = {
    pid: process.pid,
    host: hostname(),
    began: await beginOf(process.pid),
    id: crypto.randomUUID(),
  };
  const mine = join(folder, `lock.${own.id}`);
  await writeFile(mine, JSON.stringify(own), { flag: 'wx' });
  // Before the file says so: whoever reads it at once has to find somebody alive.
  ours.add(own.id);
  let isHeld = false;
  try {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      isHeld = await linked(mine, path);
      if (isHeld) return { kind: 'held', lock: held(path, own) };
      const holder = await holderOf(path);
      const isInUse = holder === null ? await isFresh(path, WRITING_MS) : await isAlive(holder, path);
      if (isInUse) return { kind: 'in-use', pid: holder?.pid ?? 0, host: holder?.host ?? '' };
      isHeld = await takenOver(mine, path, holder);
      if (isHeld) return { kind: 'held', lock: held(path, own) };
    }
  } finally {
    if (!isHeld) ours.delete(own.id);
    await rm(mine, { force: true });
  }
  const last = await holderOf(path);
  return { kind: 'in-use', pid: last?.pid ?? 0, host: last?.host ?? '' };
}

function held(path: string, own: Holder): Lock {
  const pulse = setInterval(() => {
    const now = new Date();
    // Who takes it away takes the file, too: then there is nothing to give a sign with.
    void orNull(utimes(path, now, now));
  }, LOCK_PULSE_MS);
  pulse.unref();
  return {
    async release() {
      clearInterval(pulse);
      ours.delete(own.id);
      const holder = await holderOf(path);
      if (holder?.id === own.id) await rm(path, { force: true });
    },
  };
}

async function linked(mine: string, path: string): Promise<boolean> {
  try {
    await link(mine, path);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    // No hard links here: this is as exclusive, but for a moment in which the file is empty.
    return writeFile(path, await readFile(mine), { flag: 'wx' }).then(
      () => true,
      (fault: unknown) => {
        if (isTaken(fault)) return false;
        throw fault;
      },
    );
  }
}

/** Null: there is none, or nobody can be read out of it. */
async function holderOf(path: string): Promise<Holder | null> {
  const text = await orNull(readFile(path, 'utf8'));
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), Holder), text);
  return read.success ? read.output : null;
}

async function isAlive(holder: Holder, path: string): Promise<boolean> {
  if (holder.host !== hostname()) return isFresh(path, LOCK_LIFE_MS);
  if (holder.pid === process.pid) return ours.has(holder.id);
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    // Somebody else's process lives as well as one of ours.
    if (codeOf(error) === 'ESRCH') return false;
  }
  const began = await beginOf(holder.pid);
  return began === null || holder.began === null || began === holder.began;
}

async function isFresh(path: string, lifeMs: number): Promise<boolean> {
  const found = await orNull(stat(path));
  return found !== null && Date.now() - found.mtimeMs < lifeMs;
}

/**
 * Puts our file in the place of one whose holder is gone. Of many who try one alone makes the claim, whose name says whom it
 * follows; only then, and while it stands, nobody else can have come in between.
 */
async function takenOver(mine: string, path: string, gone: Holder | null): Promise<boolean> {
  const claim = `${path}.after.${gone === null ? 'nobody' : createHash('sha256').update(gone.id).digest('hex')}`;
  if (!(await linked(mine, claim))) {
    // Of one who was ended in the middle of it.
    if (!(await isFresh(claim, LOCK_LIFE_MS))) await rm(claim, { force: true });
    return false;
  }
  try {
    const holder = await holderOf(path);
    const isSame = holder?.id === gone?.id && (holder !== null || !(await isFresh(path, WRITING_MS)));
    // Where it has gone altogether it is there for all who ask.
    if (!isSame || (await orNull(stat(path))) === null) return false;
    await rename(mine, path);
    return true;
  } finally {
    await rm(claim, { force: true });
  }
}

/** When a process began, in the system's own measure; null: that is not told here. */
async function beginOf(pid: number): Promise<string | null> {
  const text = await orNull(readFile(`/proc/${pid}/stat`, 'utf8'));
  // Behind the name, which may hold anything, the twentieth field.
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}
