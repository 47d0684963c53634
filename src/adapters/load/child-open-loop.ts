import { runOpenLoop } from './open-loop.ts';
import { runAsChild } from './run-as-child.ts';
import { warmOpenLoop } from './warm-open-loop.ts';

runAsChild({ prepare: warmOpenLoop, work: runOpenLoop });
