import { expect, onTestFinished, test, vi } from 'vitest';
import { handleSignals } from '../../src/cli/signals.js';

function handled() {
  const onHangUp = vi.fn();
  const actions = { onFirst: vi.fn(), onHangUp, exit: vi.fn(), time: 0 };
  const { onFirst, exit } = actions;
  onTestFinished(handleSignals({ onFirst, onHangUp, exit, now: () => actions.time }));
  return actions;
}

test('the first signal closes, a later one ends at once', () => {
  const actions = handled();
  process.emit('SIGTERM', 'SIGTERM');
  expect(actions.onFirst.mock.calls).toEqual([['SIGTERM']]);
  actions.time = 2000;
  process.emit('SIGINT', 'SIGINT');
  expect(actions.exit.mock.calls).toEqual([[130]]);
  expect(actions.onFirst).toHaveBeenCalledOnce();
});

test('a signal that arrives twice, as Ctrl-C under npm does, is one', () => {
  const actions = handled();
  process.emit('SIGINT', 'SIGINT');
  actions.time = 3;
  process.emit('SIGINT', 'SIGINT');
  expect(actions.exit).not.toHaveBeenCalled();
});

test('SIGHUP ends nothing, as often as it comes', () => {
  const actions = handled();
  process.emit('SIGHUP', 'SIGHUP');
  actions.time = 2000;
  process.emit('SIGHUP', 'SIGHUP');
  expect(actions.onHangUp).toHaveBeenCalledTimes(2);
  expect(actions.onFirst).not.toHaveBeenCalled();
  expect(actions.exit).not.toHaveBeenCalled();
});
