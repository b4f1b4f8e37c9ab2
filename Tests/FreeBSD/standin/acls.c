/*
 * ACLs: acl(3). Those of POSIX.1e as on UFS; those of NFSv4 as on ZFS with aclmode and aclinherit passthrough, on the file system of the
 * directory that $STANDIN_NFS4 names. A list of NFSv4 is kept as text, as fb_hide keeps things.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "standin.h"

/* As Linux keeps a list in an attribute, <linux/posix_acl_xattr.h>: a version, and entries in the order of their tags. */
struct acl_entry { uint16_t tag, permissions; uint32_t id; };
struct acl { char *nfs4; ssize_t size; struct { uint32_t version; struct acl_entry entry[8192]; } value; };
enum { OWNER = 1, USER = 2, OWNING_GROUP = 4, GROUP = 8, MASK = 16, OTHER = 32, ACL_VERSION = 2 };

static const char *
acl_name(int type)
{
	return type == FB_ACL_TYPE_ACCESS ? "system.posix_acl_access" : type == FB_ACL_TYPE_DEFAULT ? "system.posix_acl_default" : NULL;
}

static int
has_nfs4(int at, const char *path)
{
	const char *where = getenv("STANDIN_NFS4");
	struct statx here, there;

	return where != NULL && fb_statx(AT_FDCWD, where, 0, &there) == 0
	    && fb_statx(at, path, *path == '\0' ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW, &here) == 0
	    && here.stx_dev_major == there.stx_dev_major && here.stx_dev_minor == there.stx_dev_minor;
}

/* zfs_acl_inherit with aclinherit=passthrough: a directory takes what is for files or directories, a file what is for files. */
void
fb_inherit(int at, const char *path, int is_directory)
{
	char parent[4096], list[4096], taken[4096], *rest = list, *entry, *flags;
	const char *slash = strrchr(path, '/');
	size_t n = 0;

	snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
	if (!has_nfs4(at, parent) || fb_hidden(at, parent, "nfs4", list, sizeof list) <= 0)
		return;
	while ((entry = strsep(&rest, "\n")) != NULL) {
		flags = strchr(entry, ':');
		for (int i = strncmp(entry, "user:", 5) == 0 || strncmp(entry, "group:", 6) == 0 ? 2 : 1; i > 0 && flags != NULL; i--)
			flags = strchr(flags + 1, ':');
		if (flags == NULL || (flags[1] != 'f' && !(is_directory && flags[2] == 'd')))
			continue;
		if (!is_directory)
			memset(flags + 1, '-', strcspn(flags + 1, ":"));
		n += snprintf(taken + n, sizeof taken - n, "%s\n", entry);
	}
	if (n > 0)
		fb_hide(at, path, "nfs4", taken);
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
	char list[4096];
	struct acl *a;
	struct statx s;

	if (has_nfs4(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "")) {
		if (type != FB_ACL_TYPE_NFS4) {
			fb_fail(FB_EINVAL);
			return NULL;
		}
		a = new_acl();
		a->nfs4 = strdup(fb_hidden(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "", "nfs4", list, sizeof list) > 0 ? list : "");
		return a;
	}
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

	if (fb_forbidden(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "", FORBIDS_CHANGE, 0) < 0)
		return -1;
	if (has_nfs4(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "")) {
		if (type != FB_ACL_TYPE_NFS4 || a->nfs4 == NULL)
			return fb_fail(FB_EINVAL);
		return fb_hide(path != NULL ? AT_FDCWD : fd, path != NULL ? path : "", "nfs4", *a->nfs4 == '\0' ? NULL : a->nfs4) < 0 ? fb_result(-1) : 0;
	}
	if (name == NULL || a->nfs4 != NULL || entries(a) == 0)
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
	const struct acl *a = acl;

	*trivial = a->nfs4 != NULL ? *a->nfs4 == '\0' : entries(a) <= 3;
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
	if (from->nfs4 != NULL) {
		a->nfs4 = strdup("");
		return a;
	}
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
	if (a->nfs4 != NULL) {
		free(text);
		*length = strlen(a->nfs4);
		return strdup(a->nfs4);
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

/* acl_from_text(3), of entries with numbers, which lines or commas separate. */
EXPORT(void *, acl_from_text, const char *given)
{
	struct acl *a = new_acl();
	char *text = strdup(given), *rest = text, *line, word[4], *who, *id, *permissions;
	int tag;

	/* acl_from_text_nfs4: who, id where it is a user or group, permissions, flags, allow or deny. */
	if (strstr(given, ":allow") != NULL || strstr(given, ":deny") != NULL) {
		free(text);
		a->nfs4 = malloc(strlen(given) + 2);
		sprintf(a->nfs4, "%s%s", given, given[strlen(given) - 1] == '\n' ? "" : "\n");
		return a;
	}
	while ((line = strsep(&rest, "\n,")) != NULL) {
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
	return 0; /* the text of a list of NFSv4 stays: a text and a list are freed alike, and the program ends soon */
}

EXPORT(long, fpathconf, int fd, int name)
{
	if (name == FB__PC_ACL_NFS4)
		return has_nfs4(fd, "");
	if (name == FB__PC_ACL_EXTENDED)
		return !has_nfs4(fd, "") && (fgetxattr(fd, "system.posix_acl_access", NULL, 0) >= 0 || errno == ENODATA);
	return fb_fail(FB_EINVAL);
}
