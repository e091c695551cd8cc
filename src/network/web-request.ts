/**
 * A browser on this machine can be made to POST to any port, and the body would be inline commands. Redis hangs
 * up on the words every such request begins with, and so must we.
 */

import type { Argument } from '../base/large-string.js';

export const WEB_REQUEST_WARNING =
  'possible attack: a client sent POST or Host:, as browsers do; it was disconnected';

/** For requests that are no command: neither word is one. */
export function isWebRequest([name]: readonly Argument[]): boolean {
  return typeof name === 'string' && /^(post|host:)$/i.test(name);
}
