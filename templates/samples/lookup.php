<?php
// Checks whether a site supports TOTP. Needs PHP 8 and no packages.
$url = 'https://api.2fa.directory/v4/all.json';
$domain = rtrim(strtolower($argv[1] ?? 'example.com'), '.');

// A status of 400 or above is an error. Long-running programs should keep the result for at least an hour.
$body = @file_get_contents($url, false, stream_context_create(['http' => ['timeout' => 30]]));
if ($body === false) {
    fwrite(STDERR, "cannot get $url: " . (error_get_last()['message'] ?? 'no answer') . "\n");
    exit(1);
}
$sites = json_decode($body, true, flags: JSON_THROW_ON_ERROR);

// If a subdomain is not listed, its parent domain decides.
$found = $domain;
while (!array_key_exists($found, $sites) && str_contains($found, '.')) {
    $found = explode('.', $found, 2)[1];
}

if (!array_key_exists($found, $sites)) {
    echo "$domain is not listed\n";
} elseif (in_array('totp', $sites[$found]['methods'] ?? [], true)) {
    echo "$domain supports TOTP\n";
} else {
    echo "$domain does not support TOTP\n";
}
