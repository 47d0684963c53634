import type { HttpWorkload } from '../../../core/model/goals.ts';
import { loadOfKind } from '../load-of-kind.ts';
import type { Measurer } from '../measurer.ts';
import { settleLoad } from './load.ts';
import { profileHttp } from './profile.ts';
import { sampleHttp } from './sample.ts';

export function httpMeasurer(workload: HttpWorkload): Measurer {
  return {
    commands: [workload.start.command],
    defaultPrimary: 'cpu_us_per_request',
    env: workload.start.env ?? {},
    settle: (ports, context) => settleLoad(ports, { ...context, workload }),
    sample: (ports, context) =>
      sampleHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
    profile: (ports, context) =>
      profileHttp(ports, { ...context, workload, load: loadOfKind('http', context.load) }),
  };
}
