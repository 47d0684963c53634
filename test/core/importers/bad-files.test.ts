import { readFileSync, readdirSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/errors.ts';
import { importEvidence } from '../../../src/core/importers/index.ts';

const folder = new URL('../../fixtures/imports/', import.meta.url);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(cpuprofile|heapprofile|json|txt|pb\.gz|json\.gz)$/.test(file))
  .map((file): readonly [string, Uint8Array] => {
    const bytes = readFileSync(new URL(file, folder));
    return [file, file.endsWith('.gz') ? gunzipSync(bytes) : bytes];
  });

/** Any outcome but an error that is not the file's. */
function attempt(content: Uint8Array | string): 'read' | 'refused' {
  try {
    importEvidence(content, 'given');
    return 'read';
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    expect(error.message).toContain('"given"');
    expect(error.fix).not.toBe('');
    return 'refused';
  }
}

describe('bad files', () => {
  it('random bytes are refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void attempt(bytes)));
  });

  it('random JSON is refused', () => {
    fc.assert(fc.property(fc.json(), (text) => void attempt(text)));
  });

  it.each(files)('%s, cut off or changed anywhere, is read or refused', (_, bytes) => {
    fc.assert(
      fc.property(
        fc.nat(bytes.length),
        fc.array(fc.tuple(fc.nat(Math.max(0, bytes.length - 1)), fc.nat(255)), { maxLength: 5 }),
        (length, changes) => {
          const changed = bytes.slice(0, Math.max(1, length));
          for (const [at, value] of changes) if (at < changed.length) changed[at] = value;
          attempt(changed);
        },
      ),
      { numRuns: 15 },
    );
  });

  it.each([
    ['PERFILE2\0\0', /binary perf\.data/],
    ['PK\u0003\u0004rest', /ZIP archive/],
    ['', /is empty/],
    ['{"traceEvents": [{"ph": "X", "name": "a"}]}', /without CPU profiles/],
    ['{"shared": {"frames": []}, "profiles": []}', /speedscope file without profiles/],
    [
      '{"head": {"callFrame": {"functionName": "(root)"}, "selfSize": 0, "children": []}}',
      /without a single sampled/,
    ],
    ['{"resourceSpans": []}', /without a single span/],
    ['[[], []]', /no format that is known/],
  ])('%j is refused by name', (content, message) => {
    expect(() => importEvidence(content, 'given')).toThrow(message);
    expect(() => importEvidence(content, 'given')).toThrow(InputError);
  });

  it('text that is cut off is used up to there, and labelled', () => {
    const raw = importEvidence('a;b 3\na;c 4\na;d', 'given');
    expect(raw.warnings.map(({ code }) => code)).toEqual(['import_cut_off']);
    const events =
      '[{"ph":"P","pid":1,"tid":1,"id":"0x1","name":"Profile","args":{"data":{"startTime":1}}},\n' +
      '{"ph":"P","pid":1,"tid":2,"id":"0x1","name":"ProfileChunk","args":{"data":{"cpuProfile":{"nodes":[{"id":1,"callFrame":{"functionName":"(root)"}},{"id":2,"parent":1,"callFrame":{"functionName":"f","url":"/a.js","lineNumber":3,"columnNumber":0}}],"samples":[2,2]},"timeDeltas":[5,7]}}},\n' +
      '{"ph":"P","pid":1,"ti';
    const trace = importEvidence(events, 'given');
    expect(trace.warnings.map(({ code }) => code)).toEqual(['import_cut_off']);
    expect(trace.gives === 'profile' && trace.profile.nodes.self.includes(12)).toBe(true);
  });
});
