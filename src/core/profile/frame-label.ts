import type { Frame } from './model.ts';
import { runtimeModule } from './runtime-calls.ts';

/** The name of a frame as people read it. Native code has no place, so it is named by what called it. */
export function labelFrame(frame: Frame, caller?: Frame): string {
  if (frame.kind !== 'native') return frame.name;
  if (caller === undefined || caller.kind === 'root') return `native ${frame.name}`;
  const module = caller.kind === 'builtin' ? runtimeModule(caller) : undefined;
  return `native under ${module === undefined ? caller.name : `${module}.${caller.name}`}`;
}
