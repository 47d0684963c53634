export { createServer } from './create-server.ts';
export { createSession } from './session.ts';
export { serveStdio } from './serve-stdio.ts';
