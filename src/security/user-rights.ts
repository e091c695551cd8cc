/** All that the rules of a user say. It is changed only until it is in use: whoever changes a user makes a copy. */

import type { UserDescription } from '../commands/access-control.js';
import { Selector } from './selector.js';

export class UserRights {
  isOn = false;
  /** Any password will do. */
  needsNoPassword = false;
  /** Payloads of RESTORE would not be looked at: said by the rules, and done all the same. */
  skipsSanitizing = false;
  /** SHA-256 in hexadecimal digits, in the order in which they came. */
  passwords: readonly string[] = [];
  /** What the user's rules outside of parentheses say. */
  readonly root: Selector;
  /** Those in parentheses. */
  further: readonly Selector[] = [];

  constructor(root = new Selector()) {
    this.root = root;
  }

  copy(): UserRights {
    const copy = new UserRights(this.root.copy());
    copy.isOn = this.isOn;
    copy.needsNoPassword = this.needsNoPassword;
    copy.skipsSanitizing = this.skipsSanitizing;
    copy.passwords = this.passwords;
    copy.further = this.further;
    return copy;
  }

  get selectors(): readonly Selector[] {
    return [this.root, ...this.further];
  }

  describe(): UserDescription {
    return {
      flags: this.#flags(),
      passwords: this.passwords,
      selectors: this.selectors.map((selector) => selector.describe()),
    };
  }

  #flags(): string[] {
    return [
      this.isOn ? 'on' : 'off',
      ...(this.needsNoPassword ? ['nopass'] : []),
      this.skipsSanitizing ? 'skip-sanitize-payload' : 'sanitize-payload',
    ];
  }

  /** In the notation of rules, by which it can be made again. */
  toString(): string {
    const words = [
      ...this.#flags(),
      ...this.passwords.map((hash) => `#${hash}`),
      String(this.root),
      ...this.further.map((selector) => `(${selector})`),
    ];
    return words.join(' ');
  }
}
