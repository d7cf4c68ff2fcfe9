<?php
// PHP's streams, a process for each connection, for streamspec to judge: stream.php PORT
final class Done extends Exception {}
final class Stream
{
    private string $content = '';
    public function __construct(private $client) {}
    private function text(string $bytes): string
    {
        return preg_match('//u', $bytes) ? $bytes : throw new Exception('this is no UTF-8');
    }
    private function read(int $n): string
    {
        for ($all = ''; strlen($all) < $n && ($more = fread($this->client, $n - strlen($all))) !== false && $more !== '';) $all .= $more;
        return $this->text($all);
    }
    // Stripped as bytes, of ASCII white space alone: trim's own list has NUL, and no form feed.
    private function readline(int $limit = 65536): string
    {
        return $this->text(trim($limit === 0 ? '' : (string) fgets($this->client, $limit + 1), " \t\n\v\f\r"));
    }
    private function send(): void
    {
        while ($this->content !== '') {
            $n = @fwrite($this->client, $this->content);
            $n ? $this->content = substr($this->content, $n) : throw new Exception('the client is gone');
        }
    }
    private function netstring(string $text): void { $this->content .= strlen($text) . ":$text,"; }
    private function number(string $text): int
    {
        return preg_match('/\A[0-9]{1,8}\z/', $text) && $text <= 16777216 ? (int) $text : throw new Exception('no number of bytes');
    }
    public function script(): void
    {
        $atEnd = false;
        while (($command = $this->readline()) !== '') {
            [$word, $arg] = explode(' ', $command, 2) + [1 => null];
            match (true) {
                $word === 'READ' && $arg !== null => $this->netstring($this->read($this->number($arg))),
                $word === 'READLINE' => $this->netstring($this->readline($this->number($arg ?? '65536'))),
                $word === 'WRITE' => $this->content .= $arg,
                $word === 'BYTES' && preg_match('/\A([0-9A-Fa-f]{2})*\z/', (string) $arg) === 1 => $this->content .= hex2bin($arg ?? ''),
                $command === 'SEND' => $this->send(),
                $command === 'ATEND' => $atEnd = true,
                $command === 'CLOSE' => throw new Done(),
                default => throw new Exception('unknown command'),
            };
        }
        if ($atEnd) $this->send();
    }
}
$listener = @stream_socket_server("tcp://127.0.0.1:$argv[1]", $code, $why, context: stream_context_create(['socket' => ['backlog' => 1024]]));
if (!$listener) { fwrite(STDERR, "cannot listen on port $argv[1]: $why\n"); exit(1); }
pcntl_async_signals(true);
pcntl_signal(SIGCHLD, SIG_IGN);
pcntl_signal(SIGTERM, fn() => exit(0)); // the children finish their answers
while (!($client = @stream_socket_accept($listener, 3600)) || pcntl_fork()) {
    if ($client) fclose($client); // else it is open for as long as no other comes
}
fclose($listener);
pcntl_signal(SIGTERM, SIG_DFL);
stream_set_timeout($client, 86400);
try { (new Stream($client))->script(); } catch (Done) {} catch (Throwable $e) { fwrite(STDERR, $e->getMessage() . "\n"); }
stream_socket_shutdown($client, STREAM_SHUT_WR);
pcntl_alarm(5);
while (($rest = fread($client, 65536)) !== false && $rest !== ''); // for a while: closing over unread input resets the last answer
