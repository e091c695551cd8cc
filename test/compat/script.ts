/**
 * The commands that same-script.test.ts sends to DiskDB and to redis-server. One command a line, quoted as in redis-cli
 * ("\x00\r\n" in double quotes); `#` starts a comment line. Every section begins on an empty server, in database 0.
 */

export const SECTIONS: Readonly<Record<string, string>> = {
  'SET and its options': String.raw`
    SET k v
    GET k
    SET k v NX
    SET other v NX
    SET k w XX
    SET missing w XX
    SET k x GET
    SET fresh x GET
    SET k y NX GET
    SET new y NX GET
    SET k z XX GET
    SET none z XX GET
    SET k v EX 100
    TTL k
    SET k v PX 100000
    TTL k
    SET k v KEEPTTL
    TTL k
    SET k v
    TTL k
    SET k v EXAT 99999999999
    EXPIRETIME k
    PEXPIRETIME k
    SET k v PXAT 99999999999999
    PEXPIRETIME k
    SET k v EXAT 1
    EXISTS k
    SET k v EX 0
    SET k v EX -1
    SET k v PX 0
    SET k v EX abc
    SET k v EX
    SET k v EX 10 PX 10
    SET k v EX 10 KEEPTTL
    SET k v NX XX
    SET k v XX NX GET
    SET k v EX 9223372036854775807
    SET k v PX 9223372036854775807
    SET k v EXAT 9223372036854775807
    SET k v FOO
    SET k v "" ""
    SET k
    SET
    SET k v ex 100 nx
    set K v gEt Ex 100
    GET K
    TTL K
    SET "" empty-name
    GET ""
    SET empty ""
    GET empty
    STRLEN empty
    SET "\x00bin\r\n\xff" "\x00\x01\x02\r\n\xfe\xff"
    GET "\x00bin\r\n\xff"
    STRLEN "\x00bin\r\n\xff"
    SETNX k v
    SETNX setnx v
    SETNX setnx w
    GET setnx
    SETEX e 100 v
    TTL e
    SETEX e 0 v
    SETEX e -5 v
    SETEX e abc v
    SETEX e 9223372036854775807 v
    SETEX e 100
    PSETEX e 100000 v
    TTL e
    PSETEX e 0 v
    PSETEX e x v
    GETSET k new
    GETSET absent new
    GETSET k
    GET
    GET a b
  `,
  'GETEX, GETDEL': `
    SET k v
    GETEX k
    TTL k
    GETEX k EX 100
    TTL k
    GETEX k PX 200000
    TTL k
    GETEX k EXAT 99999999999
    EXPIRETIME k
    GETEX k PXAT 99999999999999
    PEXPIRETIME k
    GETEX k PERSIST
    TTL k
    GETEX k EX 0
    GETEX k EX -1
    GETEX k EX abc
    GETEX k EX
    GETEX k EX 10 PERSIST
    GETEX k PERSIST EX 10
    GETEX k KEEPTTL
    GETEX k NX
    GETEX k FOO
    GETEX k EXAT 1
    EXISTS k
    GETEX absent
    GETEX absent EX 100
    GETEX
    SET k v
    GETDEL k
    GETDEL k
    GETDEL
    GETDEL a b
  `,
  'APPEND, SETRANGE, GETRANGE, STRLEN': `
    APPEND k ""
    EXISTS k
    APPEND k abc
    APPEND k ""
    APPEND k 123
    GET k
    APPEND k
    SET n 10
    APPEND n 5
    INCR n
    STRLEN k
    STRLEN absent
    STRLEN
    SETRANGE k 0 X
    SETRANGE k 6 tail
    SETRANGE k 15 "far"
    GET k
    SETRANGE k -1 x
    SETRANGE k 536870911 xx
    SETRANGE k 536870912 x
    SETRANGE k 9223372036854775807 x
    SETRANGE k abc x
    SETRANGE k 0 ""
    SETRANGE absent 0 ""
    EXISTS absent
    SETRANGE absent 5 ""
    EXISTS absent
    SETRANGE pad 3 x
    GET pad
    SETRANGE k
    SET r "Hello World"
    GETRANGE r 0 4
    GETRANGE r -5 -1
    GETRANGE r 0 -1
    GETRANGE r 5 3
    GETRANGE r 100 200
    GETRANGE r -100 3
    GETRANGE r -100 -200
    GETRANGE r -3 -100
    GETRANGE r 0 0
    GETRANGE r -1 0
    GETRANGE r 0 9223372036854775807
    GETRANGE r -9223372036854775808 -1
    GETRANGE r a 1
    GETRANGE r 0 1.5
    GETRANGE absent 0 -1
    GETRANGE r 0
    SUBSTR r 0 4
    SUBSTR r -5 -1
    SUBSTR absent 0 -1
    SUBSTR r 0
    SET int 12345
    GETRANGE int 1 3
    SETRANGE int 1 99
    GET int
    EXPIRE r 100
    APPEND r !
    TTL r
    SETRANGE r 0 J
    TTL r
    GET r
  `,
  counters: `
    INCR n
    INCR n
    DECR n
    INCRBY n 10
    DECRBY n 3
    GET n
    INCRBY n -20
    DECRBY n -20
    SET n 9223372036854775806
    INCR n
    INCR n
    GET n
    INCRBY n 1
    SET n -9223372036854775808
    DECR n
    DECRBY n 1
    INCRBY n -1
    SET n 9223372036854775808
    INCR n
    SET n abc
    INCR n
    SET n ""
    INCR n
    SET n " 1"
    INCR n
    SET n "1 "
    INCR n
    SET n +1
    INCR n
    SET n 01
    INCR n
    SET n -0
    INCR n
    SET n 1.5
    INCR n
    SET n -5
    INCR n
    INCRBY n abc
    INCRBY n 1.5
    INCRBY n ""
    INCRBY n 9223372036854775808
    DECRBY n -9223372036854775808
    DECRBY n abc
    INCRBY n
    INCR
    DECR
    INCRBY
    DECRBY n
    INCR new
    DECR new2
    DECRBY new3 5
    SETEX t 100 5
    INCR t
    TTL t
    INCRBYFLOAT f 1
    INCRBYFLOAT f 0.5
    INCRBYFLOAT f -1.5
    INCRBYFLOAT f 3.0e3
    INCRBYFLOAT f 5.0e-1
    GET f
    SET f 10.50
    INCRBYFLOAT f 0.1
    INCRBYFLOAT f -5
    SET f 5.0e3
    INCRBYFLOAT f 2.0e2
    SET f 0.1
    INCRBYFLOAT f 0.2
    INCRBYFLOAT f 1e17
    SET f 1
    INCRBYFLOAT f abc
    INCRBYFLOAT f nan
    INCRBYFLOAT f inf
    INCRBYFLOAT f -inf
    INCRBYFLOAT f ""
    INCRBYFLOAT f " 1"
    INCRBYFLOAT f "1 "
    SET f abc
    INCRBYFLOAT f 1
    SET f ""
    INCRBYFLOAT f 1
    INCRBYFLOAT f
    INCRBYFLOAT
    SET f 3
    INCRBYFLOAT f 1.0000000000000001
    SET f 17179869184
    INCRBYFLOAT f 1.5
    SETEX tf 100 1.5
    INCRBYFLOAT tf 1
    TTL tf
  `,
  'many keys': `
    MSET a 1 b 2 c 3
    MGET a b c absent
    MGET a a
    MGET
    MSET
    MSET a
    MSET a 1 b
    MSET a 1 a 2
    GET a
    MSETNX a 1 d 4
    EXISTS d
    MSETNX d 4 e 5
    MGET d e
    MSETNX x 1 x 2
    GET x
    MSETNX
    MSETNX a
    MSETNX a 1 b
    SETEX t 100 v
    MSET t w
    TTL t
    DEL a b absent
    DEL a
    DEL
    UNLINK c d absent
    UNLINK
    EXISTS e e e
    EXISTS e absent
    EXISTS
    TOUCH e e absent
    TOUCH
    DEL e e
  `,
  LCS: `
    MSET a ohmytext b mynewtext
    LCS a b
    LCS a b LEN
    LCS a b IDX
    LCS a b IDX MINMATCHLEN 4
    LCS a b IDX MINMATCHLEN 4 WITHMATCHLEN
    LCS a b WITHMATCHLEN
    LCS a b MINMATCHLEN 0 IDX
    LCS a b MINMATCHLEN -1 IDX
    LCS a b LEN IDX
    LCS a b FOO
    LCS a b MINMATCHLEN
    LCS a b MINMATCHLEN abc IDX
    LCS a
    LCS
    LCS a absent
    LCS a absent LEN
    LCS a absent IDX
    LCS absent none
    LCS a a
    LCS a a IDX WITHMATCHLEN
  `,
  'DEL, RENAME, COPY, MOVE': `
    SET a 1
    RENAME a b
    GET b
    RENAME absent x
    RENAME b b
    RENAME absent absent
    RENAME a
    SET c 3
    RENAME b c
    GET c
    EXISTS b
    RENAMENX c d
    SET e 5
    RENAMENX d e
    RENAMENX d d
    RENAMENX absent x
    RENAMENX x
    SETEX t 100 v
    RENAME t u
    TTL u
    SET w plain
    RENAME w u
    TTL u
    COPY u copy
    GET copy
    COPY u copy
    COPY u copy REPLACE
    COPY absent x
    COPY u u
    COPY u u DB 1
    COPY u x DB 99
    COPY u x DB -1
    COPY u x DB abc
    COPY u x FOO
    COPY u x DB
    COPY u
    COPY u x DB 3 REPLACE
    SELECT 3
    GET x
    DBSIZE
    SELECT 0
    SETEX t 100 v
    COPY t t2
    TTL t2
    MOVE t 1
    EXISTS t
    MOVE t 1
    SELECT 1
    GET t
    TTL t
    MOVE t 1
    MOVE t 99
    MOVE t -1
    MOVE t abc
    MOVE t
    SELECT 0
    SET t again
    MOVE t 1
    GET t
    TYPE t
    TYPE absent
    TYPE
    TYPE a b
  `,
  expiry: `
    SET k v
    EXPIRE k 100
    TTL k
    EXPIRE absent 100
    EXPIRE k 100 NX
    EXPIRE k 200 XX
    TTL k
    EXPIRE k 100 GT
    TTL k
    EXPIRE k 300 GT
    TTL k
    EXPIRE k 400 LT
    EXPIRE k 50 LT
    TTL k
    PERSIST k
    PERSIST k
    PERSIST absent
    TTL k
    PTTL k
    EXPIRE k 100 XX
    EXPIRE k 100 GT
    EXPIRE k 100 LT
    PERSIST k
    EXPIRE k 100 NX
    EXPIRE k 100 NX XX
    EXPIRE k 100 NX GT
    EXPIRE k 100 NX LT
    EXPIRE k 100 GT LT
    EXPIRE k 90 XX GT
    EXPIRE k 100 FOO
    EXPIRE k 100 NX FOO
    EXPIRE k abc
    EXPIRE k 1.5
    EXPIRE k ""
    EXPIRE k 9223372036854775807
    EXPIRE k -9223372036854775808
    EXPIRE k 9223372036854775
    EXPIRE k
    EXPIRE
    EXPIRE k -1
    EXISTS k
    SET k v
    EXPIRE k 0
    EXISTS k
    SET k v
    PEXPIRE k 100000
    TTL k
    PEXPIRE k abc
    PEXPIRE k 9223372036854775807
    PEXPIRE k -1
    EXISTS k
    SET k v
    EXPIREAT k 99999999999
    EXPIRETIME k
    PEXPIRETIME k
    EXPIREAT k 99999999998 GT
    EXPIREAT k 99999999998 LT
    EXPIREAT k abc
    EXPIREAT k 9223372036854775807
    EXPIREAT k 1
    EXISTS k
    SET k v
    PEXPIREAT k 99999999999999
    PEXPIRETIME k
    EXPIRETIME k
    PEXPIREAT k 1
    EXISTS k
    TTL k
    PTTL k
    EXPIRETIME k
    PEXPIRETIME k
    SET k v
    EXPIRETIME k
    PEXPIRETIME k
    TTL
    PTTL
    EXPIRETIME
    PEXPIRETIME
    PEXPIRE
    PERSIST
  `,
  'KEYS, SCAN, RANDOMKEY, DBSIZE': String.raw`
    KEYS *
    RANDOMKEY
    DBSIZE
    SCAN 0
    MSET foo 1 bar 2 baz 3 hello 4 hallo 5 "h\\*llo" 6 hxllo 7 "" 8
    DBSIZE
    KEYS *
    KEYS ""
    KEYS ba?
    KEYS b*
    KEYS h[ae]llo
    KEYS h[^e]llo
    KEYS h[a-f]llo
    KEYS h\\*llo
    KEYS "h\\*llo"
    KEYS [
    KEYS [a
    KEYS \\
    KEYS ???
    KEYS nothing
    KEYS
    KEYS a b
    SCAN 0 COUNT 100
    SCAN 0 MATCH ba* COUNT 100
    SCAN 0 TYPE string COUNT 100
    SCAN 0 TYPE list COUNT 100
    SCAN 0 TYPE nonsense COUNT 100
    SCAN 0 MATCH nothing COUNT 100
    SCAN 0 COUNT 0
    SCAN 0 COUNT -1
    SCAN 0 COUNT abc
    SCAN 0 COUNT
    SCAN 0 FOO bar
    SCAN 0 MATCH
    SCAN abc
    SCAN ""
    SCAN 18446744073709551616
    SCAN
    RANDOMKEY x
    DBSIZE x
  `,
  databases: `
    SELECT 0
    SELECT 15
    SELECT 16
    SELECT -1
    SELECT abc
    SELECT ""
    SELECT 1.5
    SELECT
    SELECT 1 2
    SET k fifteen
    DBSIZE
    SELECT 0
    DBSIZE
    SWAPDB 0 15
    GET k
    SWAPDB 0 0
    GET k
    SWAPDB 0 99
    SWAPDB 99 0
    SWAPDB a 0
    SWAPDB 0 b
    SWAPDB 0
    FLUSHDB
    EXISTS k
    SET k v
    SELECT 1
    SET k v
    FLUSHDB SYNC
    FLUSHDB ASYNC
    FLUSHDB FOO
    FLUSHDB SYNC ASYNC
    SELECT 0
    GET k
    FLUSHALL ASYNC
    GET k
    FLUSHALL SYNC
    FLUSHALL FOO
    DBSIZE
  `,
  connection: String.raw`
    PING
    PING hello
    PING "with space\r\n"
    PING a b
    ping
    PiNg x
    ECHO hello
    ECHO ""
    ECHO
    ECHO a b
    CLIENT GETNAME
    CLIENT SETNAME tester
    CLIENT GETNAME
    CLIENT SETNAME "with space"
    CLIENT SETNAME "new\nline"
    CLIENT SETNAME ""
    CLIENT GETNAME
    CLIENT SETNAME
    CLIENT ID
    CLIENT ID x
    CLIENT NOSUCH
    CLIENT
    CLIENT NO-EVICT on
    CLIENT NO-EVICT off
    CLIENT NO-EVICT maybe
    CLIENT KILL 1.2.3.4:5
    CLIENT KILL ID abc
    CLIENT KILL ID 99999999
    CLIENT KILL FOO bar
    CLIENT KILL
    CLIENT KILL TYPE nosuch
    CLIENT LIST TYPE nosuch
    CLIENT LIST ID abc
    CLIENT LIST ID 99999999
    CLIENT LIST FOO
    CLIENT REPLY FOO
    CLIENT REPLY ON
    CLIENT REPLY
    CLIENT UNPAUSE
    CLIENT PAUSE abc
    CLIENT UNBLOCK 99999999
    CLIENT UNBLOCK abc
    CLIENT GETREDIR
    HELLO 1
    HELLO 4
    HELLO abc
    HELLO 2 FOO
    HELLO 2 SETNAME
    HELLO 2 AUTH default
    HELLO 2 AUTH nobody nothing
    HELLO 2 SETNAME "with space"
    AUTH
    AUTH password
    AUTH nobody nothing
    AUTH a b c
    NOSUCHCOMMAND
    NOSUCHCOMMAND with some arguments
    "no such\r\ncommand" "arg\r\nument"
    NOSUCHCOMMAND aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbb
    ""
    GET|SET
    RESET x
  `,
  server: `
    CONFIG GET maxmemory
    CONFIG SET maxmemory 100mb
    CONFIG GET maxmemory
    CONFIG SET maxmemory 0
    CONFIG SET maxmemory abc
    CONFIG SET maxmemory -1
    CONFIG SET maxmemory-policy nosuch
    CONFIG GET maxmemory-policy
    CONFIG SET nosuchoption 1
    CONFIG SET maxmemory
    CONFIG SET
    CONFIG SET maxmemory 1 maxmemory 2
    CONFIG GET nosuchoption
    CONFIG GET
    CONFIG NOSUCH
    CONFIG
    CONFIG RESETSTAT
    CONFIG RESETSTAT x
    CONFIG GET appendonly
    CONFIG SET appendonly maybe
    CONFIG GET appendfsync
    CONFIG SET appendfsync sometimes
    CONFIG GET databases
    CONFIG SET databases 3
    TIME
    TIME x
    LASTSAVE
    LASTSAVE x
    DBSIZE
    INFO nosuchsection
    COMMAND COUNT x
    COMMAND NOSUCH
    COMMAND INFO nosuch
    COMMAND INFO get
    COMMAND INFO set mget
    COMMAND GETKEYS SET k v
    COMMAND GETKEYS MSET a 1 b 2
    COMMAND GETKEYS MGET a b c
    COMMAND GETKEYS COPY a b
    COMMAND GETKEYS LCS a b
    # GETKEYS of a command without arguments: its arity is another in 7.2, which DiskDB follows.
    COMMAND GETKEYS NOSUCH a
    COMMAND GETKEYS
    COMMAND GETKEYSANDFLAGS SET k v
    COMMAND GETKEYSANDFLAGS SET k v GET
    COMMAND GETKEYSANDFLAGS RENAME a b
    COMMAND GETKEYSANDFLAGS MSET a 1 b 2
    COMMAND GETKEYSANDFLAGS DEL a b
    COMMAND DOCS nosuch
    COMMAND LIST FILTERBY FOO bar
    COMMAND LIST FOO
    COMMAND LIST FILTERBY PATTERN nosuch*
    COMMAND LIST FILTERBY PATTERN getra*
    COMMAND LIST FILTERBY ACLCAT nosuch
    COMMAND LIST FILTERBY MODULE nosuch
    OBJECT REFCOUNT absent
    OBJECT NOSUCH k
    OBJECT
    OBJECT FREQ absent
    OBJECT IDLETIME absent
    MEMORY USAGE absent
    MEMORY USAGE k SAMPLES
    MEMORY USAGE k SAMPLES abc
    MEMORY NOSUCH
    MEMORY
    SWAPDB 0 1
    SHUTDOWN FOO
    SHUTDOWN SAVE NOSAVE
    DEBUG
  `,
  'empty and long arguments': String.raw`
    MSET "" empty "\x00" zero "\r\n" newline "\xe4\xb8\x96" utf8
    MGET "" "\x00" "\r\n" "\xe4\xb8\x96"
    KEYS *
    DEL "" "\x00"
    RENAME "\r\n" ""
    GET ""
    COPY "" "\x00\x00"
    GET "\x00\x00"
    APPEND "" "\x00"
    GETRANGE "" -1 -1
    EXISTS ""
    TYPE ""
    TTL ""
  `,
};
