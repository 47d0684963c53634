import { Profile as PprofProfile } from 'pprof-format';
import type { Warning } from '../model/warning.ts';
import type { Profile } from '../profile/model.ts';
import { WARNINGS } from '../warnings.ts';
import type { ProfileImporter } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { settleLines } from './line-meaning.ts';
import { refuse } from './refuse.ts';
import { createStackBuilder } from './stack-builder.ts';
import type { StackFrame } from './stack-builder.ts';
import { BYTE_UNITS, TIME_UNITS } from './units.ts';

/**
 * pprof's protobuf (https://github.com/google/pprof/blob/main/proto/profile.proto), as Go, Pyroscope, @datadog/pprof and
 * perf_data_converter write it; its usual gzip is taken off where the file is read. A stack has several values ("samples",
 * "cpu"): one is chosen as pprof chooses it, the default or else the last, and the counts beside it say how many samples
 * that rests on.
 */
export const pprof: ProfileImporter = {
  id: 'pprof',
  title: 'pprof (.pb.gz: Go, Pyroscope, Datadog)',
  gives: 'profile',
  detect(source) {
    return !source.startsAsJson && hasSampleType(source.bytes());
  },
  parse(source) {
    const profile = decode(source);
    const { strings } = profile.stringTable;
    const text = (index: number | bigint) => strings[Number(index)] ?? '';
    const types = profile.sampleType.map(({ type, unit }) => ({ name: text(type), unit: text(unit) }));
    const wanted = text(profile.defaultSampleType);
    const named = types.findIndex(({ name }) => wanted !== '' && name === wanted);
    const value = named >= 0 ? named : types.length - 1;
    const chosen = types[value];
    if (chosen === undefined || profile.sample.length === 0) {
      throw refuse(
        source,
        'is a pprof profile without samples',
        'Record for longer, while the program is busy.',
      );
    }
    const { weight, scale } = weightOf(chosen);
    const counts = countOf(types, value, chosen);
    const locations = readLocations(profile, text);
    const builder = createStackBuilder(weight);
    let unknown = 0;
    for (const sample of profile.sample) {
      const amount = Number(sample.value[value] ?? 0) * scale;
      if (!(amount > 0)) continue;
      const stack: StackFrame[] = [];
      for (let at = sample.locationId.length - 1; at >= 0; at--) {
        const frames = locations.get(Number(sample.locationId[at]));
        if (frames === undefined) unknown += 1;
        else stack.push(...frames);
      }
      builder.add(stack, amount, counts === undefined ? 1 : Math.max(0, Number(sample.value[counts] ?? 0)));
    }
    const built = builder.build([]);
    if (!built.nodes.self.some((one) => one > 0)) {
      throw refuse(
        source,
        `is a pprof profile whose values of "${chosen.name}" are all zero`,
        'Record for longer, while the program is busy.',
      );
    }
    const others = types.filter((type, index) => index !== value && !isCount(type)).map(({ name }) => name);
    const warnings: Warning[] = [
      ...(others.length > 0 ? [WARNINGS.import_one_of_values(chosen.name, others)] : []),
      ...(unknown > 0 ? [WARNINGS.import_cut_off(`${unknown} frames name places that are not in it.`)] : []),
    ];
    return { profile: built, warnings };
  },
};

/** Fields before which `sample_type` stands: Go writes the time and the period first. */
const FIRST_FIELDS = 8;

/** Walks over the first fields of a protobuf message until one is `sample_type`: a message of two indices into a table. */
function hasSampleType(bytes: Uint8Array): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; shift < 64; shift += 7) {
      const byte = bytes[at++];
      if (byte === undefined) return -1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    return -1;
  };
  for (let index = 0; index < FIRST_FIELDS; index++) {
    const tag = varint();
    const field = tag >> 3;
    // 14 is the last field of pprof's Profile, and they are numbers (0) and messages (2) only.
    if (tag < 8 || field > 14) return false;
    const value = varint();
    if (value < 0) return false;
    if ((tag & 7) === 0) continue;
    if ((tag & 7) !== 2) return false;
    if (field === 1) return value >= 2 && value <= 12 && bytes[at] === 0x08;
    at += value;
  }
  return false;
}

function decode(source: ImportSource): PprofProfile {
  try {
    return PprofProfile.decode(source.bytes());
  } catch {
    throw refuse(
      source,
      'begins like a pprof profile, but cannot be decoded: it is cut off or damaged',
      'Download or record it again.',
    );
  }
}

interface ValueType {
  readonly name: string;
  readonly unit: string;
}

function isCount({ unit }: ValueType): boolean {
  return !TIME_UNITS.has(unit) && !BYTE_UNITS.has(unit);
}

function weightOf({ name, unit }: ValueType): { readonly weight: Profile['weight']; readonly scale: number } {
  const micros = TIME_UNITS.get(unit);
  if (micros !== undefined) return { weight: name === 'cpu' ? 'cpu_us' : 'wall_us', scale: micros };
  const bytes = BYTE_UNITS.get(unit);
  return bytes === undefined ? { weight: 'samples', scale: 1 } : { weight: 'bytes', scale: bytes };
}

/** "inuse_objects" counts what "inuse_space" weighs, "samples" what "cpu" does. */
function countOf(types: readonly ValueType[], value: number, chosen: ValueType): number | undefined {
  if (isCount(chosen)) return value;
  // Allocations are counted scaled up to what was not sampled, so that they say nothing of how sure the bytes are.
  if (BYTE_UNITS.has(chosen.unit)) return undefined;
  const index = types.findIndex((type) => isCount(type) && /^(samples?|contentions)$/.test(type.name));
  return index < 0 ? undefined : index;
}

/** Frames of each location, the outermost first: one, or more where functions were inlined. */
function readLocations(
  profile: PprofProfile,
  text: (index: number | bigint) => string,
): ReadonlyMap<number, readonly StackFrame[]> {
  const functions = new Map(profile.function.map((one) => [Number(one.id), one]));
  const objects = new Map(profile.mapping.map((one) => [Number(one.id), text(one.filename)]));
  const flat = profile.location.flatMap((location) => {
    const native: StackFrame = { name: objects.get(Number(location.mappingId)) ?? '[unknown]', native: true };
    const lines = location.line.flatMap(({ functionId, line }) => {
      const called = functions.get(Number(functionId));
      if (called === undefined) return [];
      return [nameFrame(text(called.name), text(called.filename), Number(called.startLine), Number(line))];
    });
    return (lines.length === 0 ? [native] : lines.reverse()).map((frame) => ({
      id: Number(location.id),
      frame,
    }));
  });
  const settled = settleLines(flat.map(({ frame }) => frame));
  const frames = new Map<number, StackFrame[]>();
  flat.forEach(({ id }, index) => {
    const frame = settled[index];
    if (frame === undefined) return;
    const ofPlace = frames.get(id);
    if (ofPlace === undefined) frames.set(id, [frame]);
    else ofPlace.push(frame);
  });
  return frames;
}

/** The agent of Pyroscope for Node.js writes "./work.cjs:joinOrders:5" into the name, and ":(idle)" where there is no file. */
function withoutPlace(name: string, file: string): string {
  const rest = /^(.*):\d+$/.exec(name)?.[1] ?? /^:\(.+\)$/.exec(name)?.[0];
  if (rest === undefined) return name;
  if (rest.startsWith(':')) return rest.slice(1);
  const base = file.split(/[\\/]/).at(-1) ?? '';
  const at = base === '' ? -1 : rest.indexOf(`${base}:`);
  return at < 0 ? name : rest.slice(at + base.length + 1);
}

function nameFrame(given: string, file: string, startLine: number, line: number): StackFrame {
  const name = withoutPlace(given, file);
  // @datadog/pprof writes the place into the name of functions that have none.
  const anonymous = /^\(anonymous(?::L#(\d+):C#(\d+))?\)$/.exec(name);
  if (anonymous !== null) {
    return {
      name: '',
      ...(file === '' ? {} : { file }),
      ...(anonymous[1] === undefined ? {} : { line: Number(anonymous[1]), column: Number(anonymous[2]) }),
    };
  }
  return {
    name,
    ...(file === '' ? {} : { file }),
    ...(startLine > 0 ? { line: startLine } : {}),
    ...(line <= 0 ? {} : startLine > 0 || !mayStartThere(file) ? { at: line } : { line }),
  };
}

/** The line of a place is the one that ran, but @datadog/pprof gives the first line of the function unless told otherwise. */
function mayStartThere(file: string): boolean {
  return /^node:|\.[cm]?[jt]sx?$/.test(file);
}
