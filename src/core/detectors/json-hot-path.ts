import { detectWork } from './work-in-function.ts';

/** JSON.parse and JSON.stringify, and copies made with them, on the path of a request. */
export const jsonHotPath = detectWork({
  id: 'json-hot-path',
  title: 'JSON on the hot path',
  categories: ['json', 'clone'],
  layer: 'algorithm',
  subject: 'Serializing',
  confirm: (place) =>
    `Count the bytes that ${place} serializes for each request and whether the result changes between requests; a run that answers with a constant string shows the gain that is there.`,
});
