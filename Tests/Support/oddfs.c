/*
 * A file system whose files are odd, each in the way that its name says; tests mount it and have it copied. With "broken" as its last argument the
 * file "good" cannot be read. Mount it with -o dev,attr_timeout=0,entry_timeout=0.
 */
#define FUSE_USE_VERSION 31
#include <errno.h>
#include <fuse.h>
#include <string.h>
#include <sys/sysmacros.h>

static const char *const names[] = { "attribute", "device", "good", "interrupted", "liar", "twice", "twice", "vanished" };
static int broken, interruptions;

static int
is(const char *path, const char *name)
{
	return strcmp(path + 1, name) == 0;
}

static int
odd_getattr(const char *path, struct stat *s, struct fuse_file_info *f)
{
	(void)f;
	memset(s, 0, sizeof *s);
	s->st_nlink = 1;
	if (is(path, "")) {
		s->st_mode = S_IFDIR | 0755;
		return 0;
	}
	if (is(path, "vanished"))
		return -ENOENT;
	s->st_mode = is(path, "device") ? S_IFCHR | 0666 : S_IFREG | 0644;
	s->st_rdev = is(path, "device") ? makedev(250, 7777) : 0;	/* no driver: opening it is an error */
	s->st_size = is(path, "liar") ? 1LL << 40 : is(path, "device") ? 0 : 5;
	s->st_blocks = is(path, "liar") ? 1LL << 31 : 8;
	return 0;
}

static int
odd_readdir(const char *path, void *b, fuse_fill_dir_t fill, off_t o, struct fuse_file_info *f, enum fuse_readdir_flags g)
{
	struct stat regular = { .st_mode = S_IFREG };

	(void)path, (void)o, (void)f, (void)g;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		fill(b, names[i], &regular, 0, 0);
	return 0;
}

static int
odd_open(const char *path, struct fuse_file_info *f)
{
	f->direct_io = is(path, "interrupted") || broken;
	return 0;
}

static int
odd_read(const char *path, char *b, size_t size, off_t offset, struct fuse_file_info *f)
{
	(void)f;
	if (broken && is(path, "good"))
		return -EIO;
	if (is(path, "liar"))
		return 0;
	if (is(path, "interrupted") && interruptions++ < 3)
		return -EINTR;
	if (offset >= 5)
		return 0;
	size = size < (size_t)(5 - offset) ? size : (size_t)(5 - offset);
	memcpy(b, "hello" + offset, size);
	return (int)size;
}

static int
odd_listxattr(const char *path, char *b, size_t size)
{
	static const char list[] = "user.gone\0user.kept";

	if (!is(path, "attribute"))
		return 0;
	if (size == 0)
		return sizeof list;
	if (size < sizeof list)
		return -ERANGE;
	memcpy(b, list, sizeof list);
	return sizeof list;
}

static int
odd_getxattr(const char *path, const char *name, char *b, size_t size)
{
	if (!is(path, "attribute") || strcmp(name, "user.kept") != 0)
		return -ENODATA;
	if (size >= 1)
		*b = '1';
	return 1;
}

static const struct fuse_operations odd = {
	.getattr = odd_getattr, .readdir = odd_readdir, .open = odd_open, .read = odd_read, .listxattr = odd_listxattr, .getxattr = odd_getxattr,
};

int
main(int count, char **arguments)
{
	broken = strcmp(arguments[count - 1], "broken") == 0;
	return fuse_main(count - broken, arguments, &odd, NULL);
}
