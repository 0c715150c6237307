<?php
// B as a script of PHP's built-in server: C_URL and CLIENT (curl or streams) come in the environment.
$url = getenv("C_URL") . parse_url($_SERVER["REQUEST_URI"], PHP_URL_PATH);
if (getenv("CLIENT") == "curl") {
    $curl = curl_init($url);
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    $data = curl_exec($curl);
} else {
    $data = file_get_contents($url);
}
header("Content-Type: text/plain");
header("Content-Length: " . strlen($data));
echo $data;
