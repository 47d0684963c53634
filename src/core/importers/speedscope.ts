import { mergeProfiles } from '../profile/merge.ts';
import type { Profile } from '../profile/model.ts';
import type { ProfileImporter } from './importer.ts';
import { isObject, listOf, numberOr, objectsOf, textOr } from './json-shape.ts';
import type { Json } from './json-shape.ts';
import { settleLines } from './line-meaning.ts';
import { refuse } from './refuse.ts';
import { createStackBuilder } from './stack-builder.ts';
import type { StackBuilder, StackFrame } from './stack-builder.ts';
import { TIME_UNITS } from './units.ts';

/**
 * speedscope's own file format (https://www.speedscope.app/file-format-schema.json, src/lib/file-format-spec.ts), which
 * py-spy, rbspy, Pyroscope and others write as well. A file holds a profile for each thread, `sampled` (stacks with
 * weights) or `evented` (frames that open and close); those in the unit of the active one are merged.
 */
export const speedscope: ProfileImporter = {
  id: 'speedscope',
  title: 'speedscope (.speedscope.json)',
  gives: 'profile',
  detect(source) {
    const file = source.json();
    return isObject(file) && isObject(file.shared) && Array.isArray(file.profiles);
  },
  parse(source) {
    const file = source.json();
    const { shared, profiles, activeProfileIndex } = isObject(file) ? file : {};
    const frames = settleLines(readFrames(isObject(shared) ? shared.frames : undefined));
    const all = objectsOf(profiles);
    const chosen = all[numberOr(activeProfileIndex, 0)] ?? all[0];
    if (chosen === undefined) throw refuse(source, 'is a speedscope file without profiles', RECORD_AGAIN);
    const unit = textOr(chosen.unit, 'none');
    const threads = all
      .filter((profile) => textOr(profile.unit, 'none') === unit)
      .map((profile, index) => ({
        profile: readProfile(profile, unit, frames),
        thread: textOr(profile.name, '') || `profile ${index + 1}`,
      }));
    const { profile } = mergeProfiles(threads);
    if (!profile.nodes.self.some((weight) => weight > 0)) {
      throw refuse(source, 'is a speedscope file without samples', RECORD_AGAIN);
    }
    return { profile, warnings: [] };
  },
};

const RECORD_AGAIN = 'Record again, for longer, while the program is busy.';

function readFrames(frames: unknown): readonly StackFrame[] {
  // Places in the list are what samples name, so that nothing may be left out.
  return listOf(frames).map((frame) => {
    const { name, file, line, col } = isObject(frame) ? frame : {};
    return {
      name: textOr(name, ''),
      ...(typeof file === 'string' ? { file } : {}),
      ...(typeof line === 'number' ? { line } : {}),
      ...(typeof col === 'number' ? { column: col } : {}),
    };
  });
}

function readProfile(profile: Json, unit: string, frames: readonly StackFrame[]): Profile {
  const micros = TIME_UNITS.get(unit);
  const builder = createStackBuilder(
    micros !== undefined ? 'wall_us' : unit === 'bytes' ? 'bytes' : 'samples',
  );
  if (profile.type === 'evented') addEvents(builder, profile, micros ?? 1, frames);
  else addSamples(builder, profile, micros ?? 1, frames);
  return builder.build([]);
}

function addSamples(
  builder: StackBuilder,
  { samples, weights }: Json,
  scale: number,
  frames: readonly StackFrame[],
): void {
  const given = listOf(weights);
  listOf(samples).forEach((sample, index) => {
    const stack = listOf(sample).flatMap((at) => framesAt(frames, at));
    const weight = Array.isArray(weights) ? numberOr(given[index], 0) : 1;
    if (stack.length > 0) builder.add(stack, Math.max(0, weight) * scale, 1);
  });
}

function addEvents(
  builder: StackBuilder,
  { events, startValue }: Json,
  scale: number,
  frames: readonly StackFrame[],
): void {
  const open: StackFrame[] = [];
  let last = numberOr(startValue, 0);
  for (const { type, frame, at } of objectsOf(events)) {
    const now = numberOr(at, last);
    if (open.length > 0 && now > last) builder.add(open, (now - last) * scale, 1);
    last = Math.max(last, now);
    const [named] = framesAt(frames, frame);
    if (named === undefined) continue;
    if (type === 'O') {
      open.push(named);
    } else if (type === 'C') {
      // Frames close in the reverse order; a file that does otherwise closes those above with it.
      const from = open.lastIndexOf(named);
      if (from >= 0) open.length = from;
    }
  }
}

function framesAt(frames: readonly StackFrame[], at: unknown): readonly StackFrame[] {
  const frame = typeof at === 'number' ? frames[at] : undefined;
  return frame === undefined ? [] : [frame];
}
