'use strict';

// Docker's HEALTHCHECK: a PING to whatever the processes of this container listen on. Who answers lives, be it with
// an error (a password is due, a script runs, there are too many clients), or by hanging up on what is no TLS.

const { readdirSync, readFileSync, readlinkSync } = require('node:fs');
const { connect } = require('node:net');

const TIMEOUT_MS = 2500;
const LISTENING = '0A';
/** SO_ACCEPTCON */
const ACCEPTING = '00010000';

/** Inodes of the sockets that processes of this user have open, as the links in /proc name them. */
function openSockets() {
  const sockets = new Set();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const directory = `/proc/${pid}/fd`;
      for (const fd of readdirSync(directory)) sockets.add(readlinkSync(`${directory}/${fd}`));
    } catch {
      // It has ended meanwhile, or is another user's.
    }
  }
  return sockets;
}

/** Rows of a table in /proc/net, as words. */
function rowsOf(table) {
  try {
    const lines = readFileSync(`/proc/net/${table}`, 'latin1').trim().split('\n').slice(1);
    return lines.map((line) => line.trim().split(/\s+/));
  } catch {
    return []; // no such family here
  }
}

/** The kernel writes each 4 bytes of an address as one number, in the processor's order of bytes. */
function hostOf(hex) {
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  const isAny = bytes.every((byte) => byte === 0);
  if (bytes.length === 4) return isAny ? '127.0.0.1' : bytes.join('.');
  return isAny ? '::1' : bytes.toString('hex').replace(/.{4}(?!$)/g, '$&:');
}

/** Addresses to connect to. */
function listeners() {
  const sockets = openSockets();
  const isOpen = (inode) => sockets.has(`socket:[${inode}]`);
  const addresses = [...rowsOf('tcp'), ...rowsOf('tcp6')]
    .filter((row) => row[3] === LISTENING && isOpen(row[9]))
    .map((row) => {
      const [host, port] = row[1].split(':');
      return { host: hostOf(host), port: Number.parseInt(port, 16) };
    });
  const paths = rowsOf('unix')
    .filter((row) => row[3] === ACCEPTING && row[7] !== undefined && isOpen(row[6]))
    .map((row) => ({ path: row[7] }));
  return [...addresses, ...paths];
}

function fail(reason) {
  console.error(reason);
  process.exit(1);
}

const [address] = listeners();
if (address === undefined) fail('nothing listens');
const shown = address.path ?? `${address.host}:${address.port}`;
const socket = connect(address, () => socket.write('*1\r\n$4\r\nPING\r\n'));
let connected = false;
socket.setTimeout(TIMEOUT_MS, () => fail(`${shown} does not answer`));
socket.on('connect', () => {
  connected = true;
});
socket.on('error', ({ message }) => (connected ? process.exit(0) : fail(`${shown}: ${message}`)));
socket.on('data', () => process.exit(0));
socket.on('end', () => process.exit(0));
