import { findSite } from './call-site.ts';
import { currentRequest } from './context.ts';
import { isOwnWork, patchMethod, quietly } from './patch-method.ts';
import type { Callable } from './patch-method.ts';
import { addSpan, isRecording, now } from './recorder.ts';

/** Shorter texts take microseconds, and most programs write and read very many of them. */
const FEWEST_CHARACTERS = 16 * 1024;
/** Large ones come from few places, which all have to be told apart. */
const LOOKS = 1000;

/** Large texts alone, with their length; of a small one no more is done than to look at the clock. */
export function traceJson(): void {
  patchMethod(
    JSON,
    'stringify',
    traceText((_args, result) => result),
  );
  patchMethod(
    JSON,
    'parse',
    traceText(([text]) => text),
  );
}

/** @param textOf where the text is: what went in, or what came out */
function traceText(
  textOf: (args: readonly unknown[], result: unknown) => unknown,
): (original: Callable) => Callable {
  return (original) =>
    function (this: unknown, ...args) {
      if (!isRecording() || isOwnWork()) return original.apply(this, args);
      const from = now();
      const result = original.apply(this, args);
      const text = textOf(args, result);
      if (typeof text === 'string' && text.length >= FEWEST_CHARACTERS)
        quietly(() => record(`JSON.${original.name}`, from, text.length));
      return result;
    };
}

function record(name: string, from: number, bytes: number): void {
  const to = now();
  const context = currentRequest();
  if (context === undefined) return;
  const { request, span: parent } = context;
  const site = findSite(`sync ${name}`, { most: LOOKS });
  addSpan({ kind: 'sync', name, from, to, request, parent, bytes, ...(site === undefined ? {} : { site }) });
}
