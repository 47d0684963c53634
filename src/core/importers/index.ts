import { InputError } from '../errors.ts';
import { chromeTrace } from './chrome-trace.ts';
import { collapsedStacks } from './collapsed-stacks.ts';
import { createImportSource } from './import-source.ts';
import type { ImportSource } from './import-source.ts';
import type { ImportedProfile, ImportedTrace, Importer } from './importer.ts';
import { otlpJson } from './otlp-json.ts';
import { perfScript } from './perf-script.ts';
import { pprof } from './pprof.ts';
import { refuse } from './refuse.ts';
import { speedscope } from './speedscope.ts';
import { ticksOf0x } from './ticks-0x.ts';
import { v8CpuProfile } from './v8-cpuprofile.ts';
import { v8HeapProfile } from './v8-heapprofile.ts';

export type { ImportedProfile, ImportedTrace, Importer } from './importer.ts';
export { PROBE_FILE_NAME } from './v8-capture.ts';

/**
 * Every format that can be read. A new one is a file beside this and a line here. The first that recognizes the content
 * reads it, so formats with a mark of their own stand before plain text.
 */
export const IMPORTERS: readonly Importer[] = [
  v8CpuProfile,
  v8HeapProfile,
  speedscope,
  chromeTrace,
  ticksOf0x,
  otlpJson,
  pprof,
  perfScript,
  collapsedStacks,
];

export type ImportedEvidence =
  | ({ readonly gives: 'profile'; readonly format: string } & ImportedProfile)
  | ({ readonly gives: 'trace'; readonly format: string } & ImportedTrace);

/**
 * Reads a profile or a trace of any known format. Throws InputError that says what is wrong with the file.
 *
 * @param content bytes are decoded where a format is text; pprof comes as it is once decompressed
 */
export function importEvidence(content: string | Uint8Array, fileName?: string): ImportedEvidence {
  const source = createImportSource(content, fileName);
  if (source.head.trim() === '') {
    throw refuse(
      source,
      `is empty (${source.size} bytes)`,
      'Capture it again, and stop the profiler before the process ends: V8 writes the file when it is told to.',
    );
  }
  const importer = IMPORTERS.find((candidate) => candidate.detect(source));
  if (importer === undefined) throw explainUnknown(source);
  return importer.gives === 'profile'
    ? { gives: 'profile', format: importer.title, ...importer.parse(source) }
    : { gives: 'trace', format: importer.title, ...importer.parse(source) };
}

/** As importEvidence, where only a profile will do. */
export function importProfile(content: string | Uint8Array, fileName?: string): ImportedProfile {
  const imported = importEvidence(content, fileName);
  if (imported.gives === 'profile') return { profile: imported.profile, warnings: imported.warnings };
  throw new InputError('invalid_import', `The file holds a trace (${imported.format}), not a profile.`, {
    fix: 'Give a profile here; traces are read by find_bottlenecks.',
  });
}

function explainUnknown(source: ImportSource): InputError {
  const formats = `Give one of: ${IMPORTERS.map(({ title }) => title).join(', ')}.`;
  const [first, second, third] = source.bytes();
  if (first === 0x1f && second === 0x8b) {
    return refuse(source, 'is gzip, and what is in it could not be unpacked', 'Capture or copy it again.');
  }
  if (first === 0x50 && second === 0x4b) return refuse(source, 'is a ZIP archive', 'Unpack it first.');
  if (first === 0x28 && second === 0xb5 && third === 0x2f)
    return refuse(source, 'is compressed with zstd', 'Unpack it first.');
  if (source.head.startsWith('PERFILE2')) {
    return refuse(
      source,
      'is the binary perf.data',
      'Give the text of "perf script -i FILE", made on the machine that recorded it.',
    );
  }
  if (source.startsAsJson && source.json() === undefined) {
    const complete = /[\]}]\s*$/.test(source.text().slice(-4096));
    return complete
      ? refuse(source, 'is not valid JSON', 'Export it again.')
      : refuse(
          source,
          `is cut off: it ends after ${source.size} bytes in the middle of its JSON`,
          'Copy it again, or capture it again and let the producer end properly.',
        );
  }
  if (source.startsAsJson) return refuse(source, 'is JSON of no format that is known here', formats);
  return refuse(source, 'has no known format', formats);
}
