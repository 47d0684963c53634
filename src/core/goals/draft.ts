import type { Argv, Constraint, Goals, HttpRequest, HttpWorkload, Objective } from '../model/goals.ts';
import type { ProjectFacts } from '../ports/project.ts';

/** Something that only a person (or a look at the code) can settle. */
export interface Missing {
  readonly what: string;
  readonly why: string;
}

export interface Draft {
  readonly goals: Goals;
  readonly missing: readonly Missing[];
  /** What the draft was made from, for the person who confirms it. */
  readonly found: readonly string[];
}

/** Server frameworks by npm package, in the order of preference when several are there. */
const FRAMEWORKS: Readonly<Record<string, string>> = {
  '@nestjs/core': 'NestJS',
  fastify: 'Fastify',
  express: 'Express',
  koa: 'Koa',
  '@hapi/hapi': 'hapi',
  hono: 'Hono',
};

const HEALTH_PATH = /^\/(health|healthz|livez?|ready|readyz|status|ping)\/?$/i;

/** Requests that a draft takes at most: a first workload is a few hot paths, not a crawl. */
const MAX_REQUESTS = 5;

/**
 * A first version of goals from what the files say. Numbers in it are proposals and marked as drafts: nobody can read an
 * SLO out of source code.
 */
export function draftGoals(facts: ProjectFacts): Draft {
  const found: string[] = [];
  const missing: Missing[] = [];
  const workload = draftWorkload(facts, found, missing);
  const test = testCommand(facts);
  if (test) found.push(`test command: ${test.join(' ')}`);
  else
    missing.push({
      what: 'correctness.test',
      why: 'no test script was found; without tests a change can only be judged by its speed',
    });

  const goals: Goals = {
    version: 1,
    workloads: workload ? [workload] : [],
    objectives: workload ? draftObjectives(workload.name) : [],
    constraints: workload ? draftConstraints(workload.name) : [],
    ...(test ? { correctness: { test } } : {}),
  };
  if (workload) {
    missing.push({
      what: 'objectives',
      why: 'the targets are placeholders; ask the person for the real ones, or set them after the first baseline',
    });
    missing.push({
      what: 'constraints',
      why: 'confirm the memory limit, and what may not be changed (infrastructure, dependencies, API)',
    });
  }
  return { goals, missing, found };
}

function draftWorkload(facts: ProjectFacts, found: string[], missing: Missing[]): HttpWorkload | undefined {
  const server = facts.serverFiles.find((file) => file.listens) ?? facts.serverFiles[0];
  const command = startCommand(facts, server?.file);
  if (!command) {
    missing.push({
      what: 'workloads[].start.command',
      why: 'no start script and no file that listens were found; how is the service started?',
    });
    return undefined;
  }
  found.push(`start command: ${command.join(' ')}`);
  const dependencies = facts.packageJson?.dependencies ?? [];
  const framework = Object.keys(FRAMEWORKS).find((name) => dependencies.includes(name));
  if (framework !== undefined) found.push(`framework: ${FRAMEWORKS[framework] ?? framework}`);

  const routes = unique(
    facts.serverFiles.flatMap((file) => file.routes).filter((route) => route.method === 'GET'),
  );
  const health = routes.find((route) => HEALTH_PATH.test(route.path));
  const requests = draftRequests(routes, missing);
  const build = facts.packageJson?.scripts['build'];
  if (build !== undefined) found.push(`build script: ${build}`);
  if (!facts.serverFiles.some((file) => file.portEnv !== null)) {
    missing.push({
      what: 'start.env or start.command',
      why: 'no use of process.env.PORT was seen; the program must listen on the port it is given (env PORT, or "{port}" in command or env)',
    });
  }
  return {
    name: workloadName(facts.name),
    kind: 'http',
    start: {
      command,
      env: { NODE_ENV: 'production' },
      ready: health ? { path: health.path } : { port: true },
    },
    ...(build === undefined ? {} : { setup: [['npm', 'run', 'build']] }),
    requests,
  };
}

/** `node file.js` directly where the script is that: a wrapper costs start-up time and processes. */
function startCommand(facts: ProjectFacts, serverFile: string | undefined): Argv | undefined {
  const script = facts.packageJson?.scripts['start'];
  if (script !== undefined) {
    const words = script.trim().split(/\s+/);
    const plain = words[0] === 'node' && words.every((word) => /^[\w@./:=,-]+$/.test(word));
    return plain ? words : ['npm', 'run', '--silent', 'start'];
  }
  const file = serverFile ?? facts.packageJson?.main;
  if (file === undefined) return undefined;
  return /\.[cm]?tsx?$/.test(file) ? ['node', '--import', 'tsx', file] : ['node', file];
}

function testCommand(facts: ProjectFacts): Argv | undefined {
  const script = facts.packageJson?.scripts['test'];
  if (script === undefined || script.includes('no test specified')) return undefined;
  return facts.lockfile === 'pnpm'
    ? ['pnpm', 'test']
    : facts.lockfile === 'yarn'
      ? ['yarn', 'test']
      : ['npm', 'test'];
}

function draftRequests(routes: readonly { readonly path: string }[], missing: Missing[]): HttpRequest[] {
  const useful = routes.filter((route) => !HEALTH_PATH.test(route.path) && !route.path.includes('*'));
  if (useful.length === 0) {
    missing.push({
      what: 'workloads[].requests',
      why: 'no routes were found; name the requests of the critical journey',
    });
    return [{ method: 'GET', path: '/', expect: { status: 200 } }];
  }
  const parametric = useful.filter((route) => /[:{]/.test(route.path));
  if (parametric.length > 0) {
    const paths = parametric.map((route) => route.path).slice(0, MAX_REQUESTS);
    missing.push({
      what: `requests for ${paths.join(', ')}`,
      why: 'parameters were filled with 1; use ids that exist and vary',
    });
  }
  return useful.slice(0, MAX_REQUESTS).map((route) => ({
    method: 'GET',
    path: route.path.replaceAll(/:[A-Za-z_]\w*(\([^)]*\))?\??|\{[^}]*\}/g, '1'),
    weight: 1,
    expect: { status: 200 },
  }));
}

function draftObjectives(workload: string): Objective[] {
  return [
    { workload, metric: 'latency_p95_ms', max: 250, primary: true, draft: true },
    { workload, metric: 'throughput_rps', min: 100, draft: true },
    { workload, metric: 'error_rate', max: 0.001, draft: true },
  ];
}

function draftConstraints(workload: string): Constraint[] {
  return [
    { name: 'memory', kind: 'hardware', workload, metric: 'rss_peak_bytes', max: 512 * 2 ** 20, draft: true },
    {
      name: 'same-answers',
      kind: 'compatibility',
      text: 'Responses keep their shape and meaning',
      forbids: ['api-change'],
      draft: true,
    },
  ];
}

function unique<T extends { readonly method: string; readonly path: string }>(routes: readonly T[]): T[] {
  return [...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}

/** The project's name as a workload's: lower-case, without scope. */
function workloadName(name: string): string {
  const plain = name
    .replace(/^@[^/]+\//, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, '-')
    .replace(/^[-_]+/, '');
  return plain === '' ? 'service' : plain.slice(0, 64);
}
