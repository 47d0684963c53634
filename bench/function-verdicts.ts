import type { Bench } from './bench.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { ROUNDS, withJudgedProgram, workFunction } from './judged-program.ts';
import { overheadFigures, takeOverhead, type Overhead } from './procedure-overhead.ts';
import { callsOf } from './verdict-calls.ts';
import { regressedFigure, timeFigure, unchangedFigure } from './verdict-figures.ts';

const SLOWER = 20;
const SLOWER_ROUNDS = 42;
const UNCHANGED_FOR_EACH = 2;
const WITHIN_S = 20;
const EFFORT = 'quick';

export const functionVerdicts: Bench = {
  name: 'function-verdicts',
  title: 'A function that got 5 % slower, and one that did not',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a function that does ${SLOWER_ROUNDS} rounds of the same work in place of ${ROUNDS} (${SLOWER} calls, each candidate with a comment of its own), and on the unchanged one with another comment (${SLOWER * UNCHANGED_FOR_EACH} calls, in between), all against one baseline. Times are those that the client waits, from the call to the answer.`,
  run: () =>
    withJudgedProgram(
      {
        effort: EFFORT,
        goals: ({ lifetimesFile }) => ({ workloads: [workFunction({ LIFETIMES: lifetimesFile })] }),
      },
      async (program) => {
        const { connection } = program;
        const slower: JudgedChange[] = [];
        const unchanged: JudgedChange[] = [];
        const overheads: Overhead[] = [];
        const judge = async (rounds: number, comment: string): Promise<JudgedChange> => {
          await program.change(rounds, comment);
          const judged = await judgeChange(connection, { effort: EFFORT });
          overheads.push(await takeOverhead(program, judged));
          return judged;
        };
        for (let call = 0; call < callsOf(SLOWER); call++) {
          slower.push(await judge(SLOWER_ROUNDS, `slower ${call}`));
          for (let same = 0; same < UNCHANGED_FOR_EACH; same++)
            unchanged.push(await judge(ROUNDS, `unchanged ${call} ${same}`));
        }

        return [
          regressedFigure('5 % slower', slower, WITHIN_S, [19, 20]),
          timeFigure('5 % slower: time to the verdict', slower),
          unchangedFigure('unchanged', unchanged),
          timeFigure('unchanged: time to the verdict', unchanged),
          ...overheadFigures(overheads),
        ];
      },
    ),
};
