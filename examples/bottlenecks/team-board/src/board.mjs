import { pool } from './database.mjs';

/** The cards of a board from left to right; undefined when there is no such board. */
export async function loadBoard(id) {
  const { rows: tasks } = await pool.query(
    'select id, title from board.tasks where board_id = $1 order by position',
    [id],
  );
  if (tasks.length === 0) return undefined;
  return { id, cards: await Promise.all(tasks.map(toCard)) };
}

async function toCard(task) {
  const comments = await countComments(task.id);
  return { task: task.id, title: task.title, comments, quiet: comments === 0 };
}

async function countComments(taskId) {
  const { rows } = await pool.query(
    'select count(*)::int as comments from board.comments where task_id = $1',
    [taskId],
  );
  return rows[0].comments;
}
