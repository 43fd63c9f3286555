"""A program on stomp.py: `client.py <port> <version> <scene>` prints what it saw as JSON lines."""

import json
import queue
import sys

import stomp

PATIENCE_S = 15
ROOM = "/topic/chat/room/7"
CONNECTIONS = {
    "1.0": stomp.StompConnection10,
    "1.1": stomp.StompConnection11,
    "1.2": stomp.StompConnection12,
}

port, version, scene = int(sys.argv[1]), sys.argv[2], sys.argv[3]


def tell(**seen):
    print(json.dumps(seen, ensure_ascii=False), flush=True)


class Ear(stomp.ConnectionListener):
    """Keeps what the library's own thread hears until the scene asks for it."""

    def __init__(self):
        self.kinds = {}

    def of(self, kind):
        return self.kinds.setdefault(kind, queue.Queue())

    def next(self, kind):
        return self.of(kind).get(timeout=PATIENCE_S)

    def on_connected(self, frame):
        self.of("connected").put(frame)

    def on_message(self, frame):
        self.of("message").put(frame)

    def on_receipt(self, frame):
        self.of("receipt").put(frame)

    def on_error(self, frame):
        self.of("error").put(frame)

    def on_heartbeat(self):
        self.of("heartbeat").put(None)

    def on_disconnected(self):
        self.of("disconnected").put(None)


class Client:
    def __init__(self, **options):
        self.ear = Ear()
        options = {"auto_decode": False, "timeout": PATIENCE_S, **options}
        self.connection = CONNECTIONS[version]([("127.0.0.1", port)], **options)
        self.connection.set_listener("ear", self.ear)
        self.connection.connect(wait=True)

    def receipt(self, wanted):
        assert self.ear.next("receipt").headers["receipt-id"] == wanted

    def subscribe(self, destination, ack="auto"):
        headers = {"receipt": "subscribed"}
        self.connection.subscribe(destination, id="s1", ack=ack, headers=headers)
        self.receipt("subscribed")

    def send(self, destination, body, **headers):
        self.connection.send(destination, body, headers=headers)

    def message(self):
        return self.ear.next("message")

    def acknowledge(self, message, method="ack"):
        take = getattr(self.connection, method)
        if version == "1.0":
            take(message.headers["message-id"], receipt=method)
        elif version == "1.1":
            take(message.headers["message-id"], message.headers["subscription"], receipt=method)
        else:
            take(message.headers["ack"], receipt=method)
        self.receipt(method)

    def leave(self):
        self.connection.disconnect(receipt="bye")
        self.receipt("bye")
        self.ear.next("disconnected")


def connect():
    client = Client()
    headers = client.ear.next("connected").headers
    tell(version=headers.get("version"), session="session" in headers)
    client.leave()


def talk():
    client = Client()
    client.subscribe("/topic/story")
    client.send("/topic/story", "안녕 👋🏽\n둘째 줄", receipt="sent", 언어="한국어 😀")
    client.receipt("sent")
    message = client.message()
    tell(body=message.body.decode(), header=message.headers["언어"])
    client.leave()


def headers(value):
    client = Client()
    client.subscribe("/topic/story")
    client.send("/topic/story", "x", odd=value)
    tell(header=client.message().headers["odd"])
    client.leave()


def ack():
    client = Client()
    client.subscribe("/queue/jobs", ack="client")
    for body in ("one", "two"):
        client.send("/queue/jobs", body)
    first, second = client.message(), client.message()
    client.acknowledge(first)
    tell(bodies=[first.body.decode(), second.body.decode()])
    client.leave()

    client = Client()
    client.subscribe("/queue/jobs", ack="client")
    again = client.message()
    tell(body=again.body.decode(), redelivered=again.headers.get("redelivered"))
    client.acknowledge(again)
    client.leave()


def nack():
    client = Client()
    client.subscribe("/queue/jobs", ack="client-individual")
    for body in ("one", "two"):
        client.send("/queue/jobs", body)
    first, second = client.message(), client.message()
    client.acknowledge(second)
    client.acknowledge(first, "nack")
    again = client.message()
    tell(body=again.body.decode(), redelivered=again.headers.get("redelivered"))
    client.acknowledge(again)
    client.leave()


def transaction():
    client = Client()
    client.subscribe("/topic/story")
    aborted = client.connection.begin()
    client.send("/topic/story", "never", transaction=aborted)
    client.connection.abort(aborted)
    committed = client.connection.begin()
    for body in ("one", "two"):
        client.send("/topic/story", body, transaction=committed)
    client.send("/topic/story", "before")
    client.connection.commit(committed)
    tell(bodies=[client.message().body.decode() for _ in range(3)])
    client.leave()


def binary():
    client = Client()
    client.subscribe("/topic/story")
    client.send("/topic/story", bytes([0, 10, 255, 0, 254, 0]))
    tell(hex=client.message().body.hex())
    client.leave()


def room():
    client = Client()
    client.subscribe(ROOM)
    chat = {"type": "ENTER", "roomId": "7", "sender": "김", "message": ""}
    client.send("/app/chat/message", json.dumps(chat))
    message = client.message()
    said = json.loads(message.body)["message"]
    tell(message=said, position=message.headers["x-stream-offset"])
    client.leave()


def error():
    client = Client()
    client.connection.subscribe("/topic/chat/room/no such room", id="s1")
    told = client.ear.next("error")
    tell(code=told.headers["code"], body=told.body.decode())
    client.ear.next("disconnected")


def heartbeats():
    client = Client(heartbeats=(500, 500), heart_beat_receive_scale=20)
    for _ in range(5):
        client.ear.next("heartbeat")
    client.subscribe("/topic/story")
    tell(alive=True)
    client.leave()


SCENES = {
    "connect": connect,
    "talk": talk,
    "headers": lambda: headers(sys.argv[4]),
    "ack": ack,
    "nack": nack,
    "transaction": transaction,
    "binary": binary,
    "room": room,
    "error": error,
    "heart-beats": heartbeats,
}
SCENES[scene]()
