import { detectLost } from './lost-scalability.ts';

/** Something is taken in turns: throughput levels off however many connections there are. */
export const contention = detectLost({
  id: 'contention',
  title: 'Contention',
  what: 'waiting for their turn',
  likely:
    'a lock, a small pool, a queue in front of one worker, or the one core that JavaScript runs on: the other findings tell which',
  confirm:
    'Look at findings of locks, pools and of the busy thread at the upper end of the sweep; without the cause the curve must go on rising in a new sweep.',
});
