/*
 * Swaps names as quickly as it can, as somebody does who is root in a jail.
 *
 *   swaps COUNTER BASE OP...
 *
 * BASE becomes the root directory of the process that swaps, so that no link leads it out. OP is one of
 *   x:A:B  exchanges A and B in one step; one of them may be a link that leads out
 *   m:A:B  moves A to B and back again
 * COUNTER is a file of 8 bytes that holds the number of swaps. When BASE is gone, the new one of that path is taken. SIGTERM ends it: every A and
 * B is then where it was at the start.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* So many swaps in a row that cannot be made: BASE is another directory now, or none. */
#define GONE 2000

struct pair {
	char kind, *from, *to;
	int exchanged;
};

static _Atomic unsigned long *count;
static _Atomic int *stopped; /* shared with the child */

static void stop(int signal)
{
	(void)signal;
	*stopped = 1;
}

static int move(const char *from, const char *to, unsigned flags)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, flags) != 0)
		return 0;
	atomic_fetch_add_explicit(count, 1, memory_order_relaxed);
	return 1;
}

static int swap(struct pair *pair)
{
	if (pair->kind == 'x') {
		if (!move(pair->from, pair->to, RENAME_EXCHANGE))
			return 0;
		pair->exchanged = !pair->exchanged;
		return 1;
	}
	if (!move(pair->from, pair->to, RENAME_NOREPLACE))
		return 0;
	/* Its parent may be swapped away just now: it comes back in a moment, or BASE is being deleted. */
	for (int i = 0; i < GONE; i++)
		if (move(pair->to, pair->from, RENAME_NOREPLACE))
			break;
	return 1;
}

static void run(const char *base, struct pair *pairs, int number)
{
	int failed = 0;

	if (chroot(base) != 0 || chdir("/") != 0) {
		usleep(500);
		return;
	}
	while (!*stopped && failed < GONE)
		for (int i = 0; i < number; i++)
			failed = swap(&pairs[i]) ? 0 : failed + 1;
	/* A pair that lies below another one comes after it. */
	for (int i = 0; i < number; i++)
		if (pairs[i].exchanged && !swap(&pairs[i]) && errno != ENOENT)
			warn("%s", pairs[i].from);
}

int main(int argc, char **argv)
{
	struct sigaction action = {.sa_handler = stop};
	struct pair pairs[16] = {0};
	int fd, number = 0;
	pid_t child;

	if (argc < 4 || argc - 3 > 16)
		errx(64, "usage: swaps COUNTER BASE OP...");
	for (int i = 3; i < argc; i++, number++) {
		pairs[number].kind = *strtok(argv[i], ":");
		pairs[number].from = strtok(NULL, ":");
		pairs[number].to = strtok(NULL, ":");
	}
	if ((stopped = mmap(NULL, sizeof *stopped, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)) == MAP_FAILED)
		err(71, "mmap");
	sigaction(SIGTERM, &action, NULL);
	if ((fd = open(argv[1], O_RDWR | O_CLOEXEC)) < 0 || (count = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)) == MAP_FAILED)
		err(71, "%s", argv[1]);
	while (!*stopped) {
		if ((child = fork()) == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			run(argv[2], pairs, number);
			_exit(0);
		}
		while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	return 0;
}
