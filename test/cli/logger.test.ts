import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DiskDbError } from '../../src/base/errors.js';
import { createLogger, prettyStream } from '../../src/observability/logger.js';
import { contentOf, temporaryDirectory } from '../config/temporary.js';

/** Writing to it fails as to a disk that is full. */
const FULL = '/dev/full';

function capture() {
  const lines: string[] = [];
  return { lines, stream: { write: (line: string) => void lines.push(line) } };
}

describe('the log', () => {
  test('is JSON with a level, an ISO time and the fields', () => {
    const { lines, stream } = capture();
    const logger = createLogger({ level: 'info', format: 'json', file: '' }, stream);
    logger.info({ port: 6380 }, 'ready');
    logger.debug('not this');
    expect(lines).toHaveLength(1);
    const line: unknown = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ level: 30, pid: process.pid, port: 6380, msg: 'ready' });
    expect(line).toMatchObject({ time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) });
  });

  test('shows errors with their code', () => {
    const { lines, stream } = capture();
    const logger = createLogger({ level: 'info', format: 'json', file: '' }, stream);
    logger.error({ error: new DiskDbError('LOG_CORRUPT', 'bad frame') }, 'cannot start');
    const line: unknown = JSON.parse(lines[0] ?? '');
    expect(line).toMatchObject({ error: { code: 'LOG_CORRUPT', message: 'bad frame' } });
  });

  test.skipIf(!existsSync(FULL))('goes on where nothing can be written', () => {
    const logger = createLogger({ level: 'info', format: 'json', file: FULL });
    for (let i = 0; i < 10_000; i++) logger.info('x'.repeat(1000));
  });

  test('is a line for people where they look', () => {
    const { lines, stream } = capture();
    const pretty = prettyStream(stream, false);
    const logger = createLogger({ level: 'info', format: 'pretty', file: '' }, pretty);
    logger.warn({ port: 6380 }, 'ready');
    expect(lines[0]).toMatch(
      /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] WARN: ready \{"port":6380\}\n$/,
    );
  });

  test('can change its level', () => {
    const { lines, stream } = capture();
    const logger = createLogger({ level: 'silent', format: 'json', file: '' }, stream);
    logger.fatal('lost');
    logger.level = 'debug';
    logger.debug('kept');
    expect(lines).toHaveLength(1);
  });

  test('appends to a file, and makes its directory', () => {
    const file = join(temporaryDirectory(), 'logs', 'diskdb.log');
    for (const message of ['one', 'two']) {
      createLogger({ level: 'info', format: 'auto', file }).info(message);
    }
    expect(contentOf(file).trim().split('\n')).toHaveLength(2);
  });
});
