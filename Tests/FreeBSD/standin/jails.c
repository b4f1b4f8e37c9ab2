/* Jails: those of $STANDIN_JAILS, a line "JID NAME PATH [dying]" for each. kern_jail_get of sys/kern/kern_jail.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "standin.h"

static const struct fb_iovec *
parameter(const struct fb_iovec *v, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i += 2)
		if (strcmp(v[i].iov_base, name) == 0)
			return &v[i + 1];
	return NULL;
}

static int
put(const struct fb_iovec *to, const char *text)
{
	if (to == NULL)
		return 0;
	if (strlen(text) >= to->iov_len)
		return -1; /* vfs_setopts: a value that does not fit is EINVAL */
	strcpy(to->iov_base, text);
	return 0;
}

EXPORT(int, jail_get, const struct fb_iovec *v, unsigned n, int flags)
{
	const char *file = getenv("STANDIN_JAILS");
	const struct fb_iovec *last, *jid, *name;
	char line[4096], its_name[256], path[FB_MAXPATHLEN], state[16];
	int best = 0, id;
	FILE *f;

	if (n < 2 || n % 2 != 0)
		return fb_fail(FB_EINVAL);
	last = parameter(v, n, "lastjid");
	jid = parameter(v, n, "jid");
	name = parameter(v, n, "name");
	if (last == NULL && jid == NULL && name == NULL)
		return fb_fail(FB_ENOENT);
	if (last != NULL && (last->iov_len != sizeof id || *(int *)last->iov_base < 0))
		return fb_fail(FB_EINVAL);
	if ((f = file == NULL ? NULL : fopen(file, "re")) == NULL)
		return fb_fail(FB_ENOENT);
	for (char found[2][FB_MAXPATHLEN]; ; ) {
		if (fgets(line, sizeof line, f) == NULL) {
			fclose(f);
			if (best == 0)
				return fb_fail(FB_ENOENT);
			if (put(name, found[0]) < 0 || put(parameter(v, n, "path"), found[1]) < 0)
				return fb_fail(FB_EINVAL);
			return best;
		}
		*state = '\0';
		if (sscanf(line, "%d %255s %1023s %15s", &id, its_name, path, state) < 3 || (strcmp(state, "dying") == 0 && !(flags & FB_JAIL_DYING)))
			continue;
		if (last != NULL ? id > *(int *)last->iov_base && (best == 0 || id < best)
		    : jid != NULL ? id == *(int *)jid->iov_base : strcmp(its_name, name->iov_base) == 0) {
			best = id;
			strcpy(found[0], its_name);
			strcpy(found[1], path);
		}
	}
}
