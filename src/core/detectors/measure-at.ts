import type { Location } from '../model/evidence.ts';
import type { FunctionCost } from '../profile/analyze.ts';
import type { BlamedCost, DetectorInput } from './detector.ts';

/**
 * The cost of the functions of that name in that file. A line would be more exact and is of no use: the change that is to
 * be judged moves it. Two functions of one name (methods of two classes) are added up on both sides alike. One that no
 * sample met costs nothing. Null for one without a name: nothing finds it again.
 */
export function measureFunctionsAt(
  input: DetectorInput,
  location: Location,
  measureOwn: (cost: FunctionCost) => number,
): BlamedCost | null {
  const { function: name, file } = location;
  if (name === undefined || name === '' || name === '(anonymous)') return null;
  const found = input.attribution.functions.filter(
    (cost) => cost.frame.kind === 'js' && cost.frame.name === name && cost.file === file,
  );
  const share = found.reduce((sum, cost) => sum + measureOwn(cost), 0);
  const total = found.reduce((sum, cost) => sum + cost.totalShare, 0);
  return { share: Math.min(1, share), shareWithCallees: Math.min(1, Math.max(share, total)) };
}
