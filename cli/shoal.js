#!/usr/bin/env node
// The command `shoal`: TypeScript is run as it stands, by the project's own settings wherever it is called from.
import { register } from 'tsx/esm/api';

register({ tsconfig: false });
await import('./main.ts');
