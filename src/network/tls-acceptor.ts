/**
 * Turns accepted sockets into TLS ones. A client counts when its handshake is done; whoever does not get there (plain
 * text, no certificate or a wrong one, too slow) is gone then, and the log is told once in a while.
 */

import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/log.js';
import type { Config } from '../config/config.js';
import { PeriodicWarning } from './periodic-warning.js';
import { readTlsSettings } from './tls-settings.js';

export interface TlsAcceptorParts {
  readonly config: Config;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly onSecure: (socket: TLSSocket) => void;
}

interface Handshake {
  readonly socket: Socket;
  readonly limit: NodeJS.Timeout;
}

export class TlsAcceptor {
  readonly #parts: TlsAcceptorParts;
  readonly #failures: PeriodicWarning;
  /** By the addresses of both ends: Node tells of no other tie between a socket and the one around it. */
  readonly #handshakes = new Map<string, Handshake>();
  /** It listens nowhere: sockets are handed to it. Another takes its place when the settings change. */
  #server: Server;

  /** @throws DiskDbError CONFIG_INVALID */
  constructor(parts: TlsAcceptorParts) {
    this.#parts = parts;
    this.#failures = new PeriodicWarning(parts.logger, parts.clock);
    this.#server = this.#makeServer();
  }

  /** Clients that are not through with their handshake. */
  get handshakes(): number {
    return this.#handshakes.size;
  }

  /** Reads the files again: who connects from now on meets what they say now. @throws DiskDbError, and nothing has changed */
  reload(): void {
    this.#server = this.#makeServer();
  }

  accept(socket: Socket): void {
    socket.on('error', () => socket.destroy());
    const name = nameOf(socket);
    const giveUp = (): void => {
      this.#noteFailure(socket.remoteAddress, 'the handshake took too long');
      socket.destroy();
    };
    const limit = setTimeout(giveUp, this.#parts.config.values.tls.handshakeTimeout);
    this.#handshakes.set(name, { socket, limit });
    socket.on('close', () => this.#end(name, socket));
    this.#server.emit('connection', socket);
  }

  /** Ends the handshakes under way. */
  close(): void {
    for (const { socket, limit } of this.#handshakes.values()) {
      clearTimeout(limit);
      socket.destroy();
    }
    this.#handshakes.clear();
  }

  #makeServer(): Server {
    const { config, logger, clock } = this.#parts;
    const { options, expiresAt } = readTlsSettings(config.values.tls);
    if (expiresAt < clock.now()) {
      logger.warn({ file: config.values.tls.certFile }, 'the certificate for TLS has expired');
    }
    const server = createServer(options);
    server.on('secureConnection', (socket) => this.#secured(socket));
    server.on('tlsClientError', (error, socket) => {
      const { authorizationError } = socket;
      this.#noteFailure(socket.remoteAddress, String(authorizationError ?? error.message));
      socket.destroy();
    });
    return server;
  }

  #secured(socket: TLSSocket): void {
    this.#end(nameOf(socket));
    if (isWrong(socket)) {
      this.#noteFailure(socket.remoteAddress, String(socket.authorizationError));
      socket.destroy();
    } else {
      // A client may close its side and still wait for its replies; before, who leaves is gone.
      socket.allowHalfOpen = true;
      this.#parts.onSecure(socket);
    }
  }

  #end(name: string, socket?: Socket): void {
    const handshake = this.#handshakes.get(name);
    if (handshake === undefined || (socket !== undefined && socket !== handshake.socket)) return;
    clearTimeout(handshake.limit);
    this.#handshakes.delete(name);
  }

  #noteFailure(address: string | undefined, reason: string): void {
    this.#failures.warn({ address, reason }, 'a client was refused on the TLS port');
  }
}

/** A certificate that is asked for but not demanded must be right if it is shown. */
function isWrong(socket: TLSSocket): boolean {
  return !socket.authorized && Object.keys(socket.getPeerCertificate()).length > 0;
}

function nameOf({ remoteAddress, remotePort, localAddress, localPort }: Socket): string {
  return `${remoteAddress}:${remotePort} ${localAddress}:${localPort}`;
}
