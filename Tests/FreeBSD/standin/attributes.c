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

/* As Linux keeps a list in an attribute, <linux/posix_acl_xattr.h>: a version, and entries in the order of their tags. */
struct acl_entry { uint16_t tag, permissions; uint32_t id; };
struct acl { ssize_t size; struct { uint32_t version; struct acl_entry entry[8192]; } value; };
enum { OWNER = 1, USER = 2, OWNING_GROUP = 4, GROUP = 8, MASK = 16, OTHER = 32, ACL_VERSION = 2 };

static const char *
acl_name(int type)
{
	return type == FB_ACL_TYPE_ACCESS ? "system.posix_acl_access" : type == FB_ACL_TYPE_DEFAULT ? "system.posix_acl_default" : NULL;
}

static int
entries(const struct acl *a)
{
	return a->size <= 4 ? 0 : (a->size - 4) / sizeof *a->value.entry;
}

static struct acl *
new_acl(void)
{
	struct acl *a = calloc(1, sizeof *a);

	a->size = 4;
	a->value.version = ACL_VERSION;
	return a;
}

static void
append(struct acl *a, int tag, int permissions, uint32_t id)
{
	a->value.entry[entries(a)] = (struct acl_entry){ tag, permissions, id };
	a->size += sizeof *a->value.entry;
}

static void *
acl_get(const char *path, int fd, int type)
{
	const char *name = acl_name(type);
	struct acl *a;
	struct statx s;

	if (name == NULL) {
		fb_fail(FB_EINVAL); /* a file system with POSIX.1e ACLs has none of NFSv4 */
		return NULL;
	}
	a = new_acl();
	a->size = path != NULL ? lgetxattr(path, name, &a->value, sizeof a->value) : fgetxattr(fd, name, &a->value, sizeof a->value);
	if (a->size >= 0)
		return a;
	free(a);
	if (errno != ENODATA || fb_statx(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "", path != NULL ? AT_SYMLINK_NOFOLLOW : AT_EMPTY_PATH, &s) < 0) {
		fb_fail(fb_errno(errno));
		return NULL;
	}
	if (type == FB_ACL_TYPE_DEFAULT && !S_ISDIR(s.stx_mode)) {
		fb_fail(FB_EINVAL);
		return NULL;
	}
	/* ufs_getacl_posix1e: what the mode says, or an empty default ACL. */
	a = new_acl();
	if (type == FB_ACL_TYPE_ACCESS) {
		append(a, OWNER, s.stx_mode >> 6 & 7, -1);
		append(a, OWNING_GROUP, s.stx_mode >> 3 & 7, -1);
		append(a, OTHER, s.stx_mode & 7, -1);
	}
	return a;
}

EXPORT(void *, acl_get_fd_np, int fd, int type) { return acl_get(NULL, fd, type); }
EXPORT(void *, acl_get_link_np, const char *path, int type) { return acl_get(path, -1, type); }

static int
acl_set(const char *path, int fd, const struct acl *a, int type)
{
	const char *name = acl_name(type);

	if (name == NULL || entries(a) == 0)
		return fb_fail(FB_EINVAL);
	return fb_result(path != NULL ? lsetxattr(path, name, &a->value, a->size, 0) : fsetxattr(fd, name, &a->value, a->size, 0));
}

EXPORT(int, acl_set_fd_np, int fd, void *acl, int type) { return acl_set(NULL, fd, acl, type); }
EXPORT(int, acl_set_link_np, const char *path, int type, void *acl) { return acl_set(path, -1, acl, type); }

EXPORT(int, acl_delete_fd_np, int fd, int type)
{
	return acl_name(type) == NULL ? fb_fail(FB_EINVAL) : fremovexattr(fd, acl_name(type)) < 0 && errno != ENODATA ? fb_result(-1) : 0;
}

/* acl_is_trivial(3): one that the mode says too has three entries. */
EXPORT(int, acl_is_trivial_np, void *acl, int *trivial)
{
	*trivial = entries(acl) <= 3;
	return 0;
}

EXPORT(int, acl_get_entry, void *acl, int which, void **entry)
{
	if (which != 0)
		return fb_fail(FB_EINVAL);
	*entry = acl;
	return entries(acl) > 0;
}

/* acl_strip(3): the three entries that a mode says. */
EXPORT(void *, acl_strip_np, void *acl, int recalculate)
{
	struct acl *a = new_acl(), *from = acl;

	(void)recalculate;
	for (int i = 0; i < entries(from); i++)
		if (from->value.entry[i].tag & (OWNER | OWNING_GROUP | OTHER))
			append(a, from->value.entry[i].tag, from->value.entry[i].permissions, -1);
	return a;
}

static const char *
bits(int permissions, char *text)
{
	for (int i = 0; i < 3; i++)
		text[i] = permissions >> (2 - i) & 1 ? "rwx"[i] : '-';
	text[3] = '\0';
	return text;
}

/* acl_to_text(3): a line for each entry, and behind one that the mask limits what is left of it. */
EXPORT(char *, acl_to_text_np, void *acl, ssize_t *length, int flags)
{
	struct acl *a = acl;
	char *text = calloc(entries(a) + 1, 64), given[4], left[4];
	int mask = 7, n = 0;

	if (flags != 2 /* ACL_TEXT_NUMERIC_IDS, <sys/acl.h> */) {
		free(text);
		fb_fail(FB_EINVAL);
		return NULL;
	}
	for (int i = 0; i < entries(a); i++)
		if (a->value.entry[i].tag == MASK)
			mask = a->value.entry[i].permissions;
	for (int i = 0; i < entries(a); i++) {
		const struct acl_entry *e = &a->value.entry[i];

		n += sprintf(text + n, "%s:", e->tag & (OWNER | USER) ? "user" : e->tag & (OWNING_GROUP | GROUP) ? "group" : e->tag == MASK ? "mask" : "other");
		if (e->tag & (USER | GROUP))
			n += sprintf(text + n, "%u", e->id);
		n += sprintf(text + n, ":%s", bits(e->permissions, given));
		if (e->tag & (USER | OWNING_GROUP | GROUP) && (e->permissions & ~mask))
			n += sprintf(text + n, "\t\t# effective: %s", bits(e->permissions & mask, left));
		n += sprintf(text + n, "\n");
	}
	if (length != NULL)
		*length = n;
	return text;
}

/* acl_from_text(3), of entries with numbers. */
EXPORT(void *, acl_from_text, const char *given)
{
	struct acl *a = new_acl();
	char *text = strdup(given), *rest = text, *line, word[4], *who, *id, *permissions;
	int tag;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (*line == '\0')
			continue;
		who = strsep(&line, ":");
		id = strsep(&line, ":");
		permissions = line;
		tag = strcmp(who, "user") == 0 ? OWNER : strcmp(who, "group") == 0 ? OWNING_GROUP : strcmp(who, "mask") == 0 ? MASK : strcmp(who, "other") == 0 ? OTHER : 0;
		if (tag == 0 || id == NULL || permissions == NULL || strlen(permissions) != 3) {
			free(text);
			free(a);
			fb_fail(FB_EINVAL);
			return NULL;
		}
		for (int n = 0; n < 8; n++)
			if (strcmp(permissions, bits(n, word)) == 0)
				append(a, *id != '\0' ? tag << 1 : tag, n, *id != '\0' ? (uint32_t)strtoul(id, NULL, 10) : (uint32_t)-1);
	}
	free(text);
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
