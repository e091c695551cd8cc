/** Values as Redis writes them, with the error texts of Redis 7.2's CONFIG SET. */

import { BadValue, type Codec, parseInteger, type Range } from './codec.js';
import { parseSize } from './units.js';

function checkRange(value: number, { min, max }: Range): number {
  if (value >= min && value <= max) return value;
  throw new BadValue(`argument must be between ${min} and ${max} inclusive`);
}

/** Whole numbers; `scale` turns Redis's unit into ours (seconds to milliseconds: 1000). */
export function redisInteger(range: Range, scale = 1): Codec<number> {
  const shown = { min: Math.ceil(range.min / scale), max: Math.floor(range.max / scale) };
  return {
    accepts: `a whole number from ${shown.min} to ${shown.max}`,
    parse(text) {
      const value = parseInteger(text);
      if (value === undefined) throw new BadValue("argument couldn't be parsed into an integer");
      return checkRange(value, shown) * scale;
    },
    format: (value) => String(Math.round(value / scale)),
  };
}

export function redisMemory(range: Range): Codec<number> {
  return {
    accepts: `a size from ${range.min} to ${range.max}`,
    parse(text) {
      const value = parseSize(text);
      if (value === undefined) throw new BadValue('argument must be a memory value');
      return checkRange(value, range);
    },
    format: String,
  };
}

export const redisBoolean: Codec<boolean> = {
  accepts: 'yes or no',
  parse(text) {
    const word = text.toLowerCase();
    if (word === 'yes' || word === 'no') return word === 'yes';
    throw new BadValue("argument must be 'yes' or 'no'");
  },
  format: (value) => (value ? 'yes' : 'no'),
};

/** Pairs of our word and Redis's. The first pair that fits decides, in either direction. */
export function redisWords<W extends string>(pairs: readonly (readonly [W, string])[]): Codec<W> {
  const words = [...new Set(pairs.map(([, theirs]) => theirs))].join(', ');
  return {
    accepts: `one of ${words}`,
    parse(text) {
      const pair = pairs.find(([, theirs]) => theirs === text.toLowerCase());
      if (pair !== undefined) return pair[0];
      throw new BadValue(`argument(s) must be one of the following: ${words}`);
    },
    format: (value) => pairs.find(([ours]) => ours === value)?.[1] ?? value,
  };
}

/** A hint: what is beyond is taken as the nearest that makes sense. */
export function clamped(codec: Codec<number>, { min, max }: Range): Codec<number> {
  const parse = (text: string) => Math.min(max, Math.max(min, codec.parse(text)));
  return { ...codec, parse };
}

export const redisPermissions: Codec<number> = {
  accepts: 'file permissions in octal',
  parse(text) {
    if (!/^0?[0-7]{1,3}$/.test(text)) {
      throw new BadValue("argument couldn't be parsed as an octal number");
    }
    return Number.parseInt(text, 8);
  },
  format: (value) => value.toString(8),
};

/** Text that must pass a check, which throws BadValue or returns the form to keep. */
function checkedText(accepts: string, check: (text: string) => string): Codec<string> {
  return { accepts, parse: check, format: String };
}

/** `900 1 300 10`: pairs of seconds and changes. Empty is never. */
export const saveSchedule = checkedText('pairs of seconds and changes, or nothing', (text) => {
  const words = text === '' ? [] : text.split(' ');
  const valid = words.every(
    (word, i) => Number(word) >= (i % 2 === 0 ? 1 : 0) && /^\d+$/.test(word),
  );
  if (words.length % 2 !== 0 || !valid) throw new BadValue('Invalid save parameters');
  return text;
});

const EVENT_CLASSES = 'g$lshzxetd'; // what A stands for, in the order Redis prints them

/** `KEA`: classes of keyspace events, in the order that Redis prints them. */
export const keyspaceEvents = checkedText('letters of Ag$lshzxeKEtmdn, or nothing', (text) => {
  if (!/^[Ag$lshzxeKEtmdn]*$/.test(text)) {
    throw new BadValue("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.");
  }
  const all = text.includes('A') || [...EVENT_CLASSES].every((letter) => text.includes(letter));
  const order = all ? 'KEmn' : `${EVENT_CLASSES}nKEm`;
  return (all ? 'A' : '') + [...order].filter((letter) => text.includes(letter)).join('');
});

/** Bytes, or a share of maxmemory: `20%`. */
export const memoryOrPercent = checkedText('a size or a percentage', (text) => {
  const percent = /^(\d+)%$/.exec(text)?.[1];
  if (percent !== undefined) {
    if (Number(percent) <= 100) return text;
    throw new BadValue('percentage argument must be less or equal to 100');
  }
  const bytes = parseSize(text);
  if (bytes === undefined) throw new BadValue('argument must be a memory or percent value');
  return String(bytes);
});

export const percentiles = checkedText('percentages between blanks', (text) => {
  const words = text.split(' ').filter((word) => word !== '');
  const name = 'latency-tracking-info-percentiles';
  if (!words.every((word) => /^\d+(\.\d+)?$/.test(word))) {
    throw new BadValue(`Invalid ${name} parameters`);
  }
  if (!words.every((word) => Number(word) <= 100)) {
    throw new BadValue(`${name} parameters should sit between [0.0,100.0]`);
  }
  return words.map((word) => String(Number(word))).join(' ');
});

const SHUTDOWN_WORDS = ['save', 'nosave', 'now', 'force'];

/** `nosave now`: how a signal ends the server, in the order that Redis prints it. */
export const shutdownOptions = checkedText(
  'default, or some of save, nosave, now, force',
  (text) => {
    const words = text.toLowerCase().split(/\s+/);
    if (!words.every((word) => word === 'default' || SHUTDOWN_WORDS.includes(word))) {
      const all = ['default', ...SHUTDOWN_WORDS].join(', ');
      throw new BadValue(`argument(s) must be one of the following: ${all}`);
    }
    if (words.includes('save') && words.includes('nosave')) {
      throw new BadValue("shutdown options SAVE and NOSAVE can't be used simultaneously");
    }
    return SHUTDOWN_WORDS.filter((word) => words.includes(word)).join(' ') || 'default';
  },
);

export const scoreAdjustments = checkedText('three numbers from -2000 to 2000', (text) => {
  const words = text.split(' ');
  if (words.length !== 3) throw new BadValue('wrong number of arguments');
  if (!words.every((word) => /^-?\d+$/.test(word) && Math.abs(Number(word)) <= 2000)) {
    const range = 'elements must be between -2000 and 2000.';
    throw new BadValue(`Invalid oom-score-adj-values, ${range}`);
  }
  return text;
});
