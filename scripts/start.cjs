'use strict';

// `npm start`: prepares the checkout and then is the server, in the same process, so that flags and signals
// reach it.

require('./prepare.cjs');
require('../bin/diskdb.js');
