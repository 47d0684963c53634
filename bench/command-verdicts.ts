import { METRICS } from '../src/core/model/metrics.ts';
import type { Bench } from './bench.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { ROUNDS, withJudgedProgram } from './judged-program.ts';
import { callsOf } from './verdict-calls.ts';
import { countVerdicts, timeFigure } from './verdict-figures.ts';

const CALLS = 10;
const SLOWER_ROUNDS = 44;
const EFFORT = 'standard';

export const commandVerdicts: Bench = {
  name: 'command-verdicts',
  title: 'A command that only a clock would have judged',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a command of which the goals say nothing but how to run it, and which does ${SLOWER_ROUNDS} rounds of the same work in place of ${ROUNDS} (10 % of its work, less of its time, as starting Node.js stays). ${CALLS} calls, each candidate with a comment of its own, against one baseline. CPU time has to decide, and the first sentence of the answer has to say so.`,
  run: () =>
    withJudgedProgram(
      {
        effort: EFFORT,
        goals: () => ({ workloads: [{ name: 'run', kind: 'command', command: ['node', 'command.mjs'] }] }),
      },
      async (program) => {
        const { connection } = program;
        const judged: JudgedChange[] = [];
        for (let call = 0; call < callsOf(CALLS); call++) {
          await program.change(SLOWER_ROUNDS, `slower ${call}`);
          judged.push(await judgeChange(connection, { effort: EFFORT }));
        }

        const saysSo = judged.filter(
          ({ primary, summary }) => primary?.metric === 'cpu_ms' && summary.includes(METRICS.cpu_ms.title),
        );
        const ofRole = (metric: string) =>
          judged.map(
            ({ comparisons }) => comparisons.find((one) => one.metric === metric)?.verdict ?? 'none',
          );
        return [
          {
            what: 'CPU time decided, and the answer says so',
            value: `${saysSo.length} of ${judged.length}`,
            spread: countVerdicts(judged.map(({ verdict }) => verdict)),
            n: judged.length,
            target: 'all',
            outcome: saysSo.length === judged.length ? 'pass' : 'fail',
          },
          {
            what: 'what wall time alone would have said',
            value: countVerdicts(ofRole('wall_ms')),
            spread: 'reported beside it',
            n: judged.length,
          },
          timeFigure('time to the verdict', judged),
        ];
      },
    ),
};
