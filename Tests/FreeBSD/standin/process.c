/* The process and the kernel's variables. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "standin.h"

/* <sys/sysctl.h>: CTL_KERN, KERN_PROC and what is below; kern.boot_id has a number of its own in each kernel. */
enum { KERN = 1, BOOTTIME = 21, PROC = 14, PROC_PID = 1, PROC_PROC = 8, PROC_PATHNAME = 12, PROC_FILEDESC = 33, SECURELEVEL = 9,
	BOOT_ID = 2000000000, JAILED };

EXPORT(int, getpid, void) { return LINUX(getpid); }
EXPORT(int, getppid, void) { return LINUX(getppid); }
EXPORT(uint32_t, geteuid, void) { return LINUX(geteuid); }
EXPORT(int, setegid, uint32_t gid) { return fb_result(LINUX(setresgid, -1, gid, -1)); }

EXPORT(int, kill, int pid, int number)
{
	return number != 0 ? fb_fail(FB_EINVAL) : fb_result(LINUX(kill, pid, 0));
}

EXPORT(void *, signal, int number, void *handler)
{
	static const struct { int freebsd, number; } map[] = { { FB_SIGSYS, SIGSYS }, { FB_SIGINFO, 29 }, { FB_SIGPIPE, SIGPIPE } };

	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (map[i].freebsd == number) {
			struct sigaction act = { .sa_handler = handler }, was;
			return sigaction(map[i].number, &act, &was) < 0 ? (void *)fb_result(-1) : (void *)was.sa_handler;
		}
	return (void *)fb_fail(FB_EINVAL);
}

struct fb_rlimit { int64_t cur, max; };

EXPORT(int, getrlimit, int resource, struct fb_rlimit *limit)
{
	return resource != 8 /* RLIMIT_NOFILE */ ? fb_fail(FB_EINVAL) : fb_result(LINUX(prlimit64, 0, RLIMIT_NOFILE, NULL, limit));
}

EXPORT(int, setrlimit, int resource, const struct fb_rlimit *limit)
{
	return resource != 8 ? fb_fail(FB_EINVAL) : fb_result(LINUX(prlimit64, 0, RLIMIT_NOFILE, limit, NULL));
}

EXPORT(int, sysctlnametomib, const char *name, int *mib, size_t *length)
{
	static const struct { const char *name; int n, mib[3]; } map[] = {
		{ "kern.boottime", 2, { KERN, BOOTTIME } }, { "kern.boot_id", 2, { KERN, BOOT_ID } }, { "kern.proc.pid", 3, { KERN, PROC, PROC_PID } },
		{ "kern.securelevel", 2, { KERN, SECURELEVEL } }, { "security.jail.jailed", 2, { KERN, JAILED } },
		{ "kern.proc.proc", 3, { KERN, PROC, PROC_PROC } },
		{ "kern.proc.pathname", 3, { KERN, PROC, PROC_PATHNAME } }, { "kern.proc.filedesc", 3, { KERN, PROC, PROC_FILEDESC } },
	};

	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (strcmp(map[i].name, name) == 0 && !(map[i].mib[1] == BOOT_ID && getenv("STANDIN_BEFORE_13") != NULL)) {
			if (*length < (size_t)map[i].n)
				return fb_fail(FB_ENOMEM);
			memcpy(mib, map[i].mib, map[i].n * sizeof *mib);
			*length = map[i].n;
			return 0;
		}
	return fb_fail(FB_ENOENT);
}

struct answer { char *bytes; size_t n, room; };

static char *
more(struct answer *a, size_t size)
{
	char *at;

	while (a->n + size > a->room)
		a->bytes = realloc(a->bytes, a->room = a->room * 2 + 65536);
	at = a->bytes + a->n;
	memset(at, 0, size);
	a->n += size;
	return at;
}

/* struct kinfo_file, <sys/user.h>: kf_structsize@0 kf_fd@8 kf_path@368, cut behind the path and rounded. */
static void
descriptor(struct answer *a, int number, const char *link, int forgets)
{
	struct statx s;
	char path[FB_PATH_MAX], *record;
	long n = LINUX(readlinkat, AT_FDCWD, link, path, sizeof path - 1);
	int size;

	if (n < 0)
		return;
	/* a pipe or socket has none, and cache_purge of sys/kern/vfs_cache.c leaves a file without one, but no directory */
	path[path[0] == '/' && !(forgets && fb_statx(AT_FDCWD, link, 0, &s) == 0 && !S_ISDIR(s.stx_mode)) ? n : 0] = '\0';
	size = (368 + strlen(path) + 1 + 7) & ~7;
	record = more(a, size);
	memcpy(record, &size, 4);
	memcpy(record + 8, &number, 4);
	strcpy(record + 368, path);
}

static int
descriptors(struct answer *a, int pid, int forgets)
{
	char path[320];
	DIR *d;
	struct dirent *e;

	snprintf(path, sizeof path, "/proc/%d/fd", pid);
	if ((d = opendir(path)) == NULL)
		return fb_fail(FB_ESRCH);
	static const char *const special[] = { "exe", "root", "cwd" };
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "/proc/%d/%s", pid, special[i]);
		descriptor(a, i == 0 ? -5 : -3 + i, path, 0); /* KF_FD_TYPE_TEXT, _ROOT, _CWD */
	}
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.') {
			snprintf(path, sizeof path, "/proc/%d/fd/%s", pid, e->d_name);
			descriptor(a, atoi(e->d_name), path, forgets);
		}
	closedir(d);
	return 0;
}

/*
 * struct kinfo_proc, <sys/user.h>: ki_structsize@0 ki_pid@72 ki_start@336 (struct timeval) ki_stat@388 (SRUN 2, SZOMB 5).
 * The start is counted from the boot, which tells processes apart as well.
 */
static int
process(struct answer *a, int pid)
{
	char path[64], text[1024] = "", *rest;
	long long start;
	int fd, whole = 1088;
	char state, *record;

	snprintf(path, sizeof path, "/proc/%d/stat", pid);
	if ((fd = LINUX(openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0)) < 0)
		return fb_fail(FB_ESRCH);
	LINUX(read, fd, text, sizeof text - 1);
	LINUX(close, fd);
	if ((rest = strrchr(text, ')')) == NULL
	    || sscanf(rest, ") %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %lld", &state, &start) != 2)
		return fb_fail(FB_ESRCH);
	record = more(a, whole);
	memcpy(record, &whole, 4);
	memcpy(record + 72, &pid, 4);
	*(int64_t *)(record + 336) = start / 100;
	*(int64_t *)(record + 344) = start % 100 * 10000;
	record[388] = state == 'Z' ? 5 : 2;
	return 0;
}

EXPORT(int, sysctl, const int *mib, unsigned n, void *old, size_t *length, const void *new, size_t size)
{
	struct answer a = { NULL, 0, 0 };
	char path[64];
	int result = -1;

	(void)size;
	if (new != NULL)
		return fb_fail(FB_EPERM);
	if (n == 2 && mib[1] == BOOTTIME) {
		struct timespec up, now;

		clock_gettime(CLOCK_BOOTTIME, &up);
		clock_gettime(CLOCK_REALTIME, &now);
		*(int64_t *)more(&a, 16) = now.tv_sec - up.tv_sec;
		result = 0;
	} else if (n == 2 && mib[1] == BOOT_ID) {
		int fd = LINUX(openat, AT_FDCWD, "/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC, 0);
		char text[64] = "";

		LINUX(read, fd, text, sizeof text - 1);
		LINUX(close, fd);
		memcpy(more(&a, 16), text, 16);
		result = 0;
	} else if (n == 2 && (mib[1] == SECURELEVEL || mib[1] == JAILED)) {
		const char *number = getenv(mib[1] == JAILED ? "STANDIN_JAILED" : "STANDIN_SECURELEVEL");

		*(int *)more(&a, sizeof(int)) = number != NULL ? atoi(number) : mib[1] == JAILED ? 0 : -1;
		result = 0;
	} else if (n == 4 && mib[2] == PROC_FILEDESC)
		result = descriptors(&a, mib[3], old != NULL && fb_once_more("STANDIN_FORGETS"));
	else if (n == 4 && mib[2] == PROC_PID)
		result = process(&a, mib[3]);
	else if (n == 4 && mib[2] == PROC_PATHNAME) {
		char program[FB_PATH_MAX];
		long got;

		snprintf(path, sizeof path, "/proc/%d/exe", mib[3]);
		got = LINUX(readlinkat, AT_FDCWD, path, program, sizeof program - 1);
		if (got < 0)
			return fb_fail(FB_ESRCH);
		memcpy(more(&a, got + 1), program, got);
		result = 0;
	} else if (n == 3 && mib[2] == PROC_PROC) {
		DIR *d = opendir("/proc");
		struct dirent *e;

		while (d != NULL && (e = readdir(d)) != NULL)
			if (atoi(e->d_name) > 0)
				process(&a, atoi(e->d_name));
		if (d != NULL)
			closedir(d);
		result = 0;
	} else
		return fb_fail(FB_ENOENT);
	if (result == 0 && old != NULL) {
		if (*length < a.n)
			result = fb_fail(FB_ENOMEM);
		else
			memcpy(old, a.bytes, a.n);
	}
	if (result == 0)
		*length = a.n;
	free(a.bytes);
	return result;
}
