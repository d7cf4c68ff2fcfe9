<?php
// A line server on PHP's own fgets and trim, for streamspec to show what that does: own.php PORT
$listener = stream_socket_server("tcp://127.0.0.1:$argv[1]", $code, $why, context: stream_context_create(['socket' => ['backlog' => 1024]])) or exit("$why\n");
pcntl_signal(SIGCHLD, SIG_IGN);
while (true) {
    $client = @stream_socket_accept($listener, 3600);
    if (!$client) continue;
    if (pcntl_fork()) {
        fclose($client); // else the connection is open for as long as no other comes
        continue;
    }
    fclose($listener);
    while (($line = fgets($client)) !== false && ($text = trim($line)) !== '') fwrite($client, "$text\n");
    exit(0);
}
