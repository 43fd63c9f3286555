// Latencies in log-linear buckets, of 64 ns at the fine end, and no wider than 1.6 % of the latency.
#pragma once
#include <stdint.h>

enum { BUCKETS_PER_POWER = 128, POWERS = 58 };

struct histogram {
  uint64_t count;
  uint64_t max_ns;
  uint64_t buckets[BUCKETS_PER_POWER * POWERS];
};

static void histogram_add(struct histogram *h, uint64_t ns) {
  uint64_t unit = ns >> 6;
  int power = unit < BUCKETS_PER_POWER ? 0 : 57 - __builtin_clzll(unit);
  h->buckets[power * BUCKETS_PER_POWER + (unit >> power)]++;
  h->count++;
  if (ns > h->max_ns) h->max_ns = ns;
}

/** The latency in ms that this share of them does not exceed; 0 if there are none. */
static double histogram_ms(const struct histogram *h, double share) {
  if (h->count == 0) return 0;
  if (share >= 1) return h->max_ns / 1e6;
  uint64_t wanted = (uint64_t)(share * h->count), seen = 0;
  for (int i = 0; i < BUCKETS_PER_POWER * POWERS; i++) {
    seen += h->buckets[i];
    if (seen > wanted) {
      uint64_t unit = (uint64_t)(i % BUCKETS_PER_POWER) << (i / BUCKETS_PER_POWER);
      return unit * 64 / 1e6;
    }
  }
  return h->max_ns / 1e6;
}
