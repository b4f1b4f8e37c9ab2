/*
 * Extended attributes, ACLs and file flags. The namespace "user" is Linux's; "system" is "trusted" and "security", which only root
 * has. ACLs are POSIX.1e's, as on UFS: the attributes that Linux keeps them in, opaque.
 */
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "standin.h"

static int
linux_name(int space, const char *name, char *full, size_t size)
{
	if (space != FB_EXTATTR_NAMESPACE_USER && space != FB_EXTATTR_NAMESPACE_SYSTEM)
		return -1;
	snprintf(full, size, "%s%s", space == FB_EXTATTR_NAMESPACE_USER ? "user." : strncmp(name, "security.", 9) == 0 ? "" : "trusted.", name);
	return 0;
}

static ssize_t
list(const char *path, int fd, int space, char *out, size_t size)
{
	char *names = malloc(1 << 16);
	ssize_t n = path != NULL ? llistxattr(path, names, 1 << 16) : flistxattr(fd, names, 1 << 16);
	size_t filled = 0;

	if (n < 0) {
		free(names);
		return fb_result(n);
	}
	for (char *name = names; name < names + n; name += strlen(name) + 1) {
		const char *rest = NULL;
		size_t length;

		if (space == FB_EXTATTR_NAMESPACE_USER && strncmp(name, "user.", 5) == 0)
			rest = name + 5;
		else if (space == FB_EXTATTR_NAMESPACE_SYSTEM)
			rest = strncmp(name, "trusted.", 8) == 0 ? name + 8 : strncmp(name, "security.", 9) == 0 ? name : NULL;
		if (rest == NULL)
			continue;
		length = strlen(rest);
		/* extattr_list: a length byte and the name; what does not fit is cut. */
		for (size_t i = 0; i <= length && out != NULL && filled + i < size; i++)
			out[filled + i] = i == 0 ? (char)length : rest[i - 1];
		filled += 1 + length;
	}
	free(names);
	return out == NULL || filled <= size ? filled : size;
}

EXPORT(ssize_t, extattr_list_fd, int fd, int space, void *out, size_t size) { return list(NULL, fd, space, out, size); }
EXPORT(ssize_t, extattr_list_link, const char *path, int space, void *out, size_t size) { return list(path, -1, space, out, size); }

static ssize_t
get(const char *path, int fd, int space, const char *name, void *out, size_t size)
{
	static const size_t most = 1 << 16;
	char full[300], *value = malloc(most);
	ssize_t n = -1;

	if (linux_name(space, name, full, sizeof full) == 0)
		n = path != NULL ? lgetxattr(path, full, value, most) : fgetxattr(fd, full, value, most);
	if (n >= 0 && out != NULL)
		memcpy(out, value, n = (size_t)n < size ? n : (ssize_t)size); /* extattr(2): as much as fits */
	free(value);
	return fb_result(n);
}

EXPORT(ssize_t, extattr_get_fd, int fd, int space, const char *name, void *out, size_t size) { return get(NULL, fd, space, name, out, size); }
EXPORT(ssize_t, extattr_get_link, const char *path, int space, const char *name, void *out, size_t size) { return get(path, -1, space, name, out, size); }

static ssize_t
set(const char *path, int fd, int space, const char *name, const void *value, size_t size)
{
	char full[300];

	if (linux_name(space, name, full, sizeof full) < 0)
		return fb_fail(FB_EINVAL);
	return (path != NULL ? lsetxattr(path, full, value, size, 0) : fsetxattr(fd, full, value, size, 0)) < 0 ? fb_result(-1) : (ssize_t)size;
}

EXPORT(ssize_t, extattr_set_fd, int fd, int space, const char *name, const void *value, size_t size) { return set(NULL, fd, space, name, value, size); }
EXPORT(ssize_t, extattr_set_link, const char *path, int space, const char *name, const void *value, size_t size) { return set(path, -1, space, name, value, size); }

struct acl { int type; ssize_t size; char value[65536]; };

static const char *
acl_name(int type)
{
	return type == FB_ACL_TYPE_ACCESS ? "system.posix_acl_access" : type == FB_ACL_TYPE_DEFAULT ? "system.posix_acl_default" : NULL;
}

static void *
acl_get(const char *path, int fd, int type)
{
	const char *name = acl_name(type);
	struct acl *a;
	struct stat s;

	if (name == NULL) {
		fb_fail(FB_EINVAL); /* a file system with POSIX.1e ACLs has none of NFSv4 */
		return NULL;
	}
	a = calloc(1, sizeof *a);
	a->type = type;
	a->size = path != NULL ? lgetxattr(path, name, a->value, sizeof a->value) : fgetxattr(fd, name, a->value, sizeof a->value);
	if (a->size >= 0)
		return a;
	if (errno == ENODATA && (type == FB_ACL_TYPE_ACCESS || (fd >= 0 && syscall(SYS_fstat, fd, &s) == 0 && S_ISDIR(s.st_mode)))) {
		a->size = 0; /* what the mode says, or an empty default ACL */
		return a;
	}
	free(a);
	fb_fail(errno == ENODATA ? FB_EINVAL : fb_errno(errno));
	return NULL;
}

EXPORT(void *, acl_get_fd_np, int fd, int type) { return acl_get(NULL, fd, type); }
EXPORT(void *, acl_get_link_np, const char *path, int type) { return acl_get(path, -1, type); }

static int
acl_set(const char *path, int fd, const struct acl *a, int type)
{
	const char *name = acl_name(type);

	if (name == NULL || a->size == 0)
		return fb_fail(FB_EINVAL);
	return fb_result(path != NULL ? lsetxattr(path, name, a->value, a->size, 0) : fsetxattr(fd, name, a->value, a->size, 0));
}

EXPORT(int, acl_set_fd_np, int fd, void *acl, int type)
{
	const struct acl *a = acl;

	if (type == FB_ACL_TYPE_ACCESS && a->size == 0)
		return fremovexattr(fd, acl_name(type)) < 0 && errno != ENODATA ? fb_result(-1) : 0; /* a stripped one */
	return acl_set(NULL, fd, a, type);
}

EXPORT(int, acl_set_link_np, const char *path, int type, void *acl) { return acl_set(path, -1, acl, type); }

EXPORT(int, acl_delete_fd_np, int fd, int type)
{
	return acl_name(type) == NULL ? fb_fail(FB_EINVAL) : fremovexattr(fd, acl_name(type)) < 0 && errno != ENODATA ? fb_result(-1) : 0;
}

/* struct posix_acl_xattr_header is 4 bytes and an entry 8; the three that the mode says are the least. */
EXPORT(int, acl_is_trivial_np, void *acl, int *trivial)
{
	*trivial = ((struct acl *)acl)->size <= 4 + 3 * 8;
	return 0;
}

EXPORT(int, acl_get_entry, void *acl, int which, void **entry)
{
	if (which != 0)
		return fb_fail(FB_EINVAL);
	*entry = acl;
	return ((struct acl *)acl)->size > 4;
}

EXPORT(void *, acl_strip_np, void *acl, int recalculate)
{
	struct acl *a = calloc(1, sizeof *a);

	(void)recalculate;
	a->type = ((struct acl *)acl)->type;
	return a;
}

EXPORT(int, acl_free, void *acl)
{
	free(acl);
	return 0;
}

EXPORT(long, fpathconf, int fd, int name)
{
	if (name == FB__PC_ACL_NFS4)
		return 0;
	if (name == FB__PC_ACL_EXTENDED)
		return fgetxattr(fd, "system.posix_acl_access", NULL, 0) >= 0 || errno == ENODATA;
	return fb_fail(FB_EINVAL);
}

static int
change(int fd, uint64_t flags)
{
	int number = 0;

	if (flags & ~(uint64_t)(FB_SF_IMMUTABLE | FB_SF_APPEND | FB_UF_NODUMP))
		return fb_fail(FB_EOPNOTSUPP);
	if (LINUX(ioctl, fd, FS_IOC_GETFLAGS, &number) < 0)
		return errno == ENOTTY ? fb_fail(FB_EOPNOTSUPP) : fb_result(-1);
	number &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL);
	number |= (flags & FB_SF_IMMUTABLE ? FS_IMMUTABLE_FL : 0) | (flags & FB_SF_APPEND ? FS_APPEND_FL : 0) | (flags & FB_UF_NODUMP ? FS_NODUMP_FL : 0);
	return LINUX(ioctl, fd, FS_IOC_SETFLAGS, &number) < 0 && errno == ENOTTY ? fb_fail(FB_EOPNOTSUPP) : fb_result(LINUX(ioctl, fd, FS_IOC_SETFLAGS, &number));
}

EXPORT(int, fchflags, int fd, unsigned long flags) { return change(fd, flags); }

EXPORT(int, chflagsat, int at, const char *path, unsigned long flags, int how)
{
	struct statx s;
	int fd, result;

	at = at == FB_AT_FDCWD ? AT_FDCWD : at;
	if (how != FB_AT_SYMLINK_NOFOLLOW)
		return fb_fail(FB_EINVAL);
	if (fb_statx(at, path, AT_SYMLINK_NOFOLLOW, &s) < 0)
		return fb_result(-1);
	if (!S_ISREG(s.stx_mode) && !S_ISDIR(s.stx_mode))
		return fb_fail(FB_EOPNOTSUPP); /* Linux has no flags for the others */
	fd = LINUX(openat, at, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return fb_result(-1);
	result = change(fd, flags);
	LINUX(close, fd);
	return result;
}
