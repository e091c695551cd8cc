/** What a JSON path comes to once it was read: data that json-path-walk.ts follows through a value. */

import type { Json } from './value.js';

export interface JsonPath {
  /** As it was given. */
  readonly given: string;
  /** As error replies show it: a path of the first version is made one from the root. */
  readonly text: string;
  /** Of RedisJSON's first version: it means one value, and replies to it are bare. */
  readonly isLegacy: boolean;
  readonly segments: readonly Segment[];
}

export interface Segment {
  /** It selects at any depth below what was selected, and not only just below. */
  readonly isDescendant: boolean;
  readonly selectors: readonly Selector[];
}

export type Selector =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'all' }
  | { readonly kind: 'filter'; readonly condition: Condition }
  | SliceSelector;

export interface SliceSelector {
  readonly kind: 'slice';
  readonly start: number | undefined;
  readonly stop: number | undefined;
  readonly step: number;
}

/** A path within a filter: from the value that is asked about, or from the root. */
export interface Query {
  readonly isRelative: boolean;
  readonly segments: readonly Segment[];
}

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | { readonly kind: 'exists'; readonly query: Query }
  | Comparison
  | PatternTest;

export interface Comparison {
  readonly kind: 'compare';
  readonly operator: ComparisonOperator;
  readonly left: Operand;
  readonly right: Operand;
}

export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

export interface PatternTest {
  readonly kind: 'match';
  /** The pattern must match the whole text, and not only some of it. */
  readonly whole: boolean;
  readonly text: Operand;
  readonly pattern: Operand;
}

export type Operand =
  | { readonly kind: 'literal'; readonly value: Json }
  /** The only value that the query selects. */
  | { readonly kind: 'query' | 'count'; readonly query: Query }
  | { readonly kind: 'length'; readonly of: Operand };
