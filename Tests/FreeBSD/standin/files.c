/* Names, descriptors and bytes. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>

#include "standin.h"

static int
is_link(int at, const char *path)
{
	struct statx s;

	return fb_statx(at, path, AT_SYMLINK_NOFOLLOW, &s) == 0 && S_ISLNK(s.stx_mode);
}

static int
directory(int at)
{
	return at == FB_AT_FDCWD ? AT_FDCWD : at;
}

/* open(2), mkdir(2) and the like: a new file takes the group of its directory. */
static long
created(int at, const char *path, long result)
{
	struct statx s;
	char parent[4096];
	const char *slash = strrchr(path, '/');

	if (result < 0)
		return fb_result(result);
	snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
	if (fb_statx(directory(at), parent, 0, &s) == 0)
		LINUX(fchownat, directory(at), path, -1, s.stx_gid, AT_SYMLINK_NOFOLLOW);
	if (fb_statx(directory(at), path, AT_SYMLINK_NOFOLLOW, &s) == 0 && (S_ISREG(s.stx_mode) || S_ISDIR(s.stx_mode)))
		fb_inherit(directory(at), path, S_ISDIR(s.stx_mode));
	return result;
}

EXPORT(int, openat, int at, const char *path, int flags, unsigned mode)
{
	/* What kvol may use. O_PATH is not among them: older kernels ignore it. */
	static const struct { int freebsd, number; } map[] = {
		{ FB_O_NONBLOCK, O_NONBLOCK }, { FB_O_APPEND, O_APPEND }, { FB_O_SYNC, O_SYNC }, { FB_O_NOFOLLOW, O_NOFOLLOW },
		{ FB_O_CREAT, O_CREAT }, { FB_O_TRUNC, O_TRUNC }, { FB_O_EXCL, O_EXCL }, { FB_O_NOCTTY, O_NOCTTY },
		{ FB_O_DIRECTORY, O_DIRECTORY }, { FB_O_CLOEXEC, O_CLOEXEC },
	};
	int number = flags & 3;
	long fd;

	flags &= ~3;
	for (size_t i = 0; i < sizeof map / sizeof *map; i++)
		if (flags & map[i].freebsd) {
			number |= map[i].number;
			flags &= ~map[i].freebsd;
		}
	if (flags != 0 || (number & 3) == 3)
		return fb_fail(FB_EINVAL);
	at = directory(at);
	if (number & O_CREAT) {
		fd = LINUX(openat, at, path, number | O_EXCL, mode);
		if (fd >= 0)
			return created(at, path, fd);
		if (errno != EEXIST || (number & O_EXCL))
			return fb_result(fd);
	}
	fd = LINUX(openat, at, path, number, mode);
	if (fd >= 0)
		return fd;
	/* vn_open_vnode: a link is told first, by EMLINK; a socket is EOPNOTSUPP. */
	if ((number & O_NOFOLLOW) && (errno == ELOOP || errno == ENOTDIR)) {
		int was = errno;
		if (is_link(at, path))
			return fb_fail(FB_EMLINK);
		errno = was;
	}
	return errno == ENXIO ? fb_fail(FB_EOPNOTSUPP) : fb_result(fd);
}

static int
at_flags(int flags)
{
	return (flags & FB_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0) | (flags & FB_AT_SYMLINK_FOLLOW ? AT_SYMLINK_FOLLOW : 0)
	    | (flags & FB_AT_REMOVEDIR ? AT_REMOVEDIR : 0);
}

int
fb_statx(int at, const char *path, int flags, void *s)
{
	return LINUX(statx, at, path, flags | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_BTIME | STATX_MNT_ID, s);
}

static struct fb_timespec
time_of(struct statx_timestamp t)
{
	return (struct fb_timespec){ t.tv_sec, t.tv_nsec };
}

static int
fill(int at, const char *path, const struct statx *s, struct fb_stat *b)
{
	struct fb_mount m;
	char mode[16];

	memset(b, 0, sizeof *b);
	/* null_getattr: everything of the file below but the device. */
	b->st_dev = fb_find_mount(s->stx_mnt_id, &m) == 0 && m.nullfs ? (uint64_t)(int64_t)m.fsid.val[0]
	    : makedev(s->stx_dev_major, s->stx_dev_minor);
	b->st_ino = s->stx_ino;
	b->st_nlink = s->stx_nlink;
	b->st_mode = s->stx_mode;
	b->st_uid = s->stx_uid;
	b->st_gid = s->stx_gid;
	b->st_rdev = makedev(s->stx_rdev_major, s->stx_rdev_minor);
	b->st_atim = time_of(s->stx_atime);
	b->st_mtim = time_of(s->stx_mtime);
	b->st_ctim = time_of(s->stx_ctime);
	b->st_birthtim = time_of(s->stx_btime);
	if (!(s->stx_mask & STATX_BTIME))
		b->st_birthtim.tv_sec = -1; /* VNOVAL */
	b->st_size = s->stx_size;
	b->st_blocks = s->stx_blocks;
	b->st_blksize = s->stx_blksize;
	b->st_flags = (s->stx_attributes & STATX_ATTR_IMMUTABLE ? FB_SF_IMMUTABLE : 0) | (s->stx_attributes & STATX_ATTR_APPEND ? FB_SF_APPEND : 0)
	    | (s->stx_attributes & STATX_ATTR_NODUMP ? FB_UF_NODUMP : 0) | fb_hidden_flags(at, path);
	/* A link has a mode of its own here, which Linux does not keep. */
	if (S_ISLNK(s->stx_mode) && fb_hidden(at, path, "mode", mode, sizeof mode) > 0)
		b->st_mode = S_IFLNK | (strtoul(mode, NULL, 8) & 07777);
	return 0;
}

EXPORT(int, fstat, int fd, struct fb_stat *b)
{
	struct statx s;

	return fd < 0 ? fb_fail(FB_EBADF) : fb_statx(fd, "", AT_EMPTY_PATH, &s) < 0 ? fb_result(-1) : fill(fd, "", &s, b);
}

EXPORT(int, fstatat, int at, const char *path, struct fb_stat *b, int flags)
{
	struct statx s;

	if (flags & ~FB_AT_SYMLINK_NOFOLLOW)
		return fb_fail(FB_EINVAL);
	return fb_statx(directory(at), path, at_flags(flags), &s) < 0 ? fb_result(-1) : fill(directory(at), path, &s, b);
}

EXPORT(ssize_t, getdirentries, int fd, char *buffer, size_t length, int64_t *base)
{
	struct linux_dirent64 { uint64_t d_ino; int64_t d_off; uint16_t d_reclen; uint8_t d_type; char d_name[]; } *from;
	size_t filled = 0;
	char *raw;
	long n;

	(void)base;
	if (length < sizeof(struct fb_dirent))
		return fb_fail(FB_EINVAL);
	/* A record is at most a third longer here: 24 bytes become 32. */
	raw = malloc(length * 3 / 4);
	n = LINUX(getdents64, fd, raw, length * 3 / 4);
	for (long at = 0; at < n; at += from->d_reclen) {
		size_t name;
		struct fb_dirent *to = (struct fb_dirent *)(buffer + filled);

		from = (struct linux_dirent64 *)(raw + at);
		name = strlen(from->d_name);
		to->d_fileno = from->d_ino;
		to->d_off = from->d_off;
		to->d_reclen = (offsetof(struct fb_dirent, d_name) + name + 1 + 7) & ~7;
		to->d_type = from->d_type;
		to->d_namlen = name;
		to->d_pad0 = to->d_pad1 = 0;
		memcpy(to->d_name, from->d_name, name + 1);
		filled += to->d_reclen;
	}
	free(raw);
	return n < 0 ? fb_result(n) : (ssize_t)filled;
}

EXPORT(ssize_t, readlinkat, int at, const char *path, char *buffer, size_t length)
{
	/* What was a link a moment ago is none, so often: another process exchanges it with something else. */
	if (fb_once_more("STANDIN_EXCHANGES"))
		return fb_fail(FB_EINVAL);
	return fb_result(LINUX(readlinkat, directory(at), path, buffer, length));
}

EXPORT(int, mkdirat, int at, const char *path, uint16_t mode)
{
	struct statx s;
	int result = created(at, path, LINUX(mkdirat, directory(at), path, mode));

	/* UFS reads the clock in ffs_valloc for the time of birth, and in ufs_itimes, when the directory is complete, for the others. */
	if (result == 0 && fb_statx(directory(at), path, AT_SYMLINK_NOFOLLOW, &s) == 0 && (s.stx_mask & STATX_BTIME)) {
		struct fb_timespec later = { s.stx_btime.tv_sec, s.stx_btime.tv_nsec / 1000 * 1000 + 2000 };
		struct fb_timespec times[2] = { later, later };

		if (later.tv_nsec < 1000000000)
			LINUX(utimensat, directory(at), path, times, AT_SYMLINK_NOFOLLOW);
	}
	return result;
}

EXPORT(int, mknodat, int at, const char *path, uint16_t mode, uint64_t device)
{
	/* mknod(2): devices and fifos, and a fifo has no device. */
	if ((!S_ISCHR(mode) && !S_ISBLK(mode) && !S_ISFIFO(mode)) || (S_ISFIFO(mode) && device != 0))
		return fb_fail(FB_EINVAL);
	return created(at, path, LINUX(mknodat, directory(at), path, mode, device));
}

EXPORT(int, symlinkat, const char *target, int at, const char *path)
{
	return created(at, path, LINUX(symlinkat, target, directory(at), path));
}

EXPORT(int, linkat, int from, const char *old, int at, const char *path, int flags)
{
	if (fb_forbidden(directory(from), old, FORBIDS_CHANGE, 0) < 0)
		return -1;
	return fb_result(LINUX(linkat, directory(from), old, directory(at), path, at_flags(flags)));
}

EXPORT(int, unlinkat, int at, const char *path, int flags)
{
	long result;

	if (fb_forbidden(directory(at), path, FORBIDS_REMOVAL, FORBIDS_CHANGE) < 0)
		return -1;
	result = LINUX(unlinkat, directory(at), path, at_flags(flags));
	/* unlink(2): a directory is EPERM. */
	return result < 0 && errno == EISDIR ? fb_fail(FB_EPERM) : fb_result(result);
}

EXPORT(int, renameat, int from, const char *old, int at, const char *path)
{
	/* ufs_rename, zfs_rename: neither what moves nor what is replaced may be protected. */
	if (fb_forbidden(directory(from), old, FORBIDS_REMOVAL, FORBIDS_CHANGE) < 0
	    || fb_forbidden(directory(at), path, FORBIDS_REMOVAL, FB_UF_IMMUTABLE | FB_SF_IMMUTABLE) < 0)
		return -1;
	return fb_result(LINUX(renameat, directory(from), old, directory(at), path));
}

EXPORT(int, fchown, int fd, uint32_t uid, uint32_t gid)
{
	return fb_forbidden(fd, "", FORBIDS_CHANGE, 0) < 0 ? -1 : fb_result(LINUX(fchown, fd, uid, gid));
}

EXPORT(int, fchownat, int at, const char *path, uint32_t uid, uint32_t gid, int flags)
{
	if (fb_forbidden(directory(at), path, FORBIDS_CHANGE, 0) < 0)
		return -1;
	/* AT_EMPTY_PATH is younger than 13.0. */
	return flags & ~FB_AT_SYMLINK_NOFOLLOW ? fb_fail(FB_EINVAL) : fb_result(LINUX(fchownat, directory(at), path, uid, gid, at_flags(flags)));
}

EXPORT(int, fchmod, int fd, uint16_t mode)
{
	return fb_forbidden(fd, "", FORBIDS_CHANGE, 0) < 0 ? -1 : fb_result(LINUX(fchmod, fd, mode));
}

EXPORT(int, fchmodat, int at, const char *path, uint16_t mode, int flags)
{
	char text[16];

	if (fb_forbidden(directory(at), path, FORBIDS_CHANGE, 0) < 0)
		return -1;
	if ((flags & FB_AT_SYMLINK_NOFOLLOW) && is_link(directory(at), path)) {
		snprintf(text, sizeof text, "%04o", mode);
		return fb_hide(directory(at), path, "mode", mode == 0777 ? NULL : text) < 0 ? fb_result(-1) : 0;
	}
	return fb_result(LINUX(fchmodat, directory(at), path, mode));
}

EXPORT(int, futimens, int fd, const struct fb_timespec *times)
{
	return fb_forbidden(fd, "", FORBIDS_CHANGE, 0) < 0 ? -1 : fb_result(LINUX(utimensat, fd, NULL, times, 0));
}

EXPORT(int, utimensat, int at, const char *path, const struct fb_timespec *times, int flags)
{
	return fb_forbidden(directory(at), path, FORBIDS_CHANGE, 0) < 0 ? -1 : fb_result(LINUX(utimensat, directory(at), path, times, at_flags(flags)));
}

EXPORT(ssize_t, read, int fd, void *buffer, size_t length) { return fb_result(LINUX(read, fd, buffer, length)); }
EXPORT(ssize_t, write, int fd, const void *buffer, size_t length) { return fb_result(LINUX(write, fd, buffer, length)); }
EXPORT(ssize_t, pread, int fd, void *buffer, size_t length, int64_t at) { return fb_result(LINUX(pread64, fd, buffer, length, at)); }
EXPORT(ssize_t, pwrite, int fd, const void *buffer, size_t length, int64_t at) { return fb_result(LINUX(pwrite64, fd, buffer, length, at)); }
EXPORT(int64_t, lseek, int fd, int64_t offset, int whence) { return fb_result(LINUX(lseek, fd, offset, whence)); } /* SEEK_* are the same */
EXPORT(int, ftruncate, int fd, int64_t length) { return fb_result(LINUX(ftruncate, fd, length)); }
EXPORT(int, fsync, int fd) { return fb_result(LINUX(fsync, fd)); }
EXPORT(void, sync, void) { LINUX(sync); }
EXPORT(int, flock, int fd, int operation) { return fb_result(LINUX(flock, fd, operation)); } /* LOCK_* are the same */
EXPORT(int, fchdir, int fd) { return fb_result(LINUX(fchdir, fd)); }
EXPORT(int, close, int fd) { return fb_result(LINUX(close, fd)); }
EXPORT(uint16_t, umask, uint16_t mask) { return LINUX(umask, mask); }

EXPORT(ssize_t, copy_file_range, int from, int64_t *from_at, int to, int64_t *to_at, size_t length, unsigned flags)
{
	/* nosys, sys/kern/kern_sig.c: a kernel before 13 does not know the call. */
	if (getenv("STANDIN_BEFORE_13") != NULL) {
		raise(SIGSYS);
		return fb_fail(FB_ENOSYS);
	}
	return fb_result(LINUX(copy_file_range, from, from_at, to, to_at, length, flags));
}

EXPORT(int, dup2, int old, int new)
{
	return (int)LINUX(dup2, old, new);
}

EXPORT(int, fcntl, int fd, int command, long argument)
{
	/* F_GETFD and F_GETFL are the same, and so is the access mode. */
	if (command == FB_F_DUPFD_CLOEXEC)
		return fb_result(LINUX(fcntl, fd, F_DUPFD_CLOEXEC, argument));
	if (command == FB_F_SETFL)
		return argument & ~FB_O_NONBLOCK ? fb_fail(FB_EINVAL)
		    : fb_result(LINUX(fcntl, fd, F_SETFL, argument & FB_O_NONBLOCK ? O_NONBLOCK : 0));
	return command == FB_F_GETFD || command == FB_F_GETFL ? fb_result(LINUX(fcntl, fd, command, argument)) : fb_fail(FB_EINVAL);
}

EXPORT(int, socket, int domain, int type, int protocol)
{
	const int cloexec = 0x10000000; /* <sys/socket.h> */

	return fb_result(LINUX(socket, domain, (type & ~cloexec) | (type & cloexec ? 02000000 : 0), protocol));
}

struct binding { int at, socket, result; struct sockaddr_un address; };

/* A working directory for one call, as bindat(2) needs it. */
static void *
bind_there(void *argument)
{
	struct binding *b = argument;

	b->result = LINUX(unshare, CLONE_FS) < 0 || (b->at != FB_AT_FDCWD && LINUX(fchdir, b->at) < 0)
	    || LINUX(bind, b->socket, &b->address, sizeof b->address) < 0 ? errno : 0;
	return NULL;
}

EXPORT(int, bindat, int at, int socket, const unsigned char *address, unsigned length)
{
	struct binding b = { .at = at, .socket = socket, .address.sun_family = AF_UNIX };
	pthread_t thread;

	/* struct sockaddr_un: sun_len, sun_family, sun_path[104] */
	if (length < 2 || length > 106 || address[1] != 1)
		return fb_fail(FB_EINVAL);
	memcpy(b.address.sun_path, address + 2, length - 2);
	if (pthread_create(&thread, NULL, bind_there, &b) != 0 || pthread_join(thread, NULL) != 0)
		return fb_fail(FB_EAGAIN);
	return b.result == 0 ? 0 : fb_fail(fb_errno(b.result));
}
