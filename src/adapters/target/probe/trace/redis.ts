import type { Callable } from './patch-method.ts';
import { isObject, isThenable, patchMethod, prototypeOf, quietly, whenSettled } from './patch-method.ts';
import { beginQuery, endQuery } from './queries.ts';
import { isRecording } from './recorder.ts';

/** The command and its key: what follows are values. */
function textOf(words: readonly unknown[]): string {
  return words.slice(0, 2).map(String).join(' ').slice(0, 500);
}

/** Commands that a driver sends for itself. */
const OWN_COMMANDS = /^(?:info|hello|auth|select|client|ready|quit)\b/i;

const seen = new WeakSet();

/** ioredis 4 and 5. A command that waits for the connection comes twice. */
export function traceIoredis(loaded: unknown): void {
  const prototype = prototypeOf(loaded, 'Redis') ?? prototypeOf({ loaded }, 'loaded');
  patchMethod(prototype, 'sendCommand', (sendCommand) => {
    return function (this: unknown, ...args) {
      const [command] = args;
      if (isRecording() && isObject(command) && isObject(this) && !seen.has(command)) {
        seen.add(command);
        quietly(() => watchCommand(this as object, command));
      }
      return sendCommand.apply(this, args);
    };
  });
}

function watchCommand(connection: object, command: Record<string, unknown>): void {
  const words = [command['name'], ...(Array.isArray(command['args']) ? (command['args'] as unknown[]) : [])];
  const { resolve, reject } = command;
  if (OWN_COMMANDS.test(String(words[0])) || typeof resolve !== 'function' || typeof reject !== 'function')
    return;
  const query = beginQuery({
    engine: 'redis',
    text: textOf([String(words[0]).toUpperCase(), ...words.slice(1)]),
    parameters: words.slice(1),
    connection,
  });
  // Its promise is the program's: a handler of ours on it would hide a rejection that nobody handles.
  command['resolve'] = function (this: unknown, ...answer: unknown[]): unknown {
    quietly(() => endQuery(query, {}));
    return (resolve as Callable).apply(this, answer);
  };
  command['reject'] = function (this: unknown, ...answer: unknown[]): unknown {
    quietly(() => endQuery(query, { error: answer[0] ?? true }));
    return (reject as Callable).apply(this, answer);
  };
}

/** @redis/client 1 to 5 (the package redis 4 and 5): every command of its client goes through this queue. */
export function traceRedisQueue(loaded: unknown): void {
  patchMethod(prototypeOf(loaded, 'default'), 'addCommand', (addCommand) => {
    return function (this: unknown, ...args) {
      const [words] = args;
      const isOurs =
        isRecording() && Array.isArray(words) && isObject(this) && !OWN_COMMANDS.test(String(words[0]));
      const query = isOurs
        ? quietly(() =>
            beginQuery({
              engine: 'redis',
              text: textOf(words),
              parameters: words.slice(1),
              connection: this,
            }),
          )
        : undefined;
      const answer = addCommand.apply(this, args);
      if (query === undefined || !isThenable(answer)) return answer;
      return whenSettled(answer, (error) => endQuery(query, { error }));
    };
  });
}
