import { join } from 'node:path';
import type { DatabaseFacts, ProjectFacts } from '../../../core/ports/project.ts';
import { readBenchmark } from './benchmark-file.ts';
import { urlEnvsOfSource } from './database-hints.ts';
import { readK6Script } from './k6-script.ts';
import { mountRoutes } from '../routes/mount-routes.ts';
import { readTextUpTo } from './read-text.ts';
import { findServerTraces } from '../routes/server-traces.ts';
import type { ServerTraces } from '../routes/server-traces.ts';

/** Bounds of the look: enough for a service, quick in a large repository. */
const MAX_SOURCES = 300;
const MAX_MEASURING = 100;
const MAX_FILE_BYTES = 256 * 1024;

const SOURCE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
/** Hidden files are settings of tools. */
const NOT_SOURCE = /(?:(?:^|\/)\.[^/]+$|\.d\.[cm]?ts|\.(?:test|spec|stories|min|config)\.[cm]?[jt]sx?)$/;
const IN_TESTS = /(?:^|\/)(?:tests?|__tests__|e2e|specs?)\//;
/** Where benchmarks and load scripts lie; the service itself does not. */
const MEASURING =
  /(?:^|[/._-])(?:bench|benchmarks?|benches|perf|performance|load|loadtests?|load-tests?|k6|stress)(?:[/._-])/i;

export interface SourceFacts extends Pick<ProjectFacts, 'serverFiles' | 'benchmarks' | 'loadScripts'> {
  readonly urlEnvs: DatabaseFacts['urlEnvs'];
}

/** Reads each source once, and hears everything from it. */
export async function readSources(project: string, files: readonly string[]): Promise<SourceFacts> {
  const all = new Set(files);
  const sources = files.filter((file) => SOURCE.test(file) && !NOT_SOURCE.test(file));
  const measuring = sources.filter((file) => MEASURING.test(file)).slice(0, MAX_MEASURING);
  const others = sources
    .filter((file) => !MEASURING.test(file) && !IN_TESTS.test(file))
    .slice(0, MAX_SOURCES);

  const traces = new Map<string, ServerTraces>();
  const benchmarks = [];
  const loadScripts = [];
  const urlEnvs = [];
  for (const file of [...others, ...measuring]) {
    const text = await readTextUpTo(join(project, file), MAX_FILE_BYTES);
    const benchmark = readBenchmark(text, file, all);
    const script = benchmark === undefined ? readK6Script(text, file) : undefined;
    if (benchmark !== undefined) benchmarks.push(benchmark);
    if (script !== undefined) loadScripts.push(script);
    if (benchmark !== undefined || script !== undefined || MEASURING.test(file)) continue;
    const found = findServerTraces(text, file);
    if (found !== undefined) traces.set(file, found);
    urlEnvs.push(...urlEnvsOfSource(text));
  }
  return { serverFiles: mountRoutes(traces, all), benchmarks, loadScripts, urlEnvs };
}
