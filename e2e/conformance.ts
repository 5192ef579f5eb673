/**
 * `npm run -s conformance -- FILE.json`: checks a file of test vectors. Prints a line per failure and
 * `N passed, N failed` last. Exit code 0: all passed; 1: a failure; 2: there is nothing to check.
 */
import { readFileSync } from 'node:fs';
import { checkVectors } from './conformance-checks.ts';

function readVectors(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    console.error(
      `${file} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exit(2);
  }
}

const [file] = process.argv.slice(2);
if (file === undefined) {
  console.error('Which file? Say it like this: npm run -s conformance -- FILE.json');
  process.exit(2);
}
const { passed, failures } = checkVectors(readVectors(file));
for (const failure of failures) console.log(failure);
console.log(`${passed} passed, ${failures.length} failed`);
process.exitCode = failures.length === 0 ? 0 : 1;
