/**
 * Reads JSON paths. json-p3 parses them (RFC 9535); what it read is turned into a plan over values in DiskDB's own
 * representation. Nothing of a path is ever run as code.
 */

import { JSONPathEnvironment, type JSONPathQuery, JSONPathSyntaxError, jsonpath } from 'json-p3';
import { parseJsonNumber } from './parse.js';
import type {
  ComparisonOperator,
  Condition,
  JsonPath,
  Operand,
  Query,
  Segment,
  Selector,
} from './path-plan.js';
import { fromRoot, isLegacy, PathError, showControls, standardPath } from './path-text.js';

const environment = new JSONPathEnvironment();
/** json-p3 does not export the class. */
const descendantSegment = environment.compile('$..*').segments[0]?.constructor;

/** Paths that were read of late, the last one at the end. */
const recent = new Map<string, JsonPath>();
const RECENT_MAX = 256;

/** What the path means; its text is UTF-8, a character a byte. @throws PathError, PathLimitError */
export function parsePath(text: string): JsonPath {
  const known = recent.get(text);
  if (known !== undefined) return known;
  const path = readPath(text);
  if (recent.size >= RECENT_MAX) recent.delete(recent.keys().next().value as string);
  recent.set(text, path);
  return path;
}

function readPath(text: string): JsonPath {
  const rooted = fromRoot(text);
  const standard = standardPath(Buffer.from(rooted, 'latin1').toString('utf8'));
  return {
    given: text,
    text: rooted,
    isLegacy: isLegacy(text),
    segments: segmentsOf(compile(standard)),
  };
}

function compile(path: string): JSONPathQuery {
  try {
    return environment.compile(path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new PathError(describe(path, error));
  }
}

/** In RedisJSON's form; the parser adds the place to what it says, in brackets. */
function describe(path: string, error: Error): string {
  const what = error.message.replace(/ \('.*$/s, '');
  const at = error instanceof JSONPathSyntaxError ? error.token.index : path.length;
  const shown = bytesOf(`${path.slice(0, at)} ---->>>> ${path.slice(at)}`);
  return `Error occurred on position ${at}, "${shown}", ${what}.`;
}

/** A text of the path as values have it. */
function bytesOf(text: string): string {
  return Buffer.from(showControls(text), 'utf8').toString('latin1');
}

function segmentsOf(query: JSONPathQuery): readonly Segment[] {
  return query.segments.map((segment) => ({
    isDescendant: segment.constructor === descendantSegment,
    selectors: segment.selectors.map(selectorOf),
  }));
}

type Expression = jsonpath.expressions.FilterExpression;

function selectorOf(selector: jsonpath.JSONPathSelector): Selector {
  const { NameSelector, IndexSelector, SliceSelector, FilterSelector } = jsonpath.selectors;
  if (selector instanceof NameSelector) return { kind: 'name', name: bytesOf(selector.name) };
  if (selector instanceof IndexSelector) return { kind: 'index', index: selector.index };
  if (selector instanceof SliceSelector) {
    const { start, stop, step = 1 } = selector;
    return { kind: 'slice', start, stop, step };
  }
  if (selector instanceof FilterSelector) {
    return { kind: 'filter', condition: conditionOf(selector.expression) };
  }
  return { kind: 'all' };
}

function conditionOf(expression: Expression): Condition {
  const { LogicalExpression, PrefixExpression, InfixExpression, FilterQuery, FunctionExtension } =
    jsonpath.expressions;
  if (expression instanceof LogicalExpression) return conditionOf(expression.expression);
  if (expression instanceof PrefixExpression) {
    return { kind: 'not', condition: conditionOf(expression.right) };
  }
  if (expression instanceof InfixExpression) return infixOf(expression);
  if (expression instanceof FilterQuery) return { kind: 'exists', query: queryOf(expression) };
  if (expression instanceof FunctionExtension) return patternTestOf(expression);
  throw new PathError('a filter must be a condition');
}

function infixOf({ left, operator, right }: jsonpath.expressions.InfixExpression): Condition {
  if (operator === '&&' || operator === '||') {
    const kind = operator === '&&' ? 'and' : 'or';
    return { kind, left: conditionOf(left), right: conditionOf(right) };
  }
  return {
    kind: 'compare',
    operator: operator as ComparisonOperator,
    left: operandOf(left),
    right: operandOf(right),
  };
}

function queryOf(expression: Expression): Query {
  const { RelativeQuery, FilterQuery } = jsonpath.expressions;
  if (!(expression instanceof FilterQuery)) throw new PathError('a function needs a path');
  const isRelative = expression instanceof RelativeQuery;
  return { isRelative, segments: segmentsOf(expression.path) };
}

function patternTestOf({ name, args }: jsonpath.expressions.FunctionExtension): Condition {
  const [text, pattern] = args;
  if ((name !== 'match' && name !== 'search') || text === undefined || pattern === undefined) {
    throw new PathError('a filter must be a condition');
  }
  return {
    kind: 'match',
    whole: name === 'match',
    text: operandOf(text),
    pattern: operandOf(pattern),
  };
}

function operandOf(expression: Expression): Operand {
  const { FilterExpressionLiteral, FunctionExtension } = jsonpath.expressions;
  if (expression instanceof FilterExpressionLiteral) return literalOf(expression);
  if (!(expression instanceof FunctionExtension)) {
    return { kind: 'query', query: queryOf(expression) };
  }
  const [argument] = expression.args;
  if (argument === undefined) throw new PathError('a function needs an argument');
  if (expression.name === 'length') return { kind: 'length', of: operandOf(argument) };
  const kind = expression.name === 'count' ? 'count' : 'query';
  return { kind, query: queryOf(argument) };
}

function literalOf(expression: jsonpath.expressions.FilterExpressionLiteral): Operand {
  const { BooleanLiteral, NumberLiteral, StringLiteral } = jsonpath.expressions;
  if (expression instanceof StringLiteral) {
    return { kind: 'literal', value: bytesOf(expression.value) };
  }
  if (expression instanceof BooleanLiteral) return { kind: 'literal', value: expression.value };
  if (!(expression instanceof NumberLiteral)) return { kind: 'literal', value: null };
  // From its text, because json-p3's number has lost what a double cannot hold.
  const value = parseJsonNumber(expression.token.value);
  if (value === undefined) throw new PathError('a number is out of range');
  return { kind: 'literal', value };
}
