import type { ProfileImporter } from './importer.ts';
import { isObject, objectsOf } from './json-shape.ts';
import { refuse } from './refuse.ts';
import { isLargeCpuProfile, readLargeCpuProfile } from './large-cpuprofile.ts';
import { CAPTURE_AGAIN, convertCapture, readCapture } from './v8-capture.ts';
import type { V8Capture } from './v8-capture.ts';

/**
 * Chrome's .cpuprofile: `Profiler.Profile` of the DevTools protocol
 * (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile), as written by node --cpu-prof,
 * the inspector and Chrome. Supported is the flat form (`nodes` with child ids); the nested `head` form of Chrome
 * before 2016 is refused by name.
 *
 * A sample weighs the time delta that stands at its place: `timeDeltas[i]` is the time in µs between sample i-1 (for
 * the first one: `startTime`) and sample i. The sampler is a wall clock, so a blocked thread has weight as well.
 */
export const v8CpuProfile: ProfileImporter = {
  id: 'v8-cpuprofile',
  title: 'V8 CPU profile (.cpuprofile)',
  gives: 'profile',
  detect(source) {
    if (isLargeCpuProfile(source)) return true;
    const profile = source.json();
    if (!isObject(profile)) return false;
    if (Array.isArray(profile.nodes)) {
      const [first] = profile.nodes as readonly unknown[];
      return isObject(first) ? 'callFrame' in first : 'samples' in profile || 'timeDeltas' in profile;
    }
    return isOldForm(profile.head);
  },
  parse(source) {
    const large = isLargeCpuProfile(source) ? readLargeCpuProfile(source.bytes()) : undefined;
    if (large !== undefined) return convertCapture(large, source);
    const profile = source.json();
    if (isObject(profile) && profile.nodes === undefined && isOldForm(profile.head)) {
      throw refuse(
        source,
        'is a CPU profile in the nested "head" form of Chrome before 2016, which is not read',
        'Capture it with Node.js 8 or newer, or convert it to the form with "nodes".',
      );
    }
    const capture = readCapture(profile);
    if (capture === undefined || isEmpty(capture)) {
      throw refuse(source, 'is a V8 CPU profile without nodes', CAPTURE_AGAIN);
    }
    if (capture.samples.length === 0) {
      throw refuse(
        source,
        `has ${capture.nodes.ids.length} nodes but no samples: the profiler ran too short or was stopped before its first sample`,
        'Profile for longer, at least one second with the usual interval of 1 ms.',
      );
    }
    return convertCapture(capture, source);
  },
};

/** A sampling heap profile has a "head" as well, but with call frames in objects. */
function isOldForm(head: unknown): boolean {
  return isObject(head) && typeof head.functionName === 'string' && objectsOf([head.callFrame]).length === 0;
}

function isEmpty({ nodes: { ids, firstBad } }: V8Capture): boolean {
  return ids.length === 0 && firstBad === undefined;
}
