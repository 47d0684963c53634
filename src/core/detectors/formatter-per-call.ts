import { detectWork } from './work-in-function.ts';

/** Formatters and collators of Intl that are made for each use: making one costs 10 to 100 times what using it does. */
export const formatterPerCall = detectWork({
  id: 'formatter-per-call',
  title: 'Formatter made for each call',
  categories: ['intl'],
  layer: 'algorithm',
  subject: 'Making formatters of Intl',
  confirm: (place) =>
    `Make the formatter of ${place} once for each language and set of options, keep it, and compare: equal texts, and the line must have left a new profile.`,
});
