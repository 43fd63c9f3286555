// The limit: what the kernel leaves possible. A server that does nothing for a message but write
// bytes which were made beforehand, as many as ours: it takes a real MESSAGE of ours as its model
// and puts the mark of the load generator into it. Of WebSocket and STOMP it knows what the load
// generator says, nothing more; it keeps nothing, checks nothing and must not leave loopback.
//
//   gcc -O2 -o limit limit.c && ./limit --port 9000 --model message.bin [--separate]

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  BACKLOG = 8192,
  CONNECTIONS_MAX = 1 << 17,
  EVENTS = 512,
  MARK_BYTES = 24,
  READ_BYTES = 1 << 16,
  ROOMS_MAX = 1 << 16,
  UNSENT_MAX = 4 << 20,
};

struct connection {
  int fd;
  struct room *room;  // the one that it subscribed to
  bool is_upgraded;
  int held_bytes, unsent_bytes, unsent_room;
  char *held, *unsent;
};

struct room {
  int member_count, member_room;
  struct connection **members;
  bool is_dirty;
  int pending_bytes, pending_room;
  char *pending;
};

static struct connection *connections[CONNECTIONS_MAX];  // by file descriptor
static struct room rooms[ROOMS_MAX];
static int dirty[ROOMS_MAX], dirty_count;
static char *model;
static int model_bytes, mark_at, epoll_fd;
static bool is_separate;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void watch(struct connection *c, bool to_write) {
  struct epoll_event event = {.events = EPOLLIN | (to_write ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event);
}

static void leave_room(struct connection *c) {
  struct room *room = c->room;
  for (int i = 0; room != NULL && i < room->member_count; i++)
    if (room->members[i] == c) room->members[i--] = room->members[--room->member_count];
}

static void close_connection(struct connection *c) {
  leave_room(c);
  connections[c->fd] = NULL;
  close(c->fd);
  free(c->held);
  free(c->unsent);
  free(c);
}

/** Writes what the socket takes and keeps the rest; who lets too much wait gets no more. */
static void write_bytes(struct connection *c, const char *bytes, int count) {
  if (c->unsent_bytes == 0) {
    ssize_t taken = send(c->fd, bytes, count, MSG_NOSIGNAL);
    if (taken == count || (taken < 0 && errno != EAGAIN)) return;
    if (taken > 0) {
      bytes += taken;
      count -= taken;
    }
    watch(c, true);
  }
  if (c->unsent_bytes + count > UNSENT_MAX) {
    shutdown(c->fd, SHUT_RDWR);
    return;
  }
  if (c->unsent_bytes + count > c->unsent_room) {
    c->unsent_room = (c->unsent_bytes + count) * 2;
    c->unsent = realloc(c->unsent, c->unsent_room);
  }
  memcpy(c->unsent + c->unsent_bytes, bytes, count);
  c->unsent_bytes += count;
}

static void write_unsent(struct connection *c) {
  ssize_t taken = send(c->fd, c->unsent, c->unsent_bytes, MSG_NOSIGNAL);
  if (taken <= 0) return;
  memmove(c->unsent, c->unsent + taken, c->unsent_bytes - taken);
  c->unsent_bytes -= taken;
  if (c->unsent_bytes == 0) watch(c, false);
}

/** A text frame of less than 126 bytes, the NUL of its STOMP frame among them. */
static void reply(struct connection *c, const char *frame) {
  char bytes[128] = {(char)0x81};
  int count = (int)strlen(frame) + 1;
  bytes[1] = (char)count;
  memcpy(bytes + 2, frame, count);
  write_bytes(c, bytes, count + 2);
}

static void subscribe(struct connection *c, const char *frame, int count) {
  const char *end = memmem(frame, count, "\n\n", 2);
  const char *name = memmem(frame, count, "\ndestination:", 13);
  if (name == NULL || end == NULL || c->room != NULL) return;
  const char *line_end = memchr(name + 1, '\n', end - name);
  const char *slash = memrchr(name, '/', line_end - name);
  int number = slash == NULL ? 0 : atoi(slash + 1);
  if (number < 0 || number >= ROOMS_MAX) return;
  struct room *room = &rooms[number];
  if (room->member_count == room->member_room) {
    room->member_room = room->member_room == 0 ? 16 : room->member_room * 2;
    room->members = realloc(room->members, room->member_room * sizeof *room->members);
  }
  room->members[room->member_count++] = c;
  c->room = room;
  if (memmem(frame, count, "\nreceipt:joined\n", 16) != NULL)
    reply(c, "RECEIPT\nreceipt-id:joined\n\n");
}

static void take_message(const char *frame, int count) {
  const char *mark = memmem(frame, count, "^~", 2);
  const char *id = memmem(frame, count, "\"roomId\":\"", 10);
  if (mark == NULL || id == NULL || frame + count - mark < MARK_BYTES) return;
  int number = atoi(id + 10);
  if (number < 0 || number >= ROOMS_MAX) return;
  struct room *room = &rooms[number];
  memcpy(model + mark_at, mark, MARK_BYTES);
  if (is_separate) {
    for (int i = 0; i < room->member_count; i++) write_bytes(room->members[i], model, model_bytes);
    return;
  }
  if (room->pending_bytes + model_bytes > room->pending_room) {
    room->pending_room = (room->pending_bytes + model_bytes) * 2;
    room->pending = realloc(room->pending, room->pending_room);
  }
  memcpy(room->pending + room->pending_bytes, model, model_bytes);
  room->pending_bytes += model_bytes;
  if (room->is_dirty) return;
  room->is_dirty = true;
  dirty[dirty_count++] = number;
}

static void take_frame(struct connection *c, const char *frame, int count) {
  if (count > 4 && memcmp(frame, "SEND", 4) == 0) take_message(frame, count);
  else if (count > 9 && memcmp(frame, "SUBSCRIBE", 9) == 0) subscribe(c, frame, count);
  else if (count > 7 && memcmp(frame, "CONNECT", 7) == 0)
    reply(c, "CONNECTED\nversion:1.2\nheart-beat:0,0\n\n");
}

/** Once for each turn of the loop: a room's messages are one buffer, each member one write. */
static void fan_out(void) {
  for (int i = 0; i < dirty_count; i++) {
    struct room *room = &rooms[dirty[i]];
    for (int at = 0; at < room->member_count; at++)
      write_bytes(room->members[at], room->pending, room->pending_bytes);
    room->pending_bytes = 0;
    room->is_dirty = false;
  }
  dirty_count = 0;
}

static int upgrade(struct connection *c, const char *bytes, int count) {
  // The answer to the one key that the load generator sends.
  static const char answer[] =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
      "Sec-WebSocket-Protocol: v12.stomp\r\n\r\n";
  const char *end = memmem(bytes, count, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  c->is_upgraded = true;
  write_bytes(c, answer, sizeof answer - 1);
  return (int)(end + 4 - bytes);
}

/** Takes what is whole; gives how many bytes that were. */
static int take_input(struct connection *c, char *bytes, int count) {
  int at = c->is_upgraded ? 0 : upgrade(c, bytes, count);
  while (c->is_upgraded && count - at >= 6) {
    unsigned char *frame = (unsigned char *)bytes + at;
    uint64_t length = frame[1] & 127;
    int header = 6;
    if (length == 126) {
      length = (uint64_t)frame[2] << 8 | frame[3];
      header = 8;
    } else if (length == 127) {
      break;
    }
    if ((uint64_t)(count - at) < header + length) break;
    const unsigned char *mask = frame + header - 4;
    char *text = bytes + at + header;
    if (mask[0] | mask[1] | mask[2] | mask[3])
      for (uint64_t i = 0; i < length; i++) text[i] ^= mask[i & 3];
    if ((frame[0] & 15) == 1) take_frame(c, text, (int)length);
    at += header + (int)length;
  }
  return at;
}

/** False when it is gone. */
static bool read_from(struct connection *c) {
  static char bytes[2 * READ_BYTES];
  memcpy(bytes, c->held, c->held_bytes);
  ssize_t count = recv(c->fd, bytes + c->held_bytes, READ_BYTES, 0);
  if (count < 0 && errno == EAGAIN) return true;
  if (count <= 0) return false;
  int held = c->held_bytes + (int)count;
  int taken = take_input(c, bytes, held);
  c->held_bytes = held - taken;
  if (c->held_bytes > READ_BYTES) return false;
  if (c->held_bytes == 0) return true;
  c->held = realloc(c->held, c->held_bytes);
  memcpy(c->held, bytes + taken, c->held_bytes);
  return true;
}

static void accept_all(int listener) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    if (fd >= CONNECTIONS_MAX) {
      close(fd);
      continue;
    }
    int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *c = calloc(1, sizeof *c);
    c->fd = fd;
    connections[fd] = c;
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
  }
}

static int listen_on(int port) {
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (void *)&address, sizeof address) != 0) fail("limit: bind");
  if (listen(fd, BACKLOG) != 0) fail("limit: listen");
  return fd;
}

static void read_model(const char *path) {
  FILE *file = fopen(path, "rb");
  if (file == NULL) fail(path);
  model = malloc(READ_BYTES);
  model_bytes = (int)fread(model, 1, READ_BYTES, file);
  fclose(file);
  char *mark = memmem(model, model_bytes, "^~", 2);
  if (mark == NULL || model + model_bytes - mark < MARK_BYTES) {
    fprintf(stderr, "limit: %s has no mark\n", path);
    exit(1);
  }
  mark_at = (int)(mark - model);
}

int main(int count, char **values) {
  int port = 0;
  for (int i = 1; i < count; i++) {
    if (strcmp(values[i], "--separate") == 0) is_separate = true;
    else if (i + 1 < count && strcmp(values[i], "--port") == 0) port = atoi(values[++i]);
    else if (i + 1 < count && strcmp(values[i], "--model") == 0) read_model(values[++i]);
  }
  if (port == 0 || model == NULL) {
    fputs("limit --port P --model FILE [--separate]\n", stderr);
    return 2;
  }
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  epoll_fd = epoll_create1(0);
  int listener = listen_on(port);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(epoll_fd, events, EVENTS, -1);
    for (int i = 0; i < ready; i++) {
      struct connection *c = events[i].data.ptr;
      if (c == NULL) {
        accept_all(listener);
        continue;
      }
      if (events[i].events & EPOLLOUT) write_unsent(c);
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR) && !read_from(c)) close_connection(c);
    }
    fan_out();
  }
}
