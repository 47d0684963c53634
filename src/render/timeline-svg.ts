import type { SplitPart } from '../core/trace/split.ts';
import type { Timeline, TimelineRow } from '../core/trace/views.ts';
import { escapeXml } from './escape-xml.ts';
import { formatShare, formatValue } from './number.ts';

export interface TimelinePictureOptions {
  readonly title: string;
  /** px; default 1200. */
  readonly width?: number;
}

const ROW = 18;
const MARGIN = 10;
const HEADER = 64;
const FONT_SIZE = 11;
/** Width of a character of a monospace font at FONT_SIZE, in px. */
const CHARACTER = 6.7;
/** Names stand left of the bars. */
const NAMES = 340;
/** A bar narrower than this cannot be seen. Unit: px. */
const MIN_WIDTH = 1;
const TICKS = 5;

const COLOURS: Readonly<Record<SplitPart | 'none', string>> = {
  cpu: '#e8853d',
  gc: '#d9534f',
  queueing: '#c9a227',
  database: '#4a7fc1',
  outbound: '#3f9d6b',
  'pool-wait': '#8a63b8',
  'lock-wait': '#b04a8f',
  timer: '#a08c5b',
  file: '#6b8e9e',
  other: '#c4c4c4',
  none: '#9a9a9a',
};

/**
 * One request over time as a self-contained SVG: no script, no font, no link. The first row is when its own code ran,
 * then a row for each call, coloured by the part of the split that it belongs to.
 */
export function renderTimeline(timeline: Timeline, options: TimelinePictureOptions): string {
  const width = Math.max(NAMES + 200, options.width ?? 1200);
  const plot = width - NAMES - 2 * MARGIN;
  const height = HEADER + (timeline.rows.length + 1) * ROW + (timeline.left > 0 ? ROW : 0) + MARGIN;
  const scale = timeline.durationMs > 0 ? plot / timeline.durationMs : 0;
  const bottom = HEADER + (timeline.rows.length + 1) * ROW;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    `<title>${escapeXml(options.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN}" y="18" font-size="13" fill="#222222">${escapeXml(cut(`${options.title}: ${timeline.name}, ${formatValue(timeline.durationMs, 'ms')}`, width - 2 * MARGIN))}</text>`,
    renderLegend(timeline),
    ...renderAxis(timeline.durationMs, plot, bottom),
    renderRuns(timeline, scale),
    ...timeline.rows.map((row, index) => renderRow(row, index + 1, scale, timeline.durationMs)),
    ...(timeline.left > 0
      ? [`<text x="${MARGIN}" y="${bottom + 13}" fill="#666666">… and ${timeline.left} shorter ones</text>`]
      : []),
    '</svg>',
    '',
  ].join('\n');
}

function renderLegend({ parts, durationMs }: Timeline): string {
  let x = MARGIN;
  return parts
    .map(({ part, ms }) => {
      const at = x;
      const label = `${part} ${formatShare(durationMs > 0 ? ms / durationMs : 0)}`;
      x += 18 + (label.length + 1) * CHARACTER;
      return `<rect x="${round(at)}" y="27" width="11" height="11" fill="${COLOURS[part]}"/><text x="${round(at + 15)}" y="37" fill="#444444">${label}</text>`;
    })
    .join('');
}

function renderAxis(durationMs: number, plot: number, bottom: number): readonly string[] {
  return Array.from({ length: TICKS + 1 }, (_, tick) => {
    const x = round(NAMES + MARGIN + (plot * tick) / TICKS);
    const anchor = tick === 0 ? 'start' : tick === TICKS ? 'end' : 'middle';
    return `<line x1="${x}" y1="${HEADER - 6}" x2="${x}" y2="${bottom}" stroke="#e4e4e4"/><text x="${x}" y="${HEADER - 10}" fill="#777777" text-anchor="${anchor}">${formatValue((durationMs * tick) / TICKS, 'ms')}</text>`;
  });
}

function renderRuns({ runs, durationMs }: Timeline, scale: number): string {
  const boxes = runs.map(({ startMs, endMs }) => box(startMs, endMs, 0, scale, durationMs, COLOURS.cpu));
  return `<text x="${MARGIN}" y="${HEADER + 13}" fill="#333333">${runs.length === 0 ? 'when its code ran is not known' : 'its own code'}</text>${boxes.join('')}`;
}

function renderRow(row: TimelineRow, index: number, scale: number, durationMs: number): string {
  const y = HEADER + index * ROW;
  const name = `${'  '.repeat(Math.min(row.depth, 8))}${row.count > 1 ? `${row.count}x ` : ''}${row.label}`;
  const tooltip = [
    `${row.kind} ${row.label}`,
    ...(row.site === null ? [] : [`from ${row.site}`]),
    `${formatValue(row.startMs, 'ms')} to ${formatValue(row.endMs, 'ms')}; waited for ${formatValue(row.waitedMs, 'ms')}, queued ${formatValue(row.queuedMs, 'ms')}${row.failed ? '; failed' : ''}`,
  ].join('\n');
  const colour = COLOURS[row.part ?? (row.kind === 'sync' ? 'cpu' : 'none')];
  return `<g><title>${escapeXml(tooltip)}</title><text x="${MARGIN}" y="${y + 13}" xml:space="preserve" fill="${row.failed ? '#b00020' : '#333333'}">${escapeXml(cut(name, NAMES - MARGIN))}</text>${box(row.startMs, row.endMs, index, scale, durationMs, colour)}</g>`;
}

/** Clipped to the request: what goes on after it would run out of the picture. */
function box(
  startMs: number,
  endMs: number,
  index: number,
  scale: number,
  durationMs: number,
  colour: string,
): string {
  const from = Math.min(durationMs, Math.max(0, startMs));
  const to = Math.min(durationMs, Math.max(from, endMs));
  const x = round(NAMES + MARGIN + from * scale);
  return `<rect x="${x}" y="${HEADER + index * ROW + 2}" width="${round(Math.max(MIN_WIDTH, (to - from) * scale))}" height="${ROW - 5}" fill="${colour}"/>`;
}

function cut(text: string, pixels: number): string {
  const characters = Array.from(text.replaceAll(/\s/g, ' '));
  const fits = Math.floor(pixels / CHARACTER);
  return characters.length <= fits ? characters.join('') : `${characters.slice(0, fits - 1).join('')}…`;
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
