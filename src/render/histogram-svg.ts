import type { LatencyBucket } from '../core/stats/latency-buckets.ts';
import { escapeXml } from './escape-xml.ts';
import { formatShare, formatValue } from './number.ts';

export interface HistogramMark {
  readonly ms: number;
  readonly label: string;
}

export interface HistogramPicture {
  readonly title: string;
  readonly buckets: readonly LatencyBucket[];
  /** Percentiles and targets, drawn as lines. */
  readonly marks: readonly HistogramMark[];
  /** px; default 760 by 380. */
  readonly width?: number;
  readonly height?: number;
}

const MARGIN = { top: 74, right: 28, bottom: 48, left: 64 } as const;
const FONT_SIZE = 12;
/** Mean width of a character of DejaVu Sans at FONT_SIZE, px. */
const CHARACTER = 7.2;
const BAR = '#0072b2';
const ROWS = 4;
/** A bar of one request among thousands is what a tail is made of: it must be seen. Unit: px. */
const LEAST_HEIGHT = 1.5;
/** Rows that labels of marks are spread over, so that close percentiles do not cover each other. */
const LABEL_ROWS = 3;

/**
 * Latencies on a logarithmic axis as a self-contained SVG: no script, no link. Buckets have equal width, so the height of a
 * bar is the share of requests; the same numbers give the same bytes.
 */
export function renderHistogram(picture: HistogramPicture): string {
  const { title, buckets, marks, width = 760, height = 380 } = picture;
  const right = width - MARGIN.right;
  const bottom = height - MARGIN.bottom;
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(0, ...buckets.map(({ share }) => share));
  const step = buckets.length === 0 ? 0 : (right - MARGIN.left) / buckets.length;
  const top = (share: number): number =>
    share <= 0 ? bottom : round(bottom - Math.max(LEAST_HEIGHT, (share / most) * (bottom - MARGIN.top)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="'DejaVu Sans', Verdana, sans-serif" font-size="${FONT_SIZE}">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="${MARGIN.left}" y="22" font-size="15" fill="#222222">${escapeXml(title)}</text>`,
    ...(buckets.length === 0
      ? [`<text x="${MARGIN.left}" y="${MARGIN.top}" fill="#444444">No latency was measured.</text>`]
      : []),
    ...gridOf(most).map((share) => renderRow(share, top(share), right)),
    ...buckets.map((bucket, index) =>
      renderBar(bucket, MARGIN.left + index * step, step, top(bucket.share), bottom),
    ),
    ...edgesOf(buckets, step).map(({ x, ms }) => renderEdge(x, ms, bottom)),
    ...marks.flatMap((mark, index) => renderMark(mark, index, { buckets, step, bottom, right })),
    `<text x="${round((MARGIN.left + right) / 2)}" y="${height - 10}" text-anchor="middle" fill="#444444">latency, ${total} requests</text>`,
    '</svg>',
    '',
  ].join('\n');
}

function renderBar(
  { fromMs, toMs, count, share, upTo }: LatencyBucket,
  x: number,
  width: number,
  top: number,
  bottom: number,
): string {
  if (count === 0) return '';
  const told = `${formatValue(fromMs, 'ms')} to ${formatValue(toMs, 'ms')}: ${count} requests, ${formatShare(share)}; ${formatShare(upTo)} up to here`;
  return `<g><title>${escapeXml(told)}</title><rect x="${round(x + 0.5)}" y="${top}" width="${round(Math.max(1, width - 1))}" height="${round(bottom - top)}" fill="${BAR}"/></g>`;
}

function gridOf(most: number): readonly number[] {
  return most === 0 ? [] : Array.from({ length: ROWS }, (_, index) => (most * (index + 1)) / ROWS);
}

function renderRow(share: number, y: number, right: number): string {
  return `<path d="M${MARGIN.left} ${y}H${right}" stroke="#e4e4e4"/><text x="${MARGIN.left - 7}" y="${y + 4}" text-anchor="end" fill="#444444">${formatShare(share)}</text>`;
}

/** Edges of buckets that have room for their label. */
function edgesOf(
  buckets: readonly LatencyBucket[],
  step: number,
): readonly { readonly x: number; readonly ms: number }[] {
  const each = Math.max(1, Math.ceil((8 * CHARACTER) / Math.max(1, step)));
  return buckets.flatMap(({ fromMs }, index) =>
    index % each === 0 ? [{ x: MARGIN.left + index * step, ms: fromMs }] : [],
  );
}

function renderEdge(x: number, ms: number, bottom: number): string {
  return `<path d="M${round(x)} ${bottom}v5" stroke="#444444"/><text x="${round(x)}" y="${bottom + 18}" text-anchor="middle" fill="#444444">${escapeXml(formatValue(ms, 'ms'))}</text>`;
}

function renderMark(
  { ms, label }: HistogramMark,
  index: number,
  plot: {
    readonly buckets: readonly LatencyBucket[];
    readonly step: number;
    readonly bottom: number;
    readonly right: number;
  },
): readonly string[] {
  const at = placeOf(ms, plot.buckets);
  if (at === undefined) return [];
  const x = round(MARGIN.left + at * plot.step);
  const y = 42 + (index % LABEL_ROWS) * 14;
  const text = `${label} ${formatValue(ms, 'ms')}`;
  const fits = x + 4 + text.length * CHARACTER <= plot.right;
  return [
    `<path d="M${x} ${y + 3}V${plot.bottom}" stroke="#d55e00" stroke-dasharray="5 4"/><text x="${fits ? x + 4 : x - 4}" y="${y + 4}" text-anchor="${fits ? 'start' : 'end'}" fill="#d55e00">${escapeXml(text)}</text>`,
  ];
}

/** In buckets from the left edge; undefined outside of them, where a line would stand on the wrong latency. */
function placeOf(ms: number, buckets: readonly LatencyBucket[]): number | undefined {
  const index = buckets.findIndex(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
  const bucket = buckets[index];
  if (bucket === undefined) return undefined;
  const within =
    bucket.fromMs > 0
      ? Math.log(ms / bucket.fromMs) / Math.log(bucket.toMs / bucket.fromMs)
      : ms / bucket.toMs;
  return index + within;
}

function round(pixels: number): number {
  return Math.round(pixels * 100) / 100;
}
