<?php
// A service that asks others, by streams and by libcurl. X-Do says whom: "streams|curl METHOD URL HOST".
[$how, $method, $url, $host] = explode(" ", $_SERVER["HTTP_X_DO"]);
if ($how == "curl") {
    $curl = curl_init(str_replace("127.0.0.1", $host, $url));
    curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
    curl_setopt($curl, CURLOPT_CUSTOMREQUEST, $method);
    curl_setopt($curl, CURLOPT_RESOLVE, ["$host:" . parse_url($url, PHP_URL_PORT) . ":127.0.0.1"]);
    $data = curl_exec($curl);
} else {
    $options = ["method" => $method, "header" => "Host: $host", "content" => $method == "POST" ? "x" : ""];
    $data = file_get_contents($url, false, stream_context_create(["http" => $options]));
}
echo strlen($data);
