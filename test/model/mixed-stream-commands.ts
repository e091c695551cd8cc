/** Random requests of streams and their groups. */

import type { Maker, Parts, Request } from './mixed-parts.js';

const fields = (p: Parts): string[] =>
  p
    .many(() => [p.member(), p.value()])
    .slice(0, 3)
    .flat();
const inGroup = (p: Parts): string[] => [p.key('stream'), p.group()];

/** Redis 7.0 makes consumers later than 7.2 does. */
const asConsumer = (
  p: Parts,
  where: readonly string[],
  request: (who: string) => Request,
): Request[] => {
  const who = p.consumer();
  return [['XGROUP', 'CREATECONSUMER', ...where, who], request(who)];
};

export const streamCommands: readonly Maker[] = [
  (p) => {
    const key = p.key('stream');
    return p.many(() => ['XADD', key, `${p.integer(1, 300)}-*`, ...fields(p)]);
  },
  (p) => {
    const key = p.key('stream');
    const time = p.integer(1, 290);
    return p.many(() => ['XADD', key, `${time}-*`, ...fields(p)]);
  },
  (p) => [['XADD', p.key('stream'), ...p.maybe('NOMKSTREAM'), p.streamId(), ...fields(p)]],
  (p) => [
    [
      'XADD',
      p.key('stream'),
      'MAXLEN',
      ...p.maybe('~'),
      p.number(0, 300),
      p.streamId(),
      ...fields(p),
    ],
  ],
  (p) => [['XDEL', p.key('stream'), ...p.many(() => p.streamId())]],
  (p) => [['XLEN', p.key('stream')]],
  (p) => [['XRANGE', p.key('stream'), p.streamBound(), p.streamBound(), ...p.maybe('COUNT', '7')]],
  (p) => [
    ['XREVRANGE', p.key('stream'), p.streamBound(), p.streamBound(), ...p.maybe('COUNT', '7')],
  ],
  (p) => [['XREAD', ...p.maybe('COUNT', '5'), 'STREAMS', p.key('stream'), p.streamId()]],
  (p) => [['XTRIM', p.key('stream'), 'MAXLEN', ...p.one(['~'], ['='], []), p.number(0, 300)]],
  (p) => [['XTRIM', p.key('stream'), 'MINID', ...p.one(['~'], []), p.streamId()]],
  (p) => [['XSETID', p.key('stream'), p.streamId()]],
  (p) => [['XINFO', 'STREAM', p.key('stream'), ...p.maybe('FULL')]],
  (p) => [
    ['XGROUP', 'CREATE', ...inGroup(p), p.one('0', '$', p.streamId()), ...p.maybe('MKSTREAM')],
  ],
  (p) => [['XGROUP', 'SETID', ...inGroup(p), p.one('0', '$', p.streamId())]],
  (p) => [
    p.chance(0.3) ? ['XGROUP', 'DESTROY', ...inGroup(p)] : ['XINFO', 'GROUPS', p.key('stream')],
  ],
  (p) => [['XGROUP', 'DELCONSUMER', ...inGroup(p), p.consumer()]],
  (p) => [['XINFO', 'CONSUMERS', ...inGroup(p)]],
  (p) => [['XPENDING', ...inGroup(p)]],
  (p) => [['XPENDING', ...inGroup(p), p.streamBound(), p.streamBound(), '10', ...p.maybe('bob')]],
  (p) => [['XACK', ...inGroup(p), ...p.many(() => p.streamId())]],
  (p) => {
    const [key = '', group = ''] = inGroup(p);
    const options = [...p.maybe('COUNT', p.number(1, 90)), ...p.maybe('NOACK')];
    const from = p.one('>', '>', '>', p.streamId());
    return asConsumer(p, [key, group], (who) => [
      ...['XREADGROUP', 'GROUP', group, who, ...options, 'STREAMS', key, from],
    ]);
  },
  (p) => {
    const where = inGroup(p);
    const ids = p.many(() => p.streamId());
    return asConsumer(p, where, (who) => [
      ...['XCLAIM', ...where, who, '0', ...ids, ...p.maybe('JUSTID'), ...p.maybe('FORCE')],
    ]);
  },
  (p) => {
    const where = inGroup(p);
    const options = [...p.maybe('COUNT', p.number(1, 20)), ...p.maybe('JUSTID')];
    return asConsumer(p, where, (who) => [
      'XAUTOCLAIM',
      ...where,
      who,
      '0',
      p.streamId(),
      ...options,
    ]);
  },
];
