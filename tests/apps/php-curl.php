<?php
// PHP's curl extension as its users write it: php-curl.php SCENARIO URL [URL]. PHP loads extensions
// with RTLD_DEEPBIND. Prints what it sees.

function handle(string $url): CurlHandle
{
    $curl = curl_init($url);
    lead($curl);
    return $curl;
}

function lead(CurlHandle $curl): void
{
    curl_setopt_array($curl, [
        CURLOPT_RESOLVE => explode(',', getenv('APP_RESOLVE')),
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_TIMEOUT => 90,
        CURLOPT_HTTP_VERSION => getenv('APP_HTTP2') ? CURL_HTTP_VERSION_2_0 : CURL_HTTP_VERSION_1_1,
    ]);
    if (getenv('APP_CA')) {
        curl_setopt($curl, CURLOPT_CAINFO, getenv('APP_CA'));
    }
}

function perform(CurlHandle $curl): void
{
    $body = curl_exec($curl);
    echo curl_errno($curl), ' ', curl_getinfo($curl, CURLINFO_RESPONSE_CODE), ' ',
        curl_getinfo($curl, CURLINFO_REDIRECT_COUNT), ' ', var_export($body, true), "\n";
}

function easy(string $url, string $other): void
{
    $curl = handle($url);
    perform($curl);
    curl_setopt($curl, CURLOPT_HTTPHEADER, ['X-Own: 1', 'BAGGAGE: own=1']);
    perform($curl);
    curl_setopt($curl, CURLOPT_URL, $other);
    curl_setopt($curl, CURLOPT_HTTPHEADER, ['X-Own: 2']);
    perform($curl);
    curl_setopt($curl, CURLOPT_HTTPHEADER, []);
    curl_setopt($curl, CURLOPT_POSTFIELDS, 'a=b');
    perform($curl);
    $copy = curl_copy_handle($curl);
    unset($curl);
    perform($copy);
    curl_reset($copy);
    lead($copy);
    curl_setopt($copy, CURLOPT_URL, $url);
    perform($copy);
}

function follow(string $url, string $other): void
{
    $curl = handle($url);
    curl_setopt($curl, CURLOPT_FOLLOWLOCATION, true);
    curl_setopt($curl, CURLOPT_HTTPHEADER, ['X-Own: 1']);
    perform($curl);
}

function multi(string $url, string $other): void
{
    $many = curl_multi_init();
    $handles = [];
    for ($i = 0; $i < 12; $i++) {
        $handles[$i] = handle($i % 2 ? $other : $url);
        curl_setopt($handles[$i], CURLOPT_HTTPHEADER, ["X-Number: $i"]);
    }
    for ($round = 0; $round < 2; $round++) {
        foreach ($handles as $curl) {
            curl_multi_add_handle($many, $curl);
        }
        do {
            $status = curl_multi_exec($many, $running);
            if ($running) {
                curl_multi_select($many, 1.0);
            }
        } while ($running && $status === CURLM_OK);
        foreach ($handles as $i => $curl) {
            echo $i, ' ', curl_getinfo($curl, CURLINFO_RESPONSE_CODE), ' ',
                curl_multi_getcontent($curl);
            curl_multi_remove_handle($many, $curl);
        }
    }
}

$scenarios = ['easy' => 'easy', 'follow' => 'follow', 'multi' => 'multi'];
$scenarios[$argv[1]]($argv[2], $argv[3] ?? $argv[2]);
