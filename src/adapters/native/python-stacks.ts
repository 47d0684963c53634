/** What sample-service.py left in the processes of a service. */
export interface ServiceStacks {
  /** Collapsed stacks, counted in samples; empty where nothing ran. */
  readonly content: string;
  /** By what the sampler failed, of the processes in which it did. */
  readonly failures: readonly string[];
}

/** "squares 1234", or "failed KeyError", and then stacks with ns of CPU time. */
const HEADER = /^(squares|failed) (\S+)$/;
const STACK = /^(\S.*) (\d+)$/;

/**
 * One profile of all processes. Looks weigh what each stands for, so that there are fewer samples in effect than looks: the
 * square of the sum by the sum of the squares (Kish, Survey Sampling, 1965). What is written must not look as if it rested on more.
 */
export function joinStacks(files: readonly string[]): ServiceStacks {
  const stacks = new Map<string, number>();
  const failures: string[] = [];
  let squares = 0;
  for (const text of files) {
    const [header = '', ...lines] = text.split('\n');
    const [, how, value = ''] = HEADER.exec(header) ?? [];
    if (how !== 'squares') {
      failures.push(how === 'failed' ? value : 'what it wrote is cut off');
      continue;
    }
    squares += Number(value);
    for (const line of lines) {
      const [, stack, ns] = STACK.exec(line) ?? [];
      if (stack !== undefined) stacks.set(stack, (stacks.get(stack) ?? 0) + Number(ns));
    }
  }
  const total = [...stacks.values()].reduce((sum, ns) => sum + ns, 0);
  const samples = squares === 0 ? 0 : total ** 2 / squares;
  const counted = [...stacks].map(([stack, ns]) => `${stack} ${((ns / total) * samples).toFixed(2)}\n`);
  return { content: samples === 0 ? '' : counted.join(''), failures };
}
