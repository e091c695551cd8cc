/** One set of rules of a user, which must allow a request as a whole: commands, keys and channels. */

import type { Argument } from '../base/large-string.js';
import type { SelectorDescription } from '../commands/access-control.js';
import type { ResolvedCommand } from '../commands/resolved-command.js';
import type { KeyReference } from '../commands/spec.js';
import { ChannelPatterns } from './channel-patterns.js';
import { CommandRules } from './command-rules.js';
import { KeyPatterns, useOf } from './key-patterns.js';

/** Which part of a request is not allowed, the one that tells most last. */
export const REASONS = ['command', 'key', 'channel'] as const;

export interface Objection {
  readonly reason: (typeof REASONS)[number];
  /** Where it stands in argv. */
  readonly position: number;
}

const NO_COMMAND: Objection = { reason: 'command', position: 0 };

/** The keys of one request, found when the first selector asks. */
export type FindKeys = () => readonly KeyReference[];

export class Selector {
  readonly keys: KeyPatterns;
  readonly channels: ChannelPatterns;
  readonly commands: CommandRules;

  constructor(
    keys = new KeyPatterns(),
    channels = new ChannelPatterns(),
    commands = new CommandRules(),
  ) {
    this.keys = keys;
    this.channels = channels;
    this.commands = commands;
  }

  copy(): Selector {
    return new Selector(this.keys.copy(), this.channels.copy(), this.commands.copy());
  }

  get allowsEverything(): boolean {
    return this.commands.allowsAll && this.keys.allowsAll && this.channels.allowsAll;
  }

  /** The first part of the request that is not allowed. */
  objection(
    command: ResolvedCommand,
    argv: readonly Argument[],
    findKeys: FindKeys,
  ): Objection | undefined {
    if (!this.commands.allows(command, argv)) return NO_COMMAND;
    if (!this.keys.allowsAll && command.hasKeys) {
      for (const { position, flags } of findKeys()) {
        const key = String(argv[position]);
        if (!this.keys.allows(key, useOf(flags))) return { reason: 'key', position };
      }
    }
    const position = this.channels.firstDenied(command, argv);
    return position === 0 ? undefined : { reason: 'channel', position };
  }

  describe(): SelectorDescription {
    return {
      commands: String(this.commands),
      keys: String(this.keys),
      channels: String(this.channels),
    };
  }

  /** All of it, in the notation of rules. */
  toString(): string {
    const { commands, keys, channels } = this.describe();
    const channelRules = this.channels.allowsAll ? [channels] : ['resetchannels', channels];
    return [keys, ...channelRules, commands].filter((rule) => rule !== '').join(' ');
  }
}
