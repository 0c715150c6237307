# B as Perl's HTTP::Daemon, a process for each connection, with LWP: PORT C-URL.
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;
use LWP::UserAgent;

my ($port, $c) = @ARGV;
$SIG{CHLD} = "IGNORE";
my $daemon = HTTP::Daemon->new(LocalAddr => "127.0.0.1", LocalPort => $port, Listen => 128,
    ReuseAddr => 1) or die $!;
while (my $conn = $daemon->accept || 1) {
    next unless ref $conn;
    if (fork == 0) {
        my $agent = LWP::UserAgent->new(keep_alive => 1);
        while (my $request = $conn->get_request) {
            my $answer = $agent->get($c . $request->uri->path);
            $conn->send_response(HTTP::Response->new(200, "OK",
                ["Content-Type" => "text/plain", "Content-Length" => length $answer->content],
                $request->method eq "HEAD" ? "" : $answer->content));
        }
        exit 0;
    }
    $conn->close;
}
