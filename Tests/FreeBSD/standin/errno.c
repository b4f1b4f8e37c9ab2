/* errno numbers, and their words as strerror(3) of FreeBSD has them. */
#include <stdio.h>
#include <string.h>

#include "standin.h"

static const struct { int number, freebsd; const char *words; } table[] = {
	{ EPERM, FB_EPERM, "Operation not permitted" },
	{ ENOENT, FB_ENOENT, "No such file or directory" },
	{ ESRCH, FB_ESRCH, "No such process" },
	{ EINTR, FB_EINTR, "Interrupted system call" },
	{ EIO, FB_EIO, "Input/output error" },
	{ ENXIO, FB_ENXIO, "Device not configured" },
	{ E2BIG, FB_E2BIG, "Argument list too long" },
	{ EBADF, FB_EBADF, "Bad file descriptor" },
	{ EDEADLK, FB_EDEADLK, "Resource deadlock avoided" },
	{ ENOMEM, FB_ENOMEM, "Cannot allocate memory" },
	{ EACCES, FB_EACCES, "Permission denied" },
	{ EFAULT, FB_EFAULT, "Bad address" },
	{ EBUSY, FB_EBUSY, "Device busy" },
	{ EEXIST, FB_EEXIST, "File exists" },
	{ EXDEV, FB_EXDEV, "Cross-device link" },
	{ ENODEV, FB_ENODEV, "Operation not supported by device" },
	{ ENOTDIR, FB_ENOTDIR, "Not a directory" },
	{ EISDIR, FB_EISDIR, "Is a directory" },
	{ EINVAL, FB_EINVAL, "Invalid argument" },
	{ ENFILE, FB_ENFILE, "Too many open files in system" },
	{ EMFILE, FB_EMFILE, "Too many open files" },
	{ ENOTTY, FB_ENOTTY, "Inappropriate ioctl for device" },
	{ ETXTBSY, FB_ETXTBSY, "Text file busy" },
	{ EFBIG, FB_EFBIG, "File too large" },
	{ ENOSPC, FB_ENOSPC, "No space left on device" },
	{ ESPIPE, FB_ESPIPE, "Illegal seek" },
	{ EROFS, FB_EROFS, "Read-only file system" },
	{ EMLINK, FB_EMLINK, "Too many links" },
	{ EPIPE, FB_EPIPE, "Broken pipe" },
	{ ERANGE, FB_ERANGE, "Result too large" },
	{ EAGAIN, FB_EAGAIN, "Resource temporarily unavailable" },
	{ EADDRINUSE, FB_EADDRINUSE, "Address already in use" },
	{ EOPNOTSUPP, FB_EOPNOTSUPP, "Operation not supported" },
	{ ELOOP, FB_ELOOP, "Too many levels of symbolic links" },
	{ ENAMETOOLONG, FB_ENAMETOOLONG, "File name too long" },
	{ ENOTEMPTY, FB_ENOTEMPTY, "Directory not empty" },
	{ EDQUOT, FB_EDQUOT, "Disc quota exceeded" },
	{ ESTALE, FB_ESTALE, "Stale NFS file handle" },
	{ ENOSYS, FB_ENOSYS, "Function not implemented" },
	{ EOVERFLOW, FB_EOVERFLOW, "Value too large to be stored in data type" },
	{ ECANCELED, FB_ECANCELED, "Operation canceled" },
	{ EILSEQ, FB_EILSEQ, "Illegal byte sequence" },
	{ ENODATA, FB_ENOATTR, "Attribute not found" },
	{ 0, FB_EFTYPE, "Inappropriate file type or format" },
	{ 0, FB_ENOTCAPABLE, "Capabilities insufficient" },
};

int
fb_errno(int number)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].number == number)
			return table[i].freebsd;
	return FB_EIO;
}

long
fb_fail(int number)
{
	errno = number;
	return -1;
}

long
fb_result(long result)
{
	return result < 0 ? fb_fail(fb_errno(errno)) : result;
}

EXPORT(int, strerror_r, int number, char *buffer, size_t size)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].freebsd == number)
			return snprintf(buffer, size, "%s", table[i].words) >= (int)size ? FB_ERANGE : 0;
	snprintf(buffer, size, "Unknown error: %d", number);
	return FB_EINVAL;
}
