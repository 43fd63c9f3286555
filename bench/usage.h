// What processes use: seconds of CPU with all their threads, and resident bytes.
#pragma once
#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { PIDS_MAX = 16 };

struct processes {
  int count;
  int pids[PIDS_MAX];
};

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

static double cpu_seconds(const struct processes *p) {
  double seconds = 0;
  for (int i = 0; i < p->count; i++) {
    clockid_t clock;
    struct timespec t;
    // To the nanosecond, where /proc/<pid>/stat counts ticks of 10 ms.
    if (clock_getcpuclockid(p->pids[i], &clock) == 0 && clock_gettime(clock, &t) == 0)
      seconds += t.tv_sec + t.tv_nsec / 1e9;
  }
  return seconds;
}

static double resident_bytes(const struct processes *p) {
  double bytes = 0;
  for (int i = 0; i < p->count; i++) {
    char path[64];
    long size, resident;
    snprintf(path, sizeof path, "/proc/%d/statm", p->pids[i]);
    FILE *file = fopen(path, "r");
    if (file == NULL) continue;
    if (fscanf(file, "%ld %ld", &size, &resident) == 2)
      bytes += (double)resident * sysconf(_SC_PAGESIZE);
    fclose(file);
  }
  return bytes;
}

/** What all cores did for whomever, in seconds; 0 where the system does not tell. */
static double machine_cpu_seconds(void) {
  long long user = 0, nice = 0, system = 0, idle = 0, waiting = 0, irq = 0, softirq = 0, stolen = 0;
  FILE *file = fopen("/proc/stat", "r");
  if (file == NULL) return 0;
  if (fscanf(file, "cpu %lld %lld %lld %lld %lld %lld %lld %lld", &user, &nice, &system, &idle,
             &waiting, &irq, &softirq, &stolen) != 8)
    user = 0;
  fclose(file);
  return (double)(user + nice + system + irq + softirq + stolen) / sysconf(_SC_CLK_TCK);
}

static double own_cpu_seconds(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_utime.tv_sec + usage.ru_utime.tv_usec / 1e6 + usage.ru_stime.tv_sec +
         usage.ru_stime.tv_usec / 1e6;
}

/** As many open files as this process may have; its hard limit too, where it is allowed to. */
static void raise_open_files(void) {
  struct rlimit wanted = {1048576, 1048576}, has;
  if (setrlimit(RLIMIT_NOFILE, &wanted) == 0) return;
  getrlimit(RLIMIT_NOFILE, &has);
  has.rlim_cur = has.rlim_max;
  setrlimit(RLIMIT_NOFILE, &has);
}
