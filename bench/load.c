// A load generator for chat servers that a core of its own keeps ahead of the server: raw sockets,
// one epoll loop, and no parser. Who talks puts a mark into the body, `^~`, its number and the time
// in nanoseconds; who hears looks for marks in the bytes, whatever they are wrapped in.
// It starts no server and judges no figure: run.mjs does. A result is one line of JSON.
//
//   gcc -O2 -o load load.c && ./load --help

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "histogram.h"
#include "usage.h"

enum mode { FANOUT, IDLE, RECEIPTS, CATCHUP };
enum framing { OCTETS, WEBSOCKET, SOCKJS };
enum language { STOMP, SOCKETIO, PLAIN };
/** A connection's way to READY; JOIN waits for the answer to SUBSCRIBE, or to the peer's join. */
enum state { CONNECTING, UPGRADE, HELLO, JOIN, READY, DEAD };

enum {
  MARK_BYTES = 24,      // ^~, six digits of the talker, sixteen of the time
  TAIL_BYTES = 64,      // of a read, what may be the beginning of a mark or a receipt
  GREETING_BYTES = 2048, // what is kept of the answers before READY
  READ_BYTES = 1 << 18,
  MESSAGE_BYTES = 1 << 17,
  ROOM_ID_BYTES = 256,
};
static const uint64_t SECOND = 1000000000ull;
static const uint64_t RAMP_NS = 120ull * 1000000000ull;
static const uint64_t DRAIN_NS = 5ull * 1000000000ull;
/** Before a message is due the loop no longer sleeps: a sleep ends late by about this much. */
static const uint64_t SPIN_NS = 300000;

struct connection {
  int fd, id, room, outstanding;
  enum state state;
  bool talks;
  int tail_bytes, greeting_bytes, unsent_bytes, unsent_room;
  uint64_t opened_ns;
  char tail[TAIL_BYTES];
  char *greeting, *unsent;
  // Receipts: one slot for each that may be outstanding. The id is generation * window + slot.
  uint64_t *sent_ns;
  uint32_t *generation;
  int *free_slots, free_count, next_room;
  // Catching up: what it has read of this round.
  long read;
};

static struct {
  enum mode mode;
  enum framing framing;
  enum language language;
  const char *host, *path, *subscribe, *send, *login, *passcode, *vhost, *from, *name;
  char frame_headers[512];
  int port, rooms, first_room, members, talkers, window, size, sources, in_flight, fill;
  long each;
  double rate, duration, warm_up, settle;
  struct processes server;
} options = {
    .mode = FANOUT, .framing = WEBSOCKET, .language = STOMP, .host = "127.0.0.1", .port = 8080,
    .path = "/websc/websocket", .subscribe = "/topic/chat/room/%d", .send = "/app/chat/message",
    .vhost = "/", .from = "last=10000", .name = "run", .rooms = 1, .first_room = 1000,
    .members = 100, .talkers = 1, .window = 4, .size = 100, .sources = 1, .in_flight = 100,
    .each = 10000, .duration = 3, .warm_up = 1, .settle = 2,
};

static struct connection *connections;
static int total, opened, ready, dead, epoll_fd;
static volatile sig_atomic_t told_to_stop;
static bool measuring, stopping;
/** Spent on what came, where it polls. */
static uint64_t busy_ns;
static uint64_t measured_from, measured_to;  // open loop: when counted messages were due
static uint64_t delivered, published, bytes_read, receipts, unknown_receipts, errors, rounds;
static int readers_done;
static uint64_t first_round_ns;
static struct histogram latencies;

// --- what a connection does ------------------------------------------------------------------

static void watch(struct connection *c, bool to_write) {
  struct epoll_event event = {.events = EPOLLIN | (to_write ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void give_up(struct connection *c, const char *why) {
  if (c->state == DEAD) return;
  if (dead < 5)
    fprintf(stderr, "load: connection %d in state %d: %s %.*s\n", c->id, c->state, why,
            c->greeting == NULL ? 0 : c->greeting_bytes, c->greeting == NULL ? "" : c->greeting);
  if (c->state == READY) ready--;
  c->state = DEAD;
  dead++;
  close(c->fd);
}

static void write_bytes(struct connection *c, const char *bytes, int count) {
  if (c->state == DEAD) return;
  if (c->unsent_bytes == 0) {
    ssize_t taken = send(c->fd, bytes, count, MSG_NOSIGNAL);
    if (taken == count) return;
    if (taken < 0 && errno != EAGAIN) {
      give_up(c, strerror(errno));
      return;
    }
    if (taken > 0) {
      bytes += taken;
      count -= taken;
    }
  }
  if (c->unsent_bytes + count > c->unsent_room) {
    c->unsent_room = (c->unsent_bytes + count) * 2;
    c->unsent = realloc(c->unsent, c->unsent_room);
  }
  memcpy(c->unsent + c->unsent_bytes, bytes, count);
  c->unsent_bytes += count;
  watch(c, true);
}

static void write_unsent(struct connection *c) {
  ssize_t taken = send(c->fd, c->unsent, c->unsent_bytes, MSG_NOSIGNAL);
  if (taken < 0) {
    if (errno != EAGAIN) give_up(c, strerror(errno));
    return;
  }
  memmove(c->unsent, c->unsent + taken, c->unsent_bytes - taken);
  c->unsent_bytes -= taken;
  if (c->unsent_bytes == 0) watch(c, false);
}

/** One text frame, masked with zeros: a mask costs the server the same whatever it is. */
static void write_websocket(struct connection *c, const char *text, int count) {
  static char frame[2 * MESSAGE_BYTES + 16];
  int at = 0;
  frame[at++] = (char)0x81;
  if (count < 126) {
    frame[at++] = (char)(0x80 | count);
  } else if (count < 65536) {
    frame[at++] = (char)(0x80 | 126);
    frame[at++] = (char)(count >> 8);
    frame[at++] = (char)count;
  } else {
    frame[at++] = (char)(0x80 | 127);
    for (int shift = 56; shift >= 0; shift -= 8) frame[at++] = (char)((uint64_t)count >> shift);
  }
  memset(frame + at, 0, 4);
  at += 4;
  memcpy(frame + at, text, count);
  write_bytes(c, frame, at + count);
}

/** A STOMP frame, or what the peer's protocol has instead, in the wrapping of the connection. */
static void write_message(struct connection *c, const char *text, int count) {
  static char envelope[2 * MESSAGE_BYTES];
  if (options.framing == OCTETS) {
    write_bytes(c, text, count);
    return;
  }
  if (options.framing == WEBSOCKET) {
    write_websocket(c, text, count);
    return;
  }
  int at = 0;
  envelope[at++] = '[';
  envelope[at++] = '"';
  for (int i = 0; i < count; i++) {
    if (text[i] == '\n') {
      at += sprintf(envelope + at, "\\n");
    } else if (text[i] == 0) {
      at += sprintf(envelope + at, "\\u0000");
    } else {
      if (text[i] == '"' || text[i] == '\\') envelope[at++] = '\\';
      envelope[at++] = text[i];
    }
  }
  envelope[at++] = '"';
  envelope[at++] = ']';
  write_websocket(c, envelope, at);
}

/** A destination of the options, which have %d where the room's number goes, or nothing. */
static const char *destination(const char *pattern, int room) {
  static char text[ROOM_ID_BYTES];
  const char *place = strstr(pattern, "%d");
  if (place == NULL) return pattern;
  snprintf(text, sizeof text, "%.*s%d%s", (int)(place - pattern), pattern, room, place + 2);
  return text;
}

static void ask_for_upgrade(struct connection *c) {
  char text[1024], path[512];
  if (options.framing == SOCKJS)
    snprintf(path, sizeof path, "%s/%03d/s%07d/websocket", options.path, c->id % 1000, c->id);
  else
    snprintf(path, sizeof path, "%s", options.path);
  const char *protocols = options.language == STOMP && options.framing == WEBSOCKET
                              ? "Sec-WebSocket-Protocol: v12.stomp, v11.stomp\r\n"
                              : "";
  int count = snprintf(text, sizeof text,
                       "GET %s HTTP/1.1\r\nHost: %s:%d\r\nConnection: Upgrade\r\n"
                       "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n",
                       path, options.host, options.port, protocols);
  c->state = UPGRADE;
  write_bytes(c, text, count);
}

static void become_ready(struct connection *c) {
  c->state = READY;
  ready++;
  free(c->greeting);
  c->greeting = NULL;
  if (options.mode == IDLE) histogram_add(&latencies, now_ns() - c->opened_ns);
}

static void say_join(struct connection *c) {
  char text[1024];
  int count;
  c->state = JOIN;
  c->greeting_bytes = 0;
  if (options.language == SOCKETIO) {
    count = snprintf(text, sizeof text, "420[\"join\",\"%d\"]", c->room);
  } else if (options.language == PLAIN) {
    count = snprintf(text, sizeof text, "{\"join\":\"%d\"}", c->room);
  } else if (options.mode == RECEIPTS) {
    become_ready(c);
    return;
  } else {
    count = snprintf(text, sizeof text, "SUBSCRIBE\nid:sub-0\ndestination:%s\n",
                     destination(options.subscribe, c->room));
    if (options.mode == CATCHUP)
      count += snprintf(text + count, sizeof text - count, "x-stream-offset:%s\n", options.from);
    else
      count += snprintf(text + count, sizeof text - count, "receipt:joined\n");
    text[count++] = '\n';
    text[count++] = 0;
    // Its RECEIPT and the history may come in one read: marks are counted from here on.
    if (options.mode == CATCHUP) become_ready(c);
  }
  write_message(c, text, count);
}

static void say_hello(struct connection *c) {
  char text[1024];
  c->state = HELLO;
  c->greeting_bytes = 0;
  if (options.language == PLAIN) {
    say_join(c);
    return;
  }
  if (options.language == SOCKETIO) {
    write_message(c, "40", 2);
    return;
  }
  int count = snprintf(text, sizeof text,
                       "CONNECT\naccept-version:1.1,1.2\nhost:%s\nheart-beat:0,0\n", options.vhost);
  if (options.login != NULL)
    count += snprintf(text + count, sizeof text - count, "login:%s\npasscode:%s\n", options.login,
                      options.passcode);
  text[count++] = '\n';
  text[count++] = 0;
  write_message(c, text, count);
}

/** Says one thing in a room; `receipt` is its number, or none if it is negative. */
static void talk(struct connection *c, int room, uint64_t at_ns, int64_t receipt) {
  static char body[MESSAGE_BYTES / 2], text[MESSAGE_BYTES];
  int count = snprintf(body, sizeof body,
                       "{\"type\":\"TALK\",\"roomId\":\"%d\",\"sender\":\"load\","
                       "\"message\":\"^~%06x%016llx",
                       room, c->id, (unsigned long long)at_ns);
  while (count < options.size - 2) body[count++] = 'x';
  body[count++] = '"';
  body[count++] = '}';
  int length;
  if (options.language == SOCKETIO) {
    length = snprintf(text, sizeof text, "42[\"chat message\",%.*s]", count, body);
  } else if (options.language == PLAIN) {
    memcpy(text, body, count);
    length = count;
  } else {
    length = snprintf(text, sizeof text, "SEND\ndestination:%s\ncontent-type:application/json\n",
                      destination(options.send, room));
    if (receipt >= 0)
      length += snprintf(text + length, sizeof text - length, "receipt:%lld\n", (long long)receipt);
    length += snprintf(text + length, sizeof text - length, "%scontent-length:%d\n\n",
                       options.frame_headers, count);
    memcpy(text + length, body, count);
    length += count;
    text[length++] = 0;
  }
  write_message(c, text, length);
  published++;
}

/** Closed loop: as many as the window allows, each in its turn when one of its own came back. */
static void fill_window(struct connection *c) {
  while (c->state == READY && c->outstanding < options.window) {
    c->outstanding++;
    talk(c, c->room, now_ns(), -1);
  }
}

static void send_for_receipt(struct connection *c) {
  int slot = c->free_slots[--c->free_count];
  int64_t id = (int64_t)++c->generation[slot] * options.window + slot;
  c->sent_ns[slot] = now_ns();
  int room = options.first_room + c->next_room;
  c->next_room = (c->next_room + 1) % options.rooms;
  talk(c, room, c->sent_ns[slot], id);
}

static void take_receipt(struct connection *c, int64_t id, uint64_t at_ns) {
  int slot = (int)(id % options.window);
  if (id / options.window != c->generation[slot] || c->sent_ns[slot] == 0) {
    unknown_receipts++;
    return;
  }
  receipts++;
  if (measuring) histogram_add(&latencies, at_ns - c->sent_ns[slot]);
  c->sent_ns[slot] = 0;
  c->free_slots[c->free_count++] = slot;
  if (!stopping) send_for_receipt(c);
}

static void read_again(struct connection *c) {
  c->read = 0;
  rounds++;
  if (++readers_done == total) {
    first_round_ns = now_ns();
    printf("{\"all_read\":%d}\n", total);
    fflush(stdout);
  }
  if (stopping) return;
  static const char leave[] = "UNSUBSCRIBE\nid:sub-0\n\n";
  write_message(c, leave, sizeof leave);
  // What it asked for is what the room keeps: after the last one nothing is on its way to it.
  ready--;
  say_join(c);
}

// --- what comes in ---------------------------------------------------------------------------

static int64_t hexadecimal(const char *digits, int count) {
  int64_t value = 0;
  for (int i = 0; i < count; i++) {
    int digit = digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10;
    value = value << 4 | (digit & 15);
  }
  return value;
}

static void take_mark(struct connection *c, const char *mark, uint64_t at_ns) {
  uint64_t said_ns = (uint64_t)hexadecimal(mark + 8, 16);
  delivered++;
  if (options.mode == CATCHUP) {
    if (++c->read == options.each) read_again(c);
    return;
  }
  if (options.rate > 0 ? said_ns >= measured_from && said_ns < measured_to : measuring)
    histogram_add(&latencies, at_ns > said_ns ? at_ns - said_ns : 0);
  if (c->talks && options.rate == 0 && hexadecimal(mark + 2, 6) == c->id) c->outstanding--;
}

/** The first place that may begin a mark, whole or cut by the end; NULL if there is none. */
static const char *find_mark(const char *at, const char *end) {
  while ((at = memchr(at, '^', end - at)) != NULL) {
    if (end - at < MARK_BYTES || at[1] == '~') return at;
    at++;
  }
  return NULL;
}

/** Takes all marks; gives how many bytes at the end may be the beginning of another. */
static int take_marks(struct connection *c, const char *bytes, int count) {
  // From one mark to the next it is mostly as far as the last time: one look instead of a search.
  static long stride = MARK_BYTES;
  uint64_t at_ns = now_ns();
  const char *end = bytes + count, *at = find_mark(bytes, end);
  while (at != NULL && end - at >= MARK_BYTES) {
    take_mark(c, at, at_ns);
    if (end - at >= stride + MARK_BYTES && at[stride] == '^' && at[stride + 1] == '~') {
      at += stride;
      continue;
    }
    const char *next = find_mark(at + MARK_BYTES, end);
    if (next != NULL) stride = next - at;
    at = next;
  }
  return at == NULL ? 0 : (int)(end - at);
}

static int take_receipts(struct connection *c, const char *bytes, int count) {
  static const char name[] = "receipt-id:";
  static const int name_bytes = sizeof name - 1;
  uint64_t at_ns = now_ns();
  const char *at = bytes, *end = bytes + count;
  if (memmem(bytes, count, "ERROR\n", 6) != NULL) {
    errors++;
    fprintf(stderr, "load: %.*s\n", count > 400 ? 400 : count, bytes);
  }
  for (;;) {
    const char *found = memmem(at, end - at, name, name_bytes);
    if (found == NULL) {
      // So much of it may be the beginning of the name.
      int rest = (int)(end - at);
      return rest < name_bytes ? rest : name_bytes - 1;
    }
    const char *digit = found + name_bytes;
    int64_t id = 0;
    while (digit < end && *digit >= '0' && *digit <= '9') id = id * 10 + (*digit++ - '0');
    if (digit == end) return (int)(end - found);
    take_receipt(c, id, at_ns);
    at = digit;
  }
}

static bool greeting_has(const struct connection *c, const char *text) {
  return memmem(c->greeting, c->greeting_bytes, text, strlen(text)) != NULL;
}

/** The steps before READY, each when the answer to the one before has come. */
static void take_greeting(struct connection *c, const char *bytes, int count) {
  int room = GREETING_BYTES - c->greeting_bytes;
  int taken = count < room ? count : room;
  memcpy(c->greeting + c->greeting_bytes, bytes, taken);
  c->greeting_bytes += taken;
  if (greeting_has(c, "ERROR\n")) {
    give_up(c, "refused");
    return;
  }
  switch (c->state) {
    case UPGRADE: {
      char *end = memmem(c->greeting, c->greeting_bytes, "\r\n\r\n", 4);
      if (end == NULL) return;
      if (!greeting_has(c, " 101 ")) {
        give_up(c, "no upgrade");
        return;
      }
      // SockJS and Engine.IO speak first: "o", and a message that begins with 0.
      char first = options.framing == SOCKJS ? 'o' : options.language == SOCKETIO ? '0' : 0;
      int rest = c->greeting_bytes - (int)(end + 4 - c->greeting);
      if (first == 0 || memchr(end + 4, first, rest) != NULL) say_hello(c);
      return;
    }
    case HELLO:
      if (greeting_has(c, options.language == SOCKETIO ? "40{" : "CONNECTED\n") ||
          greeting_has(c, "CONNECTED\\n"))
        say_join(c);
      return;
    case JOIN:
      if (greeting_has(c, options.language == SOCKETIO ? "430" : "joined")) become_ready(c);
      return;
    default:
      return;
  }
}

static void read_from(struct connection *c) {
  static char bytes[TAIL_BYTES + READ_BYTES];
  for (;;) {
    memcpy(bytes, c->tail, c->tail_bytes);
    ssize_t count = recv(c->fd, bytes + c->tail_bytes, READ_BYTES, 0);
    if (count <= 0) {
      if (count == 0) give_up(c, "closed by the server");
      else if (errno != EAGAIN) give_up(c, strerror(errno));
      return;
    }
    bytes_read += count;
    if (c->state == READY) {
      int held = c->tail_bytes + (int)count;
      int rest = options.mode == RECEIPTS ? take_receipts(c, bytes, held) : take_marks(c, bytes, held);
      c->tail_bytes = rest;
      memcpy(c->tail, bytes + held - rest, rest);
      if (c->talks && options.mode == FANOUT && options.rate == 0 && !stopping) fill_window(c);
    } else {
      take_greeting(c, bytes, (int)count);
    }
    if (c->state == DEAD || count < READ_BYTES) return;
  }
}

// --- the loop --------------------------------------------------------------------------------

static void prepare(struct connection *c, int id) {
  c->id = id;
  c->room = options.first_room + id % options.rooms;
  c->talks = options.mode == FANOUT && id / options.rooms < options.talkers;
  c->greeting = malloc(GREETING_BYTES);
  if (options.mode != RECEIPTS) return;
  c->next_room = id % options.rooms;
  c->sent_ns = calloc(options.window, sizeof *c->sent_ns);
  c->generation = calloc(options.window, sizeof *c->generation);
  c->free_slots = calloc(options.window, sizeof *c->free_slots);
  c->free_count = options.window;
  for (int slot = 0; slot < options.window; slot++) c->free_slots[slot] = slot;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void open_next(void) {
  struct connection *c = &connections[opened];
  prepare(c, opened);
  c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->fd < 0) fail("load: socket");
  int one = 1;
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  // At its end this process resets what is open: tens of thousands of ports are free at once.
  struct linger reset = {.l_onoff = 1, .l_linger = 0};
  setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (options.sources > 1) {
    struct sockaddr_in source = {.sin_family = AF_INET};
    source.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + opened % options.sources);
    setsockopt(c->fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
    if (bind(c->fd, (void *)&source, sizeof source) != 0) fail("load: bind");
  }
  struct sockaddr_in server = {.sin_family = AF_INET, .sin_port = htons(options.port)};
  inet_pton(AF_INET, options.host, &server.sin_addr);
  c->opened_ns = now_ns();
  if (connect(c->fd, (void *)&server, sizeof server) != 0 && errno != EINPROGRESS)
    fail("load: connect");
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
  c->state = CONNECTING;
  opened++;
}

static void take_event(struct connection *c, uint32_t events) {
  if (c->state == DEAD) return;
  if (c->state == CONNECTING) {
    int problem = 0;
    socklen_t size = sizeof problem;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &problem, &size);
    if (problem != 0) {
      give_up(c, strerror(problem));
    } else if (events & EPOLLOUT) {
      watch(c, false);
      if (options.framing == OCTETS) say_hello(c);
      else ask_for_upgrade(c);
    }
    return;
  }
  if (events & EPOLLOUT) write_unsent(c);
  if (c->state != DEAD && events & (EPOLLIN | EPOLLHUP | EPOLLERR)) read_from(c);
}

/**
 * Asks again and again instead of sleeping, where what is measured is the work of the server. Who
 * writes to a process that sleeps has to wake it, on another core, which takes as long as the write
 * and counts as the server's work; a client on a machine of its own costs its server nothing of it.
 */
static bool polls(void) {
  return options.mode != CATCHUP && options.rate == 0;
}

/** Takes what came, after waiting for it at most so long. */
static void turn(uint64_t wait_ns) {
  struct epoll_event events[512];
  struct timespec wait = {.tv_sec = wait_ns / SECOND, .tv_nsec = wait_ns % SECOND};
  if (polls()) wait = (struct timespec){0};
  uint64_t asked, until = now_ns() + wait_ns;
  int count;
  do {
    asked = now_ns();
    count = epoll_pwait2(epoll_fd, events, 512, &wait, NULL);
  } while (count == 0 && polls() && asked < until && !told_to_stop);
  for (int i = 0; i < count; i++) take_event(events[i].data.ptr, events[i].events);
  if (count > 0) busy_ns += now_ns() - asked;
}

static void turn_for(double seconds) {
  uint64_t end = now_ns() + (uint64_t)(seconds * SECOND);
  for (uint64_t now = now_ns(); now < end && !told_to_stop; now = now_ns())
    turn(end - now < SECOND / 20 ? end - now : SECOND / 20);
}

/** Opens all connections; gives the seconds from the first connect to the last that is ready. */
static double connect_all(void) {
  uint64_t start = now_ns();
  while (ready + dead < total && !told_to_stop) {
    while (opened < total && opened - ready - dead < options.in_flight) open_next();
    turn(SECOND / 10);
    if (now_ns() - start > RAMP_NS) {
      fprintf(stderr, "load: %d of %d connections are ready after 120 s\n", ready, total);
      exit(1);
    }
  }
  return (double)(now_ns() - start) / SECOND;
}

// --- the modes -------------------------------------------------------------------------------

/** What is compared before and after the time that is measured. */
struct reading {
  uint64_t at_ns, busy_ns, bytes_read, delivered, published, receipts;
  double server_cpu, own_cpu, machine_cpu;
};

static struct reading take_reading(void) {
  return (struct reading){
      .at_ns = now_ns(), .busy_ns = busy_ns, .bytes_read = bytes_read, .delivered = delivered,
      .published = published, .receipts = receipts, .server_cpu = cpu_seconds(&options.server),
      .own_cpu = own_cpu_seconds(), .machine_cpu = machine_cpu_seconds(),
  };
}

/** What neither the server nor this process did: the figures are worth less for it. */
static double others_cpu(const struct reading *before, const struct reading *after) {
  double cpu = after->machine_cpu - before->machine_cpu - (after->server_cpu - before->server_cpu) -
               (after->own_cpu - before->own_cpu);
  double seconds = (double)(after->at_ns - before->at_ns) / SECOND;
  return cpu > 0 && seconds > 0 ? cpu / seconds : 0;
}

/** Seconds that this process had something to do. */
static double load_seconds(const struct reading *before, const struct reading *after) {
  if (polls()) return (double)(after->busy_ns - before->busy_ns) / SECOND;
  return after->own_cpu - before->own_cpu;
}

static double per_unit(double amount, double count) { return count > 0 ? amount / count : 0; }

static double server_mib(void) { return resident_bytes(&options.server) / 1048576; }

static void print_latencies(const char *name) {
  printf("\"%s\":{\"p50\":%.3f,\"p90\":%.3f,\"p99\":%.3f,\"p999\":%.3f,\"max\":%.3f,\"count\":%llu}",
         name, histogram_ms(&latencies, 0.5), histogram_ms(&latencies, 0.9),
         histogram_ms(&latencies, 0.99), histogram_ms(&latencies, 0.999),
         histogram_ms(&latencies, 1), (unsigned long long)latencies.count);
}

static int idle(void) {
  double resident_before = resident_bytes(&options.server);
  struct reading before = take_reading();
  double seconds = connect_all();
  struct reading after = take_reading();
  turn_for(options.settle);
  double resident = resident_bytes(&options.server);
  printf("{\"name\":\"%s\",\"mode\":\"idle\",\"connections\":%d,\"dead\":%d,\"seconds\":%.3f,"
         "\"connections_per_s\":%.0f,\"cpu_us_per_connection\":%.1f,\"kib_per_connection\":%.2f,"
         "\"rss_mib\":%.1f,\"server_cpu\":%.3f,\"load_cpu\":%.3f,\"others_cpu\":%.3f,",
         options.name, ready, dead, seconds, ready / seconds,
         per_unit((after.server_cpu - before.server_cpu) * 1e6, ready),
         per_unit((resident - resident_before) / 1024, ready), resident / 1048576,
         (after.server_cpu - before.server_cpu) / seconds,
         load_seconds(&before, &after) / seconds, others_cpu(&before, &after));
  print_latencies("ready_ms");
  printf("}\n");
  return dead == 0 ? 0 : 1;
}

/** Open loop: what is due is said, however late the server is, and is as old as it was due. */
static void say_what_is_due(uint64_t start, uint64_t now, uint64_t *said) {
  static int next = 0;
  int talkers = options.talkers * options.rooms;
  for (;;) {
    uint64_t due = start + (uint64_t)((double)*said / options.rate * SECOND);
    if (due > now) {
      uint64_t left = due - now;
      turn(left > SPIN_NS ? (left - SPIN_NS < SECOND / 100 ? left - SPIN_NS : SECOND / 100) : 0);
      return;
    }
    struct connection *c = &connections[next++ % talkers];
    if (c->state == READY) talk(c, c->room, due, -1);
    (*said)++;
  }
}

static bool all_has_come(void) { return delivered >= published * (uint64_t)options.members; }

static int fan_out(void) {
  double resident_before = resident_bytes(&options.server);
  double ramp = connect_all();
  turn_for(options.settle);
  double resident_ready = resident_bytes(&options.server);
  uint64_t start = now_ns(), said = 0;
  measured_from = start + (uint64_t)(options.warm_up * SECOND);
  measured_to = measured_from + (uint64_t)(options.duration * SECOND);
  struct reading before = {0}, after;
  if (options.rate == 0)
    for (int i = 0; i < total; i++)
      if (connections[i].talks) fill_window(&connections[i]);
  for (uint64_t now = start; now < measured_to && !told_to_stop; now = now_ns()) {
    if (!measuring && now >= measured_from) {
      before = take_reading();
      measuring = true;
    }
    if (options.rate > 0) say_what_is_due(start, now, &said);
    else turn(SECOND / 100);
  }
  after = take_reading();
  double resident = resident_bytes(&options.server);
  measuring = false;
  stopping = true;
  for (uint64_t end = now_ns() + DRAIN_NS; !all_has_come() && now_ns() < end;) turn(SECOND / 100);
  double seconds = (double)(after.at_ns - before.at_ns) / SECOND;
  double deliveries = (double)(after.delivered - before.delivered);
  double cpu = after.server_cpu - before.server_cpu;
  printf("{\"name\":\"%s\",\"mode\":\"fanout\",\"rooms\":%d,\"members\":%d,\"talkers\":%d,"
         "\"ready\":%d,\"dead\":%d,\"seconds\":%.3f,\"published_per_s\":%.1f,"
         "\"delivered_per_s\":%.1f,\"ratio\":%.4f,\"bytes_per_delivery\":%.1f,"
         "\"server_cpu\":%.3f,\"cpu_us_per_delivery\":%.4f,\"load_cpu\":%.3f,\"others_cpu\":%.3f,",
         options.name, options.rooms, options.members, options.talkers, ready, dead, seconds,
         (after.published - before.published) / seconds, deliveries / seconds,
         per_unit(delivered, (double)published * options.members),
         per_unit((double)(after.bytes_read - before.bytes_read), deliveries), cpu / seconds,
         per_unit(cpu * 1e6, deliveries), load_seconds(&before, &after) / seconds,
         others_cpu(&before, &after));
  print_latencies("latency_ms");
  printf(",\"ramp_s\":%.3f,\"kib_per_connection\":%.2f,\"rss_mib\":%.1f}\n", ramp,
         per_unit((resident_ready - resident_before) / 1024, ready), resident / 1048576);
  return dead == 0 ? 0 : 1;
}

/** Every room gets at least `fill` messages, then the warm-up, then what is measured. */
static int receive_receipts(void) {
  connect_all();
  for (int i = 0; i < total; i++)
    while (connections[i].state == READY && connections[i].free_count > 0)
      send_for_receipt(&connections[i]);
  uint64_t start = now_ns(), wanted = (uint64_t)options.fill * options.rooms;
  while (receipts < wanted && dead == 0 && errors == 0 && !told_to_stop) turn(SECOND / 10);
  double filled_s = (double)(now_ns() - start) / SECOND;
  turn_for(options.warm_up);
  struct reading before = take_reading();
  measuring = true;
  turn_for(options.duration);
  struct reading after = take_reading();
  double resident_mib = server_mib();
  measuring = false;
  stopping = true;
  for (uint64_t end = now_ns() + DRAIN_NS; receipts < published && dead < total && now_ns() < end;)
    turn(SECOND / 100);
  double seconds = (double)(after.at_ns - before.at_ns) / SECOND;
  double count = (double)(after.receipts - before.receipts);
  double cpu = after.server_cpu - before.server_cpu;
  uint64_t missing = published - receipts;
  printf("{\"name\":\"%s\",\"mode\":\"receipts\",\"connections\":%d,\"window\":%d,\"rooms\":%d,"
         "\"dead\":%d,\"errors\":%llu,\"missing\":%llu,\"unknown\":%llu,\"filled\":%llu,"
         "\"filled_s\":%.2f,\"seconds\":%.3f,\"receipts_per_s\":%.1f,\"server_cpu\":%.3f,"
         "\"cpu_us_per_receipt\":%.3f,\"load_cpu\":%.3f,\"others_cpu\":%.3f,",
         options.name, total, options.window, options.rooms, dead, (unsigned long long)errors,
         (unsigned long long)missing, (unsigned long long)unknown_receipts,
         (unsigned long long)wanted, filled_s, seconds, per_unit(count, seconds),
         per_unit(cpu, seconds), per_unit(cpu * 1e6, count),
         per_unit(load_seconds(&before, &after), seconds), others_cpu(&before, &after));
  print_latencies("latency_ms");
  printf(",\"rss_mib\":%.1f}\n", resident_mib);
  return dead == 0 && errors == 0 && missing == 0 && unknown_receipts == 0 ? 0 : 1;
}

/** Reads histories over and over, until it is told to stop, at the lowest priority there is. */
static int catch_up(void) {
  struct sched_param lowest = {0};
  if (sched_setscheduler(0, SCHED_IDLE, &lowest) != 0) perror("load: sched_setscheduler");
  struct reading before = take_reading();
  connect_all();
  printf("{\"reading\":%d}\n", ready);
  fflush(stdout);
  turn_for(options.duration);
  struct reading after = take_reading();
  stopping = true;
  double seconds = (double)(after.at_ns - before.at_ns) / SECOND;
  double messages = (double)(after.delivered - before.delivered);
  printf("{\"name\":\"%s\",\"mode\":\"catchup\",\"readers\":%d,\"each\":%ld,\"dead\":%d,"
         "\"seconds\":%.3f,\"messages\":%.0f,\"messages_per_s\":%.1f,\"histories\":%llu,"
         "\"all_read_s\":%.3f,\"load_cpu\":%.3f,\"rss_mib\":%.1f}\n",
         options.name, total, options.each, dead, seconds, messages, messages / seconds,
         (unsigned long long)rounds,
         first_round_ns == 0 ? -1 : (double)(first_round_ns - before.at_ns) / SECOND,
         load_seconds(&before, &after) / seconds, server_mib());
  return dead == 0 ? 0 : 1;
}

// --- the command line ------------------------------------------------------------------------

static const char HELP[] =
    "load --port P --mode MODE [--name value ...]\n"
    "\n"
    "  --mode        fanout (default) | idle | receipts | catchup\n"
    "  --proto       stomp (over WebSocket, default) | tcp | sockjs (STOMP in SockJS) | socketio |\n"
    "                plain (JSON over WebSocket) | sockjs-plain (JSON in SockJS)\n"
    "  --host --port --path --login --passcode --vhost\n"
    "  --subscribe --send     destinations, %d in them is the room's number\n"
    "  --frame-header H       a header of each SEND; may be given again\n"
    "  --rooms R --members M  M members in each of R rooms; receipts: M connections, R rooms\n"
    "  --first-room N         the first room's number\n"
    "  --size B      bytes of a message's body\n"
    "  --warm-up S --duration S --settle S\n"
    "  --in-flight N connections that are being opened at once\n"
    "  --sources N   loopback addresses to connect from: above some 20,000 connections\n"
    "  --pid P       a server's process, for its CPU and memory; may be given again\n"
    "  --name N      comes back in the result\n"
    "\n"
    "  fanout    --talkers T of each room talk: --window W each, the next when one came back, or\n"
    "            --rate N messages a second of all together, at fixed times: latency is counted\n"
    "            from when a message was due\n"
    "  idle      all connect, each ready with the RECEIPT of its SUBSCRIBE; memory after --settle\n"
    "  receipts  each connection has --window W SENDs outstanding, to all rooms in turn; --fill N\n"
    "            messages into each room before anything is measured. Exit code 1 if an ERROR\n"
    "            came or a RECEIPT did not\n"
    "  catchup   all subscribe with x-stream-offset --from (last=10000) and read --each messages,\n"
    "            unsubscribe and begin again, for --duration or until SIGTERM\n";

static void choose_protocol(const char *name) {
  static const struct {
    const char *name;
    enum framing framing;
    enum language language;
  } protocols[] = {
      {"stomp", WEBSOCKET, STOMP}, {"tcp", OCTETS, STOMP},          {"sockjs", SOCKJS, STOMP},
      {"plain", WEBSOCKET, PLAIN}, {"sockjs-plain", SOCKJS, PLAIN}, {"socketio", WEBSOCKET, SOCKETIO},
  };
  for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++) {
    if (strcmp(name, protocols[i].name) != 0) continue;
    options.framing = protocols[i].framing;
    options.language = protocols[i].language;
    return;
  }
  fprintf(stderr, "load: no such protocol: %s\n", name);
  exit(2);
}

static void choose_mode(const char *name) {
  static const char *const names[] = {"fanout", "idle", "receipts", "catchup"};
  for (int mode = FANOUT; mode <= CATCHUP; mode++) {
    if (strcmp(name, names[mode]) != 0) continue;
    options.mode = mode;
    return;
  }
  fprintf(stderr, "load: no such mode: %s\n", name);
  exit(2);
}

static bool is_text(const char *flag, const char *value) {
  const struct {
    const char *flag;
    const char **option;
  } texts[] = {
      {"--host", &options.host},         {"--path", &options.path},   {"--send", &options.send},
      {"--subscribe", &options.subscribe}, {"--login", &options.login}, {"--name", &options.name},
      {"--passcode", &options.passcode}, {"--vhost", &options.vhost}, {"--from", &options.from},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    if (strcmp(flag, texts[i].flag) != 0) continue;
    *texts[i].option = value;
    return true;
  }
  return false;
}

static bool is_number(const char *flag, const char *value) {
  const struct {
    const char *flag;
    int *whole;
    double *real;
  } numbers[] = {
      {"--port", &options.port, NULL},           {"--rooms", &options.rooms, NULL},
      {"--first-room", &options.first_room, NULL}, {"--members", &options.members, NULL},
      {"--talkers", &options.talkers, NULL},     {"--window", &options.window, NULL},
      {"--size", &options.size, NULL},           {"--sources", &options.sources, NULL},
      {"--in-flight", &options.in_flight, NULL}, {"--fill", &options.fill, NULL},
      {"--rate", NULL, &options.rate},           {"--duration", NULL, &options.duration},
      {"--warm-up", NULL, &options.warm_up},     {"--settle", NULL, &options.settle},
  };
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (strcmp(flag, numbers[i].flag) != 0) continue;
    if (numbers[i].whole != NULL) *numbers[i].whole = atoi(value);
    else *numbers[i].real = atof(value);
    return true;
  }
  return false;
}

static void read_option(const char *flag, const char *value) {
  if (strcmp(flag, "--mode") == 0) {
    choose_mode(value);
  } else if (strcmp(flag, "--proto") == 0) {
    choose_protocol(value);
  } else if (strcmp(flag, "--each") == 0) {
    options.each = atol(value);
  } else if (strcmp(flag, "--pid") == 0 && options.server.count < PIDS_MAX) {
    options.server.pids[options.server.count++] = atoi(value);
  } else if (strcmp(flag, "--frame-header") == 0) {
    int used = (int)strlen(options.frame_headers);
    snprintf(options.frame_headers + used, sizeof options.frame_headers - used, "%s\n", value);
  } else if (!is_text(flag, value) && !is_number(flag, value)) {
    fprintf(stderr, "load: no such option: %s\n%s", flag, HELP);
    exit(2);
  }
}

static void read_options(int count, char **values) {
  for (int i = 1; i < count; i++) {
    if (strcmp(values[i], "--help") == 0) {
      fputs(HELP, stdout);
      exit(0);
    }
    if (i + 1 == count) {
      fprintf(stderr, "load: %s has no value\n", values[i]);
      exit(2);
    }
    read_option(values[i], values[i + 1]);
    i++;
  }
  if (options.size > MESSAGE_BYTES / 4 || options.rooms < 1 || options.members < 1 ||
      options.window < 1) {
    fprintf(stderr, "load: --rooms, --members and --window are at least 1, --size at most %d\n",
            MESSAGE_BYTES / 4);
    exit(2);
  }
}

static void stop(int signal) {
  (void)signal;
  told_to_stop = 1;
}

int main(int count, char **values) {
  read_options(count, values);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, stop);
  raise_open_files();
  bool is_per_room = options.mode == FANOUT || options.mode == IDLE;
  total = options.members * (is_per_room ? options.rooms : 1);
  connections = calloc(total, sizeof *connections);
  epoll_fd = epoll_create1(0);
  switch (options.mode) {
    case FANOUT: return fan_out();
    case IDLE: return idle();
    case RECEIPTS: return receive_receipts();
    case CATCHUP: return catch_up();
  }
  return 2;
}
