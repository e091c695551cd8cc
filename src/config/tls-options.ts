/** Section `tls` of the table: the port for encrypted connections, and who is believed on it. */

import { BadValue, type Codec } from './codec.js';
import { boolean, choice, custom, duration, integer, type Spec, text } from './option.js';

const SECOND = 1000;
const INT_MAX = 2_147_483_647;

export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** Versions between blanks or commas, in any order and case; none is all of them. */
const tlsVersions: Codec<readonly TlsVersion[]> = {
  accepts: 'TLSv1.2, TLSv1.3, both, or nothing for both',
  parse(words) {
    const wanted = words.split(/[\s,]+/).filter((word) => word !== '');
    return wanted.map((word) => {
      const known = VERSIONS.find((version) => version.toLowerCase() === word.toLowerCase());
      if (known === undefined) throw new BadValue(`must be ${tlsVersions.accepts}`);
      return known;
    });
  },
  format: (versions) => versions.join(' '),
  isList: true,
};

/** The path of a file whose content counts: naming it again reads it again. */
function file(spec: Pick<Spec, 'about' | 'redis'>) {
  return text({ ...spec, default: '', takesEffectAgain: true });
}

export const tls = {
  port: integer({
    default: '0',
    min: 0,
    max: 65_535,
    about: 'The TCP port for TLS, at the addresses of `bind`. 0 listens on none.',
    redis: 'tls-port',
  }),
  certFile: file({
    about:
      "The server's certificate in PEM, those of intermediate authorities after it. The files of " +
      'this section are read again when one of these options is set, and at SIGHUP.',
    redis: 'tls-cert-file',
  }),
  keyFile: file({ about: "The certificate's private key in PEM.", redis: 'tls-key-file' }),
  keyFilePass: text({
    default: '',
    about: 'The password of an encrypted private key.',
    redis: 'tls-key-file-pass',
  }),
  caCertFile: file({
    about: 'Certificates of the authorities whose clients are believed, in PEM.',
    redis: 'tls-ca-cert-file',
  }),
  caCertDir: file({
    about: 'A directory of such files: each in it that holds a certificate counts.',
    redis: 'tls-ca-cert-dir',
  }),
  authClients: choice(['yes', 'no', 'optional'], {
    default: 'yes',
    about:
      'Whether a client must show a certificate of a trusted authority. With optional it may show ' +
      'none, but no wrong one.',
    redis: 'tls-auth-clients',
  }),
  protocols: custom(
    {
      default: '',
      about: 'The versions that are spoken: TLSv1.2, TLSv1.3, or both, which is the default.',
      redis: 'tls-protocols',
    },
    tlsVersions,
  ),
  ciphers: text({
    default: '',
    about: "Ciphers of TLS 1.2, as OpenSSL lists them. Empty: Node's default.",
    redis: 'tls-ciphers',
  }),
  ciphersuites: text({
    default: '',
    about: "Cipher suites of TLS 1.3, between colons. Empty: OpenSSL's default.",
    redis: 'tls-ciphersuites',
  }),
  preferServerCiphers: boolean({
    default: 'false',
    about: "Choose the cipher by the server's order rather than by the client's.",
    redis: 'tls-prefer-server-ciphers',
  }),
  dhParamsFile: file({
    about: 'Diffie-Hellman parameters in PEM, for ciphers of TLS 1.2 that need them.',
    redis: 'tls-dh-params-file',
  }),
  sessionCaching: boolean({
    default: 'true',
    about:
      'Let clients resume a session without a whole handshake. Its state is in a ticket that the ' +
      'client keeps.',
    redis: 'tls-session-caching',
  }),
  sessionTimeout: duration({
    default: '300s',
    min: 0,
    max: INT_MAX * SECOND,
    redisUnit: SECOND,
    about: 'How long a session may be resumed; 0: not at all.',
    redis: 'tls-session-cache-timeout',
  }),
  handshakeTimeout: duration({
    default: '10s',
    min: 100,
    max: 120 * SECOND,
    about: 'A client whose handshake takes longer is disconnected.',
  }),
};
