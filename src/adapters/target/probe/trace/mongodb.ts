import { isObject, isThenable, patchMethod, prototypeOf, quietly, whenSettled } from './patch-method.ts';
import { beginQuery, endQuery } from './queries.ts';
import { isRecording } from './recorder.ts';

/** Commands that the driver sends for itself. */
const OWN_COMMANDS = new Set([
  'hello',
  'ismaster',
  'isMaster',
  'ping',
  'endSessions',
  'saslStart',
  'saslContinue',
  'killCursors',
]);

/** `Connection` of lib/cmap/connection.js: every command of the driver passes it, from version 6 on with a promise. */
export function traceMongoConnection(loaded: unknown): void {
  patchMethod(prototypeOf(loaded, 'Connection'), 'command', (command) => {
    return function (this: unknown, ...args) {
      const [, body] = args;
      const query =
        isRecording() && isObject(body) && isObject(this)
          ? quietly(() => begin(this as object, body))
          : undefined;
      const answer = command.apply(this, args);
      if (query === undefined || !isThenable(answer)) return answer;
      return whenSettled(answer, (error) => endQuery(query, { error }));
    };
  });
}

function begin(connection: object, body: Record<string, unknown>): ReturnType<typeof beginQuery> {
  const name = Object.keys(body)[0];
  if (name === undefined || OWN_COMMANDS.has(name)) return undefined;
  const asked: Record<string, unknown> = {};
  for (const key of ['filter', 'query', 'pipeline', 'updates', 'deletes', 'sort', 'projection', 'limit'])
    if (key in body) asked[key] = body[key];
  return beginQuery({
    engine: 'mongodb',
    text: `${name} ${String(body[name])} ${JSON.stringify(shapeOf(asked, 0))}`,
    parameters: [asked],
    connection,
  });
}

const DEEPEST = 6;

/** Keys as they are, values as ?; of a list its first element. */
function shapeOf(value: unknown, depth: number): unknown {
  if (depth > DEEPEST || typeof value !== 'object' || value === null) return '?';
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0], depth + 1)];
  // Values of BSON (ids, dates, numbers) are objects of classes.
  if (Object.getPrototypeOf(value) !== Object.prototype) return '?';
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner, depth + 1)]));
}
