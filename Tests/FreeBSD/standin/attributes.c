/*
 * Extended attributes and file flags. The namespace "user" is Linux's; "system" is "trusted" and "security", which only root has.
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
		else if (space == FB_EXTATTR_NAMESPACE_SYSTEM && !fb_is_hidden(name))
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
	if (fb_forbidden(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "", FORBIDS_CHANGE, 0) < 0)
		return -1;
	return (path != NULL ? lsetxattr(path, full, value, size, 0) : fsetxattr(fd, full, value, size, 0)) < 0 ? fb_result(-1) : (ssize_t)size;
}

EXPORT(ssize_t, extattr_set_fd, int fd, int space, const char *name, const void *value, size_t size) { return set(NULL, fd, space, name, value, size); }
EXPORT(ssize_t, extattr_set_link, const char *path, int space, const char *name, const void *value, size_t size) { return set(path, -1, space, name, value, size); }

/* The flags that Linux keeps itself, of files and directories. */
#define NATIVE (FB_SF_IMMUTABLE | FB_SF_APPEND | FB_UF_NODUMP)
#define KNOWN (FORBIDS_REMOVAL | FB_UF_NODUMP | FB_UF_OPAQUE | FB_UF_SYSTEM | FB_UF_OFFLINE | FB_UF_READONLY | FB_UF_HIDDEN | \
	FB_UF_ARCHIVE | FB_UF_SPARSE | FB_UF_REPARSE | FB_SF_ARCHIVED | FB_SF_SNAPSHOT)
#define OF_SYSTEM (FB_SF_IMMUTABLE | FB_SF_APPEND | FB_SF_NOUNLINK)

static int
securelevel(void)
{
	return getenv("STANDIN_SECURELEVEL") != NULL ? atoi(getenv("STANDIN_SECURELEVEL")) : -1;
}

static int
hide_flags(int at, const char *path, uint64_t flags)
{
	char text[32];

	if (flags == fb_hidden_flags(at, path))
		return 0;
	snprintf(text, sizeof text, "%llu", (unsigned long long)flags);
	return fb_hide(at, path, "flags", flags == 0 ? NULL : text) < 0 ? fb_fail(FB_EOPNOTSUPP) : 0;
}

static int
change(int fd, uint64_t flags)
{
	int number = 0, before;

	if (flags & ~(uint64_t)KNOWN)
		return fb_fail(FB_EOPNOTSUPP);
	if (LINUX(ioctl, fd, FS_IOC_GETFLAGS, &number) < 0)
		return errno == ENOTTY ? fb_fail(FB_EOPNOTSUPP) : fb_result(-1);
	before = number;
	/* ufs_setattr, zfs_setattr: above securelevel 0 nobody changes flags where one of the system's is set. */
	if (securelevel() > 0 && ((number & (FS_IMMUTABLE_FL | FS_APPEND_FL)) || (fb_hidden_flags(fd, "") & OF_SYSTEM)))
		return fb_fail(FB_EPERM);
	/* Linux takes no attribute of a file that is immutable. */
	number &= ~(FS_IMMUTABLE_FL | FS_APPEND_FL);
	if ((flags & ~(uint64_t)NATIVE) != fb_hidden_flags(fd, "")) {
		if (number != before && LINUX(ioctl, fd, FS_IOC_SETFLAGS, &number) < 0)
			return fb_result(-1);
		if (hide_flags(fd, "", flags & ~(uint64_t)NATIVE) < 0)
			return -1;
	}
	number &= ~FS_NODUMP_FL;
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
	if (!S_ISREG(s.stx_mode) && !S_ISDIR(s.stx_mode)) {
		if (flags & ~(uint64_t)KNOWN)
			return fb_fail(FB_EOPNOTSUPP);
		if (securelevel() > 0 && (fb_hidden_flags(at, path) & OF_SYSTEM))
			return fb_fail(FB_EPERM);
		return hide_flags(at, path, flags);
	}
	fd = LINUX(openat, at, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
	if (fd < 0)
		return fb_result(-1);
	result = change(fd, flags);
	LINUX(close, fd);
	return result;
}
