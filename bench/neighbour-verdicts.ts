import { median } from '../src/core/stats/index.ts';
import type { Bench, Figure } from './bench.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { ROUNDS, withJudgedProgram, workFunction, type JudgedProgram } from './judged-program.ts';
import { besideNeighbour } from './neighbour.ts';
import { callsOf } from './verdict-calls.ts';
import { timeFigure, unchangedFigure } from './verdict-figures.ts';

const CALLS = 10;
const EFFORT = 'standard';

export const neighbourVerdicts: Bench = {
  name: 'neighbour-verdicts',
  title: 'Unchanged code beside a busy neighbour',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a function whose file only gets another comment each time: ${CALLS} calls on the machine as it is and ${CALLS} while another process burns a core in bursts of a second, in turn, against one baseline. None may be called improved or regressed; the price of noise is time.`,
  run: () =>
    withJudgedProgram({ effort: EFFORT, goals: () => ({ workloads: [workFunction()] }) }, async (program) => {
      const quiet: JudgedChange[] = [];
      const busy: JudgedChange[] = [];
      for (let call = 0; call < callsOf(CALLS); call++) {
        quiet.push(await judgeComment(program, `as it is ${call}`));
        busy.push(await besideNeighbour(() => judgeComment(program, `beside a neighbour ${call}`)));
      }
      return [
        unchangedFigure('as it is', quiet),
        timeFigure('as it is: time to the verdict', quiet),
        unchangedFigure('busy neighbour', busy),
        timeFigure('busy neighbour: time to the verdict', busy),
        growthFigure(quiet, busy),
      ];
    }),
};

async function judgeComment(program: JudgedProgram, comment: string): Promise<JudgedChange> {
  await program.change(ROUNDS, comment);
  return await judgeChange(program.connection, { effort: EFFORT });
}

function growthFigure(quiet: readonly JudgedChange[], busy: readonly JudgedChange[]): Figure {
  const blocks = (judged: readonly JudgedChange[]) => median(judged.map((one) => one.blocks));
  const seconds = (judged: readonly JudgedChange[]) => median(judged.map((one) => one.seconds));
  const growth = seconds(busy) / seconds(quiet);
  return {
    what: 'time to the verdict, beside / as it is',
    value: `${growth.toFixed(2)}x`,
    spread: `${blocks(busy)} blocks, not ${blocks(quiet)}`,
    n: busy.length,
    target: 'over 1x',
    outcome: growth > 1 ? 'pass' : 'fail',
  };
}
