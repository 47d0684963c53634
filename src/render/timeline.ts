import type { Timeline, TimelineRow } from '../core/trace/views.ts';
import { foreignName } from './foreign-text.ts';
import { formatShare, formatValue } from './number.ts';

/** Characters that stand for the whole request. */
const BAR = 32;
const DEEPEST_INDENT = 8;

/** One request as text: a line for each call, its bar to scale. Bounded by the rows of the view. */
export function describeTimeline(timeline: Timeline): string {
  const { name, durationMs, status, parts, rows, left } = timeline;
  const answer = status === null ? '' : `, status ${status}`;
  const split = parts.map(({ part, ms }) => `${part} ${formatShare(durationMs > 0 ? ms / durationMs : 0)}`);
  const spans = rows.map((row) => [
    formatValue(row.startMs, 'ms'),
    formatValue(row.endMs - row.startMs, 'ms'),
  ]);
  const widths = [0, 1].map((column) =>
    Math.max(column === 0 ? 5 : 6, ...spans.map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (start: string, length: string, bar: string, text: string) =>
    `${start.padStart(widths[0] ?? 0)} ${length.padStart(widths[1] ?? 0)} |${bar}| ${text}`;
  return [
    `${foreignName(name)}: ${formatValue(durationMs, 'ms')}${answer}; ${split.join(', ')}`,
    ...(rows.length === 0
      ? ['nothing that it waited for was traced']
      : [line('start', 'length', ' '.repeat(BAR), 'what')]),
    ...rows.map((row, index) =>
      line(spans[index]?.[0] ?? '', spans[index]?.[1] ?? '', bar(row, durationMs), describeRow(row)),
    ),
    ...(left === 0 ? [] : [`… and ${left} shorter ones`]),
  ].join('\n');
}

function bar({ startMs, endMs }: TimelineRow, durationMs: number): string {
  if (!(durationMs > 0)) return ' '.repeat(BAR);
  const at = (ms: number) => Math.min(BAR, Math.max(0, (ms / durationMs) * BAR));
  const from = Math.min(BAR - 1, Math.floor(at(startMs)));
  const to = Math.max(from + 1, Math.round(at(endMs)));
  return ' '.repeat(from) + '='.repeat(to - from) + ' '.repeat(BAR - to);
}

function describeRow(row: TimelineRow): string {
  const indent = '  '.repeat(Math.min(row.depth, DEEPEST_INDENT));
  const notes = [
    ...(row.failed ? ['failed'] : []),
    ...(row.background ? ['after the answer'] : []),
    ...(row.queuedMs >= 0.1 ? [`${formatValue(row.queuedMs, 'ms')} queued for the thread`] : []),
  ];
  return [
    `${indent}${row.kind}`,
    ...(row.count > 1 ? [`${row.count}x`] : []),
    foreignName(row.label, 100),
    ...(row.site === null ? [] : [`from ${foreignName(row.site, 80)}`]),
    ...(notes.length === 0 ? [] : [`[${notes.join(', ')}]`]),
  ].join(' ');
}
