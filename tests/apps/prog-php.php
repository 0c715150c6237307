<?php
// Requests by PHP's streams, without its curl extension: prog-php.php MODE URL CA.
[, $mode, $url, $ca] = $argv;
$base = rtrim($url, '/');
$parts = parse_url($url);

function show($body): void
{
    printf("%d %s\n", strlen($body), substr($body, 0, 60));
}

function get(string $path, array $http = []): void
{
    global $base, $ca;
    $context = stream_context_create(['http' => $http + ['timeout' => 60, 'ignore_errors' => true],
                                      'ssl' => ['cafile' => $ca]]);
    show(file_get_contents($base . $path, false, $context));
    echo $http_response_header[0], "\n";
}

function peer()
{
    global $parts, $ca;
    $tls = $parts['scheme'] === 'https';
    $address = $parts['host'] . ':' . $parts['port'];
    $socket = $tls
        ? stream_socket_client("tls://$address", $code, $message, 60, STREAM_CLIENT_CONNECT,
                               stream_context_create(['ssl' => ['cafile' => $ca]]))
        : fsockopen($parts['host'], $parts['port'], $code, $message, 60);
    return $socket ?: exit("$message\n");
}

function answer($socket): void
{
    $length = 0;
    while (($line = fgets($socket)) !== false && $line !== "\r\n") {
        if (preg_match('/^Content-Length: (\d+)/i', $line, $match)) {
            $length = (int) $match[1];
        }
    }
    show($length ? stream_get_contents($socket, $length) : '');
}

if ($mode === 'streams') {
    get('/a?b=c');
    get('/echo', ['method' => 'POST', 'content' => str_repeat('x', 200000),
                  'header' => "Content-Type: text/plain\r\n"]);
    get('/redirect?to=/there');
    get('/c', ['protocol_version' => '1.1', 'header' => "Connection: close\r\n"]);
    get('/private');
    copy($base . '/copied', 'copied', stream_context_create(['ssl' => ['cafile' => $ca]]));
    show(file_get_contents('copied'));
} elseif ($mode === 'own') {
    get('/own', ['header' => "Baggage: own=1\r\nX-Other: 1\r\n"]);
} elseif ($mode === 'socket') {
    $host = $parts['host'];
    $socket = peer();
    fwrite($socket, "GET /one HTTP/1.1\r\nHost: $host\r\n\r\n");
    answer($socket);
    $pieces = ["POST /echo HTTP/1.1\r\n", "Host: $host\r\nContent-Le", "ngth: 5\r\n\r", "\nhe",
               "llo"];
    foreach ($pieces as $piece) {
        fwrite($socket, $piece);
    }
    answer($socket);
    file_put_contents('body', str_repeat("GET / HTTP/1.1\r\n\r\n", 5000));
    fwrite($socket, "PUT /echo HTTP/1.1\r\nHost: $host\r\nContent-Length: 90000\r\n\r\n");
    stream_copy_to_stream(fopen('body', 'r'), $socket);
    answer($socket);
    fclose($socket);
}
