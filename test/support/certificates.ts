/** Certificates for tests, made with nothing but node:crypto: X.509 v3 (RFC 5280) in DER, signed with ECDSA or RSA. */

import {
  createPrivateKey,
  generateKeyPairSync,
  getDiffieHellman,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto';

/** A certificate in PEM, and its key. */
export interface Identity {
  readonly name: string;
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** Itself when absent: an authority. */
  readonly issuer?: Identity;
  /** From today; below zero it has expired. */
  readonly days?: number;
  readonly keyType?: 'ec' | 'rsa';
}

const DAY_MS = 86_400_000;

export function makeCertificate(name: string, options: CertificateOptions = {}): Identity {
  const { publicKey, privateKey } = makeKeys(options.keyType ?? 'ec');
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const issuer = options.issuer ?? { name, key, cert: '' };
  const signer = createPrivateKey(issuer.key);
  const algorithm = algorithmOf(signer);
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))), // version 3
    integer(randomBytes(8)),
    algorithm,
    distinguishedName(issuer.name),
    validity(options.days ?? 365),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, extensions(options.issuer === undefined)),
  );
  const signature = sign('sha256', body, signer);
  return { name, key, cert: pem('CERTIFICATE', sequence(body, algorithm, bitString(signature))) };
}

/** The key, encrypted with a password. */
export function encryptKey(key: string, passphrase: string): string {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase } as const;
  return createPrivateKey(key).export(options).toString();
}

/** Diffie-Hellman parameters: group 14 of RFC 3526. */
export function diffieHellmanParameters(): string {
  const group = getDiffieHellman('modp14');
  const prime = tagged(2, Buffer.from([0]), group.getPrime());
  return pem('DH PARAMETERS', sequence(prime, tagged(2, group.getGenerator())));
}

function makeKeys(type: 'ec' | 'rsa') {
  if (type === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 });
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function algorithmOf({ asymmetricKeyType }: KeyObject): Buffer {
  if (asymmetricKeyType === 'rsa') return sequence(oid('1.2.840.113549.1.1.11'), tagged(5));
  return sequence(oid('1.2.840.10045.4.3.2'));
}

function validity(days: number): Buffer {
  const now = Date.now();
  const from = Math.min(now, now + days * DAY_MS) - DAY_MS;
  return sequence(time(from), time(now + days * DAY_MS));
}

/** Servers are found at this machine's names; whoever signs itself is an authority. */
function extensions(isAuthority: boolean): Buffer {
  const localhost = tagged(0x82, Buffer.from('localhost'));
  const address = tagged(0x87, Buffer.from([127, 0, 0, 1]));
  const constraints = isAuthority ? sequence(tagged(1, Buffer.from([0xff]))) : sequence();
  return sequence(
    extension('2.5.29.19', constraints),
    extension('2.5.29.17', sequence(localhost, address)),
  );
}

function extension(id: string, value: Buffer): Buffer {
  return sequence(oid(id), tagged(4, value));
}

function distinguishedName(commonName: string): Buffer {
  const attribute = sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)));
  return sequence(tagged(0x31, attribute));
}

function tagged(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const head = length < 128 ? [tag, length] : [tag, 0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), content]);
}

function sequence(...contents: readonly Buffer[]): Buffer {
  return tagged(0x30, ...contents);
}

/** The first bit is the sign's: this one is never below zero. */
function integer(bytes: Buffer): Buffer {
  const positive = Buffer.from(bytes);
  positive[0] = ((positive[0] ?? 0) & 0x7f) | (bytes.length > 1 ? 0x40 : 0);
  return tagged(2, positive);
}

function bitString(bytes: Buffer): Buffer {
  return tagged(3, Buffer.from([0]), bytes);
}

function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\.\d+/g, '');
  return tagged(0x18, Buffer.from(digits));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(6, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

function base128(value: number): number[] {
  const bytes = [value & 127];
  for (let left = value >> 7; left > 0; left >>= 7) bytes.unshift((left & 127) | 128);
  return bytes;
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
