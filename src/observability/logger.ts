/**
 * The server's log: pino, as lines for people on a terminal and as JSON elsewhere. Writing is synchronous, so
 * that the last words before a crash are there; nothing is logged on a hot path.
 */

import { isatty } from 'node:tty';
import {
  type DestinationStream,
  type LevelWithSilent,
  type Logger as PinoLogger,
  pino,
} from 'pino';
import { prettyFactory } from 'pino-pretty';

export type ServerLogger = PinoLogger;

export interface LoggerOptions {
  readonly level: LevelWithSilent;
  readonly format: 'auto' | 'pretty' | 'json';
  /** A file to append to; empty is standard output. */
  readonly file: string;
}

const STANDARD_OUTPUT = 1;
/** Of lines that could not be written (the disk is full) so much is kept to be written later. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** `logger.level` may be set later. @throws if the file cannot be opened */
export function createLogger(options: LoggerOptions, stream = openStream(options)): ServerLogger {
  const settings = {
    level: options.level,
    base: { pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err, err: pino.stdSerializers.err },
  };
  return pino(settings, stream);
}

function openStream({ format, file }: LoggerOptions): DestinationStream {
  const terminal = file === '' && isatty(STANDARD_OUTPUT);
  const dest = file === '' ? STANDARD_OUTPUT : file;
  const options = { sync: true, append: true, mkdir: true, maxLength: WAITING_BYTES_MAX };
  const stream = pino.destination({ dest, ...options });
  // A closed terminal or a full disk is no reason to end, and there is no other place to say so.
  stream.on('error', () => undefined);
  const pretty = format === 'pretty' || (format === 'auto' && terminal);
  return pretty ? prettyStream(stream, terminal && process.env.NO_COLOR === undefined) : stream;
}

/** pino hands over one line of JSON at a time; it leaves as a line for people. */
export function prettyStream(stream: DestinationStream, colorize: boolean): DestinationStream {
  const pretty = prettyFactory({
    colorize,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    ignore: 'pid',
    singleLine: true,
    errorLikeObjectKeys: ['err', 'error'],
  });
  return { write: (line) => stream.write(pretty(line)) };
}
