/** The server as a process of its own: configuration from the environment, one line when it is up, SIGTERM. */
import { serve } from './serve.ts';

await serve();
