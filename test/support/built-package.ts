import { existsSync } from 'node:fs';
import { join } from 'node:path';

export const REPOSITORY = join(import.meta.dirname, '..', '..');

/** The built package's entry: what a client's registration starts. `npm test` builds it. */
export const SERVER_FILE = join(REPOSITORY, 'dist', 'main.js');

if (!existsSync(SERVER_FILE)) throw new Error('dist/ is missing: run "npm run build" before these tests.');
