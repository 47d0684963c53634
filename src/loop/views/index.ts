import { allocationView, liveView } from './allocation.ts';
import { outboundView, statementsView } from './calls.ts';
import { diffView } from './diff.ts';
import { histogramView } from './histogram.ts';
import { linesView } from './lines.ts';
import { locksView } from './locks.ts';
import { pathView } from './path.ts';
import { planView } from './plan.ts';
import { calleesView, callersView } from './relatives.ts';
import { requestView } from './request.ts';
import { topView } from './top.ts';
import type { View } from './view.ts';

export type { Cell, Column, Row, View, ViewAnswer, ViewRequest } from './view.ts';

/** The first of a kind of evidence is what is shown when none is named. */
export const VIEWS: readonly View[] = [
  topView,
  callersView,
  calleesView,
  linesView,
  pathView,
  diffView,
  requestView,
  histogramView,
  statementsView,
  outboundView,
  planView,
  locksView,
  allocationView,
  liveView,
];
