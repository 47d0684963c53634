import { DeepOptimizeError } from '../errors.ts';
import type { Argv, HttpRequest, Start } from '../model/goals.ts';
import type { ProjectFacts } from '../ports/project.ts';
import type { DraftPart } from './draft.ts';
import { fitRequests } from './fit-requests.ts';
import { HEALTH_PATH } from './health-path.ts';
import { importRequests } from './import-requests.ts';
import { effectsNote, listFew, showRequest, toName } from './imported-requests.ts';
import type { ImportedRequests, Missing } from './imported-requests.ts';
import { maskedNote, maskRequest } from './mask-request.ts';
import { nodeCommand } from './node-command.ts';

/** Server frameworks by npm package, in the order of preference when several are there. */
const FRAMEWORKS: Readonly<Record<string, string>> = {
  '@nestjs/core': 'NestJS',
  fastify: 'Fastify',
  express: 'Express',
  koa: 'Koa',
  '@hapi/hapi': 'hapi',
  hono: 'Hono',
};

/** Requests that a draft takes at most: a first workload is a few hot paths, not a crawl. */
const MAX_REQUESTS = 5;
/** About 500 tokens, of 1,500 that an answer may take. */
const MAX_CHARACTERS = 2000;

/** Whether anything of a project speaks of a service; a start script alone may be any program's. */
export function isService(facts: ProjectFacts): boolean {
  return (
    facts.serverFiles.length > 0 ||
    frameworkOf(facts) !== undefined ||
    facts.openApi !== null ||
    facts.loadScripts.some(({ requests }) => requests.length > 0)
  );
}

/** The one http workload of a project, with the best requests that its files know. */
export function draftService(facts: ProjectFacts): DraftPart {
  const { requests, found, missing } = requestsOf(facts);
  const service = describeService(facts);
  if (service === undefined) {
    return {
      workloads: [],
      found,
      missing: [
        {
          what: 'workloads[].start.command',
          why: `no start script and no file that listens were found; how is the service started?${requests.length === 0 ? '' : ` Its requests are known: ${listFew(requests.map(showRequest), 3)}`}`,
        },
      ],
    };
  }
  return {
    workloads: [{ ...service.workload, requests: [...requests] }],
    found: [...service.found, ...found],
    missing: [...missing, ...service.missing],
  };
}

/** How a service is started, as the part of its workload that does not depend on what is requested. */
export interface Service {
  readonly workload: {
    readonly name: string;
    readonly kind: 'http';
    readonly start: Start;
    readonly setup?: Argv[];
  };
  readonly found: readonly string[];
  readonly missing: readonly Missing[];
}

/** Undefined when nothing tells how it is started. */
export function describeService(facts: ProjectFacts): Service | undefined {
  const command = startCommand(facts);
  if (!command) return undefined;
  const framework = frameworkOf(facts);
  const build = facts.packageJson?.scripts['build'];
  const health = facts.serverFiles
    .flatMap((file) => file.routes)
    .find(({ method, path }) => method === 'GET' && HEALTH_PATH.test(path));
  return {
    workload: {
      name: toName(facts.name.replace(/^@[^/]+\//, '')) ?? 'service',
      kind: 'http',
      start: {
        command,
        env: { NODE_ENV: 'production' },
        ready: health ? { path: health.path } : { port: true },
      },
      ...(build === undefined ? {} : { setup: [['npm', 'run', 'build']] }),
    },
    found: [
      `start command: ${command.join(' ')}`,
      ...(framework === undefined ? [] : [`framework: ${framework}`]),
      ...(build === undefined ? [] : [`build script: ${build}`]),
    ],
    missing: readsPort(facts)
      ? []
      : [
          {
            what: 'start.env or start.command',
            why: 'no use of process.env.PORT was seen; the program must listen on the port it is given (env PORT, or "{port}" in command or env)',
          },
        ],
  };
}

/** In the program, or in the shell line that starts it. */
function readsPort({ serverFiles, packageJson }: ProjectFacts): boolean {
  return (
    serverFiles.some(({ portEnv }) => portEnv !== null) ||
    /\$\{?PORT\b|%PORT%/.test(packageJson?.scripts['start'] ?? '')
  );
}

function frameworkOf(facts: ProjectFacts): string | undefined {
  const dependencies = facts.packageJson?.dependencies ?? [];
  const name = Object.keys(FRAMEWORKS).find((framework) => dependencies.includes(framework));
  return name === undefined ? undefined : FRAMEWORKS[name];
}

/** `node file.js` directly where the script is that: a wrapper costs start-up time and processes. */
function startCommand(facts: ProjectFacts): Argv | undefined {
  const script = facts.packageJson?.scripts['start'];
  if (script !== undefined) {
    const words = script.trim().split(/\s+/);
    const plain = words[0] === 'node' && words.every((word) => /^[\w@./:=,-]+$/.test(word));
    return plain ? words : ['npm', 'run', '--silent', 'start'];
  }
  const file = serverFileOf(facts) ?? facts.packageJson?.main;
  return file === undefined ? undefined : nodeCommand(file);
}

/** The source that starts the service. */
export function serverFileOf(facts: ProjectFacts): string | undefined {
  return (facts.serverFiles.find((file) => file.listens) ?? facts.serverFiles[0])?.file;
}

/** Of a load script, since people chose those as representative; else of an API's description; else of routes. */
function requestsOf(facts: ProjectFacts): ImportedRequests {
  const notes: Missing[] = [];
  const script = facts.loadScripts.find(({ requests }) =>
    requests.some(({ path }) => !HEALTH_PATH.test(path)),
  );
  if (script !== undefined) return requestsOfScript(script);
  if (facts.openApi !== null) {
    const { file, text } = facts.openApi;
    try {
      return importRequests(text, { file, maxRequests: MAX_REQUESTS, maxCharacters: MAX_CHARACTERS });
    } catch (error) {
      // A broken description is no reason to draft nothing: the routes are still there.
      if (!(error instanceof DeepOptimizeError)) throw error;
      notes.push({ what: file, why: `could not be used: ${error.message}` });
    }
  }
  const { requests, found, missing } = requestsOfRoutes(facts);
  return { requests, found, missing: [...notes, ...missing] };
}

function requestsOfScript(script: ProjectFacts['loadScripts'][number]): ImportedRequests {
  const busy = script.requests.filter(({ path }) => !HEALTH_PATH.test(path));
  const seen = new Map(busy.map((one) => [JSON.stringify([one.method, one.path, one.body]), one]));
  const { kept } = fitRequests([...seen.values()].slice(0, MAX_REQUESTS), MAX_CHARACTERS);
  const filled = kept.filter(({ isFilled }) => isFilled);
  const masked = new Set<string>();
  return {
    requests: kept.map(({ isFilled: _, weight, ...request }) => ({
      ...maskRequest(request, masked),
      ...(weight === undefined ? {} : { weight: Math.min(1000, Math.max(1, Math.round(weight))) }),
    })),
    found: [`${script.file} (${script.tool}): ${kept.length} of ${seen.size} requests`],
    missing: [
      ...(filled.length === 0
        ? []
        : [
            {
              what: `values in ${listFew(filled.map(showRequest))}`,
              why: 'the script makes them when it runs; they were filled with 1 or left out',
            },
          ]),
      ...maskedNote(masked),
      ...effectsNote(kept),
    ],
  };
}

function requestsOfRoutes(facts: ProjectFacts): ImportedRequests {
  const routes = unique(facts.serverFiles.flatMap((file) => file.routes));
  const useful = routes.filter(
    ({ method, path }) => method === 'GET' && !HEALTH_PATH.test(path) && !path.includes('*'),
  );
  if (useful.length === 0) {
    const others = routes.filter(({ method }) => method !== 'GET').map(showRequest);
    const seen = others.length === 0 ? 'no routes were found' : `only ${listFew(others)} were found`;
    return {
      requests: [{ method: 'GET', path: '/', expect: { status: 200 } }],
      found: [],
      missing: [{ what: 'workloads[].requests', why: `${seen}; name the requests of the critical journey` }],
    };
  }
  const kept = useful.slice(0, MAX_REQUESTS);
  const parametric = kept.filter(({ path }) => /[:{]/.test(path)).map(({ path }) => path);
  return {
    requests: kept.map(({ path }): HttpRequest => ({
      method: 'GET',
      path: path.replaceAll(/:[A-Za-z_]\w*(\([^)]*\))?\??|\{[^}]*\}/g, '1'),
      weight: 1,
      expect: { status: 200 },
    })),
    found: [`routes: ${kept.length} of ${routes.length} as requests`],
    missing:
      parametric.length === 0
        ? []
        : [
            {
              what: `requests for ${parametric.join(', ')}`,
              why: 'parameters were filled with 1; use ids that exist and vary',
            },
          ],
  };
}

function unique<T extends { readonly method: string; readonly path: string }>(routes: readonly T[]): T[] {
  return [...new Map(routes.map((route) => [`${route.method} ${route.path}`, route])).values()];
}
