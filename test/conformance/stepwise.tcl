# Sourced by Redis's test suite (run.ts puts it there): lets a unit run to its end whatever fails in it.
#
# The suite evaluates a unit's block as one script, so an error outside a test (`r readraw 1`, a command the server lacks)
# hides every test after it. Here the block is evaluated command by command: such an error is reported under the
# name "between tests: <command>", and the unit goes on.

proc run_block_stepwise {level code} {
    incr level
    set command {}
    set result {}
    foreach line [split $code "\n"] {
        append command $line "\n"
        if {![info complete $command]} continue
        set status [catch {uplevel $level $command} result options]
        if {$status == 1} {
            report_between_tests [string trim $command] $result
        } elseif {$status != 0} {
            return -options $options $result
        }
        set command {}
    }
    return $result
}

proc report_between_tests {command message} {
    set name "between tests: [string range [lindex [split $command "\n"] 0] 0 60]"
    set details [list "$name in $::curfile" $message]
    incr ::num_failed
    lappend ::tests_failed $details
    send_data_packet $::test_server_fd err [join $details "\n"]
    catch {reconnect}
}

# A test that fails in the middle of a pipeline, a MULTI or RESP3 would spoil the connection for the next ones, and so
# would options that it did not set back and clients that it left waiting for a key.
rename test original_test
proc test {args} {
    set failed $::num_failed
    set options {}
    catch {set options [ask_apart config get *]}
    uplevel 1 [list original_test {*}$args]
    if {$::num_failed > $failed} {
        catch {reconnect}
        catch {undo_what_a_test_left $options}
    }
}

proc undo_what_a_test_left {options} {
    foreach {name value} [r config get *] {
        if {[dict exists $options $name] && [dict get $options $name] ne $value} {
            catch {r config set $name [dict get $options $name]}
        }
    }
    catch {r debug set-active-expire 1}
    foreach client [split [r client list] "\n"] {
        if {[regexp {^id=(\d+) .* flags=\w*b} $client - id]} {catch {r client unblock $id}}
    }
}

# By a connection of its own: who knows what the test's is used for.
proc ask_apart {args} {
    set client [redis [srv 0 host] [srv 0 port] 0 $::tls]
    set reply [$client {*}$args]
    $client close
    return $reply
}
