/*
 * What Linux keeps of no file, or not of links and special files: flags, the mode of a link, lists of NFSv4. It lies in attributes
 * "trusted.standin.NAME" of the file itself, so that it goes where the file goes; the program is not shown them.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "standin.h"

static const char prefix[] = "trusted.standin.";

int
fb_is_hidden(const char *attribute)
{
	return strncmp(attribute, prefix, sizeof prefix - 1) == 0;
}

/* The path of a name in a directory; the calls for attributes take no descriptor. */
static void
place(int at, const char *path, char *out, size_t size)
{
	if (*path == '/' || at == AT_FDCWD || at == FB_AT_FDCWD)
		snprintf(out, size, "%s", path);
	else
		snprintf(out, size, "/proc/self/fd/%d/%s", at, path);
}

ssize_t
fb_hidden(int at, const char *path, const char *name, char *value, size_t size)
{
	char full[64], file[4160];
	ssize_t n;

	snprintf(full, sizeof full, "%s%s", prefix, name);
	place(at, path, file, sizeof file);
	n = *path == '\0' ? fgetxattr(at, full, value, size - 1) : lgetxattr(file, full, value, size - 1);
	if (n >= 0)
		value[n] = '\0';
	return n;
}

int
fb_hide(int at, const char *path, const char *name, const char *value)
{
	char full[64], file[4160];

	snprintf(full, sizeof full, "%s%s", prefix, name);
	place(at, path, file, sizeof file);
	if (value == NULL)
		return (*path == '\0' ? fremovexattr(at, full) : lremovexattr(file, full)) < 0 && errno != ENODATA ? -1 : 0;
	return *path == '\0' ? fsetxattr(at, full, value, strlen(value), 0) : lsetxattr(file, full, value, strlen(value), 0);
}

uint32_t
fb_hidden_flags(int at, const char *path)
{
	char value[32];

	return fb_hidden(at, path, "flags", value, sizeof value) > 0 ? (uint32_t)strtoul(value, NULL, 0) : 0;
}

int
fb_forbidden(int at, const char *path, uint32_t flags, uint32_t of_directory)
{
	char parent[4096];
	const char *slash = strrchr(path, '/');
	int was = errno, forbidden = (fb_hidden_flags(at, path) & flags) != 0;

	if (!forbidden && of_directory != 0) {
		snprintf(parent, sizeof parent, "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1, slash == NULL ? "." : path);
		forbidden = (fb_hidden_flags(at, parent) & of_directory) != 0;
	}
	errno = was;
	return forbidden ? fb_fail(FB_EPERM) : 0;
}

int
fb_once_more(const char *variable)
{
	const char *text = getenv(variable);
	char next[16];
	int left = text == NULL ? 0 : atoi(text);

	if (left <= 0)
		return 0;
	snprintf(next, sizeof next, "%d", left - 1);
	setenv(variable, next, 1);
	return 1;
}
