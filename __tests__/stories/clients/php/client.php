<?php

// A program on PHP's extension: `client.php <port> <version> <scene>` prints what it saw as JSON lines.

const PATIENCE_S = 15;
const ROOM = '/topic/chat/room/7';

[, $port, $version, $scene] = $argv;
$value = $argv[4] ?? '';

function tell(array $seen): void
{
    echo json_encode($seen, JSON_UNESCAPED_UNICODE), "\n";
}

function connected(): Stomp
{
    global $port, $version;
    $asked = $version === '1.0' ? [] : ['accept-version' => $version, 'host' => 'story'];
    $stomp = new Stomp("tcp://127.0.0.1:$port", null, null, $asked);
    $stomp->setReadTimeout(PATIENCE_S);
    return $stomp;
}

// Whatever asks for a receipt waits for it, in the library.
function receipted(bool $done): void
{
    if (!$done) throw new Exception('no receipt');
}

function subscribe(Stomp $stomp, string $destination, string $ack = 'auto'): void
{
    receipted($stomp->subscribe($destination, ['id' => 's1', 'ack' => $ack, 'receipt' => 'subscribed']));
}

function message(Stomp $stomp): StompFrame
{
    $frame = $stomp->readFrame();
    if ($frame === false) throw new Exception('no message came');
    return $frame;
}

// The library repeats the headers of the message; what 1.2 asks for is added.
function acknowledge(Stomp $stomp, StompFrame $frame, string $method): void
{
    global $version;
    $by = $version === '1.2' ? ['id' => $frame->headers['ack']] : [];
    receipted($stomp->$method($frame, ['receipt' => $method, ...$by]));
}

$scenes = [
    'connect' => function (): void {
        $stomp = connected();
        tell(['session' => strlen($stomp->getSessionId()) > 0]);
    },

    'talk' => function (): void {
        $stomp = connected();
        subscribe($stomp, '/topic/story');
        receipted($stomp->send('/topic/story', "안녕 👋🏽\n둘째 줄", ['receipt' => 'sent', '언어' => '한국어 😀']));
        $message = message($stomp);
        tell(['body' => $message->body, 'header' => $message->headers['언어']]);
    },

    'headers' => function () use ($value): void {
        $stomp = connected();
        subscribe($stomp, '/topic/story');
        $stomp->send('/topic/story', 'x', ['odd' => $value]);
        tell(['header' => message($stomp)->headers['odd']]);
    },

    'ack' => function (): void {
        $stomp = connected();
        subscribe($stomp, '/queue/jobs', 'client');
        foreach (['one', 'two'] as $body) $stomp->send('/queue/jobs', $body);
        [$first, $second] = [message($stomp), message($stomp)];
        acknowledge($stomp, $first, 'ack');
        tell(['bodies' => [$first->body, $second->body]]);
        unset($stomp);

        $stomp = connected();
        subscribe($stomp, '/queue/jobs', 'client');
        $again = message($stomp);
        tell(['body' => $again->body, 'redelivered' => $again->headers['redelivered'] ?? null]);
        acknowledge($stomp, $again, 'ack');
    },

    'nack' => function (): void {
        $stomp = connected();
        subscribe($stomp, '/queue/jobs', 'client-individual');
        foreach (['one', 'two'] as $body) $stomp->send('/queue/jobs', $body);
        [$first, $second] = [message($stomp), message($stomp)];
        acknowledge($stomp, $second, 'ack');
        acknowledge($stomp, $first, 'nack');
        $again = message($stomp);
        tell(['body' => $again->body, 'redelivered' => $again->headers['redelivered'] ?? null]);
        acknowledge($stomp, $again, 'ack');
    },

    'transaction' => function (): void {
        $stomp = connected();
        subscribe($stomp, '/topic/story');
        $stomp->begin('t1');
        $stomp->send('/topic/story', 'never', ['transaction' => 't1']);
        $stomp->abort('t1');
        $stomp->begin('t2');
        foreach (['one', 'two'] as $body) $stomp->send('/topic/story', $body, ['transaction' => 't2']);
        $stomp->send('/topic/story', 'before');
        receipted($stomp->commit('t2', ['receipt' => 'committed']));
        tell(['bodies' => array_map(fn () => message($stomp)->body, [1, 2, 3])]);
    },

    'binary' => function (): void {
        $stomp = connected();
        subscribe($stomp, '/topic/story');
        $stomp->send('/topic/story', pack('C*', 0, 10, 255, 0, 254, 0));
        tell(['hex' => bin2hex(message($stomp)->body)]);
    },

    'room' => function (): void {
        $stomp = connected();
        subscribe($stomp, ROOM);
        $chat = ['type' => 'ENTER', 'roomId' => '7', 'sender' => '김', 'message' => ''];
        $stomp->send('/app/chat/message', json_encode($chat));
        $message = message($stomp);
        $said = json_decode($message->body)->message;
        tell(['message' => $said, 'position' => $message->headers['x-stream-offset']]);
    },

    'error' => function (): void {
        $stomp = connected();
        $stomp->subscribe('/topic/chat/room/no such room', ['id' => 's1']);
        try {
            $stomp->readFrame();
        } catch (StompException $told) {
            tell(['message' => $told->getMessage(), 'details' => $told->getDetails()]);
        }
    },
];

$scenes[$scene]();
