import { escapeXml } from './escape-xml.ts';
import { canShow, layOutAxis, type Axis, type Ruler, type Tick } from './plot-axis.ts';

export interface PlotPoint {
  readonly x: number;
  readonly y: number;
  readonly interval?: readonly [number, number] | null;
  /** Shown while the pointer rests on the point. */
  readonly tooltip?: string;
}

export interface PlotSeries {
  readonly name: string;
  readonly draw: 'points' | 'line';
  readonly points: readonly PlotPoint[];
}

/** A place on the x axis worth a line: a peak, a knee. */
export interface PlotMark {
  readonly x: number;
  readonly label: string;
}

export interface Plot {
  readonly title: string;
  /** What the picture says, in one line. */
  readonly note?: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly PlotSeries[];
  readonly marks?: readonly PlotMark[];
  /** Values of x that gave no sample, with the reason: shown, because a gap looks like nothing was tried. */
  readonly failed?: readonly { readonly x: number; readonly why: string }[];
  /** px; default 760 by 460. */
  readonly width?: number;
  readonly height?: number;
}

interface Frame {
  /** Edges of the plotted area, px. */
  readonly right: number;
  readonly bottom: number;
  readonly x: Ruler;
  readonly y: Ruler;
  readonly left: (x: number) => number;
  readonly top: (y: number) => number;
}

interface TextStyle {
  readonly fill?: string;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly size?: number;
}

const MARGIN = { top: 88, right: 28, bottom: 54, left: 84 } as const;
const FONT_SIZE = 12;
/** Mean width of a character of DejaVu Sans at FONT_SIZE, px; it is a wide face, so texts fit with others too. */
const CHARACTER = 7.2;
const TITLE_SIZE = 15;
/** Okabe and Ito's colours, which people with any colour vision tell apart. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];
const GREY = { text: '#444444', faint: '#777777', grid: '#e4e4e4' };
const FAILURE = '#b3261e';
/** About one tick for each so many px. */
const TICK_WIDTH = 90;
const TICK_HEIGHT = 50;

/**
 * Points with their intervals, curves and marked places as a self-contained SVG: no script, no link, so that it may
 * be shown anywhere. The same plot gives the same bytes. Values that a logarithmic axis cannot show are left out and
 * counted.
 */
export function renderPlot(plot: Plot): string {
  const { width = 760, height = 460 } = plot;
  const shown = visibleSeries(plot);
  const marks = (plot.marks ?? []).filter(({ x }) => canShow(plot.x, x));
  const failed = (plot.failed ?? []).filter(({ x }) => canShow(plot.x, x));
  const frame = layOut(plot, shown, [...marks, ...failed], width, height);
  const { right, bottom } = frame;
  const middle = (MARGIN.left + right) / 2;
  const hidden = countPoints(plot.series) - countPoints(shown);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans', Verdana, sans-serif" font-size="${FONT_SIZE}">`,
    `<title>${escapeXml(plot.title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    renderText(MARGIN.left, 24, shorten(plot.title, right - MARGIN.left, TITLE_SIZE), {
      fill: '#222222',
      size: TITLE_SIZE,
    }),
    renderText(MARGIN.left, 43, shorten(plot.note ?? '', right - MARGIN.left), { fill: GREY.faint }),
    renderLegend(shown, failed.length > 0),
    ...frame.y.ticks.map((tick) => renderRow(tick, frame)),
    ...frame.x.ticks.map((tick) => renderColumn(tick, frame)),
    `<path d="M${MARGIN.left} ${MARGIN.top}V${bottom}H${right}" fill="none" stroke="${GREY.text}"/>`,
    renderText(8, MARGIN.top - 10, plot.y.label),
    renderText(middle, height - 12, plot.x.label, { anchor: 'middle' }),
    ...marks.map((mark) => renderMark(mark, frame)),
    ...shown.map((series, index) => renderSeries(series, frame, colourOf(index))),
    ...failed.map(({ x, why }) => renderFailure(frame.left(x), bottom, why)),
    ...(hidden === 0
      ? []
      : [
          renderText(right, MARGIN.top - 10, `${hidden} not shown: 0 or less`, {
            fill: GREY.faint,
            anchor: 'end',
          }),
        ]),
    ...(countPoints(shown) === 0
      ? [renderText(middle, (MARGIN.top + bottom) / 2, 'No point was measured.', { anchor: 'middle' })]
      : []),
    '</svg>',
    '',
  ].join('\n');
}

function visibleSeries({ series, x, y }: Plot): readonly PlotSeries[] {
  return series.map((one) => ({
    ...one,
    points: one.points.filter((point) => canShow(x, point.x) && canShow(y, point.y)),
  }));
}

function layOut(
  plot: Plot,
  series: readonly PlotSeries[],
  beside: readonly { readonly x: number }[],
  width: number,
  height: number,
): Frame {
  const points = series.flatMap((one) => one.points);
  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const x = layOutAxis(
    plot.x,
    [...points, ...beside].map((at) => at.x),
    (right - MARGIN.left) / TICK_WIDTH,
  );
  const y = layOutAxis(
    plot.y,
    points.flatMap(({ y: value, interval }) => [value, ...(interval ?? [])]),
    (bottom - MARGIN.top) / TICK_HEIGHT,
  );
  return {
    right,
    bottom,
    x,
    y,
    left: (value) => round(MARGIN.left + x.place(value) * (right - MARGIN.left)),
    top: (value) => round(bottom - y.place(value) * (bottom - MARGIN.top)),
  };
}

function renderRow({ at, label }: Tick, { top, right }: Frame): string {
  const y = top(at);
  return [
    `<path d="M${MARGIN.left} ${y}H${right}" stroke="${GREY.grid}"/>`,
    renderText(MARGIN.left - 7, y + 4, label, { anchor: 'end' }),
  ].join('');
}

function renderColumn({ at, label }: Tick, { left, bottom }: Frame): string {
  const x = left(at);
  return [
    `<path d="M${x} ${MARGIN.top}V${bottom}" stroke="${GREY.grid}"/>`,
    renderText(x, bottom + 17, label, { anchor: 'middle' }),
  ].join('');
}

/** The label stands on the side that has room for it. */
function renderMark({ x, label }: PlotMark, { left, right, bottom }: Frame): string {
  const at = left(x);
  const fits = at + 6 + label.length * CHARACTER <= right;
  return [
    `<path d="M${at} ${MARGIN.top}V${bottom}" stroke="${GREY.faint}" stroke-dasharray="5 4"/>`,
    renderText(fits ? at + 6 : at - 6, bottom - 8, label, { anchor: fits ? 'start' : 'end' }),
  ].join('');
}

function renderSeries({ draw, points }: PlotSeries, frame: Frame, colour: string): string {
  if (draw === 'points') return points.map((point) => renderPoint(point, frame, colour)).join('\n');
  const path = points.map(({ x, y }, i) => `${i === 0 ? 'M' : 'L'}${frame.left(x)} ${frame.top(y)}`).join('');
  return path === '' ? '' : `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
}

function renderPoint({ x, y, interval, tooltip }: PlotPoint, frame: Frame, colour: string): string {
  const [left, top] = [frame.left(x), frame.top(y)];
  const title = tooltip === undefined ? '' : `<title>${escapeXml(tooltip)}</title>`;
  const bar = interval ? renderInterval(left, interval, frame, colour) : '';
  return `<g>${title}${bar}<circle cx="${left}" cy="${top}" r="3.5" fill="${colour}"/></g>`;
}

/** An end that a logarithmic axis cannot show runs to the edge, without the cap that would claim it ends there. */
function renderInterval(left: number, ends: readonly [number, number], frame: Frame, colour: string): string {
  const bars = ends.map((end) => {
    const visible = end >= frame.y.low;
    const top = visible ? frame.top(end) : frame.bottom;
    return { top, cap: visible ? `M${left - 4} ${top}H${left + 4}` : '' };
  });
  const [low, high] = bars;
  if (low === undefined || high === undefined) return '';
  return `<path d="M${left} ${low.top}V${high.top}${low.cap}${high.cap}" fill="none" stroke="${colour}" stroke-width="1.2"/>`;
}

function renderFailure(left: number, bottom: number, why: string): string {
  return `<g><title>${escapeXml(why)}</title>${renderCross(left, bottom)}</g>`;
}

function renderCross(x: number, y: number): string {
  return `<path d="M${round(x - 5)} ${round(y - 5)}l10 10m0 -10l-10 10" stroke="${FAILURE}" stroke-width="2"/>`;
}

/** Signs with their names in a row; a failed value is named too, for pixels have no tooltips. */
function renderLegend(series: readonly PlotSeries[], failures: boolean): string {
  const entries = series.map(({ name, draw }, index) => ({
    name,
    sign: (x: number) =>
      draw === 'points'
        ? `<circle cx="${x + 7}" cy="57" r="3.5" fill="${colourOf(index)}"/>`
        : `<path d="M${x} 57h14" stroke="${colourOf(index)}" stroke-width="2"/>`,
  }));
  if (failures) entries.push({ name: 'no sample', sign: (x) => renderCross(x + 7, 57) });
  let x: number = MARGIN.left;
  return entries
    .map(({ name, sign }) => {
      const at = x;
      x = round(x + 34 + name.length * CHARACTER);
      return sign(at) + renderText(at + 19, 61, name);
    })
    .join('');
}

function renderText(x: number, y: number, content: string, style: TextStyle = {}): string {
  if (content === '') return '';
  const { fill = GREY.text, anchor = 'start', size } = style;
  const place = `x="${round(x)}" y="${round(y)}" fill="${fill}"`;
  const rest = `${anchor === 'start' ? '' : ` text-anchor="${anchor}"`}${size === undefined ? '' : ` font-size="${size}"`}`;
  return `<text ${place}${rest}>${escapeXml(content)}</text>`;
}

function shorten(content: string, width: number, size = FONT_SIZE): string {
  const fits = Math.floor(width / (CHARACTER * (size / FONT_SIZE)));
  const characters = Array.from(content);
  return characters.length <= fits ? content : `${characters.slice(0, Math.max(0, fits - 1)).join('')}…`;
}

function colourOf(index: number): string {
  return COLOURS[index % COLOURS.length] ?? GREY.text;
}

function countPoints(series: readonly PlotSeries[]): number {
  return series.reduce((sum, { points }) => sum + points.length, 0);
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
