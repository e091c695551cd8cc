/** Users and new names of commands, as config files declare them. */

import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { commandGroups } from '../../src/commands/groups.js';
import { CommandTable } from '../../src/commands/registry.js';
import { loadConfig } from '../../src/config/load.js';
import { renameCommands } from '../../src/security/renames.js';
import { Security } from '../../src/security/security.js';
import { contentOf, temporaryFile } from '../config/temporary.js';
import { ManualClock } from '../support/command-harness.js';

const warnings: string[] = [];

afterEach(() => {
  warnings.length = 0;
});

interface Opened {
  readonly file: string;
  readonly access: Security;
  readonly commands: CommandTable;
}

function open(content: string): Opened {
  const file = temporaryFile(content);
  const { config } = loadConfig({ file });
  const commands = new CommandTable(commandGroups);
  renameCommands(commands, config.renames);
  const logger = { warn: (_: object, message: string) => warnings.push(message) };
  const access = new Security({ config, commands, clock: new ManualClock(), logger });
  return { file, access, commands };
}

/** What it is refused with, file and line first. */
function refusal(content: string): string {
  try {
    open(content);
    return 'not refused';
  } catch (error) {
    return String((error as Error).message).replace(/^.*\//, '');
  }
}

const RULES = 'on >secret ~app:* +@read (%W~log:* +append)';
const ALICE =
  /^user alice on sanitize-payload #2bb80d\w{58} ~app:\* resetchannels -@all \+@read \(%W~log:\*/;

describe('users', () => {
  test.each([
    ['YAML', `security:\n  users:\n    alice: ${RULES}\n    bob: ['off']\n`],
    [
      'a list',
      `security:\n  users:\n    alice: [${RULES.replace(/\S+/g, "'$&'").replaceAll(' ', ', ')}]\n    bob:\n`,
    ],
    ['redis.conf', `port 1\nuser alice ${RULES}\nuser bob off\n`],
  ])('of %s', (_, content) => {
    const { access } = open(content);
    expect(access.names()).toEqual(['alice', 'bob', 'default']);
    expect(access.lines()[0]).toMatch(ALICE);
    expect(access.authenticate('alice', 'secret')?.name).toBe('alice');
    expect(access.authenticate('bob', '')).toBe(undefined);
    expect(warnings).toEqual([expect.stringMatching(/:\d: user bob is disabled/)]);
  });

  test('have names and passwords in UTF-8, as clients send them', () => {
    const { access } = open('security:\n  users:\n    jürgen: on ">ge heim ß" +@all\n');
    const bytes = (text: string): string => Buffer.from(text).toString('latin1');
    expect(access.authenticate(bytes('jürgen'), bytes('ge heim ß'))).toBeDefined();
  });

  test('have any bytes in their names, as redis.conf escapes them, and CONFIG REWRITE writes them', () => {
    const { file, access } = open('user "a\\xff\\xa0b" on nopass +@all "~\\xfe*"\nuser Áà on\n');
    const utf8 = Buffer.from('Áà').toString('latin1');
    expect(access.names()).toEqual(['a\xff\xa0b', 'default', utf8]);
    expect(access.lines()[0]).toContain(' ~\xfe* ');
    access.setUser('a\xff\xa0b', ['~\xa0']);
    loadConfig({ file }).config.rewrite(access.changedUsers());
    expect(contentOf(file)).toContain('user "a\\xff\\xa0b" on');
    expect(contentOf(file)).toContain('user Áà on');
    expect(open(contentOf(file)).access.lines()).toEqual(access.lines());
  });

  test('whose names are not UTF-8 have no place in YAML', () => {
    const { file, access } = open('port: 1\n');
    access.setUser('a\xff', ['on', '~\xff']);
    const { config } = loadConfig({ file });
    expect(() => config.rewrite(access.changedUsers())).toThrow('"a\\xff" is not UTF-8');
    access.deleteUser('a\xff');
    access.setUser('a', ['on', '~\xff']);
    config.rewrite(access.changedUsers());
    expect(open(contentOf(file)).access.lines()).toEqual(access.lines());
  });

  test('that may run a command with one first argument are warned of', () => {
    open('user a on +select|0 +config|get\n');
    expect(warnings).toEqual([expect.stringContaining('one first argument only')]);
  });

  test('can be the default user, which has only what it is given then', () => {
    const { access } = open('requirepass x\nuser default on nopass +ping\n');
    expect(access.isOpen).toBe(true);
    expect(access.defaultUser.isUnrestricted).toBe(false);
  });

  test.each([
    ['user a +nosuch\n', "1: user a: Error in rule '+nosuch': Unknown command or category"],
    ['port 1\nuser a #12\n', '2: user a: The password hash must be exactly 64 characters'],
    ['user a on\nuser a off\n', '2: user a: Duplicate user found.'],
    ['user a (+get\n', "1: user a: Unmatched parenthesis at '(+get'"],
    ['user "a b" on\n', '1: user a b: a name must not be empty'],
    ['user a on\naclfile x\n', '1: security.acl_file is set'],
    ['security:\n  users:\n    a: +@no\n', "3: user a: Error in rule '+@no'"],
    ['security:\n  users:\n    a: {b: c}\n', '3: security.users.a must be words'],
    ['security:\n  users: alice\n', '2: security.users: expected indented'],
    ['security:\n  users:\n    a: "on \'"\n', '3: security.users.a must be words'],
  ])('of %j are refused with file and line', (content, message) => {
    expect(refusal(content)).toContain(`:${message}`);
  });

  test.each([
    'security:\n  # who\n  users:\n    alice: on +get # reads\nport: 1\n',
    'port 1\n# who\nuser alice on +get\nuser bob on\nmaxclients 9\n',
    'port 1\n',
    'port: 1\n',
    '',
  ])('of %j are written by CONFIG REWRITE when ACL has changed them', (content) => {
    const { file, access } = open(content);
    const { config } = loadConfig({ file });
    expect(access.changedUsers()).toBe(undefined);
    access.setUser('alice', ['on', '>pw', '~a"b', '(~k +get)', '+config|get']);
    access.setUser('default', ['-debug']);
    config.rewrite(access.changedUsers());
    access.noteWritten();
    expect(access.changedUsers()).toBe(undefined);
    expect(open(contentOf(file)).access.lines()).toEqual(access.lines());
    expect(contentOf(file).includes('# who')).toBe(content.includes('# who'));
    rmSync(file);
  });
});

describe('rename-command', () => {
  test.each([
    'rename-command FLUSHALL ""\nrename-command config admin-Config\n',
    'security:\n  rename_commands:\n    FLUSHALL:\n    config: admin-config\n',
  ])('%j', (content) => {
    const { access, commands } = open(content);
    expect(commands.resolve(['FLUSHALL'])).toMatch(/^ERR unknown command 'FLUSHALL'/);
    expect(commands.resolve(['CONFIG', 'GET', 'x'])).toMatch(/^ERR unknown command 'CONFIG'/);
    expect(commands.resolve(['ADMIN-CONFIG', 'GET', 'x'])).toMatchObject({
      fullName: 'config|get',
    });
    expect(commands.findByFullName('flushall')).toBe(undefined);
    access.setUser('bob', ['+flushall', '+config|get', '-config']);
    expect(access.describe('bob')?.selectors[0]?.commands).toBe('-@all +flushall -config');
    expect(access.commandsOf('dangerous')).toContain('flushall');
  });

  test('of a command that only Redis has changes nothing, as a rule for it does', () => {
    const { access, commands } = open('rename-command MIGRATE ""\nrename-command sync x\n');
    expect(commands.resolve(['x'])).toMatch(/^ERR unknown command/);
    access.setUser('bob', ['+@all', '-migrate', '-SYNC']);
    expect(access.describe('bob')?.selectors[0]?.commands).toBe('+@all -migrate -sync');
  });

  test.each([
    ['rename-command nosuch x\n', '1: rename-command nosuch: No such command in rename-command'],
    ['rename-command get set\n', '1: rename-command get: Target command name already exists'],
    ['rename-command get a b\n', '1: rename-command takes a name and its new name'],
  ])('%j is refused with file and line', (content, message) => {
    expect(refusal(content)).toContain(`:${message}`);
  });
});
