import { describe, expect, test } from 'vitest';
import { entries } from '../../src/config/catalog.js';
import { VERSION } from '../../src/version.js';
import { temporaryFile } from '../config/temporary.js';
import { run } from './launch.js';

describe('diskdb', () => {
  test('--version', async () => {
    expect(await run('--version')).toMatchObject({ code: 0, output: `diskdb ${VERSION}\n` });
  });

  test('--help shows each option of its own, and the exit codes', async () => {
    const { code, output } = await run('--help');
    expect(code).toBe(0);
    for (const { flag, section } of entries) {
      if (section !== 'redis') expect(output).toContain(`--${flag} <value>`);
    }
    expect(output).toContain('Durability and disk:');
    expect(output).toContain('another process uses the data directory');
    expect(output).not.toContain('--activedefrag');
  });

  test.each([
    [['--prot', '1'], "unknown option '--prot'\n(Did you mean --port?)"],
    [['--sync'], 'argument missing'],
    [['a.conf', 'b.conf'], 'too many arguments'],
    [['--port', '1000000'], '--port: port: "1000000": must be a whole number from 0 to 65535'],
    [
      ['--port', '6380', '--replicaof', 'localhost 6379'],
      '--replicaof: replicaof: "localhost 6379": must be left empty: this is not available in DiskDB yet',
    ],
    [['/nonexistent.conf'], 'cannot read the config file'],
    [['check', '/nonexistent'], '/nonexistent is not a data directory of DiskDB'],
    [['wal', 'dump', '/nonexistent'], '/nonexistent is not a data directory of DiskDB'],
    [['wal', 'dump', '--from-lsn', '-3'], 'a whole number from 0 is due'],
    [['wal', 'dump', '--from-lsn', ''], 'a whole number from 0 is due'],
  ])('%j ends with code 2', async (args, message) => {
    const { code, output } = await run(...args);
    expect(output).toContain(message);
    expect(code).toBe(2);
  });

  test('names the file and the line', async () => {
    const file = temporaryFile('port: 6380\npersistence:\n  sync: mabe\n');
    const { code, output } = await run(file);
    expect(output).toBe(
      `diskdb: ${file}:3: persistence.sync: "mabe": must be one of always, interval, no\n`,
    );
    expect(code).toBe(2);
  });
});
