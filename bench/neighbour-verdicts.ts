import { median } from '../src/core/stats/index.ts';
import type { Bench, Figure } from './bench.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { openJudgedProgram, ROUNDS, type JudgedProgram } from './judged-program.ts';
import { besideNeighbour } from './neighbour.ts';
import { callsOf } from './verdict-calls.ts';
import { countVerdicts, timeFigure } from './verdict-figures.ts';

const CALLS = 10;
const EFFORT = 'standard';

export const neighbourVerdicts: Bench = {
  name: 'neighbour-verdicts',
  title: 'Unchanged code beside a busy neighbour',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a function whose file only gets another comment each time: ${CALLS} calls on the machine as it is and ${CALLS} while another process burns a core in bursts of a second, in turn, against one baseline. None may be called improved or regressed; the price of noise is time.`,
  run: async () => {
    const program = await openJudgedProgram();
    try {
      const { connection } = program;
      await connection.call('define_goals', {
        workloads: [
          {
            name: 'work',
            kind: 'function',
            module: 'work.mjs',
            export: 'work',
            args: { module: 'inputs.mjs', export: 'inputs' },
          },
        ],
      });
      await connection.call('measure_baseline', { effort: EFFORT });
      const quiet: JudgedChange[] = [];
      const busy: JudgedChange[] = [];
      for (let call = 0; call < callsOf(CALLS); call++) {
        quiet.push(await judgeComment(program, `as it is ${call}`));
        busy.push(await besideNeighbour(() => judgeComment(program, `beside a neighbour ${call}`)));
      }
      return [
        rightFigure('as it is', quiet),
        timeFigure('as it is: time to the verdict', quiet),
        rightFigure('busy neighbour', busy),
        timeFigure('busy neighbour: time to the verdict', busy),
        growthFigure(quiet, busy),
      ];
    } finally {
      await program.remove();
    }
  },
};

async function judgeComment(program: JudgedProgram, comment: string): Promise<JudgedChange> {
  await program.change(ROUNDS, comment);
  return await judgeChange(program.connection, { effort: EFFORT });
}

function rightFigure(where: string, judged: readonly JudgedChange[]): Figure {
  const wrong = judged.filter(({ verdict }) => verdict === 'improved' || verdict === 'regressed');
  return {
    what: `${where}: improved or regressed`,
    value: String(wrong.length),
    spread: countVerdicts(judged.map(({ verdict }) => verdict)),
    n: judged.length,
    target: 'none',
    outcome: wrong.length === 0 ? 'pass' : 'fail',
  };
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
