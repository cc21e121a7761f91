/* Loaded before libc: counts the calls that touch files below given folders, and at the Nth of them fails, signals, or
 * notes what was written. What to do stands in a file that all processes map; see shim.py, which has the same struct. */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, READ = 2, WRITE = 4, FSYNC = 8, RENAME = 16, UNLINK = 32, MKDIR = 64, TRUNCATE = 128, STAT = 256,
       LIST = 512, KINDS = 10 };
enum { NOTHING, FAIL, SHORT, SIGNAL };
enum { SELF, MAIN, GROUP, OTHERS };

struct state {
  char prefix[2][1024];
  char log[1024];
  int64_t nth, count, hits, each[KINDS];
  int32_t kinds, action, error, persistent, signal, target, main, logging;
};

struct record {
  int32_t kind, flags, path, other;
  int64_t offset, size;
};

static struct state *state;
static __thread int inside, creating;

#define REAL(type, name, ...)                  \
  static type (*real)(__VA_ARGS__);            \
  if (!real) real = dlsym(RTLD_NEXT, name)

void shim_attach(const char *path) {
  int fd = open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void *found = mmap(NULL, sizeof(struct state), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  close(fd);
  state = found == MAP_FAILED ? NULL : found;
}

__attribute__((constructor)) static void begin(void) {
  const char *path = getenv("M3IT_FAULT_SHIM");
  if (path) shim_attach(path);
}

static int below(const char *path) {
  for (int i = 0; i < 2; i++) {
    size_t n = strlen(state->prefix[i]);
    if (n && !strncmp(path, state->prefix[i], n) && (path[n] == '/' || !path[n])) return 1;
  }
  return 0;
}

static int by_number(int fd, char *path) {
  char link[64];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, PATH_MAX - 1);
  if (n < 0) return 0;
  path[n] = 0;
  return path[0] == '/';
}

static int by_name(int folder, const char *name, char *path) {
  if (name[0] == '/') {
    snprintf(path, PATH_MAX, "%s", name);
    return 1;
  }
  char at[PATH_MAX];
  if (folder == AT_FDCWD ? !getcwd(at, sizeof at) : !by_number(folder, at)) return 0;
  snprintf(path, PATH_MAX, "%.2000s/%.2000s", at, name);
  return 1;
}

/* 0: go on; -1: fail with errno; 1: do half of it. */
static int decide(int kind, const char *path) {
  if (!below(path)) return 0;
  __atomic_add_fetch(&state->each[__builtin_ctz(kind)], 1, __ATOMIC_SEQ_CST);
  if (!(state->kinds & kind)) return 0;
  int64_t number = __atomic_add_fetch(&state->count, 1, __ATOMIC_SEQ_CST);
  if (number != state->nth && !(state->persistent && number > state->nth)) return 0;
  if (state->action == NOTHING || (state->target == OTHERS && getpid() == state->main)) return 0;
  __atomic_add_fetch(&state->hits, 1, __ATOMIC_SEQ_CST);
  if (state->action == SHORT) return 1;
  if (state->action == SIGNAL) {
    if (state->target == SELF || state->target == OTHERS) kill(getpid(), state->signal);
    if (state->target == MAIN) kill(state->main, state->signal);
    if (state->target == GROUP) kill(-getpgrp(), state->signal);
    return 0;
  }
  int fits = state->error == EMFILE   ? kind == OPEN || kind == LIST
             : state->error == ENOSPC ? !(kind & (READ | STAT | LIST)) && (kind != OPEN || creating)
             : state->error == EACCES ? !(kind & (READ | WRITE | FSYNC | TRUNCATE))
                                      : 1;
  errno = fits ? state->error : EIO; /* what no system answers to this call */
  return -1;
}

static void note(int kind, int flags, const char *path, const char *other, int64_t offset, const void *data, int64_t size) {
  if (!state->logging || !(below(path) || (other && below(other)))) return;
  static int fd = -1, owner;
  if (fd < 0 || owner != getpid()) {
    fd = open(state->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    owner = getpid();
  }
  struct record head = {kind, flags, strlen(path), other ? strlen(other) : 0, offset, data ? size : 0};
  struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)(other ? other : ""), head.other},
                          {(void *)data, head.size}};
  if (writev(fd, parts, 4) < 0) abort();
}

#define ENTER (state && !inside)
#define KEEP(expression)   \
  do {                     \
    int kept = errno;      \
    inside = 1;            \
    expression;            \
    inside = 0;            \
    errno = kept;          \
  } while (0)

static int asked(int kind, const char *path) {
  inside = 1;
  int found = decide(kind, path);
  inside = 0;
  return found;
}

static int open_by(int (*real)(int, const char *, int, mode_t), int folder, const char *name, int flags, mode_t mode) {
  char path[PATH_MAX];
  int known = ENTER && by_name(folder, name, path);
  creating = flags & O_CREAT;
  if (known && asked(OPEN, path) < 0) return -1;
  int fd = real(folder, name, flags, mode);
  if (known && fd >= 0 && flags & (O_CREAT | O_TRUNC) && (flags & O_TMPFILE) != O_TMPFILE)
    KEEP(note(OPEN, flags & O_TRUNC ? 1 : 0, path, NULL, 0, NULL, 0));
  return fd;
}

static int real_openat(int folder, const char *name, int flags, mode_t mode) {
  REAL(int, "openat64", int, const char *, int, ...);
  return real(folder, name, flags, mode);
}

#define MODE                                  \
  mode_t mode = 0;                            \
  if (flags & (O_CREAT | __O_TMPFILE)) {      \
    va_list rest;                             \
    va_start(rest, flags);                    \
    mode = va_arg(rest, mode_t);              \
    va_end(rest);                             \
  }

int open(const char *name, int flags, ...) { MODE return open_by(real_openat, AT_FDCWD, name, flags, mode); }
int open64(const char *name, int flags, ...) { MODE return open_by(real_openat, AT_FDCWD, name, flags | O_LARGEFILE, mode); }
int openat(int at, const char *name, int flags, ...) { MODE return open_by(real_openat, at, name, flags, mode); }
int openat64(int at, const char *name, int flags, ...) { MODE return open_by(real_openat, at, name, flags | O_LARGEFILE, mode); }

static FILE *stream_by(const char *real_name, const char *name, const char *mode) {
  FILE *(*real)(const char *, const char *) = dlsym(RTLD_NEXT, real_name);
  char path[PATH_MAX];
  int known = ENTER && by_name(AT_FDCWD, name, path);
  creating = mode[0] == 'w';
  if (known && asked(OPEN, path) < 0) return NULL;
  FILE *file = real(name, mode);
  if (known && file && mode[0] != 'r') KEEP(note(OPEN, mode[0] == 'w', path, NULL, 0, NULL, 0));
  return file;
}

FILE *fopen(const char *name, const char *mode) { return stream_by("fopen", name, mode); }
FILE *fopen64(const char *name, const char *mode) { return stream_by("fopen64", name, mode); }

/* Whether a call on an open file fails, and the size that it has. */
static int sized(int kind, int fd, char *path, size_t *size) {
  if (!ENTER || !by_number(fd, path)) {
    path[0] = 0;
    return 0;
  }
  int found = asked(kind, path);
  if (found > 0 && *size > 1) *size /= 2;
  return found < 0;
}

ssize_t read(int fd, void *data, size_t size) {
  REAL(ssize_t, "read", int, void *, size_t);
  char path[PATH_MAX];
  return sized(READ, fd, path, &size) ? -1 : real(fd, data, size);
}

static ssize_t pread_by(const char *name, int fd, void *data, size_t size, off64_t offset) {
  ssize_t (*real)(int, void *, size_t, off64_t) = dlsym(RTLD_NEXT, name);
  char path[PATH_MAX];
  return sized(READ, fd, path, &size) ? -1 : real(fd, data, size, offset);
}

ssize_t pread(int fd, void *data, size_t size, off_t offset) { return pread_by("pread", fd, data, size, offset); }
ssize_t pread64(int fd, void *data, size_t size, off64_t offset) { return pread_by("pread64", fd, data, size, offset); }

ssize_t write(int fd, const void *data, size_t size) {
  REAL(ssize_t, "write", int, const void *, size_t);
  char path[PATH_MAX];
  if (sized(WRITE, fd, path, &size)) return -1;
  off64_t before = path[0] && state->logging ? lseek64(fd, 0, SEEK_CUR) : 0;
  ssize_t done = real(fd, data, size);
  if (path[0] && done > 0) {
    if (fcntl(fd, F_GETFL) & O_APPEND) before = lseek64(fd, 0, SEEK_CUR) - done;
    KEEP(note(WRITE, 0, path, NULL, before, data, done));
  }
  return done;
}

static ssize_t pwrite_by(const char *name, int fd, const void *data, size_t size, off64_t offset) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, name);
  char path[PATH_MAX];
  if (sized(WRITE, fd, path, &size)) return -1;
  ssize_t done = real(fd, data, size, offset);
  if (path[0] && done > 0) KEEP(note(WRITE, 0, path, NULL, offset, data, done));
  return done;
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return pwrite_by("pwrite", fd, data, size, offset); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) { return pwrite_by("pwrite64", fd, data, size, offset); }

static int sync_by(const char *name, int fd) {
  int (*real)(int) = dlsym(RTLD_NEXT, name);
  char path[PATH_MAX];
  size_t none = 0;
  if (sized(FSYNC, fd, path, &none)) return -1;
  int done = real(fd);
  if (path[0] && !done) KEEP(note(FSYNC, 0, path, NULL, 0, NULL, 0));
  return done;
}

int fsync(int fd) { return sync_by("fsync", fd); }
int fdatasync(int fd) { return sync_by("fdatasync", fd); }

static int truncate_by(const char *name, int fd, off64_t size) {
  int (*real)(int, off64_t) = dlsym(RTLD_NEXT, name);
  char path[PATH_MAX];
  size_t none = 0;
  if (sized(TRUNCATE, fd, path, &none)) return -1;
  int done = real(fd, size);
  if (path[0] && !done) KEEP(note(TRUNCATE, 0, path, NULL, size, NULL, 0));
  return done;
}

int ftruncate(int fd, off_t size) { return truncate_by("ftruncate", fd, size); }
int ftruncate64(int fd, off64_t size) { return truncate_by("ftruncate64", fd, size); }

int renameat(int from_at, const char *from, int to_at, const char *to) {
  REAL(int, "renameat", int, const char *, int, const char *);
  char path[PATH_MAX], other[PATH_MAX];
  int known = ENTER && by_name(from_at, from, path) && by_name(to_at, to, other);
  if (known && asked(RENAME, other) < 0) return -1;
  int done = real(from_at, from, to_at, to);
  if (known && !done) KEEP(note(RENAME, 0, path, other, 0, NULL, 0));
  return done;
}

int rename(const char *from, const char *to) { return renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlinkat(int at, const char *name, int flags) {
  REAL(int, "unlinkat", int, const char *, int);
  char path[PATH_MAX];
  int known = ENTER && by_name(at, name, path);
  if (known && asked(UNLINK, path) < 0) return -1;
  int done = real(at, name, flags);
  if (known && !done) KEEP(note(UNLINK, 0, path, NULL, 0, NULL, 0));
  return done;
}

int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int mkdirat(int at, const char *name, mode_t mode) {
  REAL(int, "mkdirat", int, const char *, mode_t);
  char path[PATH_MAX];
  int known = ENTER && by_name(at, name, path);
  if (known && asked(MKDIR, path) < 0) return -1;
  int done = real(at, name, mode);
  if (known && !done) KEEP(note(MKDIR, 0, path, NULL, 0, NULL, 0));
  return done;
}

int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

/* What files are, and what folders hold: the headers declare these calls in several ways, so they are named here. */

static int hidden(int kind, int at, const char *name) {
  char path[PATH_MAX];
  return ENTER && name && by_name(at, name, path) && asked(kind, path) < 0;
}

static int hidden_file(int kind, int fd) {
  char path[PATH_MAX];
  return ENTER && by_number(fd, path) && asked(kind, path) < 0;
}

#define LOOK(symbol, takes, gives, failing)              \
  int shim_##symbol takes __asm__(#symbol);              \
  int shim_##symbol takes {                              \
    static int (*real) takes;                            \
    if (!real) real = dlsym(RTLD_NEXT, #symbol);         \
    if (failing) return -1;                              \
    return real gives;                                   \
  }
#define NAMED(symbol) LOOK(symbol, (const char *name, void *found), (name, found), hidden(STAT, AT_FDCWD, name))
#define NUMBERED(symbol) LOOK(symbol, (int fd, void *found), (fd, found), hidden_file(STAT, fd))
#define AT(symbol) \
  LOOK(symbol, (int at, const char *name, void *found, int flags), (at, name, found, flags), hidden(STAT, at, name))
#define OLD_NAMED(symbol) \
  LOOK(symbol, (int version, const char *name, void *found), (version, name, found), hidden(STAT, AT_FDCWD, name))
#define OLD_NUMBERED(symbol) \
  LOOK(symbol, (int version, int fd, void *found), (version, fd, found), hidden_file(STAT, fd))

NAMED(stat) NAMED(stat64) NAMED(lstat) NAMED(lstat64)
NUMBERED(fstat) NUMBERED(fstat64)
AT(fstatat) AT(fstatat64)
OLD_NAMED(__xstat) OLD_NAMED(__xstat64) OLD_NAMED(__lxstat) OLD_NAMED(__lxstat64)
OLD_NUMBERED(__fxstat) OLD_NUMBERED(__fxstat64)
LOOK(statx, (int at, const char *name, int flags, unsigned mask, void *found), (at, name, flags, mask, found),
     hidden(STAT, at, name))
LOOK(access, (const char *name, int mode), (name, mode), hidden(STAT, AT_FDCWD, name))
LOOK(faccessat, (int at, const char *name, int mode, int flags), (at, name, mode, flags), hidden(STAT, at, name))

DIR *opendir(const char *name) {
  REAL(DIR *, "opendir", const char *);
  return hidden(LIST, AT_FDCWD, name) ? NULL : real(name);
}

DIR *fdopendir(int fd) {
  REAL(DIR *, "fdopendir", int);
  return hidden_file(LIST, fd) ? NULL : real(fd);
}

/* The first entry stands for all: they come from the disk together. */
static int unlisted(DIR *folder) {
  if (telldir(folder) || !hidden_file(LIST, dirfd(folder))) return 0;
  if (errno != ENOMEM && errno != ESTALE) errno = EIO;
  return 1;
}

struct dirent *readdir(DIR *folder) {
  REAL(struct dirent *, "readdir", DIR *);
  return unlisted(folder) ? NULL : real(folder);
}

struct dirent64 *readdir64(DIR *folder) {
  REAL(struct dirent64 *, "readdir64", DIR *);
  return unlisted(folder) ? NULL : real(folder);
}
