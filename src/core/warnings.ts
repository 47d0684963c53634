import type { StateOnDisk } from './model/experiment.ts';
import type { Metric } from './model/metrics.ts';
import type { Warning } from './model/warning.ts';

/** Every warning there is, in one place: what weakens a result and what to do about it. */
const percent = (share: number): string => `${Math.round(share * 100)} %`;

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** The first few, and how many more there are. */
const firstOf = (texts: readonly string[], most: number): string =>
  texts.length <= most
    ? texts.join('; ')
    : `${texts.slice(0, most).join('; ')} and ${texts.length - most} more`;

export const WARNINGS = {
  few_blocks: (blocks: number): Warning => ({
    code: 'few_blocks',
    message: `${blocks} blocks are too few to check the baseline against its own copy and to say what effect it resolves.`,
    fix: 'Use effort "standard" before you decide on small effects.',
  }),
  self_check_failed: (text: string): Warning => ({
    code: 'self_check_failed',
    message: text,
    fix: 'Measure again when the machine is quieter; until then verdicts on this workload are not to be trusted.',
  }),
  unstable: (kinds: readonly string[]): Warning => ({
    code: 'unstable',
    message: `The measurement was not steady (${kinds.join(', ')}).`,
    fix: 'Stop other work on the machine, or measure with more effort.',
  }),
  busy_machine: (share: number, processes: number): Warning => ({
    code: 'busy_machine',
    message: `Other programs used up to ${percent(share)} of the machine while ${processes} of the processes were measured.`,
    fix: 'Close them and measure again; comparisons stay valid but need more blocks.',
  }),
  steal: (share: number): Warning => ({
    code: 'steal',
    message: `The host took up to ${percent(share)} of this virtual machine's time.`,
    fix: 'Measure at another time or on another machine.',
  }),
  throttled: (samples: number): Warning => ({
    code: 'throttled',
    message: `In ${samples} processes the CPU quota of the container stopped the program for a while: wall time and latency are those of the quota.`,
    fix: 'Raise the quota, or measure where there is none; CPU time is not touched by it.',
  }),
  cpu_quota: (quota: number, cores: number): Warning => ({
    code: 'cpu_quota',
    message: `A CPU quota of ${Number(quota.toFixed(2))} cores lies on the ${cores} cores here: program and load generator share it, and are stopped together when it is used up.`,
    fix: 'Give the container whole cores instead (cpuset), or judge by CPU time.',
  }),
  generator_bound: (processes: number): Warning => ({
    code: 'generator_bound',
    message: `In ${processes} processes the load generator was the limit, not the program: throughput is a lower bound.`,
    fix: 'Judge CPU per request instead, or use heavier requests.',
  }),
  at_ceiling: (ceilingRps: number, processes: number): Warning => ({
    code: 'at_ceiling',
    message: `In ${processes} processes throughput came near the ${Math.round(ceilingRps)} requests a second that the closed loop reaches here against a server that does nothing: it tells more of HTTP and of the load generator than of the program.`,
    fix: 'Judge CPU per request, or use requests that make the program work.',
  }),
  attached: (url: string): Warning => ({
    code: 'attached',
    message: `The service at ${url} was already running: all samples are of one process, which keeps what earlier load left in it, and nothing is known of its CPU, its memory or the code that it runs.`,
    fix: 'Give the workload "start" in place of "attach" for fresh processes and for comparisons.',
  }),
  users_pause: (users: number): Warning => ({
    code: 'users_pause',
    message: `The users of this workload pause between requests: throughput is what ${users} of them ask for, not what the program can answer.`,
    fix: 'Judge latency and CPU per request; for capacity raise load.connections or leave think_ms out.',
  }),
  stalls: (ms: number, closedP99Ms: number, processes: number): Warning => ({
    code: 'stalls',
    message: `In ${processes} processes nothing was answered for up to ${Math.round(ms)} ms although requests waited. The latencies here contain that; a closed loop hides it (its p99 was ${closedP99Ms.toFixed(1)} ms).`,
    fix: 'Look for what blocks the program from time to time: garbage collection, synchronous work, locks, a pool that runs dry.',
  }),
  late_arrivals: (ms: number, processes: number): Warning => ({
    code: 'late_arrivals',
    message: `In ${processes} processes requests were sent late (p99 up to ${ms.toFixed(1)} ms); tail latency includes that.`,
    fix: 'Lower load.rate_per_s, or free the core of the generator.',
  }),
  not_pinned: (): Warning => ({
    code: 'not_pinned',
    message:
      'Program and load generator share their cores: this platform cannot pin them, or there is one core.',
    fix: 'On Linux install util-linux (taskset); give the machine two cores or more.',
  }),
  cut_short: (processes: number): Warning => ({
    code: 'cut_short',
    message: `In ${processes} processes the statement was executed less often than planned, because it took many times as long as in the calibration.`,
    fix: 'Measure again when the database is quieter; if a change made it that slow, that is the result.',
  }),
  shared_database: (): Warning => ({
    code: 'shared_database',
    message:
      'Both sides of a comparison use one database: what "setup" changes in it holds for both, the last one last.',
    fix: 'Compare statements (a changed "file"); measure a migration as two baselines, before and after, or on SQLite, where each side has a file of its own.',
  }),
  start_overhead: (overheadMs: number, wallMs: number): Warning => ({
    code: 'start_overhead',
    message: `Starting any program at all takes ${overheadMs.toFixed(1)} of the ${wallMs.toFixed(1)} ms.`,
    fix: 'Give the command more to do in a run; a change of the program shows diluted by this much.',
  }),
  no_child_usage: (): Warning => ({
    code: 'no_child_usage',
    message:
      'This platform does not tell what a finished command used: wall time decides, which neighbours disturb more.',
    fix: 'Measure on Linux or macOS, with the optional package koffi installed.',
  }),
  instructions_blind: (): Warning => ({
    code: 'instructions_blind',
    message:
      'Instruction counts are blind to I/O, waiting, caches and branch prediction, and threads run one at a time while they are counted: fewer instructions need not be less time.',
    fix: 'Read CPU time and wall time beside them.',
  }),
  no_instructions: (why: string): Warning => ({
    code: 'no_instructions',
    message: `Instructions were not counted: ${why}. CPU time decides.`,
  }),
  read_disk: (samples: number): Warning => ({
    code: 'read_disk',
    message: `In ${samples} samples the command read from the disk and not from the page cache.`,
    fix: 'Measure again; if it stays so, the data does not fit into memory and wall time is that of the disk.',
  }),
  left_running: (samples: number): Warning => ({
    code: 'left_running',
    message: `In ${samples} samples the command ended while processes that it had started went on; they were ended, and what they would have done is not counted.`,
    fix: 'Use a command that waits for all of its work.',
  }),
  rate_above_capacity: (rate: number, capacity: number): Warning => ({
    code: 'rate_above_capacity',
    message: `The workload sends ${rate} requests a second, and the program can answer about ${Math.round(capacity)}: latency is that of a growing queue.`,
    fix: 'Set load.rate_per_s to the traffic that is really expected, below the capacity.',
  }),
  few_in_tail: (title: string, perSample: number): Warning => ({
    code: 'few_in_tail',
    message: `${title} rests on ${perSample.toFixed(1)} requests in each process.`,
    fix: 'Raise load.rate_per_s or the effort before you decide on it.',
  }),
  inputs_changed: (processes: number): Warning => ({
    code: 'inputs_changed',
    message: `In ${processes} processes the inputs made anew differed from those that the function had been called with: it changes its arguments, or the generator gives others each time.`,
    fix: 'Copy the arguments in a function of your own around it (e.g. array.slice()), and use seeded random numbers in the generator; until then calls do not all see the same input.',
  }),
  no_cpu_profile: (message: string, fix: string): Warning => ({
    code: 'no_cpu_profile',
    message: `${message} No profiler inside of it tells what costs CPU time.`,
    fix,
  }),
  sampled_from_outside: (producer: string): Warning => ({
    code: 'sampled_from_outside',
    message: `Its CPU profile was taken by ${producer}, not by a profiler of Node.js.`,
    fix: 'Nothing to do; where lines are missing, give find_bottlenecks a profile of a sampler for its language.',
  }),
  not_sampled_from_outside: (message: string, fix: string): Warning => ({
    code: 'not_sampled_from_outside',
    message: `Native code was not looked at: ${message}`,
    fix,
  }),
  sampled_without_names: (message: string, fix: string): Warning => ({
    code: 'sampled_without_names',
    message,
    fix,
  }),
  some_failed: (failed: number, total: number, example: string | undefined): Warning => ({
    code: 'some_failed',
    message: `${failed} of ${total} requests failed${example === undefined ? '' : `, for example ${example}`}.`,
    fix: 'Look at error_rate; fix the program or the expectation before judging its speed.',
  }),
  dropped_blocks: (reasons: readonly string[]): Warning => ({
    code: 'dropped_blocks',
    message: `${reasons.length} blocks were dropped because a process failed: ${reasons[0] ?? ''}`,
    fix: 'Find out why the program fails now and then.',
  }),
  constraint_broken: (
    broken: {
      readonly name: string;
      readonly value: number;
      readonly bound: 'max' | 'min';
      readonly target: number;
      readonly wasBroken: boolean;
    },
    { title, unit }: Pick<Metric, 'title' | 'unit'>,
  ): Warning => ({
    code: 'constraint_broken',
    message: `The candidate breaks constraint "${broken.name}": ${title} (${unit}) is ${short(broken.value)}, and ${broken.bound === 'max' ? 'at most' : 'at least'} ${short(broken.target)} is allowed${broken.wasBroken ? '; the baseline broke it too' : ''}.`,
    fix: 'Only the person who set it can lift it (define_goals); without that do not keep the change.',
  }),
  gain_kept_on_disk: (
    { first, later, left, left_files }: Pick<StateOnDisk, 'first' | 'later' | 'left' | 'left_files'>,
    { title, unit }: Pick<Metric, 'title' | 'unit'>,
  ): Warning => ({
    code: 'gain_kept_on_disk',
    message: `${title} (${unit}) of the candidate: ${first.map(({ candidate }) => short(candidate)).join(' and ')} in first processes, ${short(later.candidate)} in later ones; of the baseline ${first.map(({ baseline }) => short(baseline)).join(' and ')}, then ${short(later.baseline)}. The candidate had left ${left_files} files: ${firstOf(left, 5)}.`,
    fix: 'Take the cache out, or let it be found empty: a command workload clears it in "prepare". If it is the feature, its value is how often it is hit, which this workload does not say.',
  }),
  linked_files: (files: readonly string[]): Warning => ({
    code: 'linked_files',
    message: `The checkout uses git-ignored files of the working tree: ${files.join(', ')}. They are the same on both sides and not part of the snapshot.`,
  }),
  no_baseline: (): Warning => ({
    code: 'no_baseline',
    message: 'There is no baseline of this workload: ceilings rest on one process measured now.',
    fix: 'Call measure_baseline first.',
  }),
  other_machine: (): Warning => ({
    code: 'other_machine',
    message:
      'The baseline was measured on another machine; both sides are measured again here, side by side, and only that counts.',
  }),
  load_of_baseline: (baseline: string): Warning => ({
    code: 'load_of_baseline',
    message: `Both sides are measured under the load of baseline ${baseline}, which was settled on other code.`,
    fix: 'Where their capacities differ much, set the load in the workload, or measure a baseline of the code that you compare with.',
  }),
  workloads_left_out: (names: readonly string[]): Warning => ({
    code: 'workloads_left_out',
    message: `Not judged, because there is no baseline that they could be compared with: ${names.join(', ')}.`,
    fix: 'Name one of them as "workload" to see why.',
  }),
  alpha_spent: (attempt: number, alpha: number): Warning => ({
    code: 'alpha_spent',
    message: `Attempt ${attempt} on the same change: it must convince at alpha ${alpha}.`,
    fix: 'Do not repeat a measurement until it says what you hope; change the code, or use more effort.',
  }),
  no_tests: (): Warning => ({
    code: 'no_tests',
    message: 'No test command is configured: nothing says that the change still works.',
    fix: 'Set correctness.test with define_goals.',
  }),
  failed_before: (): Warning => ({
    code: 'failed_before',
    message: 'The tests fail on the baseline too, so they cannot tell whether the change broke something.',
    fix: 'Repair them first.',
  }),
  behaviour_not_checked: (why: string): Warning => ({
    code: 'behaviour_not_checked',
    message: `Whether the candidate behaves like the baseline was not checked: ${why}.`,
    fix: 'Compare what both sides answer by yourself, or let tests do it.',
  }),
  behaviour_masked: (places: readonly string[]): Warning => ({
    code: 'behaviour_masked',
    message: `Not compared, since it differs between runs of the baseline itself: ${firstOf(places, 5)}.`,
    fix: 'Where that matters, let tests look at it.',
  }),
  judging_files_changed: (files: readonly string[]): Warning => ({
    code: 'judging_files_changed',
    message: `The change touches files that decide what is measured or tested: ${files.slice(0, 5).join(', ')}.`,
    fix: 'Read them before you believe the verdict; change tests and code in separate steps.',
  }),
  inlining_distorts: (name: string, plain: number, attributed: number): Warning => ({
    code: 'inlining_distorts',
    message: `With inlining off ${name} takes ${percent(attributed)} of the time, with inlining on ${percent(plain)}: its share is uncertain by that much.`,
    fix: 'Trust the range, not the number.',
  }),
  few_profile_samples: (n: number): Warning => ({
    code: 'few_profile_samples',
    message: `The profile holds ${n} busy samples; shares are wide.`,
    fix: 'Use effort "thorough", or more load.',
  }),
  profile_without_times: (samples: number): Warning => ({
    code: 'profile_without_times',
    message: `The profile has no timeDeltas; each of its ${samples} samples weighs the same.`,
  }),
  profile_times_incomplete: (samples: number, deltas: number): Warning => ({
    code: 'profile_times_incomplete',
    message: `The profile has ${samples} samples but ${deltas} time deltas; samples without one weigh nothing.`,
    fix: 'Capture it again.',
  }),
  profile_negative_times: (negative: number, samples: number): Warning => ({
    code: 'profile_negative_times',
    message: `${negative} of ${samples} samples had a negative time delta (V8 reorders samples of its threads) and weigh nothing.`,
  }),
  profile_unknown_nodes: (unknown: number, samples: number): Warning => ({
    code: 'profile_unknown_nodes',
    message: `${unknown} of ${samples} samples name a node that the profile does not have; they were left out.`,
    fix: 'Capture it again.',
  }),
  profile_of_profiler: (ms: number): Warning => ({
    code: 'profile_of_profiler',
    message: `${Math.round(ms)} ms in which the inspector started or stopped the profiler were left out.`,
  }),
  import_cut_off: (what: string): Warning => ({
    code: 'import_cut_off',
    message: `The imported file is cut off: ${what}`,
    fix: 'Copy or record it again; what is there was used.',
  }),
  import_lines_skipped: (skipped: number, all: number): Warning => ({
    code: 'import_lines_skipped',
    message: `${skipped} of ${all} lines of the imported file have another form and were left out.`,
  }),
  import_unknown_frames: (share: number): Warning => ({
    code: 'import_unknown_frames',
    message: `${Math.round(share * 100)} % of the imported samples ended in code without a name.`,
    fix: 'Record it where symbols can be found: node --perf-basic-prof, debug symbols, or perf script on the recording machine.',
  }),
  import_one_of_values: (chosen: string, others: readonly string[]): Warning => ({
    code: 'import_one_of_values',
    message: `The profile has several values for each stack; "${chosen}" was read, not ${others.map((name) => `"${name}"`).join(', ')}.`,
  }),
  spans_invalid: (count: number): Warning => ({
    code: 'spans_invalid',
    message: `${count} spans without an id or a time were left out.`,
  }),
  no_lines: (): Warning => ({
    code: 'no_lines',
    message:
      'The profile tells no lines here: the code ran from generated text whose lines do not match the source (tsx, minified code).',
    fix: 'Start a build that keeps lines and has source maps, e.g. compiled by tsc; functions are right as they are.',
  }),
  few_samples_per_point: (wanted: number): Warning => ({
    code: 'few_samples_per_point',
    message: `Points of the sweep have fewer than ${wanted} samples: one slow process can bend the curve.`,
    fix: 'Sweep with more effort.',
  }),
  curve_misses: (ratio: number): Warning => ({
    code: 'curve_misses',
    message: `The fitted curve misses half of the points by ${percent(ratio)} or more: the law describes this sweep badly.`,
    fix: 'Read the points and the plot, not the coefficients.',
  }),
  steeper_than_classes: (slope: number): Warning => ({
    code: 'steeper_than_classes',
    message: `Time grows with about the ${slope.toFixed(1)}th power of the size, faster than any class that is fitted.`,
    fix: 'Read it as "cubic or worse"; sweep smaller sizes to see whether it is exponential.',
  }),
  no_class_fits: (error: number): Warning => ({
    code: 'no_class_fits',
    message: `No class predicts a size from the others to better than ${percent(error)}.`,
    fix: 'Look at the plot: the size may change what the code does, or noise hides the curve.',
  }),
  growth_changes: (slope: number, expected: number): Warning => ({
    code: 'growth_changes',
    message: `Over the larger sizes time grows with the power ${slope.toFixed(2)}, where the fitted curve says ${expected.toFixed(2)}: growth changes with size.`,
    fix: 'Look for a threshold (cache size, garbage collection, another algorithm), and sweep on from there.',
  }),
  no_database_connection: (): Warning => ({
    code: 'no_database_connection',
    message:
      'The program uses PostgreSQL, and no variable with its URL was found: plans and lock waits were not looked at.',
    fix: 'Set DATABASE_URL to a postgres:// URL of the same database, in "start.env" of the workload (without a password), in the .env file of the project, or where the server is registered.',
  }),
  database_not_seen: (why: string, fix: string): Warning => ({
    code: 'database_not_seen',
    message: `The database was not looked at: ${why}`,
    fix,
  }),
  statements_not_explained: (count: number, reasons: readonly string[]): Warning => ({
    code: 'statements_not_explained',
    message: `${count} of the statements got no plan: ${reasons.join('; ')}.`,
    fix: 'Let the role of the URL read the tables (GRANT SELECT); a statement with its values in its text is planned once it takes parameters.',
  }),
  activity_hidden: (): Warning => ({
    code: 'activity_hidden',
    message: 'The role of the URL may not see what other sessions do: lock waits were not looked for.',
    fix: 'Use the role of the program, or GRANT pg_read_all_stats to that role.',
  }),
  no_heap: (): Warning => ({
    code: 'no_heap',
    message: 'No Node.js process of the program told of its heap: leaks and allocation were not looked for.',
    fix: 'The start command must run Node.js 16 or newer and must not clear NODE_OPTIONS; of programs in other languages import a heap profile.',
  }),
  no_heap_growth: (): Warning => ({
    code: 'no_heap_growth',
    message:
      'Whether the heap grows was not told: its threads were not the same ones after each load, or answered no request.',
    fix: 'Use a workload whose program keeps its processes and worker threads between requests.',
  }),
  no_requests_traced: (): Warning => ({
    code: 'no_requests_traced',
    message:
      'The tracer saw no request in the program: waits for databases, services and pools are not explained.',
    fix: 'It sees servers of node:http and node:https in Node.js 16 or newer. NODE_OPTIONS must not be cleared; of other programs import a trace.',
  }),
  spans_dropped: (dropped: number, kept: number): Warning => ({
    code: 'spans_dropped',
    message: `The program did more than the tracer keeps: ${dropped} calls were left out, ${kept} are in the trace. Requests near its end look emptier than they are.`,
    fix: 'Use effort "quick", or less load.',
  }),
  unreadable_trace: (threads: number): Warning => ({
    code: 'unreadable_trace',
    message: `${threads} threads gave a trace that cannot be read; they are left out.`,
  }),
  no_picture: (why: string): Warning => ({
    code: 'no_picture',
    message: `A flamegraph could not be drawn: ${why}`,
  }),
} as const;
