import { DEFAULT_CONNECTIONS } from '../../../core/efforts.ts';
import { hasPauses } from '../../../core/http-requests.ts';
import type { HttpWorkload } from '../../../core/model/goals.ts';
import { WARNINGS } from '../../../core/warnings.ts';
import { loadOfKind } from '../load-of-kind.ts';
import type { Measurer } from '../measurer.ts';
import { behaveHttp } from './behave.ts';
import { settleLoad } from './load.ts';
import { watchMemoryOfHttp } from './memory.ts';
import { recordNativeOfHttp } from './native.ts';
import { profileHttp } from './profile.ts';
import { sampleHttp } from './sample.ts';
import { traceHttp } from './trace.ts';

export function httpMeasurer(workload: HttpWorkload): Measurer {
  const { start, attach, load, data } = workload;
  return {
    commands: start === undefined ? [] : [start.command],
    // Of a service that somebody else started the CPU is not known.
    defaultPrimary: attach === undefined ? 'cpu_us_per_request' : 'latency_p50_ms',
    env: start?.env ?? {},
    warnings: () => [
      ...(attach === undefined ? [] : [WARNINGS.attached(attach.url)]),
      ...(hasPauses(workload) ? [WARNINGS.users_pause(load?.connections ?? DEFAULT_CONNECTIONS)] : []),
    ],
    ...(attach === undefined
      ? {}
      : { incomparable: `it is attached to ${attach.url}, which runs one state of the code` }),
    ...(data === undefined ? {} : { inputFiles: [data.file] }),
    settle: (ports, context) => settleLoad(ports, { ...context, workload }),
    behave: (ports, context) => behaveHttp(ports, { ...context, workload }),
    sample: (ports, context) =>
      sampleHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
    ...(attach === undefined
      ? {
          profile: (ports, context) =>
            profileHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
          native: (ports, context) =>
            recordNativeOfHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
          trace: (ports, context) =>
            traceHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
          memory: (ports, context) =>
            watchMemoryOfHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
        }
      : {}),
  };
}
