/** Random requests on JSON documents, from small ones to such as are kept in many pieces. */

import type { Parts, Request } from './mixed-parts.js';

const NAMES = ['a', 'b', 'c', 'list', 'deep'] as const;
const MOST_DEPTH = 3;
const SHARE_OF_LARGE = 0.15;

type Value = null | boolean | number | string | Value[] | { [name: string]: Value };

function anyValue(p: Parts, depth: number): Value {
  const kind = p.integer(0, depth < MOST_DEPTH ? 9 : 5);
  if (kind === 0) return p.one(null, true, false);
  if (kind < 4) return p.integer(-40, 40) / 4;
  if (kind < 6)
    return p.chance(SHARE_OF_LARGE) ? 'text '.repeat(p.integer(1, 2000)) : p.one(...NAMES);
  if (kind < 8) return p.many(() => anyValue(p, depth + 1));
  return objectOf(p, depth);
}

function objectOf(p: Parts, depth: number): Value {
  return Object.fromEntries(p.many(() => [p.one(...NAMES), anyValue(p, depth + 1)]));
}

const json = (p: Parts): string => JSON.stringify(anyValue(p, 1));

/** A path of RFC 9535, or one of the older kind that begins with a dot or a name. */
function path(p: Parts): string {
  const step = (): string =>
    p.one(`.${p.one(...NAMES)}`, `[${p.integer(-3, 3)}]`, `.${p.one(...NAMES)}`);
  const steps = Array.from({ length: p.integer(0, 3) }, step).join('');
  if (p.chance(0.2)) return `$..${p.one(...NAMES)}`;
  if (p.chance(0.1)) return `$${steps}[*]`;
  return p.chance(0.7) ? `$${steps}` : steps || '.';
}

export const jsonCommands: readonly ((parts: Parts) => Request)[] = [
  (p) => ['JSON.SET', p.key('json'), '$', JSON.stringify(objectOf(p, 0))],
  (p) => ['JSON.SET', p.key('json'), '.', json(p), ...p.one([], ['NX'], ['XX'])],
  (p) => ['JSON.SET', p.key('json'), path(p), json(p), ...p.one([], ['NX'], ['XX'])],
  (p) => ['JSON.MSET', ...p.many(() => [p.key('json'), path(p), json(p)]).flat()],
  (p) => ['JSON.MERGE', p.key('json'), path(p), json(p)],
  (p) => ['JSON.GET', p.key('json')],
  (p) => ['JSON.GET', p.key('json'), ...p.maybe('INDENT', ' ', 'NEWLINE', '\n'), path(p), path(p)],
  (p) => ['JSON.MGET', p.key('json'), p.any(), p.key('json'), path(p)],
  (p) => [p.one('JSON.DEL', 'JSON.FORGET', 'JSON.CLEAR'), p.key('json'), path(p)],
  (p) => [p.one('JSON.TYPE', 'JSON.RESP', 'JSON.TOGGLE'), p.key('json'), path(p)],
  (p) => [p.one('JSON.NUMINCRBY', 'JSON.NUMMULTBY'), p.key('json'), path(p), p.number(-3, 3)],
  (p) => ['JSON.STRAPPEND', p.key('json'), path(p), JSON.stringify(p.one(...NAMES))],
  (p) => [p.one('JSON.STRLEN', 'JSON.ARRLEN', 'JSON.OBJLEN'), p.key('json'), path(p)],
  (p) => ['JSON.OBJKEYS', p.key('json'), path(p)],
  (p) => ['JSON.ARRAPPEND', p.key('json'), path(p), ...p.many(() => json(p))],
  (p) => ['JSON.ARRINSERT', p.key('json'), path(p), p.number(-3, 3), json(p), json(p)],
  (p) => ['JSON.ARRINDEX', p.key('json'), path(p), json(p), ...p.maybe(p.number(-3, 3))],
  (p) => ['JSON.ARRPOP', p.key('json'), path(p), p.number(-3, 3)],
  (p) => ['JSON.ARRTRIM', p.key('json'), path(p), p.number(0, 2), p.number(-2, 60)],
];
