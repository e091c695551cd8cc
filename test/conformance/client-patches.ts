/**
 * Where the suite of 7.0 tests clients: 7.4 shows `watch` behind `multi`; and some tests of what clients take look at once after
 * they have written, when the server need not have read it yet: on a busy machine redis-server, too, has read nothing then in a
 * quarter of the cases. With these both pass.
 */

import type { Patch } from './acl-patches.js';

const EVICTION = 'tests/unit/client-eviction.tcl';
const TAKES_IT = '; after 200;';

export const CLIENT_PATCHES: readonly Patch[] = [
  { file: 'tests/unit/introspection.tcl', from: 'multi=-1 qbuf=26', to: 'multi=-1 *qbuf=26' },
  {
    file: EVICTION,
    from: '$rr flush\n        set tot_mem',
    to: `$rr flush${TAKES_IT}\n        set tot_mem`,
  },
  {
    file: EVICTION,
    from: 'v $maxmemory_clients_actual]] ""]\n            $rr flush\n',
    to: `v $maxmemory_clients_actual]] ""]\n            $rr flush${TAKES_IT}\n`,
  },
  {
    file: EVICTION,
    from: '$rr flush\n            }\n            set client_mem',
    to: `$rr flush\n            }${TAKES_IT}\n            set client_mem`,
  },
  {
    file: EVICTION,
    from: 'kill -SIGCONT $server_pid\n',
    to: `kill -SIGCONT $server_pid${TAKES_IT}\n`,
  },
];
