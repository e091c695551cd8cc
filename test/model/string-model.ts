/** What string and generic commands must answer: the same on plain maps, as raw RESP2 replies. */

export interface Value {
  readonly text: string;
  /** Milliseconds since 1970; 0 never. */
  readonly expireAt: number;
}

export type ModelDatabase = Map<string, Value>;

const OK = '+OK\r\n';
const NIL = '$-1\r\n';
const NOT_INTEGER = '-ERR value is not an integer or out of range\r\n';
const NO_SUCH_KEY = '-ERR no such key\r\n';
const SAME_OBJECT = '-ERR source and destination objects are the same\r\n';

/** The reply, or a check of it where it may be one of several. */
export type Expected = string | ((reply: string) => boolean);

type Handler = (model: StringModel, db: ModelDatabase, args: readonly string[]) => Expected;

export class StringModel {
  databases: ModelDatabase[];
  now: number;
  /** The database selected by each client. */
  readonly selected: number[];

  constructor(databases: number, clients: number, now: number) {
    this.databases = Array.from({ length: databases }, () => new Map());
    this.selected = new Array(clients).fill(0);
    this.now = now;
  }

  apply(client: number, args: readonly string[]): Expected {
    this.dropExpired();
    const [name = '', ...rest] = args;
    if (name === 'SELECT') {
      this.selected[client] = Number(rest[0]);
      return OK;
    }
    const handler = HANDLERS[name];
    if (handler === undefined) throw new Error(`the model does not know ${name}`);
    return handler(this, this.databases[this.selected[client] as number] as ModelDatabase, rest);
  }

  dropExpired(): void {
    for (const db of this.databases) {
      for (const [key, { expireAt }] of db) {
        if (expireAt !== 0 && expireAt <= this.now) db.delete(key);
      }
    }
  }

  /** Everything there is, as one text: equal states have equal texts. */
  picture(): string {
    this.dropExpired();
    return pictureOf(this.databases);
  }

  /** A copy that shares nothing that changes. */
  copyDatabases(): ModelDatabase[] {
    return this.databases.map((db) => new Map(db));
  }
}

export function pictureOf(databases: readonly ModelDatabase[]): string {
  const lines: string[] = [];
  databases.forEach((db, index) => {
    for (const key of [...db.keys()].sort()) {
      const { text, expireAt } = db.get(key) as Value;
      lines.push(`${index} ${key} ${expireAt} ${text}`);
    }
  });
  return lines.join('\n');
}

function bulk(text: string | undefined): string {
  return text === undefined ? NIL : `$${text.length}\r\n${text}\r\n`;
}

function integer(value: number | bigint | boolean): string {
  return `:${typeof value === 'boolean' ? Number(value) : value}\r\n`;
}

function set(db: ModelDatabase, key: string, text: string, expireAt = 0): void {
  db.set(key, { text, expireAt });
}

function runSet(model: StringModel, db: ModelDatabase, args: readonly string[]): Expected {
  const [key = '', text = '', ...options] = args;
  const old = db.get(key);
  const has = (name: string): boolean => options.includes(name);
  const reply = has('GET') ? bulk(old?.text) : undefined;
  if ((has('NX') && old !== undefined) || (has('XX') && old === undefined)) return reply ?? NIL;
  const px = options.indexOf('PX');
  const pxat = options.indexOf('PXAT');
  let expireAt = has('KEEPTTL') ? (old?.expireAt ?? 0) : 0;
  if (px >= 0) expireAt = model.now + Number(options[px + 1]);
  if (pxat >= 0) expireAt = Number(options[pxat + 1]);
  set(db, key, text, expireAt);
  return reply ?? OK;
}

function add(db: ModelDatabase, key: string, by: bigint): Expected {
  const old = db.get(key);
  if (!/^(0|-?[1-9]\d{0,17})$/.test(old?.text ?? '0')) return NOT_INTEGER;
  const sum = BigInt(old?.text ?? '0') + by;
  set(db, key, String(sum), old?.expireAt);
  return integer(sum);
}

function expire(model: StringModel, db: ModelDatabase, args: readonly string[]): Expected {
  const [key = '', at = '', flag] = args;
  const old = db.get(key);
  const expireAt = Number(at);
  if (old === undefined) return integer(0);
  const never = old.expireAt === 0;
  if (flag === 'NX' && !never) return integer(0);
  if (flag === 'XX' && never) return integer(0);
  if (flag === 'GT' && (never || expireAt <= old.expireAt)) return integer(0);
  if (flag === 'LT' && !never && expireAt >= old.expireAt) return integer(0);
  if (expireAt <= model.now) db.delete(key);
  else set(db, key, old.text, expireAt);
  return integer(1);
}

function rename(db: ModelDatabase, from: string, to: string, onlyIfFree: boolean): Expected {
  const value = db.get(from);
  if (value === undefined) return NO_SUCH_KEY;
  if (onlyIfFree && db.has(to)) return integer(0);
  db.delete(from);
  db.set(to, value);
  return onlyIfFree ? integer(1) : OK;
}

function rangeOf(text: string, first: number, last: number): string {
  const { length } = text;
  if (first < 0 && last < 0 && first > last) return '';
  const start = Math.max(0, first < 0 ? length + first : first);
  const end = Math.max(0, last < 0 ? length + last : last);
  return text.slice(start, end + 1);
}

function setRange(db: ModelDatabase, key: string, offset: number, patch: string): Expected {
  const old = db.get(key);
  const text = old?.text ?? '';
  if (patch === '') return integer(text.length);
  const head = text.slice(0, offset).padEnd(offset, '\0');
  const whole = head + patch + text.slice(offset + patch.length);
  set(db, key, whole, old?.expireAt);
  return integer(whole.length);
}

/** Whether the reply is an array of exactly these bulk strings, in any order. */
function isAnyOrder(reply: string, keys: readonly string[]): boolean {
  const wanted = keys.map((key) => bulk(key)).sort();
  const found: string[] = [];
  const head = `*${keys.length}\r\n`;
  if (!reply.startsWith(head)) return false;
  for (let at = head.length; at < reply.length; ) {
    const lineEnd = reply.indexOf('\r\n', at);
    const end = lineEnd + 4 + Number(reply.slice(at + 1, lineEnd));
    found.push(reply.slice(at, end));
    at = end;
  }
  return found.sort().join('') === wanted.join('');
}

const HANDLERS: Readonly<Record<string, Handler>> = {
  SET: runSet,
  SETNX: (_, db, [key = '', text = '']) => {
    if (db.has(key)) return integer(0);
    set(db, key, text);
    return integer(1);
  },
  PSETEX: (model, db, [key = '', ms = '', text = '']) => {
    set(db, key, text, model.now + Number(ms));
    return OK;
  },
  GET: (_, db, [key = '']) => bulk(db.get(key)?.text),
  GETSET: (_, db, [key = '', text = '']) => {
    const old = db.get(key)?.text;
    set(db, key, text);
    return bulk(old);
  },
  GETDEL: (_, db, [key = '']) => {
    const old = db.get(key)?.text;
    db.delete(key);
    return bulk(old);
  },
  GETEX: (model, db, [key = '', option, ms]) => {
    const old = db.get(key);
    if (old === undefined) return NIL;
    if (option === 'PERSIST') set(db, key, old.text);
    if (option === 'PX') set(db, key, old.text, model.now + Number(ms));
    return bulk(old.text);
  },
  APPEND: (_, db, [key = '', tail = '']) => {
    const old = db.get(key);
    set(db, key, (old?.text ?? '') + tail, old?.expireAt);
    return integer((old?.text.length ?? 0) + tail.length);
  },
  STRLEN: (_, db, [key = '']) => integer(db.get(key)?.text.length ?? 0),
  SETRANGE: (_, db, [key = '', offset = '', patch = '']) =>
    setRange(db, key, Number(offset), patch),
  GETRANGE: (_, db, [key = '', first, last]) =>
    bulk(rangeOf(db.get(key)?.text ?? '', Number(first), Number(last))),
  INCR: (_, db, [key = '']) => add(db, key, 1n),
  DECRBY: (_, db, [key = '', by = '']) => add(db, key, -BigInt(by)),
  INCRBY: (_, db, [key = '', by = '']) => add(db, key, BigInt(by)),
  MSET: (_, db, pairs) => {
    for (let i = 0; i < pairs.length; i += 2) set(db, pairs[i] as string, pairs[i + 1] as string);
    return OK;
  },
  MSETNX: (_, db, pairs) => {
    for (let i = 0; i < pairs.length; i += 2) if (db.has(pairs[i] as string)) return integer(0);
    for (let i = 0; i < pairs.length; i += 2) set(db, pairs[i] as string, pairs[i + 1] as string);
    return integer(1);
  },
  MGET: (_, db, keys) =>
    `*${keys.length}\r\n${keys.map((key) => bulk(db.get(key)?.text)).join('')}`,
  DEL: (_, db, keys) => integer(keys.filter((key) => db.delete(key)).length),
  UNLINK: (_, db, keys) => integer(keys.filter((key) => db.delete(key)).length),
  EXISTS: (_, db, keys) => integer(keys.filter((key) => db.has(key)).length),
  TOUCH: (_, db, keys) => integer(keys.filter((key) => db.has(key)).length),
  TYPE: (_, db, [key = '']) => (db.has(key) ? '+string\r\n' : '+none\r\n'),
  RENAME: (_, db, [from = '', to = '']) => rename(db, from, to, false),
  RENAMENX: (_, db, [from = '', to = '']) => rename(db, from, to, true),
  COPY: (model, db, [from = '', to = '', _db, index = '0', replace]) => {
    const target = model.databases[Number(index)] as ModelDatabase;
    if (target === db && from === to) return SAME_OBJECT;
    const value = db.get(from);
    if (value === undefined || (replace === undefined && target.has(to))) return integer(0);
    target.set(to, value);
    return integer(1);
  },
  MOVE: (model, db, [key = '', index]) => {
    const target = model.databases[Number(index)] as ModelDatabase;
    if (target === db) return SAME_OBJECT;
    const value = db.get(key);
    if (value === undefined || target.has(key)) return integer(0);
    target.set(key, value);
    db.delete(key);
    return integer(1);
  },
  PEXPIREAT: expire,
  PERSIST: (_, db, [key = '']) => {
    const old = db.get(key);
    if (old === undefined || old.expireAt === 0) return integer(0);
    set(db, key, old.text);
    return integer(1);
  },
  PTTL: (model, db, [key = '']) => {
    const old = db.get(key);
    if (old === undefined) return integer(-2);
    return integer(old.expireAt === 0 ? -1 : old.expireAt - model.now);
  },
  PEXPIRETIME: (_, db, [key = '']) => {
    const old = db.get(key);
    return integer(old === undefined ? -2 : old.expireAt === 0 ? -1 : old.expireAt);
  },
  DBSIZE: (_, db) => integer(db.size),
  KEYS: (_, db) => {
    const keys = [...db.keys()];
    return (reply) => isAnyOrder(reply, keys);
  },
  RANDOMKEY: (_, db) => {
    if (db.size === 0) return NIL;
    const keys = new Set([...db.keys()].map((key) => bulk(key)));
    return (reply) => keys.has(reply);
  },
  SWAPDB: (model, _, [first, second]) => {
    const [a, b] = [Number(first), Number(second)];
    const { databases } = model;
    [databases[a], databases[b]] = [databases[b] as ModelDatabase, databases[a] as ModelDatabase];
    return OK;
  },
  FLUSHDB: (_, db) => {
    db.clear();
    return OK;
  },
  FLUSHALL: (model) => {
    for (const db of model.databases) db.clear();
    return OK;
  },
};
