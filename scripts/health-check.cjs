'use strict';

// Docker's HEALTHCHECK: a PING to the server of this container. An answer that asks for a password, or says
// that the server is loading, is the answer of a living server.

const { connect } = require('node:net');

const TIMEOUT_MS = 2500;
const ALIVE = /^(\+PONG|-NOAUTH|-LOADING|-DENIED)/;

const given = Number(process.env.DISKDB_PORT);
const port = Number.isInteger(given) && given > 0 ? given : 6380;
const socket = connect({ host: '127.0.0.1', port }, () => socket.write('*1\r\n$4\r\nPING\r\n'));

socket.setTimeout(TIMEOUT_MS, () => process.exit(1));
socket.on('error', () => process.exit(1));
socket.on('data', (reply) => process.exit(ALIVE.test(reply.toString('latin1')) ? 0 : 1));
socket.on('end', () => process.exit(1));
