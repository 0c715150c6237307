<?php
// B as a script of PHP's built-in server that starts programs.
$command = getenv("PROGRAM") . " " . escapeshellarg(parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH));
$how = getenv("HOW");
if ($how == "proc_open") {
    $child = proc_open([getenv("PROGRAM"), parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH)],
        [1 => ["pipe", "w"]], $pipes);
    $data = stream_get_contents($pipes[1]);
    proc_close($child);
} else {
    $data = shell_exec($command);
}
header("Content-Length: " . strlen($data));
echo $data;
