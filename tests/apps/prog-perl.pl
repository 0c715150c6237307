#!/usr/bin/perl
# Requests in the ways that Perl programs make them: prog-perl.pl MODE URL CA.
use strict;
use warnings;

my ($mode, $url, $ca) = @ARGV;
my ($scheme, $host, $port) = $url =~ m{^(https?)://([^:/]+):(\d+)} or die "URL?";
my $base = "$scheme://$host:$port";
$| = 1;

sub show {
    my ($code, $body) = @_;
    printf "%s %d %s\n", $code, length $body, substr $body, 0, 60;
}

sub lwp {
    require LWP::UserAgent;
    my $ua = LWP::UserAgent->new(keep_alive => 4, timeout => 60, env_proxy => 0,
        ssl_opts => { SSL_ca_file => $ca });
    for my $answer ($ua->get("$base/a?b=c"), $ua->post("$base/echo", { name => 'value' }),
        $ua->head("$base/b"), $ua->get("$base/redirect?to=/there"),
        $ua->put("$base/echo", Content => 'x' x 200_000)) {
        show($answer->code, $answer->decoded_content);
    }
    # A body of unknown length goes in chunks.
    my @parts = ("one", "GET / HTTP/1.1\r\n\r\n", "three");
    my $answer = $ua->request(HTTP::Request->new(PUT => "$base/echo", [], sub { shift @parts }));
    show($answer->code, $answer->decoded_content);
}

sub own {
    require LWP::UserAgent;
    my $ua = LWP::UserAgent->new(timeout => 60, ssl_opts => { SSL_ca_file => $ca });
    show($_->code, $_->decoded_content) for $ua->get("$base/own", Baggage => 'own=1');
}

sub tiny {
    require HTTP::Tiny;
    my $http = HTTP::Tiny->new(timeout => 60, verify_SSL => 1,
        SSL_options => { SSL_ca_file => $ca });
    my @parts = ("one", "GET / HTTP/1.1\r\n\r\n");
    for my $answer ($http->get("$base/a"), $http->post("$base/echo", { content => 'x' x 70_000 }),
        $http->put("$base/echo", { content => sub { shift @parts } }), $http->head("$base/b"),
        $http->get("$base/redirect?to=/there")) {
        show($answer->{status}, $answer->{content} // '');
    }
}

sub peer {
    if ($scheme eq 'https') {
        require IO::Socket::SSL;
        return IO::Socket::SSL->new(PeerAddr => "$host:$port", SSL_ca_file => $ca,
            SSL_hostname => $host) || die "TLS: $!";
    }
    require IO::Socket::INET;
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port) || die "connect: $!";
}

sub answer {
    my ($socket) = @_;
    my $length = 0;
    while (defined(my $line = <$socket>)) {
        $length = $1 if $line =~ /^Content-Length: (\d+)/i;
        last if $line eq "\r\n";
    }
    my $body;
    read $socket, $body, $length;
    show('-', $body);
}

sub raw {
    my $socket = peer();
    print $socket "GET /print HTTP/1.1\r\n";
    print $socket "Host: $host:$port\r\n", "\r\n";
    $socket->flush;
    answer($socket);
    syswrite $socket, "POST /echo HTTP/1.1\r\nHost: $host:$port\r\nContent-Length: 5\r\n\r\nhe";
    syswrite $socket, "llo";
    answer($socket);
    printf $socket "GET /%s HTTP/1.0\nHost: %s\n\n", 'lines', $host;
    $socket->flush;
    answer($socket);
    close $socket;
}

{ lwp => \&lwp, own => \&own, tiny => \&tiny, raw => \&raw }->{$mode}->();
