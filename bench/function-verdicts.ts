import type { Bench } from './bench.ts';
import { judgeChange, type JudgedChange } from './judge-change.ts';
import { openJudgedProgram, ROUNDS } from './judged-program.ts';
import { overheadFigures, takeOverhead, type Overhead } from './procedure-overhead.ts';
import { atLeast, callsOf } from './verdict-calls.ts';
import { countVerdicts, timeFigure } from './verdict-figures.ts';

const SLOWER = 20;
const SLOWER_ROUNDS = 42;
const UNCHANGED_FOR_EACH = 2;
const WITHIN_S = 20;
const EFFORT = 'quick';

export const functionVerdicts: Bench = {
  name: 'function-verdicts',
  title: 'A function that got 5 % slower, and one that did not',
  method: `\`validate_change\` at effort \`${EFFORT}\` on a function that does ${SLOWER_ROUNDS} rounds of the same work in place of ${ROUNDS} (${SLOWER} calls, each candidate with a comment of its own), and on the unchanged one with another comment (${SLOWER * UNCHANGED_FOR_EACH} calls, in between), all against one baseline. Times are those that the client waits, from the call to the answer..`,
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
            env: { LIFETIMES: program.lifetimesFile },
          },
        ],
      });
      await connection.call('measure_baseline', { effort: EFFORT });
      await program.takeLifetimesMs();
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

      const inTime = slower.filter(({ verdict, seconds }) => verdict === 'regressed' && seconds < WITHIN_S);
      const wanted = atLeast(slower.length, [19, 20]);
      const wrong = unchanged.filter(({ verdict }) => verdict === 'improved' || verdict === 'regressed');
      return [
        {
          what: `5 % slower: regressed within ${WITHIN_S} s`,
          value: `${inTime.length} of ${slower.length}`,
          spread: countVerdicts(slower.map(({ verdict }) => verdict)),
          n: slower.length,
          target: `at least ${wanted}`,
          outcome: inTime.length >= wanted ? 'pass' : 'fail',
        },
        timeFigure('5 % slower: time to the verdict', slower),
        {
          what: 'unchanged: improved or regressed',
          value: String(wrong.length),
          spread: countVerdicts(unchanged.map(({ verdict }) => verdict)),
          n: unchanged.length,
          target: 'none',
          outcome: wrong.length === 0 ? 'pass' : 'fail',
        },
        timeFigure('unchanged: time to the verdict', unchanged),
        ...overheadFigures(overheads),
      ];
    } finally {
      await program.remove();
    }
  },
};
