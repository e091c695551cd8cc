/** Every command with numbers at the edges of 64 bits, and with names that mean something to JavaScript. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { canRun, type Form, formsOf, requestOf } from './requests.js';
import { Victim } from './victim.js';

/** They end the process, or stop everybody for as long as they are told. */
const EXCLUDED =
  /^(shutdown|debug|debug\|.*|client\|pause|failover|monitor|bgsave|save|bgrewriteaof)$/;

const EDGES = [
  '9223372036854775807',
  '-9223372036854775808',
  '9223372036854775808',
  '-9223372036854775809',
  '9007199254740993',
  '4294967296',
  '2147483648',
  '-2147483649',
  '-1',
  '0',
  '00',
  '-0',
  '1e400',
  '-inf',
  'nan',
  '0x10',
  '',
  ' 1',
  '1'.repeat(400),
];

const NUMBERS: ReadonlySet<string> = new Set(['integer', 'double', 'unix-time']);

let victim: Victim;

beforeAll(async () => {
  victim = await Victim.open();
});
afterAll(() => victim.close());

function commands() {
  const all = [...victim.commands.all()].filter(canRun);
  return all.filter(({ fullName }) => !EXCLUDED.test(fullName));
}

/** The form with another text at one place. */
function replaced({ command, slots }: Form, at: number, text: string): Form {
  return { command, slots: slots.map((slot, i) => (i === at ? { ...slot, text } : slot)) };
}

test('numbers at the edges are answered by every command', async () => {
  const failures: string[] = [];
  let requests = 0;
  for (const command of commands()) {
    for (const form of formsOf(command, 'k')) {
      for (const [at, { type }] of form.slots.entries()) {
        if (!NUMBERS.has(type)) continue;
        await victim.prepare(command.command.group, 'k');
        for (const edge of EDGES) {
          const hostile = replaced(form, at, edge);
          requests++;
          const reply = await victim
            .run(hostile)
            .catch((error: Error) => `-${error.message} ${String(error.cause)}`);
          if (/^-.*(internal error|must not)/.test(reply) || reply === '') {
            failures.push(`${requestOf(hostile).join(' ').slice(0, 200)}: ${reply}`);
          }
        }
      }
    }
  }
  expect(failures).toEqual([]);
  expect(requests).toBeGreaterThan(5000);
}, 300_000);

test.each(['__proto__', 'constructor', 'hasOwnProperty', 'valueOf'])(
  '%s is a name like any other',
  async (name) => {
    const plain = 'q'.repeat(name.length);
    const failures: string[] = [];
    for (const command of commands()) {
      const forms = formsOf(command, name);
      for (const form of forms.filter(({ slots }) => slots.some(({ text }) => text === name))) {
        const replies: string[] = [];
        for (const each of [name, plain]) {
          await victim.prepare(command.command.group, each);
          const slots = form.slots.map((slot) => ({
            ...slot,
            text: slot.text === name ? each : slot.text,
          }));
          const reply = await victim
            .run({ command, slots })
            .catch((error: Error) => `-${error.message}`);
          replies.push(reply.replaceAll(each, 'NAME'));
        }
        if (replies[0] !== replies[1]) {
          failures.push(`${requestOf(form).join(' ')}: ${replies.join(' | ').slice(0, 300)}`);
        }
      }
    }
    expect(failures).toEqual([]);
  },
  120_000,
);
