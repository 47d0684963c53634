import type { Bench } from './bench.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { ROUNDS, withJudgedProgram } from './judged-program.ts';
import { overheadFigures, takeOverhead, type Overhead } from './procedure-overhead.ts';
import { callsOf } from './verdict-calls.ts';
import { regressedFigure, timeFigure } from './verdict-figures.ts';

const CALLS = 10;
/** An eighth more work in a request of which nine tenths are that work: a tenth less throughput. */
const SLOWER_ROUNDS = 45;
const WITHIN_S = 60;
const EFFORT = 'quick';

export const httpVerdicts: Bench = {
  name: 'http-verdicts',
  title: 'A service with a tenth less throughput',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a service that does ${SLOWER_ROUNDS} rounds of the same work for a request in place of ${ROUNDS}, which costs it about a tenth of its throughput, the primary objective. ${CALLS} calls, each candidate with a comment of its own, against one baseline. Times are those that the client waits, from the call to the answer.`,
  run: () =>
    withJudgedProgram(
      {
        effort: EFFORT,
        goals: (program) => ({
          workloads: [
            {
              name: 'service',
              kind: 'http',
              start: { command: ['node', 'service.mjs'], env: { LIFETIMES: program.lifetimesFile } },
              requests: [{ path: '/', expect: { status: 200 } }],
            },
          ],
          objectives: [{ workload: 'service', metric: 'throughput_rps', min: 1, primary: true }],
        }),
      },
      async (program) => {
        const { connection } = program;
        const judged: JudgedChange[] = [];
        const overheads: Overhead[] = [];
        for (let call = 0; call < callsOf(CALLS); call++) {
          await program.change(SLOWER_ROUNDS, `slower ${call}`);
          const one = await judgeChange(connection, { effort: EFFORT });
          judged.push(one);
          overheads.push(await takeOverhead(program, one));
        }

        return [
          regressedFigure('a tenth less throughput', judged, WITHIN_S, [9, 10]),
          timeFigure('time to the verdict', judged),
          ...overheadFigures(overheads),
        ];
      },
    ),
};
