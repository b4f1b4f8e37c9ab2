/*
 * The first process of the test machine: runs commands for the host over one virtio-serial port, many at once.
 *
 * Both ways go frames: a header {id, kind, length} of three little-endian 32-bit words, then the bytes. The host names
 * every command by an id of its own choice. When the host hangs up, the machine powers off.
 *
 *   host to guest   START   directory NUL count-of-environment NUL environment... arguments..., each ended by NUL
 *                   INPUT   bytes for the command's standard input; no bytes: end of input
 *                   SIGNAL  {number, 1 for the whole process group}
 *                   WAKE    {seconds, nanoseconds: the time, as 64-bit words}, random bytes: a machine that goes on from a
 *                           saved state has neither
 *   guest to host   READY   (id 0) once, at the start
 *                   OUTPUT  ERROR   what the command writes
 *                   EXIT    {status as a shell tells it: 128 + the signal for a killed one}
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/random.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum kind { START = 1, INPUT, SIGNAL, READY, OUTPUT, ERROR, EXIT, WAKE };

enum { CHUNK = 65536, LIMIT = 1 << 28 };

struct header {
	uint32_t id, kind, length;
};

struct command {
	struct command *next;
	uint32_t id;
	pid_t pid;
	int in, out, err;
	int ended, closing, status;
	char *pending;		/* what the command has not read yet */
	size_t length, sent;
};

static struct command *commands;
static int port;

static void
die(const char *what)
{
	dprintf(2, "agent: %s: %s\n", what, strerror(errno));
	sync();
	reboot(RB_AUTOBOOT);
	_exit(1);
}

/* One write per frame where possible: every write to the port is an exit from the guest. */
static void
put(uint32_t id, uint32_t kind, const void *data, uint32_t length)
{
	static char frame[sizeof(struct header) + CHUNK];
	struct header h = { id, kind, length };
	size_t total = sizeof h + length, done = 0;

	memcpy(frame, &h, sizeof h);
	if (length)
		memcpy(frame + sizeof h, data, length);
	while (done < total) {
		ssize_t n = write(port, frame + done, total - done);
		if (n > 0)
			done += n;
		else if (n == 0 || errno != EINTR)
			die("write to the host");
	}
}

static void
get(void *data, size_t length)
{
	for (size_t done = 0; done < length;) {
		ssize_t n = read(port, (char *)data + done, length - done);
		if (n > 0)
			done += n;
		else if (n == 0 || errno != EINTR)
			die("the host hung up");
	}
}

static void
fail(uint32_t id, const char *what)
{
	char text[512];
	uint32_t status = 127;
	int n = snprintf(text, sizeof text, "agent: %s: %s\n", what, strerror(errno));

	put(id, ERROR, text, n);
	put(id, EXIT, &status, sizeof status);
}

static void
start(uint32_t id, char *data, size_t length)
{
	char *words[4096], *directory = data, *end = data + length;
	int in[2], out[2], err[2], n = 0;
	size_t variables;

	data += strlen(data) + 1;
	variables = strtoul(data, NULL, 10);
	data += strlen(data) + 1;
	for (; data < end && n < 4094; data += strlen(data) + 1) {
		words[n++] = data;
		if (variables > 0 && --variables == 0)
			words[n++] = NULL;
	}
	words[n] = NULL;

	char **environment = words, **arguments = words;
	while (*arguments)
		arguments++;
	arguments++;
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC) || pipe2(err, O_CLOEXEC)) {
		fail(id, "pipe");
		return;
	}
	pid_t pid = fork();
	if (pid < 0) {
		fail(id, "fork");
		return;
	}
	if (pid == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		signal(SIGPIPE, SIG_DFL);
		setsid();
		dup2(in[0], 0);
		dup2(out[1], 1);
		dup2(err[1], 2);
		if (chdir(directory) == 0) {
			environ = environment;
			execvpe(arguments[0], arguments, environment);
		}
		dprintf(2, "agent: %s: %s\n", arguments[0], strerror(errno));
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	close(err[1]);
	fcntl(in[1], F_SETFL, O_NONBLOCK);
	fcntl(out[0], F_SETFL, O_NONBLOCK);
	fcntl(err[0], F_SETFL, O_NONBLOCK);

	struct command *c = calloc(1, sizeof *c);
	if (!c)
		die("calloc");
	c->id = id;
	c->pid = pid;
	c->in = in[1];
	c->out = out[0];
	c->err = err[0];
	c->next = commands;
	commands = c;
}

static void
done(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Hands on what a command has written; once the command has ended, all of it. */
static void
drain(struct command *c, int *fd, uint32_t kind)
{
	static char buffer[CHUNK];

	while (*fd >= 0) {
		ssize_t n = read(*fd, buffer, sizeof buffer);
		if (n > 0)
			put(c->id, kind, buffer, n);
		else if (n == 0 || (errno != EINTR && errno != EAGAIN))
			done(fd);
		if (n < 0 && errno == EAGAIN)
			break;
		if (!c->ended)
			break;
	}
}

static void
feed(struct command *c)
{
	while (c->in >= 0 && c->sent < c->length) {
		ssize_t n = write(c->in, c->pending + c->sent, c->length - c->sent);
		if (n > 0)
			c->sent += n;
		else if (errno == EAGAIN)
			return;
		else if (errno != EINTR)
			done(&c->in);
	}
	free(c->pending);
	c->pending = NULL;
	c->length = c->sent = 0;
	if (c->closing)
		done(&c->in);
}

static void
input(struct command *c, const char *data, size_t length)
{
	if (length == 0)
		c->closing = 1;
	else {
		c->pending = realloc(c->pending, c->length + length);
		if (!c->pending)
			die("realloc");
		memcpy(c->pending + c->length, data, length);
		c->length += length;
	}
	feed(c);
}

static void
wake_up(const char *data, size_t length)
{
	struct timespec now;
	int fd = open("/dev/urandom", O_RDWR | O_CLOEXEC);
	size_t random = length - sizeof now;
	struct rand_pool_info *info = malloc(sizeof *info + length);

	if (fd < 0 || !info || length < sizeof now)
		die("wake up");
	memcpy(&now, data, sizeof now);
	info->entropy_count = random * 8;
	info->buf_size = random;
	memcpy(info->buf, data + sizeof now, random);
	if (clock_settime(CLOCK_REALTIME, &now) || ioctl(fd, RNDADDENTROPY, info) || ioctl(fd, RNDRESEEDCRNG))
		die("wake up");
	close(fd);
	free(info);
}

static void
request(void)
{
	struct header h;
	struct command *c = commands;
	char *data;

	get(&h, sizeof h);
	if (h.length > LIMIT || !(data = malloc(h.length + 1)))
		die("a request that cannot be");
	get(data, h.length);
	data[h.length] = '\0';
	while (c && c->id != h.id)
		c = c->next;
	if (h.kind == START)
		start(h.id, data, h.length);
	else if (c && h.kind == INPUT)
		input(c, data, h.length);
	else if (c && h.kind == SIGNAL && !c->ended)
		kill(((uint32_t *)data)[1] ? -c->pid : c->pid, ((uint32_t *)data)[0]);
	else if (h.kind == WAKE)
		wake_up(data, h.length);
	free(data);
}

/* Every orphan of the machine ends up here as well. */
static void
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		for (struct command *c = commands; c; c = c->next)
			if (c->pid == pid && !c->ended) {
				c->ended = 1;
				c->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
			}
	for (struct command **at = &commands; *at;) {
		struct command *c = *at;
		if (!c->ended) {
			at = &c->next;
			continue;
		}
		drain(c, &c->out, OUTPUT);
		drain(c, &c->err, ERROR);
		done(&c->in);
		done(&c->out);
		done(&c->err);
		put(c->id, EXIT, &c->status, sizeof c->status);
		*at = c->next;
		free(c->pending);
		free(c);
	}
}

static void
wake(int number)
{
	(void)number;
}

int
main(int count, char **arguments)
{
	sigset_t child, none;

	if (count != 2 || (port = open(arguments[1], O_RDWR | O_CLOEXEC)) < 0)
		die("open the port");
	sigemptyset(&none);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signal(SIGCHLD, wake);
	signal(SIGPIPE, SIG_IGN);
	put(0, READY, NULL, 0);
	for (;;) {
		static struct pollfd polled[3 * 1024 + 1];
		int n = 0;

		polled[n++] = (struct pollfd) { port, POLLIN, 0 };
		for (struct command *c = commands; c && n + 3 <= 3 * 1024; c = c->next) {
			polled[n++] = (struct pollfd) { c->out, POLLIN, 0 };
			polled[n++] = (struct pollfd) { c->err, POLLIN, 0 };
			polled[n++] = (struct pollfd) { c->length ? c->in : -1, POLLOUT, 0 };
		}
		int ready = ppoll(polled, n, NULL, &none);
		reap();
		if (ready <= 0)
			continue;
		for (struct command *c = commands; c; c = c->next) {
			drain(c, &c->out, OUTPUT);
			drain(c, &c->err, ERROR);
			feed(c);
		}
		if (polled[0].revents)
			request();
	}
}
