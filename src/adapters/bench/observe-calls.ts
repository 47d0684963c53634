import { types } from 'node:util';
import { createBounder, canonicalText } from '../../core/behaviour/bound-value.ts';
import type { Bounder } from '../../core/behaviour/bound-value.ts';
import type { Observation, Tree, Value } from '../../core/behaviour/model.ts';
import { createPlaceRemover } from '../../core/behaviour/places.ts';
import type { ObserveJob } from './child-protocol.ts';
import type { Callable } from './find-export.ts';
import { loadFunction } from './load-function.ts';
import type { Input } from './make-inputs.ts';
import { makeInputs } from './make-inputs.ts';
import { installTypescript } from './typescript-hooks.ts';
import { valueTree } from './value-tree.ts';

/** A second call with an equal input sees what the first one left behind: so many inputs are called with again. */
const CALLED_AGAIN = 5;
/** Of what a generator function gives; more would be compared by its beginning. */
const MOST_ITEMS = 10_000;

/**
 * Calls with each input of each size once, then with the first few of the last size again, and tells what came back, was thrown
 * or was changed in the arguments. Returns how many calls there were.
 */
export async function observeCalls(
  job: ObserveJob,
  tell: (observation: Observation) => Promise<void>,
): Promise<number> {
  if (job.typescript !== null) await installTypescript(job.typescript);
  const call = await loadFunction(job);
  const hide = createPlaceRemover(job.scope.places);
  const bounder = createBounder();
  const { extent, limitMs } = job.scope;
  const startedAt = performance.now();
  let done = 0;
  for await (const { input, index, size, again } of planCalls(job)) {
    const isOver = extent === undefined ? performance.now() - startedAt > limitMs : done >= extent;
    // One call is the least that can be said of a function.
    if (isOver && done > 0) break;
    const group = size === null ? job.export : `${job.export} at size ${size}`;
    const name = `input ${index}${again ? ' again' : ''}`;
    const facets = await observeCall(call, input, hide, bounder);
    await tell({
      id: `${group} ${name}`,
      group,
      name: `${group}, ${name}`,
      facets,
      main: ['result', 'thrown'],
    });
    done += 1;
  }
  return done;
}

interface PlannedCall {
  readonly input: Input;
  readonly index: number;
  readonly size: number | null;
  readonly again: boolean;
}

/** Inputs are made when they are needed, and anew for the second calls: the first ones may have changed theirs. */
async function* planCalls(job: ObserveJob): AsyncGenerator<PlannedCall, void> {
  for (const size of job.sizes) {
    for (const [index, input] of (await inputsOf(job, size)).entries())
      yield { input, index, size, again: false };
  }
  const size = job.sizes.at(-1) ?? null;
  for (const [index, input] of (await inputsOf(job, size)).slice(0, CALLED_AGAIN).entries())
    yield { input, index, size, again: true };
}

function inputsOf(job: ObserveJob, size: number | null): Promise<readonly Input[]> {
  return makeInputs(size === null ? job : { ...job, size });
}

async function observeCall(
  call: Callable,
  input: Input,
  hide: (text: string) => string,
  bound: Bounder,
): Promise<Readonly<Record<string, Value>>> {
  const toValue = (tree: Tree): Value => bound({ kind: 'tree', tree });
  const before = canonicalText(valueTree(input, hide));
  const came = await outcomeOf(call, input, hide);
  const after = valueTree(input, hide);
  return {
    ...('result' in came ? { result: toValue(came.result) } : { thrown: toValue(came.thrown) }),
    'arguments afterwards': toValue(canonicalText(after) === before ? 'unchanged' : after),
  };
}

async function outcomeOf(
  call: Callable,
  input: Input,
  hide: (text: string) => string,
): Promise<{ readonly result: Tree } | { readonly thrown: Tree }> {
  try {
    return { result: valueTree(await taken(await call(...input)), hide) };
  } catch (thrown) {
    return { thrown: valueTree(thrown, hide) };
  }
}

/** A generator function has done nothing before somebody takes what it gives. */
async function taken(result: unknown): Promise<unknown> {
  if (!types.isGeneratorObject(result)) return result;
  const items: unknown[] = [];
  for await (const item of result as AsyncIterable<unknown> | Iterable<unknown>) {
    items.push(item);
    if (items.length >= MOST_ITEMS) break;
  }
  return items;
}
