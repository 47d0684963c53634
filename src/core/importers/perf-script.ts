import type { Warning } from '../model/warning.ts';
import { WARNINGS } from '../warnings.ts';
import type { ProfileImporter } from './importer.ts';
import type { ImportSource } from './import-source.ts';
import { readJitSymbol } from './jit-symbol.ts';
import { refuse } from './refuse.ts';
import { createStackBuilder } from './stack-builder.ts';
import type { StackFrame } from './stack-builder.ts';
import { linesOf } from './text-lines.ts';

/**
 * The text of `perf script` on a recording with call chains (perf record -g): a header for each sample, then its frames with
 * the innermost first, then an empty line.
 *
 *     node 14018 14393.747786:    5025125 cpu-clock:
 *             17d4f95 ossl_namemap_name2num+0x35 (/usr/bin/node)
 *
 * The number before the event is its period; of the clocks it is in ns, so that weights become CPU time. Other events
 * (cycles) count samples. JavaScript has names when node ran with --perf-basic-prof, Python (3.12) with -X perf.
 */
export const perfScript: ProfileImporter = {
  id: 'perf-script',
  title: 'perf script',
  gives: 'profile',
  detect({ head }) {
    let inSample = false;
    let looked = 0;
    for (const line of linesOf(head)) {
      if (inSample && FRAME.test(line)) return true;
      if (!line.startsWith('#') && line.trim() !== '') looked += 1;
      inSample = HEADER.test(line);
      if (looked > 20) return false;
    }
    return false;
  },
  parse(source) {
    const { samples, warnings } = readSamples(source);
    const withStacks = samples.filter(({ stack }) => stack.length > 0);
    if (withStacks.length === 0) {
      throw refuse(
        source,
        `has ${samples.length} samples without stacks`,
        'Record with call chains: perf record -g.',
      );
    }
    const clock = samples.every(({ event, period }) => CLOCKS.test(event) && period > 0);
    const builder = createStackBuilder(clock ? 'cpu_us' : 'samples');
    let unknown = 0;
    for (const { stack, period } of withStacks) {
      if (stack.at(-1)?.name === UNKNOWN) unknown += 1;
      builder.add(stack, clock ? period / 1000 : 1, 1);
    }
    const share = unknown / withStacks.length;
    return {
      profile: builder.build([...new Set(samples.map(({ thread }) => thread))].slice(0, MOST_THREADS)),
      warnings: share >= WORTH_TELLING ? [...warnings, WARNINGS.import_unknown_frames(share)] : warnings,
    };
  },
};

/** comm, which may hold blanks; pid or pid/tid; CPU; time; period; event. */
const HEADER =
  /^(\S.*?)\s+(-?\d+)(?:\/(\d+))?\s+(?:\[\d+\]\s+)?(?:[\d.]+:\s+)?(?:(\d+)\s+)?([\w:./-]+?):\s*$/;
/** Address, symbol with its offset, shared object in brackets. */
const FRAME = /^\s+([0-9a-f]+)\s+(.+?)(?:\+0x[0-9a-f]+)?(?:\s+\(([^()]*(?:\([^()]*\)[^()]*)*)\))?\s*$/;
const CLOCKS = /^(cpu|task)-clock\b/;
const UNKNOWN = '[unknown]';
const WORTH_TELLING = 0.1;
const MOST_THREADS = 50;
/** Between two functions of JavaScript, and no work of its own. */
const TRAMPOLINE = /^Builtins_(InterpreterEntryTrampoline|JSEntry|JSEntryTrampoline|JSRunMicrotasksEntry)$/;

interface Sample {
  readonly thread: string;
  readonly event: string;
  readonly period: number;
  /** The outermost first. */
  readonly stack: readonly StackFrame[];
}

function readSamples(source: ImportSource): {
  readonly samples: readonly Sample[];
  readonly warnings: readonly Warning[];
} {
  const text = source.text();
  const samples: Sample[] = [];
  const frames = new Map<string, StackFrame>();
  let open: (Omit<Sample, 'stack'> & { readonly stack: StackFrame[] }) | undefined;
  let skipped = 0;
  let lines = 0;
  const close = () => {
    if (open === undefined) return;
    const { stack } = open;
    const kept = stack.filter(({ name }, index) => index === 0 || !TRAMPOLINE.test(name));
    samples.push({ ...open, stack: kept.reverse() });
    open = undefined;
  };
  for (const line of linesOf(text)) {
    if (line === '' || line.trim() === '') {
      close();
      continue;
    }
    if (line.startsWith('#')) continue;
    lines += 1;
    if (open !== undefined && /^\s/.test(line)) {
      const frame = readFrame(line, frames);
      if (frame === undefined) skipped += 1;
      else open.stack.push(frame);
      continue;
    }
    const header = HEADER.exec(line);
    if (header === null) {
      skipped += 1;
      continue;
    }
    close();
    const [, comm = '', pid = '', tid, period = '', event = ''] = header;
    open = {
      thread: `${comm} of ${tid === undefined ? 'thread' : `pid ${pid}, thread`} ${tid ?? pid}`,
      event,
      period: Number(period),
      stack: [],
    };
  }
  // perf ends each sample with an empty line: one without may lack its outer frames.
  const cut = open !== undefined && !text.endsWith('\n');
  if (cut) open = undefined;
  close();
  return {
    samples,
    warnings: [
      ...(cut ? [WARNINGS.import_cut_off('its last sample was left out.')] : []),
      ...(skipped > 0 ? [WARNINGS.import_lines_skipped(skipped, lines)] : []),
    ],
  };
}

function readFrame(line: string, known: Map<string, StackFrame>): StackFrame | undefined {
  const match = FRAME.exec(line);
  if (match === null) return undefined;
  const [, , symbol = '', object = ''] = match;
  const key = `${symbol}\n${object}`;
  let frame = known.get(key);
  if (frame === undefined) known.set(key, (frame = nameFrame(symbol, object)));
  return frame;
}

function nameFrame(symbol: string, object: string): StackFrame {
  const jit = readJitSymbol(symbol);
  if (jit !== undefined) return jit;
  // Built-ins of V8 by the name that JavaScript knows: "Builtins_ArrayPrototypeSort" is sort.
  const method = /^Builtins_[A-Z][a-z]+(?:Prototype)([A-Z]\w*)$/.exec(symbol)?.[1];
  if (method !== undefined) return { name: method.charAt(0).toLowerCase() + method.slice(1) };
  return { name: symbol, ...(isProgramOfUser(object, symbol) ? { file: object } : { native: true }) };
}

/** A function of the program's own executable has the executable as its place; libraries, kernel and runtimes have none. */
function isProgramOfUser(object: string, symbol: string): boolean {
  if (symbol === UNKNOWN || !object.startsWith('/')) return false;
  if (
    /\.so(\.|$)|\.(dylib|ko|dll)$|\/(node|nodejs|python[\d.]*|ruby|java|php)$|\/perf-\d+\.map$/.test(object)
  )
    return false;
  return (
    !/^\/(usr|lib|lib64|bin|sbin)\//.test(object) && !symbol.startsWith('__libc_') && symbol !== '_start'
  );
}
