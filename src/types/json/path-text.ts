/**
 * Brings a path as RedisJSON takes it into the form of RFC 9535: names may have any characters (`$.foo-bar`), a dot
 * may stand before a bracket (`$.[0]`), `=~` stands for search(), and paths of the first version begin without `$`.
 */

/** The text is no path. */
export class PathError extends Error {}

/** The path asks for more than is allowed. */
export class PathLimitError extends Error {}

/** Longer paths are refused, and what is nested deeper: the parser and the filters call themselves. */
const LENGTH_MAX = 16_384;
const DEPTH_MAX = 64;
const OPERATORS_MAX = 512;

/** True if the path is one of RedisJSON's first version: it means one value, and its replies are bare. */
export function isLegacy(path: string): boolean {
  return !path.startsWith('$');
}

/** The path from the root on, as error replies show it. */
export function fromRoot(path: string): string {
  if (!isLegacy(path)) return path;
  if (path === '.') return '$';
  return path.startsWith('.') ? `$${path}` : `$.${path}`;
}

/** The path in the form of RFC 9535. @throws PathLimitError */
export function standardPath(path: string): string {
  if (path.length > LENGTH_MAX) throw new PathLimitError('the path is too long');
  return new Rewriter(path).rewrite();
}

/** Names that need no brackets. */
const SHORTHAND = /^[A-Za-z_][A-Za-z_0-9]*$/;
const NAME = /[^.[]+/y;
const NAME_IN_FILTER = /[^.[\]()\s,=<>!&|~'"*?@$]+/y;
const TEXT = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy;
const BLANKS = /\s+/y;
const NUMBER = /-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;

/** What is open: a bracket, with the place in the output where the last operand in it begins. */
interface Level {
  operandAt: number;
  /** A search() whose second argument is being read is still to be closed. */
  inSearch: boolean;
}

class Rewriter {
  readonly #path: string;
  #at = 0;
  #out = '';
  #levels: Level[] = [{ operandAt: 0, inSearch: false }];
  #operators = 0;

  constructor(path: string) {
    this.#path = path;
  }

  rewrite(): string {
    while (this.#at < this.#path.length) this.#step();
    return this.#out;
  }

  get #level(): Level {
    return this.#levels[this.#levels.length - 1] as Level;
  }

  #step(): void {
    const character = this.#path[this.#at] as string;
    if (character === '.') this.#dots();
    else if (character === '"' || character === "'") this.#operand(this.#match(TEXT) || character);
    else if (character === '@' || character === '$') this.#operand(character);
    else if (character === '[' || character === '(') this.#open(character);
    else if (character === ']' || character === ')') this.#close(character);
    else if (this.#path.startsWith('=~', this.#at)) this.#search();
    else if (/[-0-9]/.test(character)) this.#out += this.#match(NUMBER) || this.#match(/-/y);
    else this.#other(character);
  }

  #dots(): void {
    const dots = this.#path[this.#at + 1] === '.' ? '..' : '.';
    this.#at += dots.length;
    const next = this.#path[this.#at];
    if (next === '[' || next === '*') {
      this.#out += dots === '.' && next === '[' ? '' : dots;
      if (next === '*') this.#copy('*');
      return;
    }
    const name = this.#match(this.#levels.length > 1 ? NAME_IN_FILTER : NAME);
    if (name === '' || SHORTHAND.test(name)) this.#out += dots + name;
    else this.#out += `${dots === '.' ? '' : dots}${JSON.stringify([hideControls(name)])}`;
  }

  /** A text, or where a query begins. */
  #operand(text: string): void {
    const isNew = /[[(!&|?=<>,]\s*$/.test(this.#out);
    if (isNew) this.#level.operandAt = this.#out.length;
    if (text.length === 1) this.#copy(text);
    else this.#out += standardText(text);
  }

  #open(bracket: string): void {
    this.#copy(bracket);
    this.#levels.push({ operandAt: this.#out.length, inSearch: false });
    if (this.#levels.length > DEPTH_MAX) throw new PathLimitError('the path is nested too deeply');
  }

  #close(bracket: string): void {
    this.#endSearch();
    if (this.#levels.length > 1) this.#levels.pop();
    this.#copy(bracket);
  }

  #search(): void {
    const { operandAt } = this.#level;
    const left = this.#out.slice(operandAt).trimEnd();
    this.#out = `${this.#out.slice(0, operandAt)}search(${left},`;
    this.#at += 2;
    this.#match(BLANKS);
    this.#level.inSearch = true;
  }

  #endSearch(): void {
    if (this.#level.inSearch) this.#out += ')';
    this.#level.inSearch = false;
  }

  #other(character: string): void {
    if (/[\s&|]/.test(character)) this.#endSearch();
    if (/[!&|]/.test(character) && ++this.#operators > OPERATORS_MAX) {
      throw new PathLimitError('the path has too many operators');
    }
    this.#copy(character);
  }

  #copy(text: string): void {
    this.#out += text;
    this.#at += text.length;
  }

  /** What the expression matches at the place, which is passed; empty if it does not. */
  #match(expression: RegExp): string {
    expression.lastIndex = this.#at;
    const text = expression.exec(this.#path)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }
}

/** In a text, the RFC has no escape for the quotation mark that needs none. */
function standardText(text: string): string {
  const other = text.startsWith('"') ? "'" : '"';
  const standard = text.replace(ESCAPE, (escaped) => {
    if (escaped[1] === other) return other;
    const code = escaped[1] === 'u' ? Number.parseInt(escaped.slice(2), 16) : CONTROLS;
    return code < CONTROLS ? String.fromCharCode(code) : escaped;
  });
  return hideControls(standard);
}

const ESCAPE = /\\(?:u[0-9a-fA-F]{4}|.)/gs;

/**
 * The parser refuses control characters, which names in JSON may have. While it works, the 32 code points that Unicode
 * has set apart as no characters stand for them.
 */
const CONTROLS = 0x20;
const STAND_INS = 0xfdd0;

function hideControls(text: string): string {
  return text.replace(/[^ -\uffff]/g, (c) => String.fromCharCode(STAND_INS + c.charCodeAt(0)));
}

/** The text as it was before it was hidden from the parser. */
export function showControls(text: string): string {
  return text.replace(/[\ufdd0-\ufdef]/g, (c) => String.fromCharCode(c.charCodeAt(0) - STAND_INS));
}
