# A program on Net::Stomp: `client.pl <port> <version> <scene>` prints what it saw as JSON lines.

use strict;
use warnings;

use Encode qw(decode_utf8);
use JSON::PP;
use Net::Stomp;
use Net::Stomp::Frame;

my $ROOM = '/topic/chat/room/7';
my $PATIENCE_S = 15;
my ($port, $version, $scene, $value) = @ARGV;
my $json = JSON::PP->new->utf8->canonical;
$| = 1;

sub tell_seen { print $json->encode({@_}), "\n" }

sub connected {
    my $stomp = Net::Stomp->new(
        { hostname => '127.0.0.1', port => $port, timeout => $PATIENCE_S });
    my %asked = $version eq '1.0' ? () : ('accept-version' => $version, host => 'story');
    my $frame = $stomp->connect({%asked});
    return ($stomp, expect($frame, 'CONNECTED'));
}

sub expect {
    my ($frame, $command) = @_;
    die "the server closed the connection\n" unless $frame;
    die 'not expected: ' . $frame->as_string unless $frame->command eq $command;
    return $frame;
}

sub message { expect($_[0]->receive_frame, 'MESSAGE') }

sub receipt {
    my ($stomp, $wanted) = @_;
    my $got = expect($stomp->receive_frame, 'RECEIPT')->headers->{'receipt-id'};
    die "the receipt of $got, not of $wanted\n" unless $got eq $wanted;
}

sub subscribe {
    my ($stomp, $destination, $ack) = @_;
    $stomp->subscribe(
        { id => 's1', destination => $destination, ack => $ack || 'auto', receipt => 'subscribed' });
    receipt($stomp, 'subscribed');
}

sub say_to {
    my ($stomp, $destination, $body, %more) = @_;
    $stomp->send({ destination => $destination, body => $body, %more });
}

sub acknowledge {
    my ($stomp, $frame, $method) = @_;
    my $headers = $frame->headers;
    my %by = $version eq '1.2' ? (id => $headers->{ack}) : (subscription => 's1');
    $stomp->$method({ frame => $frame, receipt => $method, %by });
    receipt($stomp, $method);
}

# The library's own `disconnect` asks for no receipt.
sub leave {
    my ($stomp) = @_;
    frame($stomp, 'DISCONNECT', receipt => 'bye');
    receipt($stomp, 'bye');
    $stomp->_close_socket;
}

sub frame {
    my ($stomp, $command, %headers) = @_;
    $stomp->send_frame(Net::Stomp::Frame->new({ command => $command, headers => {%headers} }));
}

my %scenes = (
    connect => sub {
        my ($stomp, $frame) = connected();
        my $headers = $frame->headers;
        tell_seen(
            version => $headers->{version},
            session => $stomp->session_id ? JSON::PP::true : JSON::PP::false,
        );
        $stomp->disconnect;
    },

    talk => sub {
        my ($listener) = connected();
        my ($speaker) = connected();
        subscribe($listener, '/topic/story');
        $speaker->send_with_receipt({
            destination => '/topic/story',
            body => "안녕 👋🏽\n둘째 줄",
            '언어' => '한국어 😀',
        }) or die "no receipt\n";
        my $message = message($listener);
        my $header = $message->headers->{'언어'};
        tell_seen(body => decode_utf8($message->body), header => decode_utf8($header));
        leave($_) for $speaker, $listener;
    },

    headers => sub {
        my ($stomp) = connected();
        subscribe($stomp, '/topic/story');
        say_to($stomp, '/topic/story', 'x', odd => $value);
        tell_seen(header => message($stomp)->headers->{odd});
        leave($stomp);
    },

    ack => sub {
        my ($stomp) = connected();
        subscribe($stomp, '/queue/jobs', 'client');
        say_to($stomp, '/queue/jobs', $_) for 'one', 'two';
        my ($first, $second) = (message($stomp), message($stomp));
        acknowledge($stomp, $first, 'ack');
        tell_seen(bodies => [$first->body, $second->body]);
        leave($stomp);

        ($stomp) = connected();
        subscribe($stomp, '/queue/jobs', 'client');
        my $again = message($stomp);
        tell_seen(body => $again->body, redelivered => $again->headers->{redelivered});
        acknowledge($stomp, $again, 'ack');
        leave($stomp);
    },

    nack => sub {
        my ($stomp) = connected();
        subscribe($stomp, '/queue/jobs', 'client-individual');
        say_to($stomp, '/queue/jobs', $_) for 'one', 'two';
        my ($first, $second) = (message($stomp), message($stomp));
        acknowledge($stomp, $second, 'ack');
        acknowledge($stomp, $first, 'nack');
        my $again = message($stomp);
        tell_seen(body => $again->body, redelivered => $again->headers->{redelivered});
        acknowledge($stomp, $again, 'ack');
        leave($stomp);
    },

    transaction => sub {
        my ($listener) = connected();
        my ($speaker) = connected();
        subscribe($listener, '/topic/story');
        frame($speaker, 'BEGIN', transaction => 't1');
        say_to($speaker, '/topic/story', 'never', transaction => 't1');
        frame($speaker, 'ABORT', transaction => 't1');
        frame($speaker, 'BEGIN', transaction => 't2');
        say_to($speaker, '/topic/story', $_, transaction => 't2') for 'one', 'two';
        say_to($speaker, '/topic/story', 'before');
        frame($speaker, 'COMMIT', transaction => 't2');
        $speaker->send_transactional({ destination => '/topic/story', body => 'three' })
            or die "no receipt\n";
        tell_seen(bodies => [map { message($listener)->body } 1 .. 4]);
        leave($_) for $speaker, $listener;
    },

    binary => sub {
        my ($stomp) = connected();
        subscribe($stomp, '/topic/story');
        my $body = pack('C*', 0, 10, 255, 0, 254, 0);
        say_to($stomp, '/topic/story', $body, bytes_message => 1);
        tell_seen(hex => unpack('H*', message($stomp)->body));
        leave($stomp);
    },

    room => sub {
        my ($stomp) = connected();
        subscribe($stomp, $ROOM);
        my $sender = decode_utf8('김');
        my %chat = (type => 'ENTER', roomId => '7', sender => $sender, message => '');
        say_to($stomp, '/app/chat/message', $json->encode(\%chat));
        my $message = message($stomp);
        my $said = $json->decode($message->body)->{message};
        tell_seen(message => $said, position => $message->headers->{'x-stream-offset'});
        leave($stomp);
    },

    error => sub {
        my ($stomp) = connected();
        $stomp->subscribe({ id => 's1', destination => '/topic/chat/room/no such room' });
        my $frame = expect($stomp->receive_frame, 'ERROR');
        tell_seen(code => $frame->headers->{code}, body => $frame->body);
        die "the connection goes on\n" if $stomp->receive_frame;
    },
);

$scenes{$scene}->();
