/*
 * The mount table, nmount(2) and unmount(2). A nullfs is a bind mount. What Linux does not keep of one (f_mntfromname and
 * f_mntonname as they were given, f_fsid, its own flags, what lies below) is kept in $STANDIN_STATE/mounts.
 */
#include <linux/magic.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "standin.h"

#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x4000 /* Linux 6.8 */
#endif

struct record {
	int id;
	uint64_t unique, flags;
	struct fb_fsid fsid, lower;
	char type[FB_MFSNAMELEN];	/* of a file system that nmount made; empty for a nullfs */
	char from[FB_MNAMELEN], on[FB_MNAMELEN];
};

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* Held open from the start, out of the way of what is being tested: a kernel needs no descriptor of the process to know its mounts. */
static int table_fd = -1, records_fd = -1;

static int
hold(const char *path, int flags)
{
	int fd = LINUX(openat, AT_FDCWD, path, flags | O_CLOEXEC, 0600), held;

	held = fd < 0 ? -1 : (int)LINUX(fcntl, fd, F_DUPFD_CLOEXEC, 1000);
	if (held < 0)
		return fd; /* not even root may have more here */
	LINUX(close, fd);
	return held;
}

__attribute__((constructor)) static void
start(void)
{
	char path[4096];
	const char *state = getenv("STANDIN_STATE");
	struct rlimit was, more = { 4096, 4096 };

	LINUX(prlimit64, 0, RLIMIT_NOFILE, NULL, &was);
	if (was.rlim_cur < more.rlim_cur) {
		more.rlim_max = was.rlim_max > more.rlim_max ? was.rlim_max : more.rlim_max;
		LINUX(prlimit64, 0, RLIMIT_NOFILE, &more, NULL);
	}
	snprintf(path, sizeof path, "%s/mounts", state != NULL ? state : "/tmp");
	records_fd = hold(path, O_RDWR | O_CREAT | O_NOFOLLOW);
	table_fd = hold("/proc/self/mountinfo", O_RDONLY);
	LINUX(prlimit64, 0, RLIMIT_NOFILE, &was, NULL);
}

/* Under the gate. */
static int
open_records(void)
{
	LINUX(flock, records_fd, LOCK_EX);
	return records_fd;
}

static void
close_records(void)
{
	LINUX(flock, records_fd, LOCK_UN);
}

static size_t
read_records(int fd, struct record **all)
{
	struct stat s;
	size_t n;

	*all = NULL;
	if (fd < 0 || syscall(SYS_fstat, fd, &s) < 0 || s.st_size == 0)
		return 0;
	*all = malloc(s.st_size);
	n = LINUX(pread64, fd, *all, s.st_size, 0) / sizeof **all;
	return n;
}

static int
statx_mount(int at, const char *path, int flags, unsigned mask, uint64_t *id)
{
	struct statx s;

	if (LINUX(statx, at, path, flags | AT_NO_AUTOMOUNT, mask, &s) < 0)
		return -1;
	*id = s.stx_mnt_id;
	return 0;
}

static void
unescape(char *text)
{
	char *to = text;

	for (; *text != '\0'; text++)
		if (text[0] == '\\' && text[1] >= '0' && text[1] <= '3') {
			*to++ = (text[1] - '0') << 6 | (text[2] - '0') << 3 | (text[3] - '0');
			text += 3;
		} else
			*to++ = *text;
	*to = '\0';
}

static uint64_t
flags_of(const char *options)
{
	uint64_t flags = 0;
	char copy[512], *rest = copy, *option;

	snprintf(copy, sizeof copy, "%s", options);
	while ((option = strsep(&rest, ",")) != NULL)
		flags |= strcmp(option, "ro") == 0 ? FB_MNT_RDONLY : strcmp(option, "nosuid") == 0 ? FB_MNT_NOSUID
		    : strcmp(option, "noexec") == 0 ? FB_MNT_NOEXEC : strcmp(option, "noatime") == 0 ? FB_MNT_NOATIME : 0;
	return flags;
}

static int
below(const char *path, const char *top, const char **rest)
{
	size_t n = strcmp(top, "/") == 0 ? 0 : strlen(top);

	*rest = path + n;
	return strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '/');
}

struct table { size_t n; struct fb_mount *row; };

static char *
read_mountinfo(void)
{
	size_t size = 1 << 16, n = 0;
	char *text = malloc(size);
	long got;

	while ((got = LINUX(pread64, table_fd, text + n, size - n - 1, n)) > 0)
		if ((n += got) > size / 2)
			text = realloc(text, size *= 2);
	text[n] = '\0';
	return text;
}

/* The caller frees table.row. */
static struct table
read_table(void)
{
	struct table t = { 0, NULL };
	struct { char root[4096]; } *roots = NULL;
	struct record *records;
	char *text = read_mountinfo(), *rest = text, *line;
	/*
	 * Without the lock, which a stopped process could hold: a change is one write, or leaves a record twice for a moment. After
	 * the table, because the record of a mount is written before it is moved to its place.
	 */
	size_t count = read_records(records_fd, &records), room = 0;

	while ((line = strsep(&rest, "\n")) != NULL && *line != '\0') {
		struct fb_mount *m;
		char *field[64] = { NULL }, *word, *dash;
		int fields = 0, sep;

		while ((word = strsep(&line, " ")) != NULL && fields < 63)
			field[fields++] = word;
		for (sep = 6; sep < fields && strcmp(field[sep], "-") != 0; sep++)
			;
		if (t.n == room) {
			room = room * 2 + 64;
			t.row = realloc(t.row, room * sizeof *t.row);
			roots = realloc(roots, room * sizeof *roots);
		}
		m = &t.row[t.n];
		memset(m, 0, sizeof *m);
		m->id = atoi(field[0]);
		m->parent = atoi(field[1]);
		sscanf(field[2], "%u:%u", &m->major, &m->minor);
		unescape(field[3]);
		if ((dash = strstr(field[3], "//deleted")) != NULL)
			*dash = '\0';
		snprintf(roots[t.n].root, sizeof roots->root, "%s", field[3]);
		unescape(field[4]);
		snprintf(m->path, sizeof m->path, "%s", field[4]);
		snprintf(m->on, sizeof m->on, "%s", field[4]);
		m->flags = m->effective = flags_of(field[5]);
		snprintf(m->type, sizeof m->type, "%s", field[sep + 1]);
		unescape(field[sep + 2]);
		snprintf(m->from, sizeof m->from, "%s", field[sep + 2]);
		/* One file system is mounted once; what shows it again, or a part of it, is a nullfs of that. */
		m->fsid.val[0] = makedev(m->major, m->minor);
		m->fsid.val[1] = 0x40000000 | m->id;
		for (size_t i = 0; i < t.n && !m->nullfs; i++) {
			const char *inside;
			struct fb_mount *w = &t.row[i];

			if (!w->nullfs && w->major == m->major && w->minor == m->minor && below(roots[t.n].root, roots[i].root, &inside)) {
				m->nullfs = 1;
				m->lower = w->fsid;
				m->flags &= ~w->effective;
				snprintf(m->from, sizeof m->from, "%s%s", strcmp(w->path, "/") == 0 && *inside ? "" : w->path, inside);
				m->fsid.val[0] = 0x7e000000 | m->id;
			}
		}
		for (size_t i = 0; i < count; i++) {
			uint64_t top, unique;

			if (records[i].id != m->id)
				continue;
			/* Numbers are used again, the long ones are not; a covered mount cannot be asked. */
			if (statx_mount(AT_FDCWD, m->path, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &top) == 0 && top == (uint64_t)m->id
			    && statx_mount(AT_FDCWD, m->path, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID_UNIQUE, &unique) == 0 && unique != records[i].unique)
				continue;
			m->nullfs = records[i].type[0] == '\0';
			m->made = !m->nullfs;
			m->flags = records[i].flags;
			m->fsid = records[i].fsid;
			m->lower = records[i].lower;
			memcpy(m->from, records[i].from, sizeof m->from);
			memcpy(m->on, records[i].on, sizeof m->on);
			if (m->made)
				memcpy(m->type, records[i].type, sizeof m->type);
		}
		if (m->nullfs)
			strcpy(m->type, "nullfs");
		t.n++;
	}
	free(roots);
	free(records);
	free(text);
	return t;
}

/* Whether mounts changed since the last call; poll(2) of mountinfo tells, proc_pid_mountinfo(5). */
static int
changed(void)
{
	static int first = 1;
	struct pollfd p = { .fd = table_fd, .events = POLLPRI };
	int any = LINUX(poll, &p, 1, 0) != 0 || first;

	first = 0;
	return any;
}

int
fb_find_mount(int id, struct fb_mount *found)
{
	static struct table t;
	int result = -1;

	pthread_mutex_lock(&gate);
	if (changed()) {
		free(t.row);
		t = read_table();
	}
	for (size_t i = 0; i < t.n && result < 0; i++)
		if (t.row[i].id == id) {
			*found = t.row[i];
			result = 0;
		}
	pthread_mutex_unlock(&gate);
	return result;
}

static void
fill(const struct fb_mount *m, struct fb_statfs *b, uint64_t flags)
{
	memset(b, 0, sizeof *b);
	b->f_version = FB_STATFS_VERSION;
	b->f_namemax = FB_NAME_MAX;
	b->f_flags = flags;
	b->f_fsid = m->fsid;
	memcpy(b->f_fstypename, m->type, sizeof b->f_fstypename);
	if (!m->nullfs && !m->made && getenv("STANDIN_TYPE") != NULL)
		snprintf(b->f_fstypename, sizeof b->f_fstypename, "%s", getenv("STANDIN_TYPE"));
	memcpy(b->f_mntfromname, m->from, sizeof b->f_mntfromname);
	memcpy(b->f_mntonname, m->on, sizeof b->f_mntonname);
}

EXPORT(int, fstatfs, int fd, struct fb_statfs *b)
{
	struct fb_mount m;
	struct statfs s;
	uint64_t id;

	if (fd < 0)
		return fb_fail(FB_EBADF);
	if (statx_mount(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &id) < 0 || syscall(SYS_fstatfs, fd, &s) < 0)
		return fb_result(-1);
	if (s.f_type == PIPEFS_MAGIC || s.f_type == SOCKFS_MAGIC)
		return fb_fail(FB_EINVAL); /* no vnode: getvnode() */
	if (fb_find_mount(id, &m) < 0)
		return fb_fail(FB_ENOENT);
	fill(&m, b, m.effective);
	b->f_bsize = s.f_frsize;
	b->f_blocks = s.f_blocks;
	b->f_bfree = s.f_bfree;
	b->f_bavail = s.f_bavail;
	b->f_files = s.f_files;
	b->f_ffree = s.f_ffree;
	return 0;
}

EXPORT(int, getfsstat, struct fb_statfs *b, long size, int mode)
{
	struct table t;
	size_t room = b == NULL ? 0 : (size_t)size / sizeof *b, n;

	if (mode != FB_MNT_NOWAIT && mode != FB_MNT_WAIT)
		return fb_fail(FB_EINVAL);
	pthread_mutex_lock(&gate);
	t = read_table();
	pthread_mutex_unlock(&gate);
	/* kern_getfsstat: with MNT_NOWAIT a mount's own flags, without a look at what nullfs finds below. */
	for (size_t i = 0; i < t.n && i < room; i++)
		fill(&t.row[i], &b[i], mode == FB_MNT_NOWAIT ? t.row[i].flags : t.row[i].effective);
	n = b == NULL || t.n < room ? t.n : room;
	free(t.row);
	return n;
}

static long
say(char *message, size_t length, int number, const char *words)
{
	if (message != NULL && length > 0)
		snprintf(message, length, "%s", words);
	return fb_fail(number);
}

static int
path_of(int fd, char *path, size_t size)
{
	char link[32];
	long n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = LINUX(readlinkat, AT_FDCWD, link, path, size - 1);
	if (n < 0)
		return -1;
	path[n] = '\0';
	return 0;
}

static int
same(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino && a->stx_dev_major == b->stx_dev_major && a->stx_dev_minor == b->stx_dev_minor;
}

/*
 * A file system without a source is a tmpfs here, whatever its type: only the options are told apart. vfs_filteropt of
 * sys/kern/vfs_mount.c refuses those of a tmpfs that are not known; fdescfs, linprocfs and linsysfs take any.
 */
struct made {
	const char *type, *size, *mode, *uid, *gid;
};

static int
make_tree(const struct made *made)
{
	int context = LINUX(fsopen, "tmpfs", FSOPEN_CLOEXEC), tree = -1;
	const char *options[][2] = { { "source", made->type }, { "size", made->size }, { "mode", made->mode }, { "uid", made->uid },
	    { "gid", made->gid } };

	for (size_t i = 0; context >= 0 && i < sizeof options / sizeof *options; i++)
		if (options[i][1] != NULL && LINUX(fsconfig, context, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0) < 0)
			goto done;
	if (context >= 0 && LINUX(fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		tree = LINUX(fsmount, context, FSMOUNT_CLOEXEC, 0);
done:
	if (context >= 0)
		LINUX(close, context);
	return tree;
}

/*
 * vfs_domount and nullfs_mount, from where both names are looked up from the working directory; or tmpfs_mount and its like, with
 * made and without a source.
 */
static long
mount_on(const char *fspath, const char *target, uint64_t flags, int nocover, const struct made *made)
{
	struct mount_attr attr = { .propagation = MS_PRIVATE };
	struct statx covered, source, here;
	struct fb_mount on, lower;
	struct record r = { .flags = flags };
	char path[8192];
	int fd = -1, covered_fd, source_fd, tree = -1, file;
	uint64_t id;
	long result = -1, number = 0;

	if (strlen(fspath) >= FB_MNAMELEN || (target != NULL && strlen(target) >= FB_MNAMELEN))
		return fb_fail(FB_ENAMETOOLONG);
	covered_fd = LINUX(openat, AT_FDCWD, fspath, O_PATH | O_CLOEXEC, 0);
	if (covered_fd < 0)
		return fb_result(-1);
	source_fd = made != NULL ? -1 : (int)LINUX(openat, AT_FDCWD, target, O_PATH | O_CLOEXEC, 0);
	fb_statx(covered_fd, "", AT_EMPTY_PATH, &covered);
	file = !S_ISDIR(covered.stx_mode);
	if (file && !S_ISREG(covered.stx_mode))
		number = FB_ENOTDIR;
	else if (file && getenv("STANDIN_BEFORE_13") != NULL)
		number = FB_ENOTDIR;
	else if (file && covered.stx_nlink != 1)
		number = FB_EINVAL;
	else if ((nocover || file) && (covered.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		number = FB_EBUSY;
	else if (path_of(covered_fd, path, sizeof path) < 0 || strlen(path) >= sizeof r.on)
		number = FB_ENAMETOOLONG;
	else if (made != NULL ? file : source_fd < 0)
		number = made != NULL ? FB_ENOTDIR : fb_errno(errno);
	if (number != 0)
		goto done;
	snprintf(r.on, sizeof r.on, "%s", path);
	snprintf(r.from, sizeof r.from, "%s", made != NULL ? made->type : target);
	if (made != NULL)
		snprintf(r.type, sizeof r.type, "%s", made->type);
	else
		fb_statx(source_fd, "", AT_EMPTY_PATH, &source);
	if (made != NULL)
		;
	else if ((source.stx_mode & S_IFMT) != (covered.stx_mode & S_IFMT))
		number = FB_EINVAL;
	else if (fb_find_mount(covered.stx_mnt_id, &on) < 0 || fb_find_mount(source.stx_mnt_id, &lower) < 0)
		number = FB_ENOENT;
	else if (same(&covered, &source)) {
		if (!on.nullfs) {
			/* A 12.1 kernel panics, so a caller that asks has a defect. */
			fprintf(stderr, "standin: panic: %s mounted on itself\n", path);
			abort();
		}
		number = FB_EDEADLK; /* the lower vnode is the covered one's */
	}
	if (number != 0)
		goto done;

	tree = made != NULL ? make_tree(made)
	    : (int)LINUX(open_tree, source_fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	attr.attr_set = (flags & FB_MNT_RDONLY ? MOUNT_ATTR_RDONLY : 0) | (flags & FB_MNT_NOSUID ? MOUNT_ATTR_NOSUID : 0)
	    | (flags & FB_MNT_NOEXEC ? MOUNT_ATTR_NOEXEC : 0);
	pthread_mutex_lock(&gate);
	fd = open_records();
	if (tree < 0 || LINUX(mount_setattr, tree, "", AT_EMPTY_PATH, &attr, sizeof attr) < 0)
		number = fb_errno(errno);
	else {
		struct record *all;
		size_t n = read_records(fd, &all);

		statx_mount(tree, "", AT_EMPTY_PATH, STATX_MNT_ID, &id);
		r.id = id;
		statx_mount(tree, "", AT_EMPTY_PATH, STATX_MNT_ID_UNIQUE, &r.unique);
		/* vfs_getnewfsid: never that of another mount. */
		r.fsid.val[0] = 0x7f000000 | (r.unique & 0xffffff);
		r.fsid.val[1] = 0x29;
		if (made == NULL)
			r.lower = lower.fsid;
		for (size_t i = 0; i < n; i++)
			if (all[i].id == r.id)
				all[i].id = -1; /* of a mount that somebody else undid */
		LINUX(pwrite64, fd, all, n * sizeof *all, 0);
		LINUX(pwrite64, fd, &r, sizeof r, n * sizeof r);
		free(all);
		result = LINUX(move_mount, tree, "", covered_fd, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
		if (result < 0) {
			number = fb_errno(errno);
			LINUX(ftruncate, fd, n * sizeof r);
		}
	}
	close_records();
	pthread_mutex_unlock(&gate);
	/* mountcheckdirs: whose working directory was covered is on top now; of the processes only this one can be moved here. */
	if (result == 0 && !file && fb_statx(AT_FDCWD, ".", 0, &here) == 0 && same(&here, &covered) && here.stx_mnt_id == covered.stx_mnt_id)
		LINUX(fchdir, tree);
done:
	if (covered_fd >= 0)
		LINUX(close, covered_fd);
	if (source_fd >= 0)
		LINUX(close, source_fd);
	if (tree >= 0)
		LINUX(close, tree);
	return number != 0 ? fb_fail(number) : result;
}

EXPORT(int, nmount, const struct fb_iovec *v, unsigned count, int given)
{
	const char *type = NULL, *fspath = NULL, *target = NULL, *strange = NULL;
	struct made made = { 0 };
	char *message = NULL;
	size_t length = 0;
	uint64_t flags = given & (FB_MNT_RDONLY | FB_MNT_NOSUID | FB_MNT_NOEXEC);
	int nocover = 0, update = (given & FB_MNT_UPDATE) != 0;

	if (count < 4 || count % 2 != 0)
		return fb_fail(FB_EINVAL);
	for (unsigned i = 0; i < count; i += 2) {
		const char *name = v[i].iov_base, *value = v[i + 1].iov_base;
		size_t size = v[i + 1].iov_len;

		/* vfs_buildopts: a name with its terminator. */
		if (v[i].iov_len == 0 || name[v[i].iov_len - 1] != '\0' || strlen(name) + 1 != v[i].iov_len)
			return fb_fail(FB_EINVAL);
		if (strcmp(name, "errmsg") == 0) {
			message = (char *)value;
			length = size;
			continue;
		}
		if (size > 0 && value[size - 1] != '\0')
			return fb_fail(FB_EINVAL);
		if (strcmp(name, "fstype") == 0)
			type = value;
		else if (strcmp(name, "fspath") == 0)
			fspath = value;
		else if (strcmp(name, "target") == 0)
			target = value;
		else if (strcmp(name, "ro") == 0 || strcmp(name, "rdonly") == 0)
			flags |= FB_MNT_RDONLY;
		else if (strcmp(name, "nosuid") == 0)
			flags |= FB_MNT_NOSUID;
		else if (strcmp(name, "noexec") == 0)
			flags |= FB_MNT_NOEXEC;
		else if (strcmp(name, "nocover") == 0 && getenv("STANDIN_BEFORE_13") == NULL) /* an older kernel does not know it */
			nocover = 1;
		else if (strcmp(name, "update") == 0)
			update = 1;
		else if (strcmp(name, "size") == 0)
			made.size = value;
		else if (strcmp(name, "mode") == 0)
			made.mode = value;
		else if (strcmp(name, "uid") == 0)
			made.uid = value;
		else if (strcmp(name, "gid") == 0)
			made.gid = value;
		else if (strcmp(name, "nocache") == 0 && getenv("STANDIN_CALLS") != NULL)
			fprintf(stderr, "standin: nocache for %s\n", fspath == NULL ? "?" : fspath);
		else if (strcmp(name, "from") != 0)
			strange = name;
	}
	if (type == NULL || fspath == NULL)
		return fb_fail(FB_EINVAL);
	if (LINUX(geteuid) != 0)
		return fb_fail(FB_EPERM);
	made.type = type;
	if (getenv("STANDIN_WITHOUT") != NULL && strcmp(type, getenv("STANDIN_WITHOUT")) == 0)
		return say(message, length, FB_EINVAL, "Invalid fstype"); /* vfs_donmount makes it of ENODEV */
	if (strcmp(type, "tmpfs") == 0 && strange != NULL)
		return say(message, length, FB_EINVAL, "mount option is unknown");
	if (strcmp(type, "tmpfs") == 0 || strcmp(type, "fdescfs") == 0 || strcmp(type, "linprocfs") == 0 || strcmp(type, "linsysfs") == 0)
		return update ? fb_fail(FB_EOPNOTSUPP) : mount_on(fspath, NULL, flags, nocover, &made);
	if (strcmp(type, "nullfs") != 0)
		return say(message, length, FB_EINVAL, "Invalid fstype");
	if (update)
		return fb_fail(FB_EOPNOTSUPP);
	return target == NULL ? fb_fail(FB_EINVAL) : mount_on(fspath, target, flags, nocover, NULL);
}

EXPORT(int, unmount, const char *name, int flags)
{
	struct table t = { 0, NULL };
	struct fb_mount *m = NULL;
	struct record *all;
	size_t n, kept = 0;
	uint64_t top;
	long number = 0;
	int a, b, fd;

	pthread_mutex_lock(&gate);
	/* A kernel does not look up the path of a mount that it takes by its fsid, so a path that somebody changes is read again. */
	for (int tries = 0, again = 1; again && tries < 100; tries++) {
		number = again = 0;
		free(t.row);
		t = read_table();
		m = NULL;
		for (size_t i = 0; i < t.n; i++)
			if (flags & FB_MNT_BYFSID
			    ? sscanf(name, "FSID:%d:%d", &a, &b) == 2 && t.row[i].fsid.val[0] == a && t.row[i].fsid.val[1] == b
			    : strcmp(t.row[i].on, name) == 0)
				m = &t.row[i];
		if (m == NULL)
			number = flags & FB_MNT_BYFSID ? FB_ENOENT : FB_EINVAL;
		/* dounmount: mnt_uppers, forced or not; what is mounted inside keeps the vnode that it covers. */
		for (size_t i = 0; m != NULL && i < t.n; i++)
			if ((t.row[i].nullfs && &t.row[i] != m && memcmp(&t.row[i].lower, &m->fsid, sizeof m->fsid) == 0)
			    || t.row[i].parent == m->id)
				number = FB_EBUSY;
		if (number != 0)
			break;
		if (statx_mount(AT_FDCWD, m->path, AT_SYMLINK_NOFOLLOW, STATX_MNT_ID, &top) < 0 || top != (uint64_t)m->id) {
			number = FB_EBUSY;
			again = 1;
		} else if (LINUX(umount2, m->path, UMOUNT_NOFOLLOW | (flags & FB_MNT_FORCE ? MNT_DETACH : 0)) < 0) {
			again = errno == EINVAL || errno == ENOENT || errno == ENOTDIR || errno == ELOOP;
			number = fb_errno(errno);
		}
	}
	if (number == 0) {
		fd = open_records();
		n = read_records(fd, &all);
		for (size_t i = 0; i < n; i++)
			if (all[i].id != m->id && all[i].id != -1)
				all[kept++] = all[i];
		LINUX(pwrite64, fd, all, kept * sizeof *all, 0);
		LINUX(ftruncate, fd, kept * sizeof *all);
		close_records();
		free(all);
	}
	pthread_mutex_unlock(&gate);
	free(t.row);
	return number == 0 ? 0 : fb_fail(number);
}

/* The options of a mount of NFS: the stand-in has none, as a kernel without the module nfscl. */
EXPORT(int, nfssvc, int flags, void *argument)
{
	(void)flags;
	(void)argument;
	return fb_fail(FB_EINVAL);
}
