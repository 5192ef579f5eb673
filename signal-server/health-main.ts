/** The health check as a process of its own, for Docker and other watchers: one sentence, and exit code 0 or 1. */
import { readFileSync } from 'node:fs';
import { healthFrom } from './health.ts';

const { well, sentence } = await healthFrom(process.env, (path) => readFileSync(path, 'utf8'));
(well ? process.stdout : process.stderr).write(`${sentence}\n`);
process.exitCode = well ? 0 : 1;
