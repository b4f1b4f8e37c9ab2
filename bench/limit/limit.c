/*
 * The floor under a copy of a tree: limit FROM TO THREADS makes TO, which must not be there, with the calls that no copy can do without.
 * For each file one open of the source, one fstat, one exclusive create, one copy_file_range for each piece of data, fchown, fchmod where
 * open(2) did not give the bits, futimens, two closes; for each directory one mkdir, one open of either side, its entries, its metadata; at the
 * end one syncfs. No extended attributes, ACLs, flags or checks, so it is no tool: it is what the bench measures kvol against.
 * A thread takes a directory at a time. Symbolic links and hard links are kept; other kinds of files end it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct directory {
	struct directory *parent, *next;
	int from, to;		/* open until its children are complete */
	int pending;		/* children that are not complete; guarded by lock */
	struct stat status;
	char name[];
};

struct linked {			/* the first name of a file that has several */
	ino_t inode;
	struct directory *directory;
	char *name;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER, links_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static struct directory *waiting;
static int working;
static struct linked *links;
static size_t links_used, links_room;

static void
metadata(int fd, const struct stat *s, mode_t has)
{
	struct timespec times[2] = { s->st_atim, s->st_mtim };

	if ((s->st_uid != 0 || s->st_gid != 0) && fchown(fd, s->st_uid, s->st_gid) != 0)
		err(1, "fchown");
	if ((s->st_mode & 07777) != has && fchmod(fd, s->st_mode & 07777) != 0)
		err(1, "fchmod");
	if (futimens(fd, times) != 0)
		err(1, "futimens");
}

static void
copy_range(int from, int to, off_t start, off_t end)
{
	while (start < end) {
		off_t a = start, b = start;
		ssize_t n = copy_file_range(from, &a, to, &b, (size_t)(end - start), 0);

		if (n <= 0)
			err(1, "copy_file_range");
		start += n;
	}
}

static void
copy_data(int from, int to, const struct stat *s)
{
	off_t start, end = 0;

	if (s->st_blocks * 512 >= s->st_size) {
		copy_range(from, to, 0, s->st_size);
		return;
	}
	while ((start = lseek(from, end, SEEK_DATA)) >= 0) {
		end = lseek(from, start, SEEK_HOLE);
		copy_range(from, to, start, end);
	}
	if (ftruncate(to, s->st_size) != 0)
		err(1, "ftruncate");
}

/* Whether the name was made as a link; if not, the caller makes it while the lock is held. */
static int
link_known(struct directory *d, const char *name, ino_t inode)
{
	for (size_t i = inode % links_room;; i = (i + 1) % links_room) {
		struct linked *l = &links[i];

		if (l->name == NULL) {
			*l = (struct linked){ inode, d, strdup(name) };
			links_used++;
			return 0;
		}
		if (l->inode == inode) {
			if (l->directory != d)
				errx(1, "%s: hard links are known within one directory", name);
			if (linkat(d->to, l->name, d->to, name, 0) != 0)
				err(1, "%s: linkat", name);
			return 1;
		}
	}
}

static void
links_grow(void)
{
	struct linked *old = links;
	size_t room = links_room;

	if (links_used * 2 < links_room)
		return;
	links_room = room == 0 ? 1024 : room * 2;
	if ((links = calloc(links_room, sizeof(*links))) == NULL)
		err(1, "calloc");
	for (size_t i = 0; i < room; i++) {
		size_t at = old[i].inode % links_room;

		if (old[i].name == NULL)
			continue;
		while (links[at].name != NULL)
			at = (at + 1) % links_room;
		links[at] = old[i];
	}
	free(old);
}

static int
create(struct directory *d, const char *name, mode_t mode)
{
	int fd = openat(d->to, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode & 0777);

	if (fd < 0)
		err(1, "%s: create", name);
	return fd;
}

static void
copy_file(struct directory *d, const char *name)
{
	struct stat s;
	int to, from = openat(d->from, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME);

	if (from < 0 || fstat(from, &s) != 0)
		err(1, "%s", name);
	if (s.st_nlink > 1) {
		pthread_mutex_lock(&links_lock);
		links_grow();
		to = link_known(d, name, s.st_ino) ? -1 : create(d, name, s.st_mode);
		pthread_mutex_unlock(&links_lock);
	} else
		to = create(d, name, s.st_mode);
	if (to >= 0) {
		copy_data(from, to, &s);
		metadata(to, &s, s.st_mode & 0777);
		close(to);
	}
	close(from);
}

static void
copy_link(struct directory *d, const char *name)
{
	char target[4097];
	struct stat s;
	ssize_t n = readlinkat(d->from, name, target, sizeof(target) - 1);

	if (n < 0 || fstatat(d->from, name, &s, AT_SYMLINK_NOFOLLOW) != 0)
		err(1, "%s", name);
	target[n] = '\0';
	if (symlinkat(target, d->to, name) != 0)
		err(1, "%s: symlinkat", name);
	if ((s.st_uid != 0 || s.st_gid != 0) && fchownat(d->to, name, s.st_uid, s.st_gid, AT_SYMLINK_NOFOLLOW) != 0)
		err(1, "%s: fchownat", name);
	if (utimensat(d->to, name, (struct timespec[2]){ s.st_atim, s.st_mtim }, AT_SYMLINK_NOFOLLOW) != 0)
		err(1, "%s: utimensat", name);
}

static struct directory *
enter(struct directory *parent, const char *name)
{
	struct directory *d = calloc(1, sizeof(*d) + strlen(name) + 1);

	if (d == NULL)
		err(1, "calloc");
	strcpy(d->name, name);
	d->parent = parent;
	return d;
}

/* Its children are done, and perhaps those of its parents. */
static void
complete(struct directory *d)
{
	while (d != NULL) {
		struct directory *parent = d->parent;
		int last;

		metadata(d->to, &d->status, 0700);
		close(d->from);
		close(d->to);
		if (parent == NULL)
			return;
		pthread_mutex_lock(&lock);
		last = --parent->pending == 0;
		pthread_mutex_unlock(&lock);
		d = last ? parent : NULL;
	}
}

static void
copy_directory(struct directory *d)
{
	DIR *stream;
	struct dirent *e;
	struct directory *children = NULL, *last = NULL;
	int n = 0;

	if (d->parent != NULL) {
		if ((d->from = openat(d->parent->from, d->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NOATIME)) < 0 ||
		    mkdirat(d->parent->to, d->name, 0700) != 0 ||
		    (d->to = openat(d->parent->to, d->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
			err(1, "%s", d->name);
	}
	if (fstat(d->from, &d->status) != 0 || (stream = fdopendir(dup(d->from))) == NULL)
		err(1, "%s", d->name);
	while ((e = readdir(stream)) != NULL) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		if (e->d_type == DT_DIR) {
			struct directory *child = enter(d, e->d_name);

			child->next = children;
			children = child;
			if (last == NULL)
				last = child;
			n++;
		} else if (e->d_type == DT_REG)
			copy_file(d, e->d_name);
		else if (e->d_type == DT_LNK)
			copy_link(d, e->d_name);
		else
			errx(1, "%s: neither file, directory nor link", e->d_name);
	}
	closedir(stream);
	if (n == 0) {
		complete(d);
		return;
	}
	pthread_mutex_lock(&lock);
	d->pending = n;
	last->next = waiting;
	waiting = children;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void *
work(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	for (;;) {
		struct directory *d = waiting;

		if (d == NULL) {
			if (working == 0)
				break;
			pthread_cond_wait(&changed, &lock);
			continue;
		}
		waiting = d->next;
		working++;
		pthread_mutex_unlock(&lock);
		copy_directory(d);
		pthread_mutex_lock(&lock);
		if (--working == 0 && waiting == NULL)
			pthread_cond_broadcast(&changed);
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

int
main(int argc, char **argv)
{
	int threads = argc == 4 ? atoi(argv[3]) : 0, sync;
	pthread_t *others = calloc((size_t)threads + 1, sizeof(*others));
	struct directory *top = enter(NULL, "");

	if (threads < 1)
		errx(64, "usage: limit FROM TO THREADS");
	umask(0);
	if ((top->from = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		err(1, "%s", argv[1]);
	if (mkdir(argv[2], 0700) != 0 || (top->to = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
		err(1, "%s", argv[2]);
	sync = dup(top->to);
	waiting = top;
	for (int i = 1; i < threads; i++)
		if (pthread_create(&others[i], NULL, work, NULL) != 0)
			errx(1, "pthread_create");
	work(NULL);
	for (int i = 1; i < threads; i++)
		pthread_join(others[i], NULL);
	if (syncfs(sync) != 0)
		err(1, "syncfs");
	return 0;
}
