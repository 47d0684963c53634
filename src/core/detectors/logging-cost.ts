import type { Frame } from '../profile/model.ts';
import { runtimeModule } from '../profile/runtime-calls.ts';
import { detectChargedWork } from './detect-charged-work.ts';

const LOGGERS = new Set([
  'pino',
  'pino-http',
  'pino-pretty',
  'pino-std-serializers',
  'sonic-boom',
  'thread-stream',
  'winston',
  'winston-transport',
  'logform',
  'triple-beam',
  'bunyan',
  'log4js',
  'loglevel',
  'morgan',
  'debug',
  'consola',
  'signale',
  'tslog',
]);

function isLogging(frame: Frame): boolean {
  if (frame.package !== undefined && LOGGERS.has(frame.package)) return true;
  // V8 wraps the methods of console while an inspector is attached, as it is when profiles are taken.
  if (frame.name === 'consoleCall' && frame.kind !== 'js') return true;
  return frame.kind === 'builtin' && runtimeModule(frame) === 'console';
}

/** What console and loggers cost: formatting, serializing, and writes that a file or terminal takes at once. */
export const loggingCost = detectChargedWork({
  id: 'logging-cost',
  title: 'Logging on the hot path',
  layer: 'algorithm',
  subject: 'Logging, most of it for',
  together: true,
  isWork: isLogging,
  signals: () => ['logging'],
  confirm: (place) =>
    `Run once with a higher log level, or with the call in ${place} left out: CPU per request must fall by about this share.`,
});
