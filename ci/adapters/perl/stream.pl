#!/usr/bin/perl
# Perl's sockets, a process for each connection, for streamspec to judge: stream.pl PORT
use strict;
use warnings;
use IO::Socket::INET;
use Socket qw(SHUT_WR);
my ($client, $in, $content) = (undef, '', '');    # of the one connection that a process has

sub fill { return sysread $client, $in, 65536, length $in }    # 0 at the end of the stream
sub take { return substr $in, 0, $_[0], '' }
sub text {    # the same bytes, where they are strict UTF-8; what Perl itself takes has surrogates, and more than Unicode
    my ($bytes) = @_;
    my $chars = $bytes;
    utf8::decode($chars) && $chars !~ /[\x{d800}-\x{dfff}]|[^\x{0}-\x{10ffff}]/ or die "this is no UTF-8\n";
    return $bytes;
}
sub readline_up_to {
    my ($limit) = @_;
    my $at;
    while (($at = index $in, "\n") < 0 and length $in < $limit and fill()) { }
    my $end = $at < 0 ? length $in : $at + 1;
    my $line = take($end < $limit ? $end : $limit);
    $line =~ s/\A[ \t\n\x0b\f\r]+//;                           # as bytes, of ASCII white space alone
    $line =~ s/[ \t\n\x0b\f\r]+\z//;
    return text($line);
}
sub read_exactly {
    my ($n) = @_;
    while (length $in < $n and fill()) { }
    return text(take($n < length $in ? $n : length $in));
}
sub send_content {
    while (length $content) { substr $content, 0, syswrite($client, $content) // die("write: $!\n"), '' }
    return;
}
sub netstring { my ($text) = @_; $content .= length($text) . ":$text,"; return }
sub number {
    my ($n) = @_;
    $n =~ /\A[0-9]{1,8}\z/ && $n <= 16777216 or die "no number of bytes\n";
    return $n;
}
sub script {
    my $at_end = 0;
    while (length(my $command = readline_up_to(65536))) {
        if    ($command =~ /\AREAD (.*)\z/s)          { netstring(read_exactly(number($1))) }
        elsif ($command =~ /\AREADLINE(?: (.*))?\z/s) { netstring(readline_up_to(number($1 // 65536))) }
        elsif ($command =~ /\AWRITE(?: (.*))?\z/s)    { $content .= $1 // '' }
        elsif ($command =~ /\ABYTES(?: ([0-9A-Fa-f]+))?\z/ and length($1 // '') % 2 == 0) { $content .= pack 'H*', $1 // '' }
        elsif ($command eq 'SEND')                    { send_content() }
        elsif ($command eq 'ATEND')                   { $at_end = 1 }
        elsif ($command eq 'CLOSE')                   { return }
        else                                          { die "unknown command\n" }
    }
    send_content() if $at_end;
    return;
}
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 1024, ReuseAddr => 1) or die "cannot listen on port $ARGV[0]: $@\n";
$SIG{CHLD} = $SIG{PIPE} = 'IGNORE';
$SIG{TERM} = sub { exit 0 };                                   # the children finish their answers
while (1) {
    $client = $listener->accept or next;
    last if !(fork // die "fork: $!\n");
    close $client;                                             # else it is open for as long as no other comes
}
close $listener;
$SIG{TERM} = 'DEFAULT';
eval { script(); 1 } or warn $@;
shutdown $client, SHUT_WR;
alarm 5;
while (sysread $client, my $rest, 65536) { }                   # for a while: closing over unread input resets the last answer
