import { z } from 'zod';
import { correctnessSchema, goalsSchema, pricesSchema } from '../core/model/goals.ts';
import { argvSchema, NAME } from '../core/model/workloads/common.ts';
import type { Goals } from '../core/model/goals.ts';
import { defineGoals, type DefinedGoals } from '../loop/goals.ts';
import { describeGoals } from '../render/goals.ts';
import { defineTool, type Result } from './definition.ts';
import { projectDir } from './parameters.ts';

const record = z.record(z.string(), z.unknown());

const output = z.object({
  goals: goalsSchema.describe('the draft, or what is saved now'),
  saved: z.boolean(),
  file: z.string().nullable(),
  found: z.array(z.string()).describe('what the draft was made from'),
  missing: z.array(z.object({ what: z.string(), why: z.string() })),
  unapproved_commands: z.array(argvSchema),
});

export const defineGoalsTool = defineTool({
  name: 'define_goals',
  title: 'Define goals',
  description:
    'Step 1. Without arguments: inspects the project and drafts workloads, objectives (SLOs) and constraints (writes nothing), or shows the present goals. With arguments: merges by name into .deep-optimize/goals.json; give only the fields to change. Confirm drafts with the person first.',
  effect: 'writes',
  input: z.strictObject({
    project_dir: projectDir,
    workloads: z
      .array(record)
      .optional()
      .describe(
        '{"name":"list","kind":"http","start":{"command":["node","server.js"],"env":{},"ready":{"path":"/health"}},"setup":[["npm","run","build"]],"requests":[{"method":"GET","path":"/posts?page=1","weight":3,"expect":{"status":200}}],"load":{"connections":16,"rate_per_s":120,"arrivals":"poisson"}} or "journeys":[{"name":"buy","cookies":true,"steps":[{"method":"POST","path":"/login","body":{"user":"{{user}}"},"extract":{"token":{"json":"$.token"}}},{"path":"/cart","headers":{"authorization":"Bearer {{token}}"},"think_ms":50}]}],"data":{"file":"users.csv"} (PORT is in env; "{port}" is replaced); {"kind":"function","module":"src/parse.ts","export":"parse","args":{"module":"bench/args.ts","export":"inputs"},"sizes":[100,1000]}; {"kind":"command","command":["python3","build.py"],"prepare":[["rm","-rf","out"]]}; {"kind":"query","database":{"engine":"postgres","url_env":"DATABASE_URL"},"sql":"select …","params":[[1]]}',
      ),
    objectives: z
      .array(record)
      .optional()
      .describe(
        'e.g. {"workload":"list","metric":"latency_p95_ms","max":250,"primary":true}. http: latency_p50/p90/p95/p99/p999_ms, throughput_rps, error_rate, cpu_us_per_request, event_loop_delay_p99_ms, gc_share, startup_ms; others: wall_ms, wall_low_ms, cpu_ms, execution_ms; all: rss_peak_bytes',
      ),
    constraints: z
      .array(record)
      .optional()
      .describe(
        'e.g. {"name":"no-cache","kind":"architecture","text":"…","forbids":["cache","new-infrastructure"]} or {"name":"memory","kind":"hardware","workload":"list","metric":"rss_peak_bytes","max":536870912}',
      ),
    correctness: correctnessSchema.optional().describe('e.g. {"test":["npm","test"]}'),
    prices: pricesSchema
      .optional()
      .describe('for cost_per_million_ops, e.g. {"currency":"USD","cpu_hour":0.04}'),
    import: z
      .strictObject({ file: z.string().min(1), workload: NAME.optional() })
      .optional()
      .describe('drafts an http workload from a HAR or OpenAPI file of the project; alone'),
    remove: z.array(z.string()).optional().describe('names; objectives as workload.metric'),
    approve_commands: z
      .array(argvSchema)
      .optional()
      .describe('commands of goals.json that the person agreed to run'),
  }),
  output,
  handle: async ({ project_dir: _where, ...request }, { ports, project, changes }) => {
    const defined = await defineGoals(ports, project, request);
    if (defined.state === 'saved') changes.emit(['deep-optimize://goals']);
    return present(defined);
  },
  render: (result) => describeGoals(result.goals, result.missing, result.found),
});

function present(defined: DefinedGoals): Result<z.output<typeof output>> {
  const envelope = {
    status: 'done' as const,
    warnings: [],
    links: [{ uri: 'deep-optimize://goals', title: 'Goals', mime_type: 'application/json' }],
  };
  if (defined.state === 'draft') {
    const { goals, missing, found } = defined.draft;
    const names = goals.workloads.map((w) => w.name).join(', ');
    return {
      ...envelope,
      links: [],
      summary:
        names === ''
          ? 'Nothing is saved: nothing could be found to draft a workload from. Say how the service is started and which requests matter, or which function, command or query is to be measured.'
          : `Draft only, nothing is saved: workload ${names}${goals.objectives.length === 0 ? '' : ' with placeholder objectives'}. Confirm ${missing.length} open points with the person, then call define_goals with the result.`,
      goals,
      saved: false,
      file: null,
      found: [...found],
      missing: [...missing],
      unapproved_commands: [],
      next_steps: [
        {
          tool: 'define_goals',
          arguments: argumentsOf(goals),
          why: 'save the draft, corrected by the person',
        },
      ],
    };
  }
  const { goals, file, missing, unapproved } = defined;
  const workload = goals.workloads[0]?.name;
  return {
    ...envelope,
    summary: `${defined.state === 'saved' ? 'Saved' : 'Present goals'}: ${goals.workloads.length} workload(s), ${goals.objectives.length} objective(s), ${goals.constraints.length} constraint(s)${missing.length === 0 ? '' : `; ${missing.length} point(s) still open`}.`,
    goals,
    saved: defined.state === 'saved',
    file,
    found: [],
    missing: [...missing],
    unapproved_commands: unapproved.map((command) => [...command]),
    next_steps: [
      ...(unapproved.length > 0
        ? [
            {
              tool: 'define_goals',
              arguments: { approve_commands: unapproved },
              why: 'confirm commands that nobody has seen on this machine, after asking the person',
            },
          ]
        : []),
      ...(workload === undefined
        ? []
        : [{ tool: 'measure_baseline', arguments: { workload }, why: 'measure where the code stands' }]),
    ],
  };
}

function argumentsOf({ workloads, objectives, constraints, correctness }: Goals): Record<string, unknown> {
  return { workloads, objectives, constraints, ...(correctness ? { correctness } : {}) };
}
