/** The arguments of CLIENT's subcommands, as COMMAND DOCS shows them. */

import { token } from '../key-specs.js';
import type { ArgumentSpec } from '../spec.js';

export const onOff: ArgumentSpec = {
  name: 'enabled',
  type: 'oneof',
  arguments: [token('ON'), token('OFF')],
};

const clientTypes: readonly ArgumentSpec[] = [
  token('NORMAL'),
  token('MASTER', '3.2.0'),
  token('SLAVE'),
  token('REPLICA', '5.0.0'),
  token('PUBSUB'),
];

export const optional = { flags: ['optional'] } as const;

const killFilters: readonly ArgumentSpec[] = [
  { name: 'client-id', type: 'integer', token: 'ID', since: '2.8.12', ...optional },
  {
    name: 'client-type',
    type: 'oneof',
    token: 'TYPE',
    since: '2.8.12',
    arguments: clientTypes,
    ...optional,
  },
  { name: 'username', type: 'string', token: 'USER', ...optional },
  { name: 'addr', type: 'string', token: 'ADDR', display: 'ip:port', ...optional },
  {
    name: 'laddr',
    type: 'string',
    token: 'LADDR',
    since: '6.2.0',
    display: 'ip:port',
    ...optional,
  },
  {
    name: 'skipme',
    type: 'oneof',
    token: 'SKIPME',
    arguments: [token('YES'), token('NO')],
    ...optional,
  },
  { name: 'maxage', type: 'integer', token: 'MAXAGE', since: '7.4.0', ...optional },
];

export const killArguments: readonly ArgumentSpec[] = [
  {
    name: 'filter',
    type: 'oneof',
    arguments: [
      { name: 'old-format', type: 'string', display: 'ip:port', deprecatedSince: '2.8.12' },
      { name: 'new-format', type: 'oneof', flags: ['multiple'], arguments: killFilters },
    ],
  },
];

export const listArguments: readonly ArgumentSpec[] = [
  {
    name: 'client-type',
    type: 'oneof',
    token: 'TYPE',
    since: '5.0.0',
    arguments: ['NORMAL', 'MASTER', 'REPLICA', 'PUBSUB'].map((word) => token(word)),
    ...optional,
  },
  {
    name: 'client-id',
    type: 'integer',
    token: 'ID',
    since: '6.2.0',
    flags: ['optional', 'multiple'],
  },
];

export const trackingArguments: readonly ArgumentSpec[] = [
  { name: 'status', type: 'oneof', arguments: [token('ON'), token('OFF')] },
  { name: 'client-id', type: 'integer', token: 'REDIRECT', ...optional },
  {
    name: 'prefix',
    type: 'string',
    token: 'PREFIX',
    flags: ['optional', 'multiple', 'multiple_token'],
  },
  ...['BCAST', 'OPTIN', 'OPTOUT', 'NOLOOP'].map((word) => ({ ...token(word), ...optional })),
];
