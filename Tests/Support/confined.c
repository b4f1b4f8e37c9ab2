/* Places where a program on Linux can keep a volume mounted, and a kernel that lacks two calls.
 *
 *   confined PLACE SOURCE TARGET DIR READY   mounts SOURCE on TARGET in that place, makes READY, and waits
 *   confined old COMMAND...                  runs COMMAND where listmount(2) and statmount(2) are not there */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATMOUNT = 457, LISTMOUNT = 458 };

static char **args; /* SOURCE TARGET DIR READY */

static void check(int failed, const char *what)
{
	if (failed)
		err(1, "%s", what);
}

static void mount_here(int namespaces)
{
	check(unshare(namespaces) != 0, "unshare");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0, "make private");
	check(mount(args[0], args[1], NULL, MS_BIND | MS_REC, NULL) != 0, args[1]);
}

static void ready_and_wait(int directory)
{
	int fd = openat(directory, "ready", O_WRONLY | O_CREAT, 0600);

	check(fd < 0, "ready");
	close(fd);
	for (;;)
		pause();
}

static void *thread_with_mount(void *directory)
{
	check(unshare(CLONE_FS) != 0, "unshare");
	mount_here(CLONE_NEWNS);
	ready_and_wait(*(int *)directory);
	return NULL;
}

static void *thread_that_survives(void *directory)
{
	char first[4096];

	while (readlink("/proc/self/cwd", first, sizeof first) >= 0)
		sched_yield();
	ready_and_wait(*(int *)directory);
	return NULL;
}

/* The first thread ends and stays as a zombie as long as the other one lives. */
static void outlive_first_thread(int directory)
{
	static int kept;
	pthread_t thread;

	kept = directory;
	check(pthread_create(&thread, NULL, thread_that_survives, &kept) != 0, "thread");
	pthread_exit(NULL);
}

/* The volume is open over there and nowhere else when the descriptor arrives. */
static void receive_descriptor(int directory)
{
	int pair[2], fd, status;
	char control[CMSG_SPACE(sizeof(int))] = {0}, byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
	pid_t child;

	check(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0, "socketpair");
	check((child = fork()) < 0, "fork");
	if (child == 0) {
		struct cmsghdr *header = CMSG_FIRSTHDR(&message);

		mount_here(CLONE_NEWNS);
		check((fd = open(args[1], O_RDONLY | O_DIRECTORY)) < 0, args[1]);
		header->cmsg_level = SOL_SOCKET;
		header->cmsg_type = SCM_RIGHTS;
		header->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(header), &fd, sizeof fd);
		check(sendmsg(pair[0], &message, 0) != 1, "sendmsg");
		_exit(0);
	}
	check(recvmsg(pair[1], &message, 0) != 1, "recvmsg");
	check(waitpid(child, &status, 0) != child || status != 0, "sender");
	ready_and_wait(directory);
}

static int run_without_new_calls(char **command)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, STATMOUNT, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, LISTMOUNT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof code / sizeof code[0], code};

	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0, "no_new_privs");
	check(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0, "seccomp");
	execv(command[0], command);
	err(127, "%s", command[0]);
}

int main(int argc, char **argv)
{
	const char *place = argc > 1 ? argv[1] : "";
	int directory;

	if (argc > 2 && strcmp(place, "old") == 0)
		return run_without_new_calls(argv + 2);
	if (argc != 6)
		errx(64, "usage: confined PLACE SOURCE TARGET DIR READY");
	args = argv + 2;
	check((directory = open(args[3], O_RDONLY | O_DIRECTORY)) < 0, args[3]);
	if (strcmp(place, "descriptor") == 0)
		receive_descriptor(directory);
	if (strcmp(place, "thread") == 0) {
		pthread_t thread;

		check(pthread_create(&thread, NULL, thread_with_mount, &directory) != 0, "thread");
		pthread_join(thread, NULL);
	}
	mount_here(strcmp(place, "user") == 0 ? CLONE_NEWUSER | CLONE_NEWNS : CLONE_NEWNS);
	if (strcmp(place, "chroot") == 0)
		check(chroot(args[2]) != 0 || chdir("/") != 0, args[2]);
	else if (strcmp(place, "survivor") == 0)
		outlive_first_thread(directory);
	else if (strcmp(place, "lazy") == 0 || strcmp(place, "lazy-survivor") == 0)
		check(chdir(args[1]) != 0 || umount2(args[1], MNT_DETACH) != 0, args[1]);
	else if (strcmp(place, "namespace") != 0 && strcmp(place, "user") != 0)
		errx(64, "%s: no such place", place);
	if (strcmp(place, "lazy-survivor") == 0)
		outlive_first_thread(directory);
	ready_and_wait(directory);
}
