/** client-output-buffer-limit: how much may wait for a client that does not read, by class of client. */

import { BadValue, type Codec } from './codec.js';
import { formatSize, parseSize } from './units.js';

/** A client is closed above `hardBytes`, or above `softBytes` for `softSeconds`. 0 is no limit. */
export interface OutputLimit {
  readonly hardBytes: number;
  readonly softBytes: number;
  readonly softSeconds: number;
}

export interface OutputLimits {
  readonly normal: OutputLimit;
  readonly replica: OutputLimit;
  readonly pubsub: OutputLimit;
}

type ClientClass = keyof OutputLimits;

const NONE: OutputLimit = { hardBytes: 0, softBytes: 0, softSeconds: 0 };
const NO_LIMITS: OutputLimits = { normal: NONE, replica: NONE, pubsub: NONE };
const CLASSES: ReadonlyMap<string, ClientClass> = new Map([
  ['normal', 'normal'],
  ['replica', 'replica'],
  ['slave', 'replica'],
  ['pubsub', 'pubsub'],
]);

/** Classes that the text does not name keep their limits. */
function parse(text: string, current: OutputLimits = NO_LIMITS): OutputLimits {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length === 0 || words.length % 4 !== 0) {
    throw new BadValue('Wrong number of arguments in buffer limit configuration.');
  }
  let limits = current;
  for (let i = 0; i < words.length; i += 4) {
    limits = { ...limits, ...parseClass(words.slice(i, i + 4)) };
  }
  return limits;
}

function parseClass(words: readonly string[]): Partial<Record<ClientClass, OutputLimit>> {
  const [word = '', hard = '', soft = '', seconds = ''] = words;
  const name = CLASSES.get(word.toLowerCase());
  if (name === undefined) {
    throw new BadValue('Invalid client class specified in buffer limit configuration.');
  }
  const [hardBytes, softBytes] = [parseSize(hard), parseSize(soft)];
  if (hardBytes === undefined || softBytes === undefined || !/^\d{1,9}$/.test(seconds)) {
    const where = 'hard, soft or soft_seconds setting';
    throw new BadValue(`Error in ${where} in buffer limit configuration.`);
  }
  return { [name]: { hardBytes, softBytes, softSeconds: Number(seconds) } };
}

function formatter(replica: string, bytes: (value: number) => string) {
  const one = (limit: OutputLimit) =>
    `${bytes(limit.hardBytes)} ${bytes(limit.softBytes)} ${limit.softSeconds}`;
  return (limits: OutputLimits): string =>
    `normal ${one(limits.normal)} ${replica} ${one(limits.replica)} pubsub ${one(limits.pubsub)}`;
}

const accepts =
  'groups of a class (normal, replica or pubsub), a hard limit, a soft limit and its seconds';

export const outputLimits: Codec<OutputLimits> = {
  accepts,
  parse,
  format: formatter('replica', formatSize),
};

/** Redis prints bytes, and its old word for a replica. */
export const redisOutputLimits: Codec<OutputLimits> = {
  accepts,
  parse,
  format: formatter('slave', String),
};
