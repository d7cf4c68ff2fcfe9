#!/usr/bin/perl
# A line server on Perl's own readline, for streamspec to show what that does: own.pl PORT
use strict;
use warnings;
use IO::Socket::INET;

my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 1024, ReuseAddr => 1) or die "$@\n";
$SIG{CHLD} = 'IGNORE';
while (1) {
    my $client = $listener->accept or next;
    next if fork;
    close $listener;
    binmode $client, ':encoding(UTF-8)';
    while (my $text = <$client>) {
        $text =~ s/^\s+|\s+$//g;
        last if $text eq '';
        print $client "$text\n";
        $client->flush;
    }
    exit 0;
}
