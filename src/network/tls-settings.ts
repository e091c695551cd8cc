/**
 * Section `tls` of the configuration as Node's TLS takes it. Everything that a file may hold wrongly is looked at here, one
 * by one, so that a mistake is told with its option, its file and the reason.
 */

import { constants, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, DEFAULT_CIPHERS, getCiphers, type TlsOptions } from 'node:tls';
import { DiskDbError } from '../base/errors.js';
import type { ConfigValues } from '../config/options.js';

type TlsValues = ConfigValues['tls'];

export interface TlsSettings {
  readonly options: TlsOptions;
  /** When the server's own certificate ends, in milliseconds since 1970. */
  readonly expiresAt: number;
}

const CERTIFICATE = /-----BEGIN (TRUSTED |X509 )?CERTIFICATE-----[^-]+-----END [A-Z0-9 ]+-----/g;

/** Reads the files. @throws DiskDbError CONFIG_INVALID */
export function readTlsSettings(tls: TlsValues): TlsSettings {
  const { cert, certificate } = readCertificate(tls);
  const key = readKey(tls, certificate);
  const ca = readAuthorities(tls);
  const dhparam = tls.dhParamsFile === '' ? 'auto' : readDhParams(tls.dhParamsFile);
  const options: TlsOptions = {
    cert,
    key,
    passphrase: tls.keyFilePass,
    dhparam,
    ...(ca.length === 0 ? {} : { ca }),
    ...policyOf(tls),
  };
  attempt('tls', () => createSecureContext(options));
  return { options, expiresAt: Date.parse(certificate.validTo) };
}

/** What is not in files: who must show a certificate, and what is spoken. */
function policyOf(tls: TlsValues): TlsOptions {
  const protocols = [...tls.protocols].sort();
  const ciphers = ciphersOf(tls);
  const seconds = Math.round(tls.sessionTimeout / 1000);
  return {
    requestCert: tls.authClients !== 'no',
    rejectUnauthorized: tls.authClients === 'yes',
    minVersion: protocols[0] ?? 'TLSv1.2',
    maxVersion: protocols.at(-1) ?? 'TLSv1.3',
    ...(ciphers === undefined ? {} : { ciphers }),
    honorCipherOrder: tls.preferServerCiphers,
    sessionTimeout: seconds,
    // To OpenSSL a timeout of 0 is none.
    ...(tls.sessionCaching && seconds > 0 ? {} : { secureOptions: constants.SSL_OP_NO_TICKET }),
  };
}

function readCertificate({ certFile }: TlsValues) {
  if (certFile === '') throw refused('cert_file', '', 'not set, and TLS needs a certificate');
  const cert = readOption('cert_file', certFile);
  const certificate = attempt('cert_file', () => new X509Certificate(cert), certFile);
  return { cert, certificate };
}

function readKey({ keyFile, keyFilePass }: TlsValues, certificate: X509Certificate): string {
  if (keyFile === '') throw refused('key_file', '', 'not set, and TLS needs a private key');
  const pem = readOption('key_file', keyFile);
  const unlock = (): KeyObject =>
    createPrivateKey(keyFilePass === '' ? pem : { key: pem, passphrase: keyFilePass });
  const key = attempt('key_file', unlock, keyFile);
  if (!certificate.checkPrivateKey(key)) {
    throw refused('key_file', keyFile, 'is not the key of the certificate in tls.cert_file');
  }
  return pem;
}

function readAuthorities({ caCertFile, caCertDir, authClients }: TlsValues): string[] {
  if (caCertFile === '' && caCertDir === '' && authClients !== 'no') {
    const why = `not set, nor is tls.ca_cert_dir, and tls.auth_clients is ${authClients}`;
    throw refused('ca_cert_file', '', why);
  }
  const ofFile = caCertFile === '' ? [] : certificatesOf('ca_cert_file', caCertFile);
  const ofDirectory = caCertDir === '' ? [] : certificatesIn(caCertDir);
  return [...ofFile, ...ofDirectory];
}

function certificatesOf(option: string, path: string): string[] {
  const found = readOption(option, path).match(CERTIFICATE) ?? [];
  if (found.length === 0) throw refused(option, path, 'holds no certificate in PEM');
  for (const pem of found) attempt(option, () => new X509Certificate(pem), path);
  return found;
}

/** Of each file that holds some; others (keys, lists of revoked ones, links to nowhere) are none of our business. */
function certificatesIn(directory: string): string[] {
  const names = attempt('ca_cert_dir', () => readdirSync(directory), directory);
  const paths = names.map((name) => join(directory, name));
  const files = paths.filter((path) => statSync(path, { throwIfNoEntry: false })?.isFile());
  const holding = files.filter((path) => /BEGIN .*CERTIFICATE/.test(readFileSync(path, 'utf8')));
  if (holding.length === 0) throw refused('ca_cert_dir', directory, 'no file holds a certificate');
  return holding.flatMap((path) => certificatesOf('ca_cert_dir', path));
}

function readDhParams(path: string): string {
  const dhparam = readOption('dh_params_file', path);
  attempt('dh_params_file', () => createSecureContext({ dhparam }), path);
  return dhparam;
}

/** One list for both versions is what Node takes: those of TLS 1.3 are told by their prefix. */
function ciphersOf({ ciphers, ciphersuites }: TlsValues): string | undefined {
  if (ciphers === '' && ciphersuites === '') return undefined;
  const defaults = DEFAULT_CIPHERS.split(':');
  const suites = ciphersuites === '' ? defaults.filter(isSuite) : ciphersuites.split(':');
  const older = ciphers === '' ? defaults.filter((name) => !isSuite(name)) : ciphers.split(':');
  const unknown = suites.find(
    (name) => !isSuite(name) || !getCiphers().includes(name.toLowerCase()),
  );
  if (unknown !== undefined) {
    throw refused('ciphersuites', '', `${unknown} is no cipher suite of TLS 1.3`);
  }
  attempt('ciphers', () => createSecureContext({ ciphers: older.join(':') }));
  return [...suites, ...older].join(':');
}

function isSuite(name: string): boolean {
  return name.startsWith('TLS_');
}

function readOption(option: string, path: string): string {
  return attempt(option, () => readFileSync(path, 'latin1'), path);
}

function attempt<T>(option: string, action: () => T, path = ''): T {
  try {
    return action();
  } catch (error) {
    throw refused(option, path, error instanceof Error ? error.message : String(error), error);
  }
}

function refused(option: string, path: string, why: string, cause?: unknown): DiskDbError {
  const name = option === 'tls' ? option : `tls.${option} (${redisNameOf(option)})`;
  const what = path === '' ? why : `${path}: ${why}`;
  return new DiskDbError('CONFIG_INVALID', `${name}: ${what}`, cause);
}

function redisNameOf(option: string): string {
  return `tls-${option.replaceAll('_', '-')}`;
}
