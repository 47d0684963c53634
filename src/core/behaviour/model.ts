/** What JSON can hold: the form in which everything is compared by structure. */
export type Tree = null | boolean | number | string | readonly Tree[] | { readonly [member: string]: Tree };

/** One thing that can be compared, in a bounded form. */
export type Value =
  /** By structure; the order of members means nothing. */
  | { readonly kind: 'tree'; readonly tree: Tree }
  /** By lines, and in a line by words. */
  | { readonly kind: 'text'; readonly text: string }
  /** Of a database. As a list where the statement orders them, else as a bag. */
  | {
      readonly kind: 'rows';
      readonly columns: readonly string[];
      readonly rows: readonly (readonly Tree[])[];
      readonly ordered: boolean;
    }
  /** Of what is too large to be kept, with its beginning. */
  | {
      readonly kind: 'digest';
      readonly sha256: string;
      /** UTF-8 bytes of what was hashed. */
      readonly bytes: number;
      readonly start: string;
    };

/** What a program did with one input. */
export interface Observation {
  /** The same in every process of a workload. */
  readonly id: string;
  /** Observations of one request, function or statement: what varies by itself in one of them varies in all. */
  readonly group: string;
  /** For people: what was asked, with its input. */
  readonly name: string;
  /** By name: status, body, result, … */
  readonly facets: Readonly<Record<string, Value>>;
  /** The facets that carry what was asked for. */
  readonly main: readonly string[];
}

/** What one fresh process of a checkout did. */
export interface Behaviour {
  readonly observations: readonly Observation[];
  /** How many inputs were looked at in the time that there was; later processes look at as many. */
  readonly extent: number;
}

/** How a process is to be looked at. */
export interface ObservationScope {
  /** No further input is begun after this; of no importance where `extent` is given. */
  readonly limitMs: number;
  /** As many inputs as an earlier process. */
  readonly extent?: number;
  /**
   * Texts that name the place and not the behaviour, such as the path of the checkout, with what is put in their place, in
   * this order.
   */
  readonly places: readonly (readonly [string, string])[];
}

/** A member of an object, or an index of a list. */
export type Step = string | number;
