import { linesView } from './lines.ts';
import { pathView } from './path.ts';
import { calleesView, callersView } from './relatives.ts';
import { topView } from './top.ts';
import type { View } from './view.ts';

export type { Cell, Column, Row, View, ViewAnswer, ViewRequest } from './view.ts';

/** The first of a kind of evidence is what is shown when none is named. */
export const VIEWS: readonly View[] = [topView, callersView, calleesView, linesView, pathView];
