import { buildCallTree, findOutermostNodes } from './call-tree.ts';
import type { CallTree } from './call-tree.ts';
import { createProfileBuilder } from './builder.ts';
import { displayFile } from './display-file.ts';
import type { Frame, FrameKind, Profile } from './model.ts';
import { REGEXP_FRAME, nameRuntimeCall } from './runtime-calls.ts';
import type { RuntimeCategory } from './runtime-calls.ts';

/** A built-in under a JavaScript function, with the weight that is charged to that function. */
export interface RuntimeCall {
  readonly name: string;
  readonly category: RuntimeCategory;
  readonly weight: number;
  /** Of busy weight, [0, 1]. */
  readonly share: number;
  readonly samples: number;
  /** Sources of regular expressions that ran, where V8 told. */
  readonly patterns: readonly string[];
}

export interface FunctionCost {
  /** Index into the frames of the profile. */
  readonly frameIndex: number;
  readonly frame: Frame;
  /** As people know it: relative to the project, or from node_modules on. */
  readonly file: string | undefined;
  readonly package: string | undefined;
  /** The project's own code. */
  readonly isUser: boolean;
  readonly self: number;
  /** With everything it called; recursion counted once. */
  readonly total: number;
  /** Self plus the built-ins that it called: what an edit of this function can change by itself. */
  readonly own: number;
  /** Shares are of busy weight, [0, 1]. */
  readonly selfShare: number;
  readonly totalShare: number;
  readonly ownShare: number;
  readonly samples: number;
  readonly ownSamples: number;
  readonly totalSamples: number;
  readonly calls: readonly RuntimeCall[];
}

export interface PackageCost {
  /** undefined: the project's own code; "node": the runtime's modules. */
  readonly package: string | undefined;
  readonly self: number;
  readonly own: number;
  readonly ownShare: number;
  readonly samples: number;
}

/** Where busy time went, [0, 1] each; together 1 when there was any. */
export interface Coverage {
  /** In JavaScript functions with a place, the built-ins that they called included. */
  readonly named: number;
  readonly gc: number;
  readonly program: number;
  readonly native: number;
  readonly builtin: number;
}

export interface ProfileAnalysis {
  readonly profile: Profile;
  readonly tree: CallTree;
  readonly roots: readonly string[];
  readonly totals: {
    readonly all: number;
    readonly busy: number;
    readonly idle: number;
    readonly gc: number;
    readonly samples: number;
    /** What intervals rest on. */
    readonly busySamples: number;
  };
  /** Every frame but roots and idle, by own weight. */
  readonly functions: readonly FunctionCost[];
  readonly packages: readonly PackageCost[];
  readonly coverage: Coverage;
}

/** @param roots directories that paths are shown relative to: the checkout that was profiled, the project */
export function analyzeProfile(profile: Profile, roots: readonly string[] = []): ProfileAnalysis {
  const tree = buildCallTree(profile);
  const totals = addTotals(profile);
  const charges = chargeRuntimeWork(profile);
  const functions = costFunctions(profile, tree, totals.busy, charges, roots);
  return {
    profile,
    tree,
    roots,
    totals,
    functions,
    packages: costPackages(functions, totals.busy),
    coverage: measureCoverage(functions, totals.busy),
  };
}

/** Of a program that nobody profiled. */
export function emptyAnalysis(): ProfileAnalysis {
  return analyzeProfile(createProfileBuilder('samples').build([]));
}

export function shareOf(weight: number, whole: number): number {
  return whole > 0 ? weight / whole : 0;
}

function kindOf(profile: Profile, node: number): FrameKind {
  return profile.frames[profile.nodes.frame[node] ?? 0]?.kind ?? 'root';
}

function addTotals(profile: Profile): ProfileAnalysis['totals'] {
  const { self, samples } = profile.nodes;
  const sum = { all: 0, busy: 0, idle: 0, gc: 0, samples: 0, busySamples: 0 };
  for (let node = 0; node < self.length; node++) {
    const weight = self[node] ?? 0;
    const count = samples[node] ?? 0;
    const kind = kindOf(profile, node);
    sum.all += weight;
    sum.samples += count;
    if (kind === 'idle') {
      sum.idle += weight;
    } else {
      sum.busy += weight;
      sum.busySamples += count;
      if (kind === 'gc') sum.gc += weight;
    }
  }
  return sum;
}

interface OpenCall {
  readonly name: string;
  readonly category: RuntimeCategory;
  weight: number;
  samples: number;
  readonly patterns: Set<string>;
}

interface Charges {
  /** Frame index of a JavaScript function -> call name -> cost. */
  readonly calls: ReadonlyMap<number, ReadonlyMap<string, OpenCall>>;
  /** By node: true when the node's self weight went to a JavaScript function. */
  readonly charged: readonly boolean[];
}

/** Walks down once: each built-in or native node belongs to the nearest JavaScript function above it. */
function chargeRuntimeWork(profile: Profile): Charges {
  const { parent, frame, self, samples } = profile.nodes;
  const count = parent.length;
  const owner = new Int32Array(count).fill(-1);
  const entries = new Array<ReturnType<typeof nameRuntimeCall> | undefined>(count).fill(undefined);
  const charged = new Array<boolean>(count).fill(false);
  const calls = new Map<number, Map<string, OpenCall>>();
  for (let node = 0; node < count; node++) {
    const own = profile.frames[frame[node] ?? 0];
    if (own === undefined) continue;
    if (own.kind === 'js') {
      owner[node] = frame[node] ?? 0;
      continue;
    }
    if (own.kind !== 'builtin' && own.kind !== 'native') continue;
    const above = parent[node] ?? -1;
    if (above < 0) continue;
    const caller = owner[above] ?? -1;
    if (caller < 0) continue;
    const entry = entries[above] ?? nameRuntimeCall(own);
    owner[node] = caller;
    entries[node] = entry;
    if (!entry.charged) continue;
    charged[node] = true;
    const ofCaller = calls.get(caller) ?? new Map<string, OpenCall>();
    const call = ofCaller.get(entry.name) ?? { ...entry, weight: 0, samples: 0, patterns: new Set() };
    call.weight += self[node] ?? 0;
    call.samples += samples[node] ?? 0;
    if (own.name.startsWith(REGEXP_FRAME)) call.patterns.add(own.name.slice(REGEXP_FRAME.length));
    ofCaller.set(entry.name, call);
    calls.set(caller, ofCaller);
  }
  return { calls, charged };
}

function costFunctions(
  profile: Profile,
  tree: CallTree,
  busy: number,
  charges: Charges,
  roots: readonly string[],
): readonly FunctionCost[] {
  const { nodes, frames } = profile;
  const size = frames.length;
  const self = new Float64Array(size);
  const samples = new Float64Array(size);
  const uncharged = new Float64Array(size);
  const unchargedSamples = new Float64Array(size);
  const total = new Float64Array(size);
  const totalSamples = new Float64Array(size);
  const outermost = findOutermostNodes(profile, tree);
  for (let node = 0; node < nodes.parent.length; node++) {
    const frame = nodes.frame[node] ?? 0;
    const weight = nodes.self[node] ?? 0;
    const count = nodes.samples[node] ?? 0;
    self[frame] = (self[frame] ?? 0) + weight;
    samples[frame] = (samples[frame] ?? 0) + count;
    if (charges.charged[node] !== true) {
      uncharged[frame] = (uncharged[frame] ?? 0) + weight;
      unchargedSamples[frame] = (unchargedSamples[frame] ?? 0) + count;
    }
    if (outermost[node] === true) {
      total[frame] = (total[frame] ?? 0) + (tree.weight[node] ?? 0);
      totalSamples[frame] = (totalSamples[frame] ?? 0) + (tree.samples[node] ?? 0);
    }
  }
  return (
    frames
      .map((frame, frameIndex): FunctionCost => {
        const calls = [...(charges.calls.get(frameIndex)?.values() ?? [])]
          .map((call) => ({ ...call, share: shareOf(call.weight, busy), patterns: [...call.patterns] }))
          .sort((a, b) => b.weight - a.weight);
        const own = (uncharged[frameIndex] ?? 0) + calls.reduce((sum, call) => sum + call.weight, 0);
        return {
          frameIndex,
          frame,
          file: frame.file === undefined ? undefined : displayFile(frame.file, roots),
          package: frame.package,
          isUser: frame.kind === 'js' && frame.package === undefined,
          self: self[frameIndex] ?? 0,
          total: total[frameIndex] ?? 0,
          own,
          selfShare: shareOf(self[frameIndex] ?? 0, busy),
          totalShare: shareOf(total[frameIndex] ?? 0, busy),
          ownShare: shareOf(own, busy),
          samples: samples[frameIndex] ?? 0,
          ownSamples:
            (unchargedSamples[frameIndex] ?? 0) + calls.reduce((sum, call) => sum + call.samples, 0),
          totalSamples: totalSamples[frameIndex] ?? 0,
          calls,
        };
      })
      // A root has no time of its own; one that has some is shown, so that nothing is hidden.
      .filter((cost) => cost.frame.kind !== 'idle' && (cost.frame.kind !== 'root' || cost.self > 0))
      .sort((a, b) => b.own - a.own || a.frameIndex - b.frameIndex)
  );
}

function costPackages(functions: readonly FunctionCost[], busy: number): readonly PackageCost[] {
  const byPackage = new Map<string | undefined, { self: number; own: number; samples: number }>();
  for (const cost of functions) {
    if (cost.frame.kind !== 'js' && cost.frame.kind !== 'builtin') continue;
    const sum = byPackage.get(cost.package) ?? { self: 0, own: 0, samples: 0 };
    sum.self += cost.self;
    sum.own += cost.own;
    sum.samples += cost.ownSamples;
    byPackage.set(cost.package, sum);
  }
  return [...byPackage]
    .map(([name, sum]) => ({ package: name, ...sum, ownShare: shareOf(sum.own, busy) }))
    .sort((a, b) => b.own - a.own);
}

function measureCoverage(functions: readonly FunctionCost[], busy: number): Coverage {
  const sum = (test: (kind: FrameKind) => boolean) =>
    shareOf(
      functions.reduce((weight, cost) => (test(cost.frame.kind) ? weight + cost.own : weight), 0),
      busy,
    );
  return {
    named: sum((kind) => kind === 'js'),
    gc: sum((kind) => kind === 'gc'),
    program: sum((kind) => kind === 'program' || kind === 'root'),
    native: sum((kind) => kind === 'native'),
    builtin: sum((kind) => kind === 'builtin'),
  };
}
