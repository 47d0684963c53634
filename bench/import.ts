import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { seededRandom } from '../src/core/random.ts';
import { median } from '../src/core/stats/index.ts';
import { rangeOf, type Bench } from './bench.ts';

const ROUNDS = 5;
const NODES = 220_000;
const SAMPLES = 3_000_000;
const MAX_RATIO = 1.5;
const MAX_MIB = 600;
const MIB = 2 ** 20;

export const importBench: Bench = {
  name: 'import',
  title: 'Importing a large CPU profile',
  method: `A .cpuprofile of about 100 MB (${NODES} nodes of 4,000 functions, ${SAMPLES} samples, by seed); ${ROUNDS} pairs of fresh processes: one that decodes it and calls JSON.parse, one that imports and analyses it. Memory is the peak of the second (maxRSS), Node.js itself and the bytes of the file included.`,
  run: async () => {
    const directory = mkdtempSync(join(tmpdir(), 'deep-optimize-bench-'));
    try {
      const file = join(directory, 'large.cpuprofile');
      const bytes = writeProfile(file);
      const script = join(directory, 'import.mjs');
      await build({
        entryPoints: [fileURLToPath(new URL('fixtures/import-profile.ts', import.meta.url))],
        bundle: true,
        platform: 'node',
        format: 'esm',
        outfile: script,
        logLevel: 'error',
      });
      const rounds = Array.from({ length: ROUNDS }, () => ({
        parse: measure(script, 'parse', file),
        whole: measure(script, 'import', file),
      }));
      const ratios = rounds.map(({ parse, whole }) => whole.ms / parse.ms);
      const peaks = rounds.map(({ whole }) => whole.bytes / MIB);
      const parsePeaks = rounds.map(({ parse }) => parse.bytes / MIB);
      return [
        {
          what: `import and analysis of ${(bytes / 1e6).toFixed(0)} MB, of JSON.parse`,
          value: `${median(ratios).toFixed(2)} x`,
          spread: `${rangeOf(ratios, 2)} x`,
          n: ROUNDS,
          target: `under ${MAX_RATIO} x`,
          outcome: median(ratios) < MAX_RATIO ? 'pass' : 'fail',
        },
        {
          what: 'peak memory of it',
          value: `${median(peaks).toFixed(0)} MiB`,
          spread: `${rangeOf(peaks, 0)} MiB`,
          n: ROUNDS,
          target: `under ${MAX_MIB} MiB`,
          outcome: Math.max(...peaks) < MAX_MIB ? 'pass' : 'fail',
        },
        {
          what: 'peak memory of JSON.parse alone',
          value: `${median(parsePeaks).toFixed(0)} MiB`,
          spread: `${rangeOf(parsePeaks, 0)} MiB`,
          n: ROUNDS,
        },
      ];
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

function measure(script: string, mode: 'parse' | 'import', file: string): { ms: number; bytes: number } {
  const printed: unknown = JSON.parse(
    execFileSync(process.execPath, [script, mode, file], { encoding: 'utf8' }),
  );
  if (typeof printed !== 'object' || printed === null || !('ms' in printed) || !('bytes' in printed))
    throw new Error('The child printed something else.');
  return { ms: Number(printed.ms), bytes: Number(printed.bytes) };
}

/** As V8 writes it: nodes with places and ticks, then samples and times. Returns its size in bytes. */
function writeProfile(file: string): number {
  const random = seededRandom(2026);
  const descriptor = openSync(file, 'w');
  let bytes = 0;
  const write = (text: string) => (bytes += writeSync(descriptor, text));
  const children = Array.from({ length: NODES + 1 }, (): number[] => []);
  for (let id = 2; id <= NODES; id++)
    children[Math.max(1, id - 1 - random.int(Math.min(id - 1, 40)))]?.push(id);
  const inParts = (count: number, make: (index: number) => string) => {
    for (let from = 0; from < count; from += 10_000) {
      const to = Math.min(count, from + 10_000);
      const part = Array.from({ length: to - from }, (_, index) => make(from + index));
      write((from === 0 ? '' : ',') + part.join(','));
    }
  };
  write('{"nodes":[');
  inParts(NODES, (index) => {
    const at = random.int(4000);
    const callFrame =
      index === 0
        ? { functionName: '(root)', scriptId: '0', url: '', lineNumber: -1, columnNumber: -1 }
        : {
            functionName: `handleRequestPart${at}`,
            scriptId: String(at % 300),
            url: `file:///srv/app/node_modules/package-${at % 40}/dist/lib/module-${at % 300}.js`,
            lineNumber: (at * 7) % 3000,
            columnNumber: (at * 13) % 80,
          };
    const ticks = 1 + random.int(20);
    return JSON.stringify({
      id: index + 1,
      callFrame,
      hitCount: ticks,
      children: children[index + 1],
      positionTicks: [{ line: callFrame.lineNumber + 2, ticks }],
    });
  });
  write('],"startTime":1000000,"endTime":4000000000,"samples":[');
  inParts(SAMPLES, () => String(2 + random.int(NODES - 1)));
  write('],"timeDeltas":[');
  inParts(SAMPLES, () => String(900 + random.int(400)));
  write(']}');
  closeSync(descriptor);
  return bytes;
}
