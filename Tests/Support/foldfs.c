/*
 * A directory shown as a file system that knows no case and keeps the case of names, as vfat, NTFS and ZFS with casesensitivity=insensitive do. The first
 * argument is the directory. It stands on high-level FUSE: each path comes whole, and each of its names is looked for among those that are there.
 */
#define FUSE_USE_VERSION 31
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *top;

#define CHECK(call) ((call) < 0 ? -errno : 0)
#define REAL(path) real(path, (char[PATH_MAX]){ 0 })

/* The path below the directory, with each name as it is there; one that is not there as it was asked for. */
static const char *
real(const char *path, char *to)
{
	size_t used = (size_t)snprintf(to, PATH_MAX, "%s", top);

	while (*path != '\0') {
		size_t length = strcspn(++path, "/");
		DIR *d = opendir(to);
		char name[NAME_MAX + 1];

		snprintf(name, sizeof name, "%.*s", (int)length, path);
		for (struct dirent *e; d != NULL && (e = readdir(d)) != NULL;)
			if (strcasecmp(e->d_name, name) == 0) {
				snprintf(name, sizeof name, "%s", e->d_name);
				break;
			}
		if (d != NULL)
			closedir(d);
		if (length > 0)
			used += (size_t)snprintf(to + used, PATH_MAX - used, "/%s", name);
		path += length;
	}
	return to;
}

static int f_getattr(const char *p, struct stat *s, struct fuse_file_info *f) { (void)f; return CHECK(lstat(REAL(p), s)); }
static int f_mkdir(const char *p, mode_t m) { return CHECK(mkdir(REAL(p), m)); }
static int f_mknod(const char *p, mode_t m, dev_t d) { return CHECK(mknod(REAL(p), m, d)); }
static int f_unlink(const char *p) { return CHECK(unlink(REAL(p))); }
static int f_rmdir(const char *p) { return CHECK(rmdir(REAL(p))); }
static int f_symlink(const char *t, const char *p) { return CHECK(symlink(t, REAL(p))); }
static int f_link(const char *o, const char *p) { return CHECK(link(REAL(o), REAL(p))); }
static int f_rename(const char *o, const char *p, unsigned int f) { return CHECK(renameat2(AT_FDCWD, REAL(o), AT_FDCWD, REAL(p), f)); }
static int f_chmod(const char *p, mode_t m, struct fuse_file_info *f) { (void)f; return CHECK(chmod(REAL(p), m)); }
static int f_chown(const char *p, uid_t u, gid_t g, struct fuse_file_info *f) { (void)f; return CHECK(lchown(REAL(p), u, g)); }
static int f_truncate(const char *p, off_t l, struct fuse_file_info *f) { (void)f; return CHECK(truncate(REAL(p), l)); }
static int f_utimens(const char *p, const struct timespec t[2], struct fuse_file_info *f) { (void)f; return CHECK(utimensat(AT_FDCWD, REAL(p), t, AT_SYMLINK_NOFOLLOW)); }
static int f_statfs(const char *p, struct statvfs *s) { return CHECK(statvfs(REAL(p), s)); }
static int f_open(const char *p, struct fuse_file_info *f) { int fd = open(REAL(p), f->flags & ~O_NOFOLLOW); f->fh = (uint64_t)fd; return fd < 0 ? -errno : 0; }
static int f_create(const char *p, mode_t m, struct fuse_file_info *f) { int fd = open(REAL(p), f->flags | O_CREAT, m); f->fh = (uint64_t)fd; return fd < 0 ? -errno : 0; }
static int f_release(const char *p, struct fuse_file_info *f) { (void)p; return CHECK(close((int)f->fh)); }
static int f_fsync(const char *p, int d, struct fuse_file_info *f) { (void)p, (void)d; return CHECK(fsync((int)f->fh)); }

static int
f_read(const char *p, char *b, size_t n, off_t o, struct fuse_file_info *f)
{
	ssize_t r = pread((int)f->fh, b, n, o);

	(void)p;
	return r < 0 ? -errno : (int)r;
}

static int
f_write(const char *p, const char *b, size_t n, off_t o, struct fuse_file_info *f)
{
	ssize_t r = pwrite((int)f->fh, b, n, o);

	(void)p;
	return r < 0 ? -errno : (int)r;
}

static int
f_readlink(const char *p, char *b, size_t n)
{
	ssize_t r = readlink(REAL(p), b, n - 1);

	if (r < 0)
		return -errno;
	b[r] = '\0';
	return 0;
}

static int
f_readdir(const char *p, void *b, fuse_fill_dir_t fill, off_t o, struct fuse_file_info *f, enum fuse_readdir_flags g)
{
	DIR *d = opendir(REAL(p));

	(void)o, (void)f, (void)g;
	if (d == NULL)
		return -errno;
	for (struct dirent *e; (e = readdir(d)) != NULL;)
		fill(b, e->d_name, NULL, 0, 0);
	closedir(d);
	return 0;
}

static void *
f_init(struct fuse_conn_info *c, struct fuse_config *k)
{
	(void)c;
	k->use_ino = 1;
	k->entry_timeout = k->attr_timeout = k->negative_timeout = 0;
	return NULL;
}

static const struct fuse_operations fold = {
	.getattr = f_getattr, .mkdir = f_mkdir, .mknod = f_mknod, .unlink = f_unlink, .rmdir = f_rmdir, .symlink = f_symlink, .link = f_link, .rename = f_rename,
	.chmod = f_chmod, .chown = f_chown, .truncate = f_truncate, .utimens = f_utimens, .statfs = f_statfs, .open = f_open, .create = f_create,
	.release = f_release, .fsync = f_fsync, .read = f_read, .write = f_write, .readlink = f_readlink, .readdir = f_readdir, .init = f_init,
};

int
main(int count, char **arguments)
{
	if (count < 2 || (top = realpath(arguments[1], NULL)) == NULL)
		return 1;
	arguments[1] = arguments[0];
	return fuse_main(count - 1, arguments + 1, &fold, NULL);
}
