// How long a processor waits for memory that is in none of its own caches: it follows pointers from
// one place to the next, all over 16 MiB. Prints nanoseconds.
//
//   gcc -O2 -o memory memory.c && ./memory

#include <stdlib.h>

#include "usage.h"

enum { LINE_BYTES = 64, BYTES = 16 << 20, LINES = BYTES / LINE_BYTES, STEPS = 2000000 };

struct line {
  struct line *next;
  char rest[LINE_BYTES - sizeof(struct line *)];
};

/** One ring through all lines, in an order that no processor foresees. */
static struct line *shuffled_ring(void) {
  struct line *lines = aligned_alloc(LINE_BYTES, BYTES);
  int *order = malloc(LINES * sizeof *order);
  if (lines == NULL || order == NULL) exit(1);
  for (int i = 0; i < LINES; i++) order[i] = i;
  srand(1);
  for (int i = LINES - 1; i > 0; i--) {
    int other = rand() % (i + 1), kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
  for (int i = 0; i < LINES; i++) lines[order[i]].next = &lines[order[(i + 1) % LINES]];
  struct line *first = &lines[order[0]];
  free(order);
  return first;
}

static struct line *follow(struct line *line, int steps) {
  for (int i = 0; i < steps; i++) line = line->next;
  return line;
}

int main(void) {
  struct line *line = follow(shuffled_ring(), LINES);
  uint64_t start = now_ns();
  line = follow(line, STEPS);
  double ns = (double)(now_ns() - start) / STEPS;
  // Looked at, or the compiler would leave all of it out.
  return line == NULL || printf("%.0f\n", ns) < 0;
}
