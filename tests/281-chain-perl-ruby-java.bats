# A -> B -> C, where B is a server that comes with Perl, Ruby or Java: everything is kept.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

@test "perl's HTTP::Daemon and LWP" {
    need perl libhttp-daemon-perl
    b_start perl "$DATA/daemon.pl" "$B_PORT" "$C_URL"
    load_b
    all_kept
    load_b mode=http10 n=200
    all_kept
    load_b mode=chunked
    all_kept
}

@test "ruby's WEBrick" {
    need ruby ruby-webrick
    b_start ruby "$DATA/webrick.rb" "$B_PORT" "$C_URL"
    load_b
    all_kept
    load_b mode=mixed
    all_kept
}

@test "a ruby TCPServer, a thread per connection" {
    need ruby ruby
    b_start ruby "$DATA/threads.rb" "$B_PORT" "$C_URL"
    load_b n=1000
    all_kept
    load_b mode=pipelined n=200
    none_wrong
}

@test "the JDK's HTTP server with a pool of threads" {
    need java default-jdk-headless
    b_start java -Xshare:auto -XX:TieredStopAtLevel=1 "$DATA/Chain.java" "$B_PORT" "$C_URL"
    load_b n=1000
    all_kept
    load_b mode=mixed
    all_kept
}
