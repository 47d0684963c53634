/** One row of a linear system: the known factors of the unknowns, the value they should add up to, and its weight. */
export interface Equation {
  readonly factors: readonly number[];
  readonly value: number;
  readonly weight: number;
}

/**
 * The unknowns >= 0 with the smallest weighted sum of squared errors. The optimum is an ordinary solution on the
 * unknowns that it leaves above 0, so with the two or three unknowns of a scaling law all subsets are tried:
 * exact, without iterations, and without the cycling that active-set methods have to guard against. Factors that
 * are all 0 leave their unknown at 0.
 */
export function solveNonnegative(equations: readonly Equation[], unknowns: number): readonly number[] {
  const { products, projections } = normalEquations(equations, unknowns);
  // Where the bounds are not in its way, nothing explains more than the ordinary solution.
  const unbounded = solveSubset(products, projections, indices(unknowns));
  if (unbounded?.every((value) => value > 0) === true) return unbounded;
  let best: readonly number[] = new Array<number>(unknowns).fill(0);
  let explained = 0;
  for (let subset = 1; subset < 2 ** unknowns; subset++) {
    const members = indices(unknowns).filter((index) => (subset & (1 << index)) !== 0);
    const solution = solveSubset(products, projections, members);
    if (solution === null || solution.some((value) => value < 0)) continue;
    // The sum of squares that a least-squares solution explains is its product with the right-hand side.
    const explains = solution.reduce((sum, value, i) => sum + value * (projections[members[i] ?? 0] ?? 0), 0);
    if (explains <= explained) continue;
    explained = explains;
    best = indices(unknowns).map((index) => {
      const position = members.indexOf(index);
      return position < 0 ? 0 : (solution[position] ?? 0);
    });
  }
  return best;
}

function normalEquations(equations: readonly Equation[], unknowns: number) {
  const products = indices(unknowns).map(() => new Array<number>(unknowns).fill(0));
  const projections = new Array<number>(unknowns).fill(0);
  for (const { factors, value, weight } of equations) {
    for (let row = 0; row < unknowns; row++) {
      const weighted = weight * (factors[row] ?? 0);
      projections[row] = (projections[row] ?? 0) + weighted * value;
      const line = products[row];
      if (line === undefined) continue;
      for (let column = 0; column < unknowns; column++) {
        line[column] = (line[column] ?? 0) + weighted * (factors[column] ?? 0);
      }
    }
  }
  return { products, projections };
}

/**
 * Gauss-Jordan on the chosen unknowns, each scaled to length 1 first: the columns of a law may be 1 and n³. A
 * pivot below the limit means columns that are multiples of each other; another subset holds the same solution.
 */
function solveSubset(
  products: readonly (readonly number[])[],
  projections: readonly number[],
  members: readonly number[],
): readonly number[] | null {
  const lengths = members.map((member) => Math.sqrt(products[member]?.[member] ?? 0));
  if (lengths.some((length) => !(length > 0))) return null;
  const rows = members.map((member, i) => [
    ...members.map((other, j) => (products[member]?.[other] ?? 0) / ((lengths[i] ?? 1) * (lengths[j] ?? 1))),
    (projections[member] ?? 0) / (lengths[i] ?? 1),
  ]);
  for (const [at, pivotRow] of rows.entries()) {
    const pivot = pivotRow[at] ?? 0;
    if (pivot < SINGULAR) return null;
    for (const [other, row] of rows.entries()) {
      if (other === at) continue;
      const factor = (row[at] ?? 0) / pivot;
      for (let column = at; column < row.length; column++) {
        row[column] = (row[column] ?? 0) - factor * (pivotRow[column] ?? 0);
      }
    }
  }
  return rows.map((row, i) => (row.at(-1) ?? 0) / ((row[i] ?? 1) * (lengths[i] ?? 1)));
}

/** Pivots of a correlation matrix are 1 - R²; rounding leaves about 1e-15 of a true 0. */
const SINGULAR = 1e-12;

function indices(count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => i);
}
