import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryDirectory } from '../config/temporary.js';
import { RespConnection } from '../support/resp-connection.js';
import { startServer } from '../support/server.js';
import { run } from './launch.js';

/** A data directory with some keys, whose log was not folded: the server was killed. */
async function dataDirectory(): Promise<string> {
  const dir = temporaryDirectory();
  const server = await startServer('diskdb', { dir, sync: 'always' });
  const client = await RespConnection.open(server.port);
  for (let i = 0; i < 10; i++) await client.send('SET', `key:${i}`, `value ${i}`);
  await server.kill();
  return dir;
}

/** Turns over a byte in the middle of the newest segment. */
function damage(dir: string): void {
  const wal = join(dir, 'wal');
  const newest = join(
    wal,
    readdirSync(wal)
      .filter((name) => name.endsWith('.wal'))
      .sort()
      .at(-1) ?? '',
  );
  const bytes = readFileSync(newest);
  const at = bytes.indexOf('value 5');
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0xff, at);
  writeFileSync(newest, bytes);
}

describe('the tools', () => {
  test('check finds nothing where nothing is wrong', async () => {
    const { code, output } = await run('check', await dataDirectory());
    expect(output).toMatch(/^Checked \d+ records and \d+ frames/);
    expect(output).toContain('No damage found.');
    expect(code).toBe(0);
  });

  test('wal dump prints frames readably and as JSON', async () => {
    const dir = await dataDirectory();
    const readable = await run('wal', 'dump', dir);
    expect(readable.output).toContain('key:3');
    const json = await run('wal', 'dump', dir, '--json');
    const frames = json.output
      .trim()
      .split('\n')
      .map((line): unknown => JSON.parse(line));
    expect(frames.length).toBeGreaterThan(10);
    expect([readable.code, json.code]).toEqual([0, 0]);
  });

  test('check and repair are refused while a server runs, and name it; wal dump is not', async () => {
    const dir = temporaryDirectory();
    const server = await startServer('diskdb', { dir, sync: 'always' });
    const client = await RespConnection.open(server.port);
    await client.send('SET', 'key:1', 'value');
    for (const tool of ['check', 'repair']) {
      const { code, output } = await run(tool, dir);
      expect(output).toMatch(/^diskdb: data directory .* is in use by process \d+ on .*\n$/);
      expect(output).toContain(readFileSync(join(dir, 'holder'), 'utf8'));
      expect(code).toBe(3);
    }
    expect(await run('wal', 'dump', dir)).toMatchObject({
      code: 0,
      output: expect.stringContaining('key:1'),
    });
    await server.kill();
  });

  test('check names damage with code 4, and repair mends it', async () => {
    const dir = await dataDirectory();
    damage(dir);
    const found = await run('check', dir);
    expect(found.output).toMatch(/\.wal at byte \d+/);
    expect(found.output).toContain(`diskdb repair ${dir}`);
    expect(found.code).toBe(4);
    expect(await run('wal', 'dump', dir)).toMatchObject({ code: 4 });
    const start = await run('--dir', dir, '--port', '0');
    expect(start.output).toContain('diskdb check');
    expect(start.output.trim().split('\n')).toHaveLength(1);
    expect(start.output).not.toContain('stack');
    expect(start.code).toBe(4);
    expect(await run('repair', dir)).toMatchObject({
      code: 0,
      output: expect.stringContaining('Done:'),
    });
    expect(await run('check', dir, '--json')).toMatchObject({ code: 0 });
  });
});
