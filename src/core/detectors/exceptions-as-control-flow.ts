import type { Frame } from '../profile/model.ts';
import { findCommonCaller } from './charge-work.ts';
import type { WorkInProfile } from './charge-work.ts';
import { detectChargedWork, shownFile } from './detect-charged-work.ts';
import type { DetectorInput } from './detector.ts';
import { matchesOtherWork, textOfFunction } from './source-reading.ts';

/** Classes of errors are named so by convention; V8 names the frame of a constructor like its class. */
const ERROR_CLASS = /^[A-Z]\w*(?:Error|Exception)$/;
const STACKS =
  /^(?:captureStackTrace|captureLargerStackTrace|prepareStackTrace\w*|hideStackFrames|ErrorCaptureStackTrace|defaultPrepareStackTrace\w*)$/;
const THROWS = /\bthrow\s+new\b|\bnew\s+(?:[A-Z]\w*)?Error\s*\(|\bError\s*\.\s*captureStackTrace\s*\(/;
const CATCHES = /\bcatch\b/;

/** Making an error walks the stack and writes it down, 10 to 100 times what a returned value costs. */
export const exceptionsAsControlFlow = detectChargedWork({
  id: 'exceptions-as-control-flow',
  title: 'Exceptions as control flow',
  layer: 'algorithm',
  subject: 'Making and throwing errors in',
  together: false,
  isWork: ({ name, kind }: Frame) =>
    (kind === 'js' && ERROR_CLASS.test(name)) || (kind === 'builtin' && STACKS.test(name)),
  // A line that tests a pattern and throws is no evidence for either.
  isWorkLine: (code) => THROWS.test(code) && !matchesOtherWork(code),
  moveUp: findCatcher,
  signals: () => ['exceptions'],
  confirm: (place) =>
    `Count the errors that are made below ${place} for each request (a counter in the constructor): many on requests that succeed confirm it. A result that says so in place of an error must take the constructor out of a new profile.`,
});

/** Several functions throw, and one catches what all of them threw: it is the one that has to ask otherwise. */
function findCatcher({ attribution, sources }: DetectorInput, work: WorkInProfile): number | undefined {
  if (work.charged.length < 2) return undefined;
  return findCommonCaller(attribution, work, ({ file, line }) => {
    const text = file === undefined ? undefined : sources.get(shownFile(attribution, file));
    if (text === undefined || line === undefined) return false;
    return textOfFunction(text, line).some((code) => CATCHES.test(code));
  });
}
