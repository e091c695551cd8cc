/** Walks a JSON path through a value, and tells where what it selects stands. */

import { type Budget, UNLIMITED } from './budget.js';
import { compareNumbers } from './number.js';
import type {
  Comparison,
  Condition,
  Operand,
  PatternTest,
  Query,
  Segment,
  Selector,
  SliceSelector,
} from './path-plan.js';
import { PathLimitError } from './path-text.js';
import { Patterns } from './pattern.js';
import { children, countOf, isContainer, isEqual, isNumber, isObject, type Json } from './value.js';

/** A value, and where it stands: by what name or index, in what. */
export interface Place {
  readonly value: Json;
  /** undefined: it is the root. */
  readonly parent: Place | undefined;
  readonly key: string | number;
}

/**
 * What a path may look at: so many values, or of a large document so many times the values that it has. `$..*..*..*` would
 * look at more than there is time for.
 */
const STEPS_MIN = 1_000_000;
const STEPS_PER_VALUE = 16;

/** What V8 takes for a place in a list. */
const PLACE_BYTES = 48;

/** The places that the segments select in the value, in the order of RFC 9535. @throws PathLimitError */
export function select(
  segments: readonly Segment[],
  root: Json,
  budget = UNLIMITED,
): readonly Place[] {
  return new Walk(root, budget).select(segments, { value: root, parent: undefined, key: '' });
}

class Walk {
  readonly #root: Json;
  readonly #budget: Budget;
  readonly #patterns = new Patterns((steps) => this.#spend(steps));
  #steps = 0;
  #stepsMax = STEPS_MIN;

  constructor(root: Json, budget: Budget) {
    this.#root = root;
    this.#budget = budget;
  }

  select(segments: readonly Segment[], start: Place): readonly Place[] {
    let places: readonly Place[] = [start];
    for (const segment of segments) {
      const selected: Place[] = [];
      for (const place of places) this.#follow(segment, place, selected);
      places = selected;
    }
    return places;
  }

  #follow(segment: Segment, place: Place, selected: Place[]): void {
    this.#spend(1);
    const before = selected.length;
    for (const selector of segment.selectors) this.#selectIn(selector, place, selected);
    this.#budget.take((selected.length - before) * PLACE_BYTES);
    if (!segment.isDescendant) return;
    for (const [key, value] of children(place.value)) {
      if (isContainer(value)) this.#follow(segment, { value, parent: place, key }, selected);
    }
  }

  #spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps <= this.#stepsMax) return;
    this.#stepsMax = Math.max(STEPS_MIN, countOf(this.#root) * STEPS_PER_VALUE);
    if (this.#steps > this.#stepsMax) throw new PathLimitError('the path looks at too many values');
  }

  #selectIn(selector: Selector, parent: Place, selected: Place[]): void {
    const { value } = parent;
    if (selector.kind === 'name') {
      if (isObject(value)) add(selected, parent, selector.name, value.get(selector.name));
    } else if (selector.kind === 'index') {
      const { index } = selector;
      if (!Array.isArray(value)) return;
      const at = index < 0 ? value.length + index : index;
      add(selected, parent, at, value[at]);
    } else if (selector.kind === 'slice') {
      if (!Array.isArray(value)) return;
      for (const at of sliced(selector, value.length)) add(selected, parent, at, value[at]);
    } else {
      this.#selectChildren(selector, parent, selected);
    }
  }

  #selectChildren(selector: Selector, parent: Place, selected: Place[]): void {
    for (const [key, value] of children(parent.value)) {
      this.#spend(1);
      if (selector.kind === 'filter' && !this.#holds(selector.condition, value)) continue;
      selected.push({ value, parent, key });
    }
  }

  #holds(condition: Condition, value: Json): boolean {
    switch (condition.kind) {
      case 'and':
        return this.#holds(condition.left, value) && this.#holds(condition.right, value);
      case 'or':
        return this.#holds(condition.left, value) || this.#holds(condition.right, value);
      case 'not':
        return !this.#holds(condition.condition, value);
      case 'exists':
        return this.#query(condition.query, value).length > 0;
      case 'compare':
        return this.#compare(condition, value);
      case 'match':
        return this.#matches(condition, value);
    }
  }

  #query({ isRelative, segments }: Query, value: Json): readonly Place[] {
    const start = isRelative ? value : this.#root;
    return this.select(segments, { value: start, parent: undefined, key: '' });
  }

  #compare({ operator, left, right }: Comparison, value: Json): boolean {
    const a = this.#operand(left, value);
    const b = this.#operand(right, value);
    if (operator === '==') return equal(a, b);
    if (operator === '!=') return !equal(a, b);
    if (operator === '<') return less(a, b);
    if (operator === '>') return less(b, a);
    return (operator === '<=' ? less(a, b) : less(b, a)) || equal(a, b);
  }

  /** undefined: there is no such value, which is something that can be compared, too. */
  #operand(operand: Operand, value: Json): Json | undefined {
    if (operand.kind === 'literal') return operand.value;
    if (operand.kind === 'length') return lengthOf(this.#operand(operand.of, value));
    const places = this.#query(operand.query, value);
    if (operand.kind === 'count') return places.length;
    return places.length === 1 ? places[0]?.value : undefined;
  }

  #matches({ whole, text, pattern }: PatternTest, value: Json): boolean {
    const subject = this.#operand(text, value);
    const expression = this.#operand(pattern, value);
    if (typeof subject !== 'string' || typeof expression !== 'string') return false;
    return this.#patterns.test(expression, subject, whole);
  }
}

function add(selected: Place[], parent: Place, key: string | number, value?: Json): void {
  if (value !== undefined) selected.push({ value, parent, key });
}

/** The indexes that the slice selects of an array of the length (RFC 9535, 2.3.4.2.2). */
function* sliced({ start, stop, step }: SliceSelector, length: number): Generator<number> {
  const bound = (index: number, least: number, most: number): number => {
    return Math.min(Math.max(index < 0 ? length + index : index, least), most);
  };
  if (step > 0) {
    const end = bound(stop ?? length, 0, length);
    for (let at = bound(start ?? 0, 0, length); at < end; at += step) yield at;
  } else if (step < 0) {
    const end = stop === undefined ? -1 : bound(stop, -1, length - 1);
    for (let at = bound(start ?? length - 1, -1, length - 1); at > end; at += step) yield at;
  }
}

function equal(a: Json | undefined, b: Json | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return isEqual(a, b, (left, right) => compareNumbers(left, right) === 0);
}

/** Numbers and texts have an order; UTF-8's bytes are in the order of its characters. */
function less(a: Json | undefined, b: Json | undefined): boolean {
  if (typeof a === 'string') return typeof b === 'string' && a < b;
  if (a === undefined || b === undefined || !isNumber(a) || !isNumber(b)) return false;
  return compareNumbers(a, b) < 0;
}

/** Characters of a text, elements of an array, keys of an object. */
function lengthOf(value: Json | undefined): number | undefined {
  if (typeof value === 'string') return value.replace(/[\x80-\xbf]/g, '').length;
  if (Array.isArray(value)) return value.length;
  return value !== undefined && isObject(value) ? value.size : undefined;
}
